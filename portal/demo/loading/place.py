"""The park: buildings, units, leases, and fourteen months of electricity."""

from collections.abc import Awaitable, Callable

import park
from kernel.act import Act
from kernel.texts import Text
from portal.demo.generate import DemoTenant
from portal.demo.loading.sequence import Work
from portal.demo.loading.stage import Stage

PARK_CODE = "BINHAI"
PLACED = 428  # days ago
BATCHES = 2


async def register_place(stage: Stage) -> None:
    """The park with its buildings and units."""
    act = await operator_act(stage, PLACED)
    place = stage.world.place
    async with stage.ground.database.write() as db:
        await park.register_park(
            db,
            act,
            park.ParkIn(
                code=PARK_CODE,
                name_zh=place.park.name_zh,
                name_en=place.park.name_en,
                operator_id=await stage.organisation_id("park"),
                division_code=place.park.division,
                address_zh=place.park.address_zh,
                address_en=place.park.address_en,
            ),
        )
        for building in place.buildings:
            points = (tuple(int(number) for number in point.split(",")) for point in building.shape.split())
            await park.register_building(
                db,
                act,
                park.BuildingIn(
                    park_code=PARK_CODE,
                    code=building.code,
                    name_zh=building.name_zh,
                    name_en=building.name_en,
                    floors=building.floors,
                    shape=tuple((x, y) for x, y in points),
                ),
            )
        for unit in stage.world.units:
            await park.register_unit(
                db,
                act,
                park.UnitIn(
                    park_code=PARK_CODE,
                    building_code=unit.building,
                    code=unit.code,
                    floor=unit.floor,
                    area_m2=unit.area,
                    use=unit.use,
                ),
            )


async def sign_leases(stage: Stage) -> None:
    """Every lease on the day it began, or on the day the platform opened for those that ran already."""
    for tenant in sorted(stage.world.tenants, key=lambda each: each.lease.start):
        days_ago = min(PLACED - 1, (stage.world.today - tenant.lease.start).days)
        act = await operator_act(stage, days_ago)
        lease = park.LeaseIn(
            park_code=PARK_CODE,
            number=tenant.lease.number,
            enterprise_id=await stage.organisation_id(tenant.entry.key),
            unit_codes=tenant.lease.units,
            start_on=tenant.lease.start,
            end_on=tenant.lease.end,
            rent_fen_per_m2_month=tenant.lease.rent_fen,
        )
        async with stage.ground.database.write() as db:
            await park.sign_lease(db, act, lease)


def electricity_steps() -> list[Work]:
    """Two imports, half of the companies each; the watch looks at the park once after each."""
    return [
        Work(
            f"electricity-{number + 1}",
            Text(f"用电读数 {number + 1}/{BATCHES}", f"Electricity {number + 1}/{BATCHES}"),
            _importer(number),
        )
        for number in range(BATCHES)
    ]


def _importer(number: int) -> Callable[[Stage], Awaitable[None]]:
    async def run(stage: Stage) -> None:
        await import_electricity(stage, stage.world.tenants[number::BATCHES], f"demo:electricity {number + 1}")

    return run


async def import_electricity(stage: Stage, tenants: tuple[DemoTenant, ...], source: str) -> None:
    """Import the daily readings of some companies, as the operator's meter system would hand them over."""
    series = tuple(
        park.MeterSeries(meter_code=meter.meter, unit_code=meter.unit, first_day=meter.first_day, daily_kwh=meter.kwh)
        for tenant in tenants
        for meter in tenant.meters
    )
    act = await operator_act(stage, 0, hour=0)
    await park.import_readings(stage.ground, act, park.ReadingsIn(park_code=PARK_CODE, source=source, series=series))


async def operator_act(stage: Stage, days_ago: float, hour: int = 11) -> Act:
    """A deed of the park's operator."""
    return stage.act(days_ago, hour, await stage.person("operator", "park"))
