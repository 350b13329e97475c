"""Tenants as lists show them, and the signals the watch has raised about their meters."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel import scope
from kernel.act import Act, Actor
from kernel.data_use import DataUse
from kernel.paging import Column, Listing, ListQuery, Page, fetch_page, fetch_rows
from kernel.texts import N_
from park.models import Building, Lease, LeaseUnit, Park, ParkTenant, Unit, WatchSignal
from park.store.places import runs

SIGNAL_STATES = {
    "open": N_("To look into"),
    "past": N_("Over"),
    "reviewed": N_("Looked into"),
    "withdrawn": N_("Withdrawn after corrected readings"),
}


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """The predicate "the actor runs the park and the company is its tenant now": a lease that ended closes the view."""
    return and_(runs(actor), scope.visible_to(actor, ParkTenant.enterprise_id), ParkTenant.is_current)


async def find_tenant(db: AsyncSession, actor: Actor, park_id: UUID, enterprise_id: UUID) -> ParkTenant:
    statement = (
        select(ParkTenant)
        .join(Park, Park.id == ParkTenant.park_id)
        .where(ParkTenant.park_id == park_id, ParkTenant.enterprise_id == enterprise_id, seen_by(actor))
    )
    return await scope.find(db, statement)


async def tenant_row(db: AsyncSession, park_id: UUID, enterprise_id: UUID) -> ParkTenant | None:
    """The row itself, current or not, for the verbs that keep it up to date.

    Unscoped: for the verbs that keep the row up to date.
    """
    found: ParkTenant | None = await db.scalar(
        select(ParkTenant).where(ParkTenant.park_id == park_id, ParkTenant.enterprise_id == enterprise_id)
    )
    return found


async def tenancies_of(db: AsyncSession, enterprise_id: UUID) -> list[Any]:
    """(ParkTenant, Park) of every park the company is a tenant of now.

    Unscoped: the caller is the company, or asks for its place only.
    """
    statement = (
        select(ParkTenant, Park)
        .join(Park, Park.id == ParkTenant.park_id)
        .where(ParkTenant.enterprise_id == enterprise_id, ParkTenant.is_current)
        .order_by(Park.code)
    )
    return list((await db.execute(statement)).all())


async def current_tenants(db: AsyncSession, park_id: UUID) -> Sequence[ParkTenant]:
    """Every tenant of a park now, by name. Unscoped: of a park found under scope."""
    statement = select(ParkTenant).where(ParkTenant.park_id == park_id, ParkTenant.is_current)
    return (await db.scalars(statement.order_by(ParkTenant.name_zh, ParkTenant.id))).all()


def tenant_listing(park_id: UUID, today: date) -> Listing:
    """The tenant table: search by name or credit code, filter by industry, building, lease end and signal.

    Unscoped: describes a list, reads nothing by itself.
    """

    def by_industry(value: str) -> ColumnElement[bool]:
        return ParkTenant.industry_code.startswith(value, autoescape=True)

    def by_building(value: str) -> ColumnElement[bool]:
        return exists(
            select(Lease.id)
            .join(LeaseUnit, LeaseUnit.lease_id == Lease.id)
            .join(Unit, Unit.id == LeaseUnit.unit_id)
            .join(Building, Building.id == Unit.building_id)
            .where(
                Lease.enterprise_id == ParkTenant.enterprise_id, Lease.park_id == park_id, Lease.state == "signed",
                Building.code == value,
            )
        )  # fmt: skip

    def ending_within(value: str) -> ColumnElement[bool]:
        if value not in {"30", "90", "180"}:
            return false()
        return ParkTenant.ends_on.between(today, today + timedelta(days=int(value)))

    def by_signal(value: str) -> ColumnElement[bool]:
        return {"open": ParkTenant.signal_on.is_not(None), "none": ParkTenant.signal_on.is_(None)}.get(value, false())

    return Listing(
        columns=(
            Column("name", ParkTenant.name_zh, N_("Company"), searchable=True),
            Column("name_en", ParkTenant.name_en, N_("Name in English"), searchable=True),
            Column("uscc", ParkTenant.uscc, N_("Credit code"), searchable=True),
            Column("industry", ParkTenant.industry_code, N_("Industry")),
            Column("units", ParkTenant.unit_codes, N_("Rented units"), searchable=True),
            Column("area", ParkTenant.area_dm2, N_("Area (m²)"), "number"),
            Column("ends_on", ParkTenant.ends_on, N_("Lease ends"), "date"),
            Column("kwh_30", ParkTenant.wh_30, N_("kWh, last 30 days"), "number"),
            Column("change_30", ParkTenant.change_30, N_("Against baseline"), "percent"),
            Column("signal_on", ParkTenant.signal_on, N_("Signal"), "date"),
        ),
        default_sort="name",
        filters={"industry": by_industry, "building": by_building, "ending": ending_within, "signal": by_signal},
        tie=ParkTenant.id,
    )


def _tenants(actor: Actor, park_id: UUID) -> Select[Any]:
    return (
        select(ParkTenant)
        .join(Park, Park.id == ParkTenant.park_id)
        .where(ParkTenant.park_id == park_id, seen_by(actor))
    )


async def page_of_tenants(
    db: AsyncSession, actor: Actor, park_id: UUID, today: date, query: ListQuery
) -> Page[ParkTenant]:
    return await fetch_page(db, _tenants(actor, park_id), tenant_listing(park_id, today), query)


async def all_tenants(db: AsyncSession, actor: Actor, park_id: UUID, today: date, query: ListQuery) -> list[ParkTenant]:
    return await fetch_rows(db, _tenants(actor, park_id), tenant_listing(park_id, today), query)


async def industries(db: AsyncSession, actor: Actor, park_id: UUID) -> list[tuple[str, int]]:
    """(two-digit industry, number of tenants) of a park, the most frequent first."""
    division = func.substr(ParkTenant.industry_code, 1, 2)
    statement = (
        select(division, func.count())
        .select_from(ParkTenant)
        .join(Park, Park.id == ParkTenant.park_id)
        .where(ParkTenant.park_id == park_id, seen_by(actor), ParkTenant.industry_code != "")
        .group_by(division)
        .order_by(func.count().desc(), division)
    )
    return [(code, count) for code, count in await db.execute(statement)]


async def looked_since(db: AsyncSession, act: Act, enterprise_id: UUID, what: str, since: datetime) -> bool:
    """Whether this very person had a use of the company's data recorded since a moment, under a contract."""
    statement = select(DataUse.what).where(
        DataUse.subject_id == enterprise_id, DataUse.recipient_id == act.actor.organisation_id,
        DataUse.actor_id == act.actor.id, DataUse.basis == "contract", DataUse.outcome == "allowed", DataUse.at >= since,
    )  # fmt: skip
    return any(what in names for names in await db.scalars(statement))


