"""Lists of a park for pages, exports and the API: each begins with the park under the actor's own scope."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.act import Act
from kernel.clock import local_date
from kernel.export import export_rows
from kernel.identity import Organisation
from kernel.jobs import Job
from kernel.paging import Listing, ListQuery, Page
from kernel.problems import NotFound
from kernel.texts import day as day_text
from kernel.texts import gettext as _
from kernel.texts import local, number
from park import rules, store
from park.industries import industry_text
from park.models import Lease, Park, ParkTenant, ReadingImport

EXPORT_FORMATS = ("csv", "xlsx")


class Choices(Struct, frozen=True):
    """What the tenant table can be filtered by: (value, text) pairs."""

    industries: Sequence[tuple[str, str]]
    buildings: Sequence[tuple[str, str]]


async def parks(db: AsyncSession, act: Act) -> Sequence[Park]:
    return await store.places.list_parks(db, act.actor)


async def find_park(db: AsyncSession, act: Act, park_id: UUID) -> Park:
    return await store.places.find_park(db, act.actor, park_id)


async def choose_park(db: AsyncSession, act: Act, code: str) -> Park | None:
    """The park with a code, or the operator's first; None when it runs none. Raises NotFound for an unknown code."""
    if code:
        found = await store.places.find_park_by_code(db, act.actor, code)
        if found is None:
            raise NotFound
        return found
    return next(iter(await parks(db, act)), None)


async def find_company(db: AsyncSession, act: Act, uscc: str) -> Organisation | None:
    """The registered company with a credit code, for an operator who signs a lease with it."""
    return await store.places.find_company_by_credit_code(db, act.actor, uscc)


async def company_name(db: AsyncSession, act: Act, lease: Lease) -> str:
    """The name of the company of a lease that was found under scope; names are public."""
    company = await store.places.find_organisation(db, lease.enterprise_id)
    return local(company, "name")


async def job_of(db: AsyncSession, act: Act, row: ReadingImport) -> Job | None:
    """The job that carries out an import found under scope; its row tells the progress."""
    return None if row.job_id is None else await store.readings.find_job(db, row.job_id)


async def units(db: AsyncSession, act: Act, park_id: UUID, query: ListQuery) -> Page[Any]:
    park = await find_park(db, act, park_id)
    return await store.places.page_of_units(db, park.id, local_date(act.now), query)


async def leases(db: AsyncSession, act: Act, park_id: UUID, query: ListQuery) -> Page[Any]:
    park = await find_park(db, act, park_id)
    return await store.leases.page_of_leases(db, park.id, local_date(act.now), query)


async def find_lease(db: AsyncSession, act: Act, park_id: UUID, lease_id: UUID) -> Lease:
    """A lease of this park; NotFound when it is another park's."""
    lease = await store.leases.find_lease(db, act.actor, lease_id)
    if lease.park_id != park_id:
        raise NotFound
    return lease


async def lease_row(db: AsyncSession, act: Act, lease_id: UUID) -> Lease:
    return await store.leases.find_lease(db, act.actor, lease_id)


