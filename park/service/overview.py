"""What the operator sees first: how much is let, what ends soon, what the meters say."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.act import Act
from kernel.clock import local_date
from kernel.texts import Text
from park import rules, store
from park.models import Building
from park.rules import Occupancy, Period


class BuildingOccupancy(Struct, frozen=True):
    """A building, its outline, and how much of its lettable area is let today."""

    id: UUID
    code: str
    name: Text
    floors: int
    shape: Sequence[Sequence[int]]
    units: int
    units_let: int
    occupancy: Occupancy

    @property
    def total_m2(self) -> Decimal:
        return rules.to_m2(self.occupancy.total_dm2)

    @property
    def let_m2(self) -> Decimal:
        return rules.to_m2(self.occupancy.let_dm2)

    @property
    def share(self) -> float | None:
        return self.occupancy.share


class EndingLease(Struct, frozen=True):
    """A lease that ends within 180 days; `step` is 30, 90 or 180, `is_renewed` when a following lease is signed for all its units."""

    id: UUID
    number: str
    enterprise_id: UUID
    company: Text
    unit_codes: tuple[str, ...]
    area_m2: Decimal
    end_on: date
    days_left: int
    step: int
    is_renewed: bool
    version: int


class Overview(Struct, frozen=True):
    """The key figures of a park on one day; rent in fen a month."""

    day: date
    occupancy: Occupancy
    buildings: Sequence[BuildingOccupancy]
    tenants: int
    rent_fen_month: int
    ending: Sequence[EndingLease]
    signals: Sequence[Any]
    measured_to: date | None

    def ending_within(self, days: int) -> int:
        """How many leases without a successor end within so many days."""
        return sum(1 for lease in self.ending if lease.days_left <= days and not lease.is_renewed)

    @property
    def total_m2(self) -> Decimal:
        return rules.to_m2(self.occupancy.total_dm2)

    @property
    def let_m2(self) -> Decimal:
        return rules.to_m2(self.occupancy.let_dm2)


async def occupancy_by_building(db: AsyncSession, park_id: UUID, day: date) -> list[BuildingOccupancy]:
    """Let and lettable area of each building of a park on a day. The caller has found the park under the actor's scope."""
    areas: dict[UUID, list[tuple[int, bool]]] = {}
    for building_id, area_dm2, is_let in await store.places.unit_areas(db, park_id, day):
        areas.setdefault(building_id, []).append((area_dm2, bool(is_let)))
    return [
        _occupied(building, areas.get(building.id, [])) for building in await store.places.list_buildings(db, park_id)
    ]


def _occupied(building: Building, units: list[tuple[int, bool]]) -> BuildingOccupancy:
    return BuildingOccupancy(
        id=building.id, code=building.code, name=Text(building.name_zh, building.name_en), floors=building.floors,
        shape=building.shape, units=len(units), units_let=sum(1 for _area, is_let in units if is_let),
        occupancy=rules.occupancy(units),
    )  # fmt: skip


async def leases_ending(db: AsyncSession, park_id: UUID, today: date, within_days: int = 180) -> list[EndingLease]:
    """Leases whose last day lies within so many days, the next first, each with what follows it."""
    rows = await store.leases.leases_ending(db, park_id, today, within_days)
    units = await store.leases.unit_codes_of_leases(db, [row.id for row in rows])
    following: dict[UUID, dict[str, list[Period]]] = {}
    for row in rows:
        if row.enterprise_id not in following:
            held = await store.leases.leases_of_company(db, row.enterprise_id, park_id=park_id, with_cancelled=False)
            of_company: dict[str, list[Period]] = {}
            for one in held:
                of_company.setdefault(one.unit_code, []).append(Period(one.Lease.start_on, one.Lease.end_on))
            following[row.enterprise_id] = of_company
    found: list[EndingLease] = []
    for row in rows:
        held_units = units[row.id]
        period = Period(row.start_on, row.end_on)
        renewed = all(rules.is_renewed(period, following[row.enterprise_id].get(unit.code, ())) for unit in held_units)
        found.append(
            EndingLease(
                id=row.id, number=row.number, enterprise_id=row.enterprise_id, company=Text(row.name_zh, row.name_en),
                unit_codes=tuple(unit.code for unit in held_units),
                area_m2=rules.to_m2(sum(unit.area_dm2 for unit in held_units)), end_on=row.end_on,
                days_left=rules.days_left(row.end_on, today), step=rules.ending_step(row.end_on, today) or within_days,
                is_renewed=renewed, version=row.version,
            )
        )  # fmt: skip
    return found


async def overview(db: AsyncSession, act: Act, park_id: UUID) -> Overview:
    """The cockpit's figures for a park the actor runs. Raises NotFound."""
    park = await store.places.find_park(db, act.actor, park_id)
    today = local_date(act.now)
    buildings = await occupancy_by_building(db, park.id, today)
    tenants = await store.tenants.current_tenants(db, park.id)
    return Overview(
        day=today,
        occupancy=Occupancy(
            total_dm2=sum(one.occupancy.total_dm2 for one in buildings), let_dm2=sum(one.occupancy.let_dm2 for one in buildings)
        ),
        buildings=buildings,
        tenants=len(tenants),
        rent_fen_month=sum(tenant.rent_fen_month for tenant in tenants),
        ending=await leases_ending(db, park.id, today),
        signals=await store.tenants.open_signals(db, act.actor, park.id),
        measured_to=await store.readings.last_reading_day(db, park.id),
    )  # fmt: skip


class UnitBox(Struct, frozen=True):
    """A unit as the stacking plan draws it; `width` is its share of its floor, 0..1."""

    code: str
    state: str  # let, ending, vacant, common
    width: float
    area_m2: Decimal
    company: Text | None
    enterprise_id: UUID | None
    ends_on: date | None


class Stack(Struct, frozen=True):
    """A building seen from the side: its floors from the top down, each with its units."""

    code: str
    name: Text
    floors: Sequence[tuple[int, Sequence[UnitBox]]]


async def stacks(db: AsyncSession, act: Act, park_id: UUID) -> list[Stack]:
    """The stacking plan (楼层剖面) of every building today; a lease that ends within 90 days shows as ending. Raises NotFound."""
    park = await store.places.find_park(db, act.actor, park_id)
    today = local_date(act.now)
    by_building: dict[str, dict[int, list[Any]]] = {}
    for row in await store.places.every_unit(db, act.actor, park.id, today):
        by_building.setdefault(row.building_code, {}).setdefault(row.floor, []).append(row)
    return [
        Stack(
            code=building.code, name=Text(building.name_zh, building.name_en),
            floors=[(floor, _boxes(rows, today)) for floor, rows in sorted(by_building.get(building.code, {}).items(), reverse=True)],
        )
        for building in await store.places.list_buildings(db, park.id)
    ]  # fmt: skip


def _boxes(rows: Sequence[Any], today: date) -> list[UnitBox]:
    whole = sum(row.area_dm2 for row in rows)
    return [
        UnitBox(
            code=row.code, state=rules.unit_state(row.use, row.ends_on, today), width=row.area_dm2 / whole,
            area_m2=rules.to_m2(row.area_dm2), company=Text(row.tenant_zh, row.tenant_en or "") if row.tenant_zh else None,
            enterprise_id=row.enterprise_id, ends_on=row.ends_on,
        )
        for row in rows
    ]  # fmt: skip
