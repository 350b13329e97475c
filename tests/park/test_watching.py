"""The nightly watch on both databases: recorded before it reads, signals that follow the readings, nothing said twice."""

from datetime import timedelta

from sqlalchemy import func, select

from kernel.data_use import DataUseRun, DataUseRunSubject
from kernel.events import EventRecord
from kernel.jobs import enqueue, run_due_jobs
from park.models import ParkTenant, WatchSignal
from park.service import imports
from park.service.energy import company_series
from park.service.watching import watch_all
from tests.park.world import TODAY, World, series, weekly, winding_down


async def fallen(world: World) -> tuple[object, object]:
    company = await world.company()
    await world.sign(world.lease(company))
    return company, await world.read(series("A-101", winding_down(300)))


async def test_the_run_is_recorded_with_its_population_and_a_signal_is_told_once(both_worlds: World) -> None:
    world = both_worlds
    company, _import = await fallen(world)
    for _night in range(2):
        assert await watch_all(world.ground, world.act) == 1
    async with world.ground.database.read() as db:
        runs = (await db.scalars(select(DataUseRun))).all()
        assert {(run.purpose, run.basis, run.recipient_id, run.population) for run in runs} == {
            ("park_watch", "contract", world.operator_id, 1)
        }
        assert set((await db.scalars(select(DataUseRunSubject.subject_id))).all()) == {company}
        told = (await db.scalars(select(EventRecord).where(EventRecord.name == "park.signal_raised"))).all()
        assert len(told) == 1 and "不代表对企业的评价" in told[0].timeline_zh
        tenant = await db.scalar(select(ParkTenant))
        assert tenant is not None and tenant.signal_on is not None and tenant.measured_to == TODAY
        assert tenant.change_30 is not None and tenant.change_30 < -0.4


async def test_corrected_readings_withdraw_a_signal(both_worlds: World) -> None:
    world = both_worlds
    await fallen(world)
    assert await watch_all(world.ground, world.act) == 1
    correction = await world.read(series("A-101", weekly(300)), source="correction")
    assert await watch_all(world.ground, world.act) == 0
    async with world.ground.database.read() as db:
        assert (await db.scalars(select(WatchSignal.state))).all() == ["withdrawn"]
        tenant = await db.scalar(select(ParkTenant))
        assert tenant is not None and tenant.signal_on is None
    async with world.ground.database.write() as db:
        await imports.undo_import(db, world.act, world.park_id, correction)
    assert await watch_all(world.ground, world.act) == 1
    async with world.ground.database.read() as db:
        assert (await db.scalars(select(WatchSignal.state))).all() == ["open"]


async def test_an_import_asks_for_the_watch_and_the_job_does_it(world: World) -> None:
    await fallen(world)
    await run_due_jobs(world.ground)
    async with world.ground.database.read() as db:
        assert await db.scalar(select(func.count()).select_from(WatchSignal)) == 1
    async with world.ground.database.write() as db:
        await enqueue(db, world.act, "park.close_leases", {})
        await enqueue(db, world.act, "park.watch_tenants", {})
    assert await run_due_jobs(world.ground) == 2


async def test_a_company_is_measured_only_while_it_holds_the_unit(both_worlds: World) -> None:
    world = both_worlds
    before, after = await world.company(), await world.company()
    change = TODAY - timedelta(days=100)
    await world.sign(
        world.lease(before, number="L-1", start=TODAY - timedelta(days=400), end=change - timedelta(days=1))
    )
    await world.sign(world.lease(after, number="L-2", start=change))
    await world.read(series("A-101", weekly(300)))
    async with world.ground.database.read() as db:
        found = await company_series(db, world.park_id, [before, after])
    assert set(found) == {after}  # the one that left is not measured any more
    known = [wh for wh in found[after].wh if wh is not None]
    assert len(known) == 101


async def test_two_units_are_summed_and_a_missing_meter_makes_the_day_unknown(world: World) -> None:
    company = await world.company()
    await world.sign(world.lease(company, "A-101", "A-102"))
    await world.read(series("A-101", [10.0, 10.0, 10.0]), series("A-102", [5.0, None, 5.0]))
    async with world.ground.database.read() as db:
        found = await company_series(db, world.park_id, [company])
    assert list(found[company].wh[-3:]) == [15000, None, 15000]


async def test_a_renamed_company_and_a_lease_that_began_show_after_the_night(world: World) -> None:
    from kernel.identity import Organisation

    company = await world.company()
    await world.sign(world.lease(company, "A-101", number="L-1"))
    await world.sign(world.lease(company, "A-102", number="L-2", start=TODAY + timedelta(days=1)))
    async with world.ground.database.read() as db:
        tenant = await db.scalar(select(ParkTenant))
        assert tenant is not None and tenant.unit_codes == "A-101"
        assert (await db.get_one(Organisation, company)).name_zh == tenant.name_zh
    world.ground.clock.advance(timedelta(days=1))  # type: ignore[attr-defined]
    await watch_all(world.ground, world.act)
    async with world.ground.database.read() as db:
        assert await db.scalar(select(ParkTenant.unit_codes)) == "A-101, A-102"