async def unit_codes(db: AsyncSession, lease_ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    """(unit code, area) rows by lease, for the leases a list shows."""
    return await store.leases.unit_codes_of_leases(db, lease_ids)


async def tenants(db: AsyncSession, act: Act, park_id: UUID, query: ListQuery) -> Page[ParkTenant]:
    park = await find_park(db, act, park_id)
    return await store.tenants.page_of_tenants(db, act.actor, park.id, local_date(act.now), query)


async def imports(db: AsyncSession, act: Act, park_id: UUID, query: ListQuery) -> Page[ReadingImport]:
    park = await find_park(db, act, park_id)
    return await store.readings.page_of_imports(db, park.id, query)


async def find_import(db: AsyncSession, act: Act, park_id: UUID, import_id: UUID) -> ReadingImport:
    return await store.readings.find_import(db, act.actor, park_id, import_id)


async def signals(db: AsyncSession, act: Act, park_id: UUID) -> list[Any]:
    """(signal, tenant) of every open signal."""
    park = await find_park(db, act, park_id)
    return await store.tenants.open_signals(db, act.actor, park.id)


async def choices(db: AsyncSession, act: Act, park_id: UUID) -> Choices:
    found = await store.tenants.industries(db, act.actor, park_id)
    return Choices(
        industries=[(code, f"{industry_text(code)} ({count})") for code, count in found],
        buildings=[
            (building.code, f"{building.code} {local(building, 'name')}")
            for building in await store.places.list_buildings(db, park_id)
        ],
    )


async def units_to_let(db: AsyncSession, act: Act, park_id: UUID) -> list[tuple[str, str]]:
    """(code, text) of every unit that can be let, with its area and until when it is held now: the vacant ones first."""
    rows = [
        row
        for row in await store.places.every_unit(db, act.actor, park_id, local_date(act.now))
        if row.use != store.places.COMMON
    ]
    rows.sort(key=lambda row: (row.ends_on is not None, row.code))
    return [
        (
            row.code,
            f"{row.code} · {number(rules.to_m2(row.area_dm2), 0)} m² · "
            + (_("vacant") if row.ends_on is None else _("held until %(day)s", day=day_text(row.ends_on))),
        )
        for row in rows
    ]


async def reading_template(db: AsyncSession, act: Act, park_id: UUID) -> bytes:
    """A CSV with the right heading and one example line for each meter, to be filled in; Excel opens it with Chinese intact."""
    park = await find_park(db, act, park_id)
    meters = await store.places.list_meters(db, park.id)
    day = local_date(act.now)
    lines = [",".join((_("meter"), _("date"), "kWh"))] + [f"{meter.code},{day.isoformat()}," for meter in meters]
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig")


async def export_tenants(db: AsyncSession, act: Act, park_id: UUID, query: ListQuery, format: str) -> bytes:
    park, today = await find_park(db, act, park_id), local_date(act.now)
    rows = await store.tenants.all_tenants(db, act.actor, park.id, today, query)
    return _export(store.tenants.tenant_listing(park.id, today), [tenant_cells(row) for row in rows], format)


async def export_units(db: AsyncSession, act: Act, park_id: UUID, query: ListQuery, format: str) -> bytes:
    park, today = await find_park(db, act, park_id), local_date(act.now)
    rows = await store.places.all_units(db, park.id, today, query)
    return _export(store.places.unit_listing(today), [unit_cells(row) for row in rows], format)


async def export_leases(db: AsyncSession, act: Act, park_id: UUID, query: ListQuery, format: str) -> bytes:
    park, today = await find_park(db, act, park_id), local_date(act.now)
    rows = await store.leases.all_leases(db, park.id, today, query)
    return _export(store.leases.lease_listing(today), [lease_cells(row, today) for row in rows], format)


def _export(listing: Listing, rows: Sequence[dict[str, Any]], format: str) -> bytes:
    if format not in EXPORT_FORMATS:
        raise NotFound
    return export_rows(listing, rows, "csv" if format == "csv" else "xlsx")


def tenant_cells(row: ParkTenant) -> dict[str, Any]:
    """A tenant as a line of the table and of the export."""
    return {
        "id": row.enterprise_id, "name": local(row, "name"), "name_en": row.name_en, "uscc": row.uscc,
        "industry": industry_text(row.industry_code), "units": row.unit_codes, "area": rules.to_m2(row.area_dm2),
        "ends_on": row.ends_on, "kwh_30": None if row.wh_30 is None else round(row.wh_30 / 1000), "change_30": row.change_30,
        "signal_on": row.signal_on,
    }  # fmt: skip


def unit_cells(row: Any) -> dict[str, Any]:
    """A unit as a line of the table and of the export."""
    tenant = local({"name_zh": row.tenant_zh, "name_en": row.tenant_en}, "name") if row.tenant_zh else None
    return {
        "id": row.id, "code": row.code, "building_code": row.building_code, "floor": row.floor, "use": row.use,
        "area_m2": rules.to_m2(row.area_dm2), "tenant": tenant, "enterprise_id": row.enterprise_id, "ends_on": row.ends_on,
    }  # fmt: skip


def lease_cells(row: Any, today: Any) -> dict[str, Any]:
    """A lease as a line of the table and of the export."""
    state = rules.lease_state(
        row.start_on, row.end_on, cancelled=row.state == "cancelled", closed=row.state == "closed", today=today
    )
    return {
        "id": row.id, "number": row.number, "tenant": local(row, "name"), "tenant_en": row.name_en,
        "enterprise_id": row.enterprise_id, "start_on": row.start_on, "end_on": row.end_on,
        "rent": row.rent_fen_per_m2_month, "state": state, "version": row.version, "agreed_end_on": row.agreed_end_on,
    }  # fmt: skip
