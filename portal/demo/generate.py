"""Puts the demo world together: same files, same day, same seed, same world, to the last digit."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Literal

from msgspec import Struct

from portal.demo.cloudbills import Bill, make_bill
from portal.demo.electricity import daily_use
from portal.demo.facts import Premises, Statement, last_settled_year, state_facts
from portal.demo.premises import Lease, Unit, lay_out_units, let_units
from portal.demo.worldfile import ParkFile, TenantEntry, WorldFiles

SEED = "parklink demo 1"
METERED_MONTHS = 14


class MeterSeries(Struct, frozen=True):
    """Daily kWh of one unit's meter; None where it gave nothing."""

    meter: str
    unit: str
    first_day: date
    kwh: tuple[Decimal | None, ...]


class DemoTenant(Struct, frozen=True):
    """One company with everything that rooms are told about it."""

    entry: TenantEntry
    uscc: str
    name_zh: str
    name_en: str
    lease: Lease
    facts: tuple[Statement, ...]
    meters: tuple[MeterSeries, ...]
    bill: Bill | None


class DemoOrganisation(Struct, frozen=True):
    """An organisation that is no tenant; its credit code is as invented as the companies'."""

    key: str
    kind: Literal["park", "government", "lender", "platform"]
    uscc: str
    name_zh: str
    name_en: str


class DemoWorld(Struct, frozen=True):
    """The whole world on one day."""

    today: date
    place: ParkFile
    others: tuple[DemoOrganisation, ...]
    units: tuple[Unit, ...]
    tenants: tuple[DemoTenant, ...]


def generate_world(
    files: WorldFiles,
    today: date,
    *,
    is_workday: Callable[[date], bool],
    complete_code: Callable[[str], str],
    seed: str = SEED,
) -> DemoWorld:
    """Generate the world as it stands on `today`; `complete_code` adds the two check characters of a credit code."""

    def dice(*topic: str) -> Random:
        return Random(":".join((seed, *topic)))

    place = files.place
    units = lay_out_units(place.buildings, dice("units"))
    leases = let_units(units, place.buildings, files.tenants, today, dice("leases"))
    area_of = {unit.code: unit.area for unit in units}
    tenants = []
    for number, (entry, lease) in enumerate(zip(files.tenants, leases, strict=True)):
        area = sum((area_of[unit] for unit in lease.units), Decimal(0))
        meters = tuple(
            _meter(entry, lease, unit, float(area_of[unit]), today, is_workday, dice(entry.key, "meter", unit))
            for unit in lease.units
        )
        bill = None
        if entry.cloud != "none":
            bill = make_bill(
                key=entry.key, name=f"{entry.en} (demo)", kind=entry.kind, behaviour=entry.cloud,
                yearly_revenue=entry.revenue, today=today, random=dice(entry.key, "bill"),
            )  # fmt: skip
        premises = Premises(
            tenant_since=lease.start,
            yearly_rent=area * lease.rent_fen * 12 / 100,
            electricity=_whole_year(meters, lease, last_settled_year(today)),
            cloud_spend=bill.spend_of_year if bill else {},
        )
        division = place.park.division
        tenants.append(
            DemoTenant(
                entry=entry,
                uscc=complete_code(f"91{division}DEM0{number + 1:04d}"),
                name_zh=f"{entry.zh}(示例)",
                name_en=f"{entry.en} (demo)",
                lease=lease,
                facts=state_facts(entry, division, premises, today, dice(entry.key, "facts")),
                meters=tuple(_last_months(meter, today) for meter in meters),
                bill=bill,
            )
        )
    return DemoWorld(
        today=today, place=place, others=_others(place, complete_code), units=units, tenants=tuple(tenants)
    )


def _others(place: ParkFile, complete_code: Callable[[str], str]) -> tuple[DemoOrganisation, ...]:
    """Operator, office, lenders and the platform; GB 32100: 11 is a government office, 91 a company."""
    division = place.park.division
    office = complete_code(f"11{division}DEM10001")

    def company(number: int) -> str:
        return complete_code(f"91{division}DEM2{number:04d}")

    bank, microcredit = place.lenders
    return (
        DemoOrganisation("park", "park", company(1), place.operator.name_zh, place.operator.name_en),
        DemoOrganisation("bank", "lender", company(2), bank.name_zh, bank.name_en),
        DemoOrganisation("microcredit", "lender", company(3), microcredit.name_zh, microcredit.name_en),
        DemoOrganisation("platform", "platform", company(4), "园企通平台(示例)", "ParkLink platform (demo)"),
        DemoOrganisation("office", "government", office, place.office.name_zh, place.office.name_en),
    )


def _meter(
    entry: TenantEntry,
    lease: Lease,
    unit: str,
    area: float,
    today: date,
    is_workday: Callable[[date], bool],
    random: Random,
) -> MeterSeries:
    """From the first of January of the last settled year, or from the lease's start, until yesterday."""
    first, last = max(date(last_settled_year(today), 1, 1), lease.start), today - timedelta(days=1)
    kwh = daily_use(entry.kind, area, first, last, story=entry.story, is_workday=is_workday, random=random)
    return MeterSeries(meter=f"E-{unit}", unit=unit, first_day=first, kwh=kwh)


def _whole_year(meters: tuple[MeterSeries, ...], lease: Lease, year: int) -> dict[int, Decimal]:
    """What the meters counted in a year that the lease covers wholly; nothing otherwise."""
    start, end = date(year, 1, 1), date(year, 12, 31)
    if lease.start > start:
        return {}
    counted = Decimal(0)
    for meter in meters:
        days = meter.kwh[(start - meter.first_day).days : (end - meter.first_day).days + 1]
        counted += sum((value for value in days if value is not None), Decimal(0))
    return {year: counted}


def _last_months(meter: MeterSeries, today: date) -> MeterSeries:
    months = today.year * 12 + today.month - 1 - METERED_MONTHS
    first = max(meter.first_day, date(months // 12, months % 12 + 1, 1))
    return MeterSeries(meter.meter, meter.unit, first, meter.kwh[(first - meter.first_day).days :])
