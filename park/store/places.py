"""Parks, buildings, units and meters: what stands where."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel import scope
from kernel.act import Actor
from kernel.identity import Organisation
from kernel.paging import Column, Listing, ListQuery, Page, fetch_page, fetch_rows
from kernel.texts import N_
from park.models import Building, Lease, LeaseUnit, Meter, Park, Unit

UNIT_USES = {
    "office": N_("Office"),
    "workshop": N_("Workshop"),
    "laboratory": N_("Laboratory"),
    "warehouse": N_("Warehouse"),
    "shop": N_("Shop"),
    "common": N_("Common area"),
}
COMMON = "common"


def runs(actor: Actor) -> ColumnElement[bool]:
    """The predicate "this park is run by the actor's organisation" (all for the system, administrators, auditors)."""
    return scope.owned_by(actor, Park.operator_id)


async def list_parks(db: AsyncSession, actor: Actor) -> Sequence[Park]:
    """Parks the actor runs, by code."""
    return (await db.scalars(select(Park).where(runs(actor)).order_by(Park.code))).all()


async def find_park(db: AsyncSession, actor: Actor, park_id: UUID) -> Park:
    return await scope.find(db, select(Park).where(Park.id == park_id, runs(actor)))


async def find_park_by_code(db: AsyncSession, actor: Actor, code: str) -> Park | None:
    found: Park | None = await db.scalar(select(Park).where(Park.code == code, runs(actor)))
    return found


async def code_is_taken(db: AsyncSession, code: str) -> bool:
    """Whether any park has this code, seen or not: codes are unique in the whole house.

    Unscoped: codes are unique in the whole house.
    """
    return await db.scalar(select(Park.id).where(Park.code == code)) is not None


async def find_organisation(db: AsyncSession, organisation_id: UUID) -> Organisation | None:
    """Unscoped: names and kinds of organisations are public."""
    found: Organisation | None = await db.get(Organisation, organisation_id)
    return found


async def find_company_by_credit_code(db: AsyncSession, actor: Actor, uscc: str) -> Organisation | None:
    """The registered company with a credit code, for a park operator; register data is public, nothing else is shown by it."""
    if not actor.has("park_operator"):
        return None
    found: Organisation | None = await db.scalar(
        select(Organisation).where(Organisation.uscc == uscc, Organisation.kind == "enterprise")
    )
    return found


async def find_building(db: AsyncSession, park_id: UUID, code: str) -> Building | None:
    """Unscoped: of a park found under scope."""
    found: Building | None = await db.scalar(select(Building).where(Building.park_id == park_id, Building.code == code))
    return found


async def list_buildings(db: AsyncSession, park_id: UUID) -> Sequence[Building]:
    """Unscoped: of a park found under scope."""
    return (await db.scalars(select(Building).where(Building.park_id == park_id).order_by(Building.code))).all()


async def find_unit(db: AsyncSession, park_id: UUID, code: str) -> Unit | None:
    """Unscoped: of a park found under scope."""
    found: Unit | None = await db.scalar(select(Unit).where(Unit.park_id == park_id, Unit.code == code))
    return found


async def find_units(db: AsyncSession, park_id: UUID, codes: Sequence[str]) -> dict[str, Unit]:
    """Unscoped: of a park found under scope."""
    rows = await db.scalars(select(Unit).where(Unit.park_id == park_id, Unit.code.in_(codes)))
    return {unit.code: unit for unit in rows}


async def find_meter(db: AsyncSession, park_id: UUID, code: str) -> Meter | None:
    """Unscoped: of a park found under scope."""
    found: Meter | None = await db.scalar(select(Meter).where(Meter.park_id == park_id, Meter.code == code))
    return found


async def meter_keys(db: AsyncSession, park_id: UUID) -> dict[str, int]:
    """Key of every meter of a park, by its code. Unscoped: of a park found under scope."""
    rows = (await db.execute(select(Meter.code, Meter.key).where(Meter.park_id == park_id))).all()
    return {row.code: row.key for row in rows}


async def list_meters(db: AsyncSession, park_id: UUID) -> list[Any]:
    """Every meter with the code of the unit it measures, for the import template. Unscoped: of a park found under scope."""
    statement = (
        select(Meter.code, Unit.code.label("unit_code"))
        .join(Unit, Unit.id == Meter.unit_id)
        .where(Meter.park_id == park_id)
        .order_by(Meter.code)
    )
    return list((await db.execute(statement)).all())


def held_on(day: date) -> ColumnElement[bool]:
    """The predicate "a lease holds this unit on that day", to be used in a statement on Unit.

    Unscoped: a predicate, reads nothing by itself.
    """
    return exists(
        select(LeaseUnit.unit_id)
        .join(Lease, Lease.id == LeaseUnit.lease_id)
        .where(LeaseUnit.unit_id == Unit.id, Lease.state != "cancelled", Lease.start_on <= day, Lease.end_on >= day)
    )


async def unit_areas(db: AsyncSession, park_id: UUID, day: date) -> list[Any]:
    """(building_id, area_dm2, is_let) of each lettable unit on a day. Unscoped: of a park found under scope."""
    statement = select(Unit.building_id, Unit.area_dm2, held_on(day).label("is_let")).where(
        Unit.park_id == park_id, Unit.use != COMMON
    )
    return list((await db.execute(statement)).all())


def unit_listing(today: date) -> Listing:
    """The list of units: code, building, floor, use, area, who holds it until when."""

    def by_state(value: str) -> ColumnElement[bool]:
        if value == "vacant":
            return and_(Unit.use != COMMON, ~held_on(today))
        return held_on(today) if value == "let" else Unit.id.is_(None)

    return Listing(
        columns=(
            Column("code", Unit.code, N_("Rented unit"), searchable=True),
            Column("building_code", Building.code, N_("Building")),
            Column("floor", Unit.floor, N_("Floor"), "number"),
            Column("use", Unit.use, N_("Use of the unit"), "enum", choices=UNIT_USES),
            Column("area_m2", Unit.area_dm2, N_("Area (m²)"), "number"),
            Column("tenant", Organisation.name_zh, N_("Tenant company"), searchable=True),
            Column("ends_on", Lease.end_on, N_("Lease ends"), "date"),
        ),
        default_sort="code",
        filters={"building": Building.code, "use": Unit.use, "state": by_state, "floor": Unit.floor},
        tie=Unit.id,
    )


def _units(park_id: UUID, today: date) -> Any:
    held = and_(
        Lease.id == LeaseUnit.lease_id, Lease.state != "cancelled", Lease.start_on <= today, Lease.end_on >= today
    )
    return (
        select(
            Unit.id, Unit.code, Building.code.label("building_code"), Unit.floor, Unit.use, Unit.area_dm2,
            Organisation.name_zh.label("tenant_zh"), Organisation.name_en.label("tenant_en"),
            Lease.enterprise_id, Lease.end_on.label("ends_on"), Lease.number.label("lease_number"),
        )
        .join(Building, Building.id == Unit.building_id)
        .outerjoin(LeaseUnit.__table__.join(Lease.__table__, held), LeaseUnit.unit_id == Unit.id)
        .outerjoin(Organisation, Organisation.id == Lease.enterprise_id)
        .where(Unit.park_id == park_id)
    )  # fmt: skip


async def page_of_units(db: AsyncSession, park_id: UUID, today: date, query: ListQuery) -> Page[Any]:
    return await fetch_page(db, _units(park_id, today), unit_listing(today), query)


async def all_units(db: AsyncSession, park_id: UUID, today: date, query: ListQuery) -> list[Any]:
    return await fetch_rows(db, _units(park_id, today), unit_listing(today), query)


async def every_unit(db: AsyncSession, actor: Actor, park_id: UUID, today: date) -> list[Any]:
    """Every unit of a park the actor runs, with who holds it on a day, by floor and code."""
    statement = (
        _units(park_id, today).join(Park, Park.id == Unit.park_id).where(runs(actor)).order_by(Unit.floor, Unit.code)
    )
    return list((await db.execute(statement)).all())
