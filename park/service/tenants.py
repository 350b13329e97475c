"""One company as its park sees it, and the company's own view of its lease: the same leases, meters and signals."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from enterprises import Enterprise, Facts, TimelineEntry, find_enterprise, read_facts, timeline_of
from kernel import data_use
from kernel.act import Act
from kernel.clock import local_date
from kernel.data_use import UseBasis
from kernel.paging import ListQuery
from kernel.problems import NotFound
from park import rules, store
from park.contracts import LeaseState, Tenant
from park.models import Park, ParkTenant, WatchSignal
from park.service.energy import Energy, company_energy

PARK_FACTS = ("staff", "size_class", "revenue", "tax_paid", "rd_expense", "recognitions")
"""What a park may ask about its tenants under the lease: what its own services and its yearly evaluation need, no more."""
ELECTRICITY = "electricity_use"
TIMELINE_SIZE = 20
SAME_LOOK = timedelta(minutes=2)


class LeaseView(Struct, frozen=True):
    """A lease as a page shows it; rent in fen."""

    id: UUID
    number: str
    start_on: date
    end_on: date
    agreed_end_on: date
    state: LeaseState
    days_left: int
    units: Sequence[tuple[str, str, Decimal]]  # code, use, m²
    area_m2: Decimal
    rent_fen_per_m2_month: int
    rent_fen_month: int
    end_reason: str
    version: int


class TenantPage(Struct, frozen=True):
    """Everything the park may show about one of its companies, each part read under the lease and recorded."""

    park: Park
    tenant: ParkTenant
    company: Enterprise
    basis: UseBasis
    facts: Facts
    leases: Sequence[LeaseView]
    signals: Sequence[WatchSignal]
    energy: Energy
    timeline: Sequence[TimelineEntry]


class OwnLease(Struct, frozen=True):
    """A company's own view of its place in one park."""

    park: Park
    tenant: ParkTenant
    leases: Sequence[LeaseView]
    signals: Sequence[WatchSignal]
    energy: Energy


async def leases_of(db: AsyncSession, enterprise_id: UUID, park_id: UUID, today: date) -> list[LeaseView]:
    """A company's leases in a park, newest first. The caller has checked who asks."""
    rows = await store.leases.leases_of_company(db, enterprise_id, park_id=park_id)
    grouped: dict[UUID, list[Any]] = {}
    for row in rows:
        grouped.setdefault(row.Lease.id, []).append(row)
    return [_lease_view(parts, today) for parts in grouped.values()]


def _lease_view(parts: Sequence[Any], today: date) -> LeaseView:
    lease = parts[0].Lease
    return LeaseView(
        id=lease.id, number=lease.number, start_on=lease.start_on, end_on=lease.end_on, agreed_end_on=lease.agreed_end_on,
        state=rules.lease_state(
            lease.start_on, lease.end_on, cancelled=lease.state == "cancelled", closed=lease.state == "closed", today=today
        ),
        days_left=rules.days_left(lease.end_on, today),
        units=[(part.unit_code, part.use, rules.to_m2(part.area_dm2)) for part in parts],
        area_m2=rules.to_m2(sum(part.area_dm2 for part in parts)),
        rent_fen_per_m2_month=lease.rent_fen_per_m2_month,
        rent_fen_month=sum(rules.monthly_rent_fen(part.area_dm2, lease.rent_fen_per_m2_month) for part in parts),
        end_reason=lease.end_reason, version=lease.version,
    )  # fmt: skip


async def lease_basis(db: AsyncSession, act: Act, park_id: UUID, enterprise_id: UUID) -> UseBasis:
    """The legal basis of a park's look at a tenant: the lease contracts that stand. Raises NotFound when none does."""
    tenant = await store.tenants.find_tenant(db, act.actor, park_id, enterprise_id)
    rows = await store.leases.leases_of_company(db, enterprise_id, park_id=park_id, with_cancelled=False)
    numbers = sorted({row.Lease.number for row in rows if row.Lease.state == "signed"})
    if not tenant.is_current or not numbers or not act.actor.has("park_operator"):
        raise NotFound
    scope = frozenset((*PARK_FACTS, ELECTRICITY))
    return data_use.contract_basis(act, enterprise_id, "park_watch", ", ".join(numbers), scope)


