"""Consents on both databases: what they allow, how they end, and that nothing slips between a check and a use."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

import data_exchange
import enterprises
from data_exchange import store
from kernel.act import Actor
from kernel.audit import AuditEntry
from kernel.data_use import DataUse
from kernel.events import drain
from kernel.identity import Organisation
from kernel.paging import ListQuery
from kernel.problems import BadInput, Forbidden, NotFound, Refusal


async def read(ground, actor, subject_id, names=("staff",), purpose="credit_scoring"):
    act = ground.act(actor)
    async with ground.database.write() as db:
        basis = await data_exchange.issue_basis(db, act, subject_id, purpose, names)
        return await enterprises.read_facts(db, act, basis, names)


async def uses(ground):
    async with ground.database.read() as db:
        return (await db.scalars(select(DataUse).order_by(DataUse.id))).all()


async def test_a_consent_lets_its_recipient_read_what_it_covers_and_each_read_is_recorded(both_grounds, market):
    place = await market(both_grounds)
    subject, lender = place.subjects[0], await place.make.person("lender")
    consent = await place.consent(subject, lender.organisation_id, purpose="credit_scoring")
    facts = await read(both_grounds, lender, subject.organisation_id)
    assert facts.value("staff") == 10
    row = (await uses(both_grounds))[-1]
    assert (row.outcome, row.basis, row.reference, row.what) == (
        "allowed",
        "consent",
        f"consent:{consent.id}",
        ["staff"],
    )
    assert (row.subject_id, row.recipient_id) == (subject.organisation_id, lender.organisation_id)


async def test_wrong_purpose_scope_recipient_or_company_is_refused_and_both_sides_see_it(both_grounds, market):
    place = await market(both_grounds)
    subject, lender, other = place.subjects[0], await place.make.person("lender"), await place.make.person("lender")
    await place.consent(subject, lender.organisation_id, purpose="credit_scoring", scope=frozenset({"staff"}))
    tries = [
        (lender, subject.organisation_id, ("staff",), "data_product"),
        (lender, subject.organisation_id, ("staff", "revenue"), "credit_scoring"),
        (lender, subject.organisation_id, ("cloud_bills",), "credit_scoring"),
        (other, subject.organisation_id, ("staff",), "credit_scoring"),
        (lender, place.subjects[1].organisation_id, ("staff",), "credit_scoring"),
    ]
    for actor, company, names, purpose in tries:
        with pytest.raises(Refusal) as caught:
            await read(both_grounds, actor, company, names, purpose)
        assert (caught.value.status, caught.value.code) == (403, "no_legal_basis")
    with pytest.raises(Refusal):
        await read(both_grounds, lender, uuid4())
    kept = [use for use in await uses(both_grounds) if use.outcome == "refused"]
    assert len(kept) == len(tries)
    assert {use.subject_id for use in kept} == {subject.organisation_id, place.subjects[1].organisation_id}
    async with both_grounds.database.read() as db:
        refused = (await db.scalars(select(AuditEntry).where(AuditEntry.action == "data_use.refused"))).all()
    assert len(refused) == len(tries) + 1


async def test_withdrawing_works_at_once_twice_is_once_and_only_by_the_company(both_grounds, market):
    place = await market(both_grounds)
    subject, lender = place.subjects[0], await place.make.person("lender")
    consent = await place.consent(subject, lender.organisation_id, purpose="credit_scoring")
    with pytest.raises(NotFound):
        await place.withdraw(lender, consent.id)
    with pytest.raises(NotFound):
        await place.withdraw(place.subjects[1], consent.id)
    await read(both_grounds, lender, subject.organisation_id)
    gone = await place.withdraw(subject, consent.id)
    assert gone.state == "withdrawn"
    assert (await place.withdraw(subject, consent.id)).withdrawn_at == gone.withdrawn_at
    with pytest.raises(Refusal):
        await read(both_grounds, lender, subject.organisation_id)
    assert [use.outcome for use in await uses(both_grounds)] == ["allowed", "refused"]


async def test_a_withdrawal_never_comes_between_check_and_record(both_grounds, market):
    """Reads and one withdrawal race: whatever order they take, no use is recorded after the withdrawal was committed."""
    place = await market(both_grounds)
    subject, lender = place.subjects[0], await place.make.person("lender")
    consent = await place.consent(subject, lender.organisation_id, purpose="credit_scoring")
    outcomes: list[str] = []

    async def one_read(wait: float) -> None:
        await asyncio.sleep(wait)
        act = both_grounds.act(lender)
        try:
            async with both_grounds.database.write() as db:
                basis = await data_exchange.issue_basis(db, act, subject.organisation_id, "credit_scoring", ["staff"])
                await asyncio.sleep(0.02)  # the withdrawal tries to slip in here
                await enterprises.read_facts(db, act, basis, ["staff"])
                outcomes.append("read")
        except Refusal:
            outcomes.append("refused")

    async def withdraw() -> None:
        await asyncio.sleep(0.03)
        await place.withdraw(subject, consent.id)
        outcomes.append("withdrawn")

    await asyncio.gather(withdraw(), *(one_read(0.01 * number) for number in range(8)))
    before, after = outcomes[: outcomes.index("withdrawn")], outcomes[outcomes.index("withdrawn") + 1 :]
    assert "read" not in after[1:]  # one that had committed may still report after the withdrawal does
    assert len(before) + len(after) == 8
    recorded = [use.outcome for use in await uses(both_grounds)]
    assert recorded.count("allowed") == outcomes.count("read")
    assert recorded.count("refused") == outcomes.count("refused")
    with pytest.raises(Refusal):
        await read(both_grounds, lender, subject.organisation_id)


async def test_a_held_consent_cannot_be_withdrawn_until_the_use_is_recorded(both_grounds, market):
    place = await market(both_grounds)
    subject, lender = place.subjects[0], await place.make.person("lender")
    consent = await place.consent(subject, lender.organisation_id, purpose="credit_scoring")
    act = both_grounds.act(lender)
    async with both_grounds.database.write() as db:
        await data_exchange.issue_basis(db, act, subject.organisation_id, "credit_scoring", ["staff"])
        waiting = asyncio.create_task(place.withdraw(subject, consent.id))
        done, _pending = await asyncio.wait({waiting}, timeout=0.3)
        assert not done
    assert (await waiting).state == "withdrawn"


@pytest.mark.parametrize("side", ["subject", "recipient"])
async def test_a_change_of_control_of_either_side_ends_a_consent(both_grounds, market, side):
    place = await market(both_grounds)
    subject, lender = place.subjects[0], await place.make.person("lender")
    consent = await place.consent(subject, lender.organisation_id, purpose="credit_scoring")
    changed = (subject if side == "subject" else lender).organisation_id
    async with both_grounds.database.write() as db:
        await db.execute(
            update(Organisation).where(Organisation.id == changed).values(control_epoch=Organisation.control_epoch + 1)
        )
    with pytest.raises(Refusal):
        await read(both_grounds, lender, subject.organisation_id)
    async with both_grounds.database.read() as db:
        _row, view = await store.find_consent(db, both_grounds.act(subject), consent.id)
        held = await data_exchange.consents_for(db, both_grounds.act(lender), "credit_scoring")
    assert view.state == "ended" and held == []


async def test_a_consent_is_live_from_its_start_to_its_end(both_grounds, market, clock):
    place = await market(both_grounds)
    subject, lender = place.subjects[0], await place.make.person("lender")
    start = clock.now() + timedelta(days=1)
    await place.consent(
        subject, lender.organisation_id, purpose="credit_scoring", starts_at=start, expires_at=start + timedelta(days=1)
    )
    for wait, allowed in ((timedelta(0), False), (timedelta(days=1), True), (timedelta(days=1), False)):
        clock.advance(wait)
        if allowed:
            await read(both_grounds, lender, subject.organisation_id)
        else:
            with pytest.raises(Refusal):
                await read(both_grounds, lender, subject.organisation_id)


async def test_wrong_consents_are_refused_field_by_field(both_grounds, market, clock):
    place = await market(both_grounds)
    subject, lender = place.subjects[0], await place.make.organisation("lender")
    now = clock.now()
    cases = [
        ({"recipient_id": uuid4()}, "recipient_id"),
        ({"recipient_id": subject.organisation_id}, "recipient_id"),
        ({"recipient_id": await place.make.organisation("platform")}, "recipient_id"),
        ({"purpose": "own_view"}, "purpose"),
        ({"scope": frozenset()}, "scope"),
        ({"scope": frozenset({"*"})}, "scope"),
        ({"scope": frozenset({"staff", "favourite_colour"})}, "scope"),
        ({"expires_at": now}, "expires_at"),
        ({"starts_at": now + timedelta(days=9), "expires_at": now + timedelta(days=8)}, "expires_at"),
        ({"expires_at": now + timedelta(days=800)}, "expires_at"),
        ({"note": "x" * 501}, "note"),
    ]
    for more, field in cases:
        with pytest.raises(BadInput) as caught:
            await place.consent(subject, **({"recipient_id": lender} | more))
        assert [one.name for one in caught.value.fields] == [field], more
    with pytest.raises(Forbidden):
        await place.consent(subject, lender, subject_id=place.subjects[1].organisation_id)
    system = Actor.system("demo")
    made = await place.consent(system, lender, subject_id=subject.organisation_id)
    assert made.subject_id == subject.organisation_id


async def test_both_sides_list_their_consents_and_the_timeline_tells(both_grounds, market):
    place = await market(both_grounds)
    subject, lender = place.subjects[0], await place.make.person("lender")
    consent = await place.consent(subject, lender.organisation_id, purpose="credit_scoring")
    await place.withdraw(subject, consent.id)
    await place.consent(subject, lender.organisation_id, purpose="credit_scoring", scope=frozenset({"cloud_score"}))
    async with both_grounds.database.read() as db:
        for actor, side, number in (
            (subject, "given", 2),
            (subject, "received", 0),
            (lender, "received", 2),
            (lender, "given", 0),
            (place.subjects[1], "", 0),
        ):
            assert (await store.consent_page(db, both_grounds.act(actor), side, ListQuery())).total == number
        held = await data_exchange.consents_for(db, both_grounds.act(lender), "credit_scoring", ["cloud_score"])
    assert [one.subject_id for one in held] == [subject.organisation_id]
    await drain(both_grounds)
    async with both_grounds.database.read() as db:
        entries = (await enterprises.timeline_of(db, subject, subject.organisation_id, ListQuery())).items
    events = [entry.event for entry in entries]
    assert events.count("data_exchange.consent_granted") == 2 and events.count("data_exchange.consent_withdrawn") == 1
    assert any("云量评估分" in entry.text_zh and "Cloud usage assessment" in entry.text_en for entry in entries)
