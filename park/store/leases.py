"""Leases: who holds which units from when to when."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kernel import scope
from kernel.act import Actor
from kernel.identity import Organisation
from kernel.paging import Column, Listing, ListQuery, Page, fetch_page, fetch_rows
from kernel.texts import N_
from park.models import Building, Lease, LeaseUnit, Park, Unit
from park.store.places import runs

LEASE_STATES = {
    "upcoming": N_("Not begun"),
    "running": N_("In force"),
    "ended": N_("Ended"),
    "cancelled": N_("Cancelled"),
}


async def queue_for_units(db: AsyncSession, unit_ids: Sequence[UUID]) -> None:
    """Make signers of the same unit wait in line until this transaction ends.

    PostgreSQL locks the updated rows (always in the order of ids, so that two signers cannot block each other); SQLite has one
    writer anyway. Whoever comes second reads what the first one wrote.
    """
    for unit_id in sorted(unit_ids):
        await db.execute(update(Unit).where(Unit.id == unit_id).values(lease_count=Unit.lease_count + 1))


async def holders(db: AsyncSession, unit_ids: Sequence[UUID], start_on: date, end_on: date) -> list[Any]:
    """(unit code, lease number, start, end) of every lease that holds one of the units on some day of the period.

    Unscoped: of units of a park found under scope.
    """
    statement = (
        select(Unit.code, Lease.number, Lease.start_on, Lease.end_on)
        .join(LeaseUnit, LeaseUnit.unit_id == Unit.id)
        .join(Lease, Lease.id == LeaseUnit.lease_id)
        .where(Unit.id.in_(unit_ids), Lease.state != "cancelled", Lease.start_on <= end_on, Lease.end_on >= start_on)
        .order_by(Unit.code, Lease.start_on)
    )
    return list((await db.execute(statement)).all())


async def find_lease(db: AsyncSession, actor: Actor, lease_id: UUID, *, lock: bool = False) -> Lease:
    statement = select(Lease).join(Park, Park.id == Lease.park_id).where(Lease.id == lease_id, runs(actor))
    if lock:
        statement = statement.with_for_update(of=Lease)
    return await scope.find(db, statement)


async def find_lease_by_number(db: AsyncSession, park_id: UUID, number: str) -> Lease | None:
    """Unscoped: of a park found under scope."""
    found: Lease | None = await db.scalar(select(Lease).where(Lease.park_id == park_id, Lease.number == number))
    return found


async def units_of_lease(db: AsyncSession, lease_id: UUID) -> list[Any]:
    """(unit code, building code, floor, use, area_dm2 as signed) of a lease. Unscoped: of a lease found under scope."""
    statement = (
        select(Unit.code, Building.code.label("building_code"), Unit.floor, Unit.use, LeaseUnit.area_dm2)
        .join(LeaseUnit, LeaseUnit.unit_id == Unit.id)
        .join(Building, Building.id == Unit.building_id)
        .where(LeaseUnit.lease_id == lease_id)
        .order_by(Unit.code)
    )
    return list((await db.execute(statement)).all())


async def leases_of_company(
    db: AsyncSession, enterprise_id: UUID, *, park_id: UUID | None = None, with_cancelled: bool = True
) -> list[Any]:
    """(Lease, unit code, use, area_dm2, unit_id) rows of a company, newest lease first. The caller has checked who asks.

    Unscoped: the caller has found the park under scope, or is the company.
    """
    statement = (
        select(Lease, Unit.code.label("unit_code"), Unit.use, LeaseUnit.area_dm2, Unit.id.label("unit_id"))
        .join(LeaseUnit, LeaseUnit.lease_id == Lease.id)
        .join(Unit, Unit.id == LeaseUnit.unit_id)
        .where(Lease.enterprise_id == enterprise_id)
        .order_by(Lease.start_on.desc(), Lease.id, Unit.code)
    )
    if park_id is not None:
        statement = statement.where(Lease.park_id == park_id)
    if not with_cancelled:
        statement = statement.where(Lease.state != "cancelled")
    return list((await db.execute(statement)).all())


async def signed_leases_run_out(db: AsyncSession, today: date, limit: int) -> Sequence[Lease]:
    """Leases still marked signed whose last day has passed. Unscoped: the daily job closes leases of every park."""
    statement = (
        select(Lease).where(Lease.state == "signed", Lease.end_on < today).order_by(Lease.end_on, Lease.id).limit(limit)
    )
    return (await db.scalars(statement)).all()


async def has_signed_lease(db: AsyncSession, operator_id: UUID, enterprise_id: UUID) -> bool:
    """Whether the company still has a lease in any park of the operator.

    Unscoped: decides whether a view ends; tells nobody anything.
    """
    statement = (
        select(Lease.id)
        .join(Park, Park.id == Lease.park_id)
        .where(Park.operator_id == operator_id, Lease.enterprise_id == enterprise_id, Lease.state == "signed")
        .limit(1)
    )
    return await db.scalar(statement) is not None


def lease_listing(today: date) -> Listing:
    """The list of leases of a park. Unscoped: describes a list, reads nothing by itself."""

    def by_state(value: str) -> ColumnElement[bool]:
        return {
            "upcoming": and_(Lease.state == "signed", Lease.start_on > today),
            "running": and_(Lease.state == "signed", Lease.start_on <= today, Lease.end_on >= today),
            "ended": and_(Lease.state != "cancelled", (Lease.state == "closed") | (Lease.end_on < today)),
            "cancelled": Lease.state == "cancelled",
        }.get(value, false())

    def ending_within(value: str) -> ColumnElement[bool]:
        if value not in {"30", "90", "180"}:
            return false()
        return and_(Lease.state == "signed", Lease.end_on >= today, Lease.end_on <= today + timedelta(days=int(value)))

    return Listing(
        columns=(
            Column("number", Lease.number, N_("Contract number"), searchable=True),
            Column("tenant", Organisation.name_zh, N_("Tenant company"), searchable=True),
            Column("tenant_en", Organisation.name_en, N_("Name in English"), searchable=True),
            Column("start_on", Lease.start_on, N_("From"), "date"),
            Column("end_on", Lease.end_on, N_("To"), "date"),
            Column("rent", Lease.rent_fen_per_m2_month, N_("Rent (CNY per m² and month)"), "money"),
            Column("state", Lease.state, N_("State"), "enum", sortable=False, choices=LEASE_STATES),
        ),
        default_sort="end_on",
        filters={"state": by_state, "ending": ending_within},
        tie=Lease.id,
    )


def _leases(park_id: UUID) -> Any:
    return (
        select(
            Lease.id, Lease.number, Lease.enterprise_id, Lease.start_on, Lease.end_on, Lease.agreed_end_on,
            Lease.rent_fen_per_m2_month, Lease.state, Lease.version,
            Organisation.name_zh, Organisation.name_en,
        )
        .join(Organisation, Organisation.id == Lease.enterprise_id)
        .where(Lease.park_id == park_id)
    )  # fmt: skip


async def page_of_leases(db: AsyncSession, park_id: UUID, today: date, query: ListQuery) -> Page[Any]:
    return await fetch_page(db, _leases(park_id), lease_listing(today), query)


async def all_leases(db: AsyncSession, park_id: UUID, today: date, query: ListQuery) -> list[Any]:
    return await fetch_rows(db, _leases(park_id), lease_listing(today), query)


async def leases_ending(db: AsyncSession, park_id: UUID, today: date, within_days: int) -> list[Any]:
    """Running and upcoming leases whose last day lies within so many days, the next first."""
    statement = (
        _leases(park_id)
        .where(Lease.state == "signed", Lease.end_on >= today, Lease.end_on <= today + timedelta(days=within_days))
        .order_by(Lease.end_on, Lease.number)
    )
    return list((await db.execute(statement)).all())


async def unit_codes_of_leases(db: AsyncSession, lease_ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    """(unit code, area_dm2) rows by lease. Unscoped: of leases found under scope."""
    statement = (
        select(LeaseUnit.lease_id, Unit.code, LeaseUnit.area_dm2)
        .join(Unit, Unit.id == LeaseUnit.unit_id)
        .where(LeaseUnit.lease_id.in_(lease_ids))
        .order_by(Unit.code)
    )
    found: dict[UUID, list[Any]] = {lease_id: [] for lease_id in lease_ids}
    for row in await db.execute(statement):
        found[row.lease_id].append(row)
    return found
