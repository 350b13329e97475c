"""Facts on both databases: appended, never overwritten; the past stays readable; no read without a basis."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

import enterprises
from enterprises import FactIn, RunBasis
from enterprises.models import EnterpriseRow, FactRow
from kernel.act import Actor
from kernel.data_use import DataUse, DataUseRun, DataUseRunSubject, UseBasis, contract_basis, own_basis, statutory_basis
from kernel.problems import BadInput, Forbidden, NotFound, Refusal

YEAR = {"period_start": date(2025, 1, 1), "period_end": date(2025, 12, 31)}


def owner_of(company, **more) -> Actor:
    given = {"organisation_kind": "enterprise", "roles": frozenset({"enterprise_owner"}), "organisation_id": company}
    return Actor(kind="person", id=uuid4(), name="owner", **(given | more))


async def record(ground, actor, company, *facts):
    async with ground.database.write() as db:
        return await enterprises.record_facts(db, ground.act(actor), company, facts)


async def known(ground, actor, names, as_of=None):
    act = ground.act(actor)
    async with ground.database.read() as db:
        return await enterprises.read_facts(db, act, own_basis(act), names, as_of)


async def test_a_declared_value_is_read_back_with_its_provenance(both_grounds, register):
    company = await register(both_grounds)
    owner = owner_of(company)
    await record(both_grounds, owner, company, FactIn(name="revenue", value="12000000.5", **YEAR))
    facts = await known(both_grounds, owner, ["revenue", "staff"])
    assert facts["staff"] is None
    value = facts["revenue"]
    assert value.value == Decimal("12000000.50")
    assert (value.unit, value.source, value.authority) == ("CNY", "declared:company", "declared")
    assert (value.period_start, value.period_end) == (YEAR["period_start"], YEAR["period_end"])
    assert value.seen_at == value.recorded_at == both_grounds.clock.now()
    with pytest.raises(KeyError):
        facts["net_profit"]


async def test_a_state_source_outranks_the_companys_word_and_both_stay(both_grounds, register, clock):
    company = await register(both_grounds)
    owner, system = owner_of(company), Actor.system("tax")
    await record(
        both_grounds, system, company, FactIn(name="staff", value=40, source="人社局", authority="authoritative")
    )
    clock.advance(timedelta(days=3))
    await record(both_grounds, owner, company, FactIn(name="staff", value=45))
    facts = await known(both_grounds, owner, ["staff"])
    assert facts.value("staff") == 40
    async with both_grounds.database.read() as db:
        standing = await db.scalar(select(func.count()).where(FactRow.name == "staff", FactRow.superseded_by.is_(None)))
    assert standing == 2


async def test_older_news_of_the_same_source_comes_too_late(both_grounds, register, clock):
    company = await register(both_grounds)
    owner = owner_of(company)
    await record(both_grounds, owner, company, FactIn(name="staff", value=45))
    clock.advance(timedelta(days=1))
    before = clock.now() - timedelta(days=30)
    made = await record(both_grounds, owner, company, FactIn(name="staff", value=30, seen_at=before))
    assert len(made) == 1
    assert (await known(both_grounds, owner, ["staff"])).value("staff") == 45


async def test_the_same_value_again_adds_nothing(both_grounds, register):
    company = await register(both_grounds)
    owner = owner_of(company)
    assert len(await record(both_grounds, owner, company, FactIn(name="staff", value=45))) == 1
    assert await record(both_grounds, owner, company, FactIn(name="staff", value=45)) == []


@pytest.mark.parametrize(
    "statement",
    ["UPDATE fact SET value = '1'", "UPDATE fact SET recorded_at = seen_at, note = 'x'", "DELETE FROM fact"],
)
async def test_the_database_refuses_to_change_a_fact(both_grounds, register, statement):
    company = await register(both_grounds)
    await record(both_grounds, owner_of(company), company, FactIn(name="staff", value=45))
    with pytest.raises(DBAPIError, match="append-only"):
        async with both_grounds.database.write() as db:
            await db.execute(text(statement))


async def test_a_fact_is_superseded_once_only(both_grounds, register):
    company = await register(both_grounds)
    owner = owner_of(company)
    await record(both_grounds, owner, company, FactIn(name="staff", value=45))
    await record(both_grounds, owner, company, FactIn(name="staff", value=46))
    with pytest.raises(DBAPIError, match="append-only"):
        async with both_grounds.database.write() as db:
            await db.execute(text("UPDATE fact SET superseded_by = NULL WHERE superseded_by IS NOT NULL"))


deeds = st.lists(
    st.tuples(
        st.sampled_from(["staff", "rd_staff"]),
        st.integers(0, 5),
        st.sampled_from(["declared", "authoritative"]),
        st.integers(0, 3),  # days since the deed before
        st.integers(0, 9),  # days since the source was seen
    ),
    min_size=1,
    max_size=8,
)


@given(deeds)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_what_was_known_on_a_past_day_is_read_the_same_for_ever(ground, register, clock, sequence):
    company = await register(ground)
    system = Actor.system("test")
    seen: list[tuple] = []
    for name, value, authority, wait, age in sequence:
        clock.advance(timedelta(days=wait))
        fact = FactIn(
            name=name, value=value, authority=authority, source="s", seen_at=clock.now() - timedelta(days=age)
        )
        await record(ground, system, company, fact)
        seen.append((clock.now(), dict(await known(ground, owner_of(company), ["staff", "rd_staff"]))))
    clock.advance(timedelta(days=100))
    last_at = dict(seen)
    for moment, facts in last_at.items():
        again = await known(ground, owner_of(company), ["staff", "rd_staff"], moment)
        assert dict(again) == facts
    early = await known(ground, owner_of(company), ["staff"], seen[0][0] - timedelta(seconds=1))
    assert early["staff"] is None


async def test_every_wrong_field_of_a_batch_is_named_and_nothing_is_kept(both_grounds, register):
    company = await register(both_grounds)
    owner = owner_of(company)
    future = both_grounds.clock.now() + timedelta(days=1)
    with pytest.raises(BadInput) as caught:
        await record(
            both_grounds,
            owner,
            company,
            FactIn(name="staff", value=45),
            FactIn(name="no_such_fact", value=1),
            FactIn(name="staff", value="45"),
            FactIn(name="revenue", value=1),
            FactIn(name="size_class", value="small"),
            FactIn(name="staff", value=1, seen_at=future),
        )
    assert [field.name for field in caught.value.fields] == [
        "facts[1].name",
        "facts[2].value",
        "facts[3].period",
        "facts[4].name",
        "facts[5].seen_at",
    ]
    assert (await known(both_grounds, owner, ["staff"]))["staff"] is None


async def test_who_may_record_what(both_grounds, register, make_on):
    company, other = await register(both_grounds), await register(both_grounds)
    fact = FactIn(name="staff", value=45)
    state = FactIn(name="staff", value=45, source="s", authority="authoritative")
    with pytest.raises(NotFound):
        await record(both_grounds, owner_of(other), company, fact)
    with pytest.raises(BadInput) as caught:
        await record(both_grounds, owner_of(company), company, state)
    assert caught.value.fields[0].name == "facts[0].authority"
    park = await make_on(both_grounds).person("park_operator")
    with pytest.raises(NotFound):
        await record(both_grounds, park, company, fact)
    officer = await make_on(both_grounds).person("officer")
    assert await record(both_grounds, officer, company, state)


async def test_the_register_follows_the_facts_that_count(both_grounds, register):
    company = await register(both_grounds)
    await record(both_grounds, owner_of(company), company, FactIn(name="division_code", value="330108"))
    async with both_grounds.database.read() as db:
        row = await db.get(EnterpriseRow, company)
    assert row.division_code == "330108"


async def test_a_foreign_read_without_its_basis_is_refused_and_the_refusal_kept(both_grounds, register, make_on):
    company = await register(both_grounds)
    lender = await make_on(both_grounds).person("lender")
    act = both_grounds.act(lender)
    stolen = UseBasis("own", company, company, "own_view", frozenset({"*"}), "own")
    lent = UseBasis("consent", company, uuid4(), "credit_scoring", frozenset({"staff"}), "consent:x")
    narrow = UseBasis("consent", company, lender.organisation_id, "credit_scoring", frozenset({"staff"}), "consent:x")
    over = UseBasis(
        "consent", company, lender.organisation_id, "credit_scoring", frozenset({"revenue"}), "consent:x", act.now
    )
    odd = UseBasis("consent", company, lender.organisation_id, "curiosity", frozenset({"revenue"}), "consent:x")
    for basis in (stolen, lent, narrow, over, odd):
        with pytest.raises(Refusal) as caught:
            async with both_grounds.database.write() as db:
                await enterprises.read_facts(db, act, basis, ["revenue"])
        assert caught.value.status == 403
    async with both_grounds.database.read() as db:
        kept = (await db.scalars(select(DataUse).where(DataUse.subject_id == company))).all()
    assert [use.outcome for use in kept] == ["refused"] * 5
    assert {use.recipient_id for use in kept} == {lender.organisation_id}
    assert all(use.what == ["revenue"] for use in kept)


async def test_a_read_under_a_basis_leaves_its_row_in_the_same_transaction(both_grounds, register, make_on):
    company = await register(both_grounds)
    officer = await make_on(both_grounds).person("officer")
    act = both_grounds.act(officer)
    basis = statutory_basis(act, company, "policy_review", "行政许可法")
    with pytest.raises(ZeroDivisionError):
        async with both_grounds.database.write() as db:
            await enterprises.read_facts(db, act, basis, ["staff"])
            raise ZeroDivisionError
    async with both_grounds.database.write() as db:
        await enterprises.read_facts(db, act, basis, ["staff", "revenue"])
    async with both_grounds.database.read() as db:
        kept = (await db.scalars(select(DataUse))).all()
    assert [(use.outcome, use.basis, use.what) for use in kept] == [("allowed", "statutory", ["revenue", "staff"])]


async def test_a_park_reads_its_tenants_and_nobody_else(both_grounds, register, make_on):
    from kernel import scope

    tenant, stranger = await register(both_grounds), await register(both_grounds)
    operator = await make_on(both_grounds).person("park_operator")
    act = both_grounds.act(operator)
    async with both_grounds.database.write() as db:
        await scope.link(db, act, operator.organisation_id, tenant, "tenant")
    async with both_grounds.database.write() as db:
        facts = await enterprises.read_facts(db, act, contract_basis(act, tenant, "park_watch", "lease:1"), ["staff"])
    assert facts["staff"] is None
    with pytest.raises(Refusal):
        async with both_grounds.database.write() as db:
            await enterprises.read_facts(db, act, contract_basis(act, stranger, "park_watch", "lease:1"), ["staff"])


async def test_a_snapshot_holds_typed_columns_with_provenance_and_records_its_population(both_grounds, register):
    first, second = await register(both_grounds), await register(both_grounds)
    system = Actor.system("match")
    await record(
        both_grounds,
        system,
        first,
        FactIn(name="revenue", value="100.50", source="税务", authority="authoritative", **YEAR),
        FactIn(
            name="revenue",
            value="90",
            source="税务",
            authority="authoritative",
            period_start=date(2024, 1, 1),
            period_end=date(2024, 12, 31),
        ),
        FactIn(name="staff", value=12),
        FactIn(name="listed_abnormal", value=False),
    )
    act = both_grounds.act(system)
    run = RunBasis(purpose="policy_matching", kind="statutory", reference="test")
    names = ["staff", "revenue", "listed_abnormal", "registered_on", "size_class"]
    async with both_grounds.database.write() as db:
        snapshot = await enterprises.snapshot_facts(db, act, run, [first, second], names)
    rows = snapshot.table.to_pylist()
    assert rows[0]["enterprise_id"] == str(first)
    assert (rows[0]["staff"], rows[0]["revenue"], rows[0]["listed_abnormal"]) == (12, Decimal("100.50"), False)
    assert rows[0]["size_class"] == "micro"
    assert [rows[1][name] for name in names] == [None] * 5
    revenue = [row for row in snapshot.provenance.to_pylist() if row["name"] == "revenue"]
    assert [(row["rank"], row["period_end"].year, row["source"]) for row in revenue] == [
        (0, 2025, "税务"),
        (1, 2024, "税务"),
    ]
    assert snapshot.facts(first).of_year("revenue", 2024).value == Decimal("90.00")
    async with both_grounds.database.read() as db:
        kept = (await db.scalars(select(DataUseRun))).one()
        population = set(await db.scalars(select(DataUseRunSubject.subject_id)))
    assert kept.id == snapshot.run_id and kept.population == 2 and population == {first, second}


async def test_a_batch_without_a_right_is_refused(both_grounds, register, make_on):
    company = await register(both_grounds)
    lender = await make_on(both_grounds).person("lender")
    run = RunBasis(purpose="credit_scoring", kind="statutory", reference="none")
    with pytest.raises(Refusal):
        async with both_grounds.database.write() as db:
            await enterprises.snapshot_facts(db, both_grounds.act(lender), run, [company], ["staff"])
    with pytest.raises(Forbidden):
        statutory_basis(both_grounds.act(lender), company, "credit_scoring", "none")


async def test_two_writers_of_one_fact_leave_one_standing(both_grounds, register):
    import asyncio

    company = await register(both_grounds)
    owner = owner_of(company)
    await asyncio.gather(*(record(both_grounds, owner, company, FactIn(name="staff", value=n)) for n in range(8)))
    async with both_grounds.database.read() as db:
        rows = (await db.scalars(select(FactRow).where(FactRow.name == "staff"))).all()
    assert len(rows) == 8
    assert sum(row.superseded_by is None for row in rows) == 1


async def test_registering_twice_is_registering_once_and_wrong_codes_are_named(both_grounds, register):
    code = enterprises.complete_uscc("91330106MA2YY001")
    assert await register(both_grounds, uscc=code) == await register(both_grounds, uscc=code.lower())
    with pytest.raises(BadInput) as caught:
        await register(both_grounds, uscc=code[:-1] + "!", industry_code="6598", division_code="330104", name_zh=" ")
    assert [field.name for field in caught.value.fields] == ["uscc", "industry_code", "division_code", "name_zh"]
