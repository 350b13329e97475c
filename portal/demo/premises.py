"""Units and leases of the demo park: about seven units in eight are let, some leases end soon."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Literal

from msgspec import Struct

from portal.demo.worldfile import BuildingEntry, TenantEntry

LET_SHARE = 0.87
ENDING_SOON = (12, 21, 27, 44, 58, 71, 86, 97, 118, 133, 149, 160, 176)  # days from today

LATEST_SOON = 185
NEWCOMERS_FOUNDED, NEWCOMER_SHARE = 2019, 0.35
NEWCOMER_DAYS, RESIDENT_DAYS = (45, 400), (780, 1600)  # since the lease began
TERMS = (2, 3, 5, 8)  # years

UnitUse = Literal["office", "workshop", "laboratory", "warehouse", "shop", "common"]
USE_OF_KIND: dict[str, UnitUse] = {
    "office": "office", "factory": "workshop", "lab": "laboratory", "data": "workshop", "retail": "shop",
}  # fmt: skip


class Unit(Struct, frozen=True):
    """A unit; area in square metres."""

    code: str
    building: str
    floor: int
    area: Decimal
    use: UnitUse
    kind: str


class Lease(Struct, frozen=True):
    """A lease of one or more units; rent in fen per square metre and month; the last day belongs to it."""

    number: str
    tenant: str
    units: tuple[str, ...]
    start: date
    end: date
    rent_fen: int


def lay_out_units(buildings: tuple[BuildingEntry, ...], random: Random) -> tuple[Unit, ...]:
    """Every unit of every building, its area within an eighth of the building's usual one."""
    return tuple(
        Unit(
            code=f"{building.code}-{floor}{place:02d}",
            building=building.code,
            floor=floor,
            area=Decimal(round(building.unit_area * random.uniform(0.875, 1.125))),
            use=USE_OF_KIND[building.use],
            kind=building.use,
        )
        for building in buildings
        for floor in range(1, building.floors + 1)
        for place in range(1, building.units_per_floor + 1)
    )


def let_units(
    units: tuple[Unit, ...],
    buildings: tuple[BuildingEntry, ...],
    tenants: tuple[TenantEntry, ...],
    today: date,
    random: Random,
) -> tuple[Lease, ...]:
    """One lease a tenant; larger tenants hold more units of their kind, until about seven in eight are let."""
    rent = {building.code: building.rent_per_square_metre_month * 100 for building in buildings}
    held: dict[str, list[Unit]] = {}
    for kind in dict.fromkeys(tenant.kind for tenant in tenants):
        of_kind = sorted((tenant for tenant in tenants if tenant.kind == kind), key=lambda tenant: -tenant.staff)
        free = [unit for unit in units if unit.kind == kind]
        if len(free) < len(of_kind):
            message = f"{len(of_kind)} tenants of kind {kind!r}, but only {len(free)} units of that use"
            raise ValueError(message)
        wanted = max(len(of_kind), round(len(free) * LET_SHARE))
        shares = [1 + (wanted - len(of_kind)) // len(of_kind) for _ in of_kind]
        for place in range(wanted - sum(shares)):
            shares[place] += 1
        blocks = [free[sum(shares[:place]) : sum(shares[: place + 1])] for place in range(len(of_kind))]
        held |= {tenant.key: block for tenant, block in zip(of_kind, blocks, strict=True)}
    ending = random.sample([tenant.key for tenant in tenants], min(len(tenants), len(ENDING_SOON)))
    soon = dict(zip(ending, ENDING_SOON, strict=False))
    return tuple(
        _lease(number, tenant, held[tenant.key], rent, soon.get(tenant.key), today, random)
        for number, tenant in enumerate(tenants, start=1)
    )


def _lease(
    number: int,
    tenant: TenantEntry,
    units: list[Unit],
    rent: dict[str, int],
    ends_in: int | None,
    today: date,
    random: Random,
) -> Lease:
    if ends_in is not None:
        end = today + timedelta(days=ends_in)
        start = end - timedelta(days=365 * random.choice((3, 5)) - 1)
    else:
        may_be_new = tenant.story == "steady" and tenant.founded.year >= NEWCOMERS_FOUNDED
        newcomer = may_be_new and random.random() < NEWCOMER_SHARE
        held = random.randint(*(NEWCOMER_DAYS if newcomer else RESIDENT_DAYS))
        start = today - timedelta(days=held)
        years = next(each for each in TERMS if 365 * each > held + LATEST_SOON)
        end = start + timedelta(days=365 * years - 1)
    start = max(start, tenant.founded)
    return Lease(
        number=f"DEMO-{start.year}-{number:03d}",
        tenant=tenant.key,
        units=tuple(unit.code for unit in units),
        start=start,
        end=end,
        rent_fen=round(rent[units[0].building] * random.uniform(0.92, 1.08)),
    )