async def tenant_page(
    db: AsyncSession, act: Act, park_id: UUID, enterprise_id: UUID, shown_days: int = 90
) -> TenantPage:
    """The whole page of a tenant; needs a write session, because looking at a company's data is recorded. Raises NotFound."""
    park = await store.places.find_park(db, act.actor, park_id)
    basis = await lease_basis(db, act, park_id, enterprise_id)
    facts = await read_facts(db, act, basis, PARK_FACTS)
    energy = await tenant_energy(db, act, basis, park_id, shown_days)
    tenant = await store.tenants.find_tenant(db, act.actor, park_id, enterprise_id)
    timeline = await timeline_of(db, act.actor, enterprise_id, ListQuery(size=TIMELINE_SIZE))
    return TenantPage(
        park=park, tenant=tenant, company=await find_enterprise(db, act.actor, enterprise_id), basis=basis, facts=facts,
        leases=await leases_of(db, enterprise_id, park_id, local_date(act.now)),
        signals=await store.tenants.signals_of(db, park_id, enterprise_id), energy=energy, timeline=timeline.items,
    )  # fmt: skip


async def tenant_energy(db: AsyncSession, act: Act, basis: UseBasis, park_id: UUID, shown_days: int) -> Energy:
    """A tenant's electricity, the use recorded under the basis."""
    data_use.record(db, act, basis, [ELECTRICITY], f"daily meter sums, {shown_days} days")
    return await company_energy(db, park_id, basis.subject_id, shown_days)


async def tenant_chart(db: AsyncSession, act: Act, park_id: UUID, enterprise_id: UUID, shown_days: int) -> Energy:
    """The series behind a chart of the tenant's page. A chart drawn within two minutes of a recorded look by the same person
    belongs to that look; any other is a use of its own and recorded as one."""
    basis = await lease_basis(db, act, park_id, enterprise_id)
    if await store.tenants.looked_since(db, act, enterprise_id, ELECTRICITY, act.now - SAME_LOOK):
        return await company_energy(db, park_id, enterprise_id, shown_days)
    return await tenant_energy(db, act, basis, park_id, shown_days)


async def own_leases(db: AsyncSession, act: Act, shown_days: int = 90) -> list[OwnLease]:
    """The acting company's own places: lease, units, electricity and what the park sees of it."""
    enterprise_id = act.actor.organisation_id
    if enterprise_id is None:
        return []
    today = local_date(act.now)
    return [
        OwnLease(
            park=park, tenant=tenant, leases=await leases_of(db, enterprise_id, park.id, today),
            signals=[one for one in await store.tenants.signals_of(db, park.id, enterprise_id) if one.state != "withdrawn"],
            energy=await company_energy(db, park.id, enterprise_id, shown_days),
        )
        for tenant, park in await store.tenants.tenancies_of(db, enterprise_id)
    ]  # fmt: skip


async def own_energy(db: AsyncSession, act: Act, park_id: UUID, shown_days: int) -> Energy:
    """The acting company's own electricity in a park. Raises NotFound when it is no tenant there."""
    enterprise_id = act.actor.organisation_id
    mine = await store.tenants.tenancies_of(db, enterprise_id) if enterprise_id else []
    if enterprise_id is None or park_id not in {park.id for _tenant, park in mine}:
        raise NotFound
    return await company_energy(db, park_id, enterprise_id, shown_days)


async def tenancies(db: AsyncSession, enterprise_id: UUID) -> list[Tenant]:
    """Where a company is a tenant now: public enough for other rooms (a place, no facts)."""
    return [
        Tenant(
            park_id=park.id, park_code=park.code, park_name_zh=park.name_zh, park_name_en=park.name_en,
            enterprise_id=enterprise_id, unit_codes=tenant.unit_codes, area_m2=rules.to_m2(tenant.area_dm2),
            lease_ends_on=tenant.ends_on,
        )
        for tenant, park in await store.tenants.tenancies_of(db, enterprise_id)
    ]  # fmt: skip