async def signals_of(db: AsyncSession, park_id: UUID, enterprise_id: UUID) -> Sequence[WatchSignal]:
    """Every signal about a company in a park, newest first.

    Unscoped: the caller has found the tenant under scope, or is the company.
    """
    statement = (
        select(WatchSignal)
        .where(WatchSignal.park_id == park_id, WatchSignal.enterprise_id == enterprise_id)
        .order_by(WatchSignal.raised_on.desc())
    )
    return (await db.scalars(statement)).all()


async def find_signal(
    db: AsyncSession, actor: Actor, park_id: UUID, signal_id: UUID, *, lock: bool = False
) -> WatchSignal:
    statement = (
        select(WatchSignal)
        .join(Park, Park.id == WatchSignal.park_id)
        .join(
            ParkTenant,
            and_(ParkTenant.park_id == WatchSignal.park_id, ParkTenant.enterprise_id == WatchSignal.enterprise_id),
        )
        .where(WatchSignal.id == signal_id, WatchSignal.park_id == park_id, seen_by(actor))
    )
    if lock:
        statement = statement.with_for_update(of=WatchSignal)
    return await scope.find(db, statement)


async def open_signals(db: AsyncSession, actor: Actor, park_id: UUID) -> list[Any]:
    """(WatchSignal, ParkTenant) of every open signal about a present tenant, the latest first."""
    statement = (
        select(WatchSignal, ParkTenant)
        .join(Park, Park.id == WatchSignal.park_id)
        .join(
            ParkTenant,
            and_(ParkTenant.park_id == WatchSignal.park_id, ParkTenant.enterprise_id == WatchSignal.enterprise_id),
        )
        .where(WatchSignal.park_id == park_id, WatchSignal.state == "open", seen_by(actor))
        .order_by(WatchSignal.raised_on.desc(), ParkTenant.name_zh)
    )
    return list((await db.execute(statement)).all())
