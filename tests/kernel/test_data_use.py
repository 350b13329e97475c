"""A company's data is read under a live basis, and every use and every refusal is on record."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from kernel import scope
from kernel.act import ANONYMOUS, Actor
from kernel.data_use import (
    DataUse,
    DataUseRun,
    DataUseRunSubject,
    UseBasis,
    own_basis,
    record,
    record_run,
    statutory_basis,
)
from kernel.ground import Ground
from kernel.identity import Organisation
from kernel.problems import Forbidden, NotFound, Refusal
from tests.make import Make


def consent(subject: UUID, recipient: UUID | None, **more: object) -> UseBasis:
    return UseBasis("consent", subject, recipient, "credit_scoring", frozenset({"staff"}), "consent-1", **more)  # type: ignore[arg-type]


async def uses(ground: Ground) -> list[DataUse]:
    async with ground.database.read() as db:
        return list(await db.scalars(select(DataUse).order_by(DataUse.at)))


async def test_a_use_under_a_live_basis_is_recorded(both_grounds: Ground, make_on: type[Make]) -> None:
    make = make_on(both_grounds)
    subject, lender = await make.organisation(), await make.person("lender")
    async with both_grounds.database.write() as db:
        record(db, make.act(lender), consent(subject, lender.organisation_id), ["staff"], "score query")
    (use,) = await uses(both_grounds)
    assert (use.subject_id, use.recipient_id, use.outcome) == (subject, lender.organisation_id, "allowed")
    assert (use.basis, use.reference, use.what, use.detail) == ("consent", "consent-1", ["staff"], "score query")


@pytest.mark.parametrize("case", ["expired", "outside scope"])
async def test_a_dead_or_narrow_basis_is_refused_and_recorded(
    both_grounds: Ground, make_on: type[Make], case: str
) -> None:
    make = make_on(both_grounds)
    subject, lender = await make.organisation(), await make.person("lender")
    act = make.act(lender)
    basis = consent(subject, lender.organisation_id, expires_at=act.now if case == "expired" else None)
    with pytest.raises(Refusal):
        async with both_grounds.database.write() as db:
            record(db, act, basis, ["staff"] if case == "expired" else ["staff", "revenue"])
    (use,) = await uses(both_grounds)
    assert (use.outcome, use.detail, use.reference) == ("refused", case, "consent-1")


async def test_a_basis_lives_until_its_moment(ground: Ground, make: Make) -> None:
    subject, lender = await make.organisation(), await make.person("lender")
    act = make.act(lender)
    basis = consent(subject, lender.organisation_id, expires_at=act.now + timedelta(microseconds=1))
    async with ground.database.write() as db:
        assert record(db, act, basis, ["staff"]) is not None


async def test_a_companys_view_of_itself_leaves_no_row(ground: Ground, make: Make) -> None:
    owner = await make.person("enterprise_owner")
    async with ground.database.write() as db:
        assert record(db, make.act(owner), own_basis(make.act(owner)), ["staff"]) is None
    assert await uses(ground) == []


async def test_a_use_and_its_record_stand_or_fall_together(ground: Ground, make: Make) -> None:
    subject, lender = await make.organisation(), await make.person("lender")
    with pytest.raises(RuntimeError):
        async with ground.database.write() as db:
            record(db, make.act(lender), consent(subject, lender.organisation_id), ["staff"])
            raise RuntimeError
    assert await uses(ground) == []


async def test_only_officers_and_the_system_have_a_statutory_basis(ground: Ground, make: Make) -> None:
    subject = await make.organisation()
    lender, officer = await make.person("lender"), await make.person("officer")
    with pytest.raises(Forbidden):
        statutory_basis(make.act(lender), subject, "policy_review", "law")
    assert statutory_basis(make.act(officer), subject, "policy_review", "law").reference == "law"
    assert statutory_basis(make.act(), subject, "policy_review", "law").recipient_id is None
    with pytest.raises(Forbidden):
        own_basis(make.act(ANONYMOUS))


async def test_a_batch_writes_one_run_and_its_population(both_grounds: Ground, make_on: type[Make]) -> None:
    make = make_on(both_grounds)
    subjects = [await make.organisation() for _n in range(3)]
    async with both_grounds.database.write() as db:
        run = record_run(db, make.act(), "policy_matching", "statutory", "law", ["staff"], subjects)
    async with both_grounds.database.read() as db:
        assert (await db.get_one(DataUseRun, run)).population == 3
        found = await db.scalars(select(DataUseRunSubject.subject_id).where(DataUseRunSubject.run_id == run))
        assert set(found) == set(subjects)


async def test_scope_shows_own_linked_or_all_rows(both_grounds: Ground, make_on: type[Make]) -> None:
    make = make_on(both_grounds)
    tenant, stranger = await make.organisation(), await make.organisation()
    operator = await make.person("park_operator")
    assert operator.organisation_id is not None
    async with both_grounds.database.write() as db:
        await scope.link(db, make.act(), operator.organisation_id, tenant, "tenant")
        await scope.link(db, make.act(), operator.organisation_id, tenant, "tenant")
    owner = await make.person("enterprise_owner", organisation=tenant)
    auditor = await make.person("auditor")

    async def seen(actor: Actor, subject: UUID) -> bool:
        wanted = select(Organisation).where(Organisation.id == subject, scope.visible_to(actor, Organisation.id))
        async with both_grounds.database.read() as db:
            try:
                await scope.find(db, wanted)
            except NotFound:
                return False
        return True

    assert [await seen(owner, tenant), await seen(owner, stranger)] == [True, False]
    assert [await seen(operator, tenant), await seen(operator, stranger)] == [True, False]
    assert [await seen(auditor, tenant), await seen(auditor, stranger)] == [True, True]
    assert [await seen(ANONYMOUS, tenant), await seen(Actor.system("job"), stranger)] == [False, True]
    async with both_grounds.database.write() as db:
        await scope.unlink(db, operator.organisation_id, tenant, "tenant")
    assert not await seen(operator, tenant)


async def test_a_read_session_can_change_nothing(both_grounds: Ground) -> None:
    with pytest.raises(DBAPIError, match=r"read-?only"):
        async with both_grounds.database.read() as db:
            db.add(Organisation(kind="park", name_zh="x", created_at=both_grounds.clock.now()))
            await db.flush()
