"""Leases: one holder a unit and day, also in a race; idempotent by contract number; the operator's view ends with the last lease."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

import park
from kernel import scope
from kernel.audit import AuditEntry
from kernel.events import EventRecord
from kernel.problems import BadInput, Conflict, NotFound, PreconditionFailed
from park.models import Lease, ParkTenant
from park.service.leases import close_run_out
from park.store import leases as lease_store
from park.store import tenants as tenant_store
from tests.park.world import TODAY, World


async def test_signing_links_the_operator_and_tells_the_company(both_worlds: World) -> None:
    world = both_worlds
    company = await world.company()
    lease_id = await world.sign(world.lease(company, "A-101", "A-102"))
    async with world.ground.database.read() as db:
        assert await scope.is_linked(db, world.operator_id, company, "tenant")
        tenant = await tenant_store.find_tenant(db, world.operator.actor, world.park_id, company)
        assert (tenant.unit_codes, tenant.area_dm2, tenant.ends_on) == ("A-101, A-102", 80050, date(2027, 12, 31))
        assert tenant.rent_fen_month == 420 * 5800 + round(380.5 * 5800)
        event = await db.scalar(select(EventRecord).where(EventRecord.name == "park.lease_signed"))
        assert event is not None and event.subject_id == company and "A-101, A-102" in event.timeline_en
        entry = await db.scalar(select(AuditEntry).where(AuditEntry.action == "lease.signed"))
        assert entry is not None and entry.object_id == str(lease_id)


async def test_the_same_contract_number_signs_once_and_never_stands_for_something_else(both_worlds: World) -> None:
    world = both_worlds
    company = await world.company()
    first = await world.sign(world.lease(company))
    assert await world.sign(world.lease(company)) == first
    with pytest.raises(Conflict):
        await world.sign(world.lease(company, rent=6000))
    async with world.ground.database.read() as db:
        assert await db.scalar(select(func.count()).select_from(Lease)) == 1


@pytest.mark.parametrize(
    ("start", "end", "free"),
    [
        (date(2024, 1, 1), date(2024, 12, 31), True),  # the day before it begins
        (date(2024, 1, 1), date(2025, 1, 1), False),  # its first day
        (date(2027, 12, 31), date(2028, 1, 31), False),  # its last day
        (date(2028, 1, 1), date(2028, 1, 31), True),  # the day after
        (date(2026, 1, 1), date(2026, 1, 1), False),  # inside
    ],
)
async def test_a_unit_has_one_holder_on_any_day(world: World, start: date, end: date, free: bool) -> None:
    await world.sign(world.lease(await world.company(), "A-101"))
    given = world.lease(await world.company(), "A-102", "A-101", number="L-2", start=start, end=end)
    if free:
        await world.sign(given)
        return
    with pytest.raises(Conflict) as refused:
        await world.sign(given)
    assert refused.value.fields[0].name == "unit_codes"
    assert "L-1" in refused.value.fields[0].message and "A-101" in refused.value.fields[0].message


async def test_in_a_race_for_a_unit_exactly_one_signer_wins(both_worlds: World) -> None:
    world = both_worlds
    companies = [await world.company() for _ in range(8)]

    async def run(number: int) -> bool:
        # Overlapping, not equal: every pair wants A-101, in another order of units.
        units = ("A-101", "A-102") if number % 2 else ("A-201", "A-101")
        try:
            await world.sign(
                world.lease(companies[number], *units, number=f"R-{number}", start=TODAY + timedelta(days=number))
            )
        except Conflict:
            return False
        return True

    won = await asyncio.gather(*(run(number) for number in range(8)))
    assert sum(won) == 1
    async with world.ground.database.read() as db:
        assert await db.scalar(select(func.count()).select_from(Lease)) == 1


async def test_in_a_race_with_one_contract_number_exactly_one_lease_stands(both_worlds: World) -> None:
    world = both_worlds
    company = await world.company()

    async def run(unit: str) -> bool:
        try:
            await world.sign(world.lease(company, unit, number="SAME"))
        except Conflict:
            return False
        return True

    won = await asyncio.gather(*(run(unit) for unit in ("A-101", "A-102", "A-201", "B-101")))
    assert sum(won) == 1


async def test_bad_leases_name_the_field(world: World) -> None:
    company = await world.company()
    cases = {
        "end_on": world.lease(company, start=date(2026, 1, 2), end=date(2026, 1, 1)),
        "unit_codes": world.lease(company, "A-001"),
        "number": world.lease(company, number="a b"),
        "rent_fen_per_m2_month": world.lease(company, rent=-1),
        "enterprise_id": world.lease(world.operator_id),
    }
    for field, given in cases.items():
        with pytest.raises(BadInput) as refused:
            await world.sign(given)
        assert [fault.name for fault in refused.value.fields] == [field]
    with pytest.raises(BadInput) as refused:
        await world.sign(world.lease(company, start=date(2026, 1, 1), end=date(2046, 1, 2)))
    fault = refused.value.fields[0]
    assert (fault.name, fault.message.count("20") + fault.message.count("二十年")) == ("end_on", 1)


async def test_with_the_last_lease_over_the_operator_no_longer_sees_the_company(both_worlds: World) -> None:
    world = both_worlds
    company = await world.company()
    first = await world.sign(world.lease(company, "A-101", number="L-1"))
    second = await world.sign(world.lease(company, "A-102", number="L-2"))
    async with world.ground.database.write() as db:
        await park.end_lease(db, world.operator, first, last_day=TODAY, reason="moved", version=1)
    async with world.ground.database.read() as db:
        assert (await tenant_store.find_tenant(db, world.operator.actor, world.park_id, company)).unit_codes == "A-102"
    async with world.ground.database.write() as db:
        await park.end_lease(db, world.operator, second, last_day=TODAY)
    async with world.ground.database.read() as db:
        assert not await scope.is_linked(db, world.operator_id, company, "tenant")
        with pytest.raises(NotFound):
            await tenant_store.find_tenant(db, world.operator.actor, world.park_id, company)
        assert (await db.scalars(select(EventRecord.name).where(EventRecord.name == "park.lease_ended"))).all() == [
            "park.lease_ended"
        ] * 2


async def test_ending_asks_for_a_day_inside_the_lease_and_the_version_it_saw(world: World) -> None:
    company = await world.company()
    lease_id = await world.sign(world.lease(company))
    for wrong in (date(2024, 12, 31), date(2028, 1, 1)):
        with pytest.raises(BadInput):
            async with world.ground.database.write() as db:
                await park.end_lease(db, world.operator, lease_id, last_day=wrong)
    with pytest.raises(PreconditionFailed):
        async with world.ground.database.write() as db:
            await park.end_lease(db, world.operator, lease_id, last_day=TODAY, version=7)
    async with world.ground.database.write() as db:
        await park.end_lease(db, world.operator, lease_id, last_day=TODAY)
    with pytest.raises(Conflict):
        async with world.ground.database.write() as db:
            await park.end_lease(db, world.operator, lease_id, last_day=TODAY)


async def test_notice_given_keeps_the_tenant_until_the_last_day_and_frees_the_unit_after_it(world: World) -> None:
    company, next_one = await world.company(), await world.company()
    lease_id = await world.sign(world.lease(company))
    last = TODAY + timedelta(days=40)
    async with world.ground.database.write() as db:
        lease = await park.end_lease(db, world.operator, lease_id, last_day=last)
    assert (lease.state, lease.end_on, lease.agreed_end_on) == ("signed", last, date(2027, 12, 31))
    await world.sign(world.lease(next_one, number="L-2", start=last + timedelta(days=1)))
    with pytest.raises(Conflict):
        await world.sign(world.lease(next_one, number="L-3", start=last))


async def test_a_lease_that_has_not_begun_is_cancelled_and_holds_nothing(world: World) -> None:
    company = await world.company()
    lease_id = await world.sign(world.lease(company, start=TODAY + timedelta(days=10)))
    async with world.ground.database.write() as db:
        lease = await park.end_lease(db, world.operator, lease_id, last_day=TODAY)
    assert lease.state == "cancelled"
    await world.sign(world.lease(await world.company(), number="L-2"))
    async with world.ground.database.read() as db:
        assert not await scope.is_linked(db, world.operator_id, company, "tenant")


async def test_the_daily_job_closes_what_has_run_out(both_worlds: World) -> None:
    world = both_worlds
    company = await world.company()
    await world.sign(world.lease(company, start=date(2024, 1, 1), end=TODAY - timedelta(days=1)))
    async with world.ground.database.write() as db:
        assert await close_run_out(db, world.act) == 1
    async with world.ground.database.write() as db:
        assert await close_run_out(db, world.act) == 0
    async with world.ground.database.read() as db:
        tenant = await db.scalar(select(ParkTenant))
        assert tenant is not None and not tenant.is_current
        assert not await scope.is_linked(db, world.operator_id, company, "tenant")


async def test_another_operator_sees_neither_the_lease_nor_the_tenant(world: World) -> None:
    company = await world.company()
    lease_id = await world.sign(world.lease(company))
    stranger = world.make.act(await world.make.person("park_operator"))
    async with world.ground.database.read() as db:
        with pytest.raises(NotFound):
            await lease_store.find_lease(db, stranger.actor, lease_id)
        with pytest.raises(NotFound):
            await tenant_store.find_tenant(db, stranger.actor, world.park_id, company)
    with pytest.raises(NotFound):
        async with world.ground.database.write() as db:
            await park.sign_lease(db, stranger, world.lease(company, "A-201", number="L-9"))
