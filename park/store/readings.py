"""Imports and readings. A reading counts while its import is live; where two live imports tell of one day, the later one counts."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel import scope
from kernel.act import Actor
from kernel.jobs import Job
from kernel.paging import Column, Listing, ListQuery, Page, fetch_page
from kernel.texts import N_
from park.models import DayReading, HourReading, Lease, LeaseUnit, Meter, Park, ReadingImport, Unit
from park.store.places import runs

IMPORT_STATES = {
    "checked": N_("Checked, not imported yet"),
    "refused": N_("Nothing usable"),
    "staging": N_("Being imported"),
    "live": N_("Counting"),
    "undone": N_("Undone"),
    "cancelled": N_("Cancelled"),
    "failed": N_("Failed"),
}

IMPORT_LISTING = Listing(
    columns=(
        Column("source", ReadingImport.source, N_("File"), searchable=True),
        Column("state", ReadingImport.state, N_("State"), "enum", choices=IMPORT_STATES),
        Column("first_day", ReadingImport.first_day, N_("Period"), "date"),
        Column("last_day", ReadingImport.last_day, N_("To"), "date"),
        Column("rows_good", ReadingImport.rows_good, N_("Good rows"), "number"),
        Column("rows_bad", ReadingImport.rows_bad, N_("Rows with faults"), "number"),
        Column("total_kwh", ReadingImport.total_wh, N_("Total kWh"), "number"),
        Column("created_at", ReadingImport.created_at, N_("Uploaded"), "moment"),
    ),
    default_sort="-created_at",
    filters={"state": ReadingImport.state},
    tie=ReadingImport.key,
)


async def find_import(
    db: AsyncSession, actor: Actor, park_id: UUID, import_id: UUID, *, lock: bool = False
) -> ReadingImport:
    statement = (
        select(ReadingImport)
        .join(Park, Park.id == ReadingImport.park_id)
        .where(ReadingImport.id == import_id, ReadingImport.park_id == park_id, runs(actor))
    )
    if lock:
        statement = statement.with_for_update(of=ReadingImport)
    return await scope.find(db, statement)


async def find_import_by_content(
    db: AsyncSession, park_id: UUID, sha256: str, *, with_checked: bool = False
) -> ReadingImport | None:
    """The import that holds this very content and counts, or is on its way to count (or is checked, if asked for).

    Unscoped: of a park found under scope.
    """
    states = ("staging", "live", "checked") if with_checked else ("staging", "live")
    found: ReadingImport | None = await db.scalar(
        select(ReadingImport)
        .where(ReadingImport.park_id == park_id, ReadingImport.sha256 == sha256, ReadingImport.state.in_(states))
        .order_by(ReadingImport.key.desc())
        .limit(1)
    )
    return found


async def find_job(db: AsyncSession, job_id: UUID) -> Job | None:
    """Unscoped: the job of an import that was found under scope."""
    found: Job | None = await db.get(Job, job_id)
    return found


async def page_of_imports(db: AsyncSession, park_id: UUID, query: ListQuery) -> Page[ReadingImport]:
    """Unscoped: of a park found under scope."""
    return await fetch_page(db, select(ReadingImport).where(ReadingImport.park_id == park_id), IMPORT_LISTING, query)


async def stage_days(db: AsyncSession, import_key: int, rows: Sequence[tuple[int, int, int]]) -> None:
    """Write (meter key, day ordinal, Wh) rows of an import; rows that a broken attempt left are written over."""
    await _replace(db, DayReading, "day", import_key, rows)


async def stage_hours(db: AsyncSession, import_key: int, rows: Sequence[tuple[int, int, int]]) -> None:
    """Write (meter key, hour number, Wh) rows of an import; rows that a broken attempt left are written over."""
    await _replace(db, HourReading, "hour", import_key, rows)


async def _replace(
    db: AsyncSession,
    table: type[DayReading] | type[HourReading],
    slot: str,
    import_key: int,
    rows: Sequence[tuple[int, int, int]],
) -> None:
    if not rows:
        return
    column = getattr(table, slot)
    by_meter: dict[int, list[int]] = {}
    for meter_key, at, _wh in rows:
        by_meter.setdefault(meter_key, []).append(at)
    spans = [
        and_(table.meter_key == meter_key, column.between(min(slots), max(slots)))
        for meter_key, slots in by_meter.items()
    ]
    await db.execute(delete(table).where(table.import_key == import_key, or_(*spans)))
    await db.execute(
        insert(table),
        [{"import_key": import_key, "meter_key": meter_key, slot: at, "wh": wh} for meter_key, at, wh in rows],
    )


def _counting(first: date, last: date) -> Select[Any]:
    """(meter_key, day, wh) that count: of several live imports for one meter and day, the latest."""
    rank = (
        func.row_number()
        .over(partition_by=(DayReading.meter_key, DayReading.day), order_by=DayReading.import_key.desc())
        .label("rank")
    )
    return (
        select(DayReading.meter_key, DayReading.day, DayReading.wh, rank)
        .join(ReadingImport, ReadingImport.key == DayReading.import_key)
        .where(ReadingImport.state == "live", DayReading.day.between(first.toordinal(), last.toordinal()))
    )


async def days_of_meters(
    db: AsyncSession, meter_keys: Sequence[int], first: date, last: date
) -> dict[int, dict[int, int]]:
    """Wh by meter key and day ordinal, of the readings that count. Unscoped: of meters found under scope."""
    if not meter_keys:
        return {}
    ranked = _counting(first, last).where(DayReading.meter_key.in_(meter_keys)).subquery()
    found: dict[int, dict[int, int]] = {}
    for meter_key, day, wh in await db.execute(
        select(ranked.c.meter_key, ranked.c.day, ranked.c.wh).where(ranked.c.rank == 1)
    ):
        found.setdefault(meter_key, {})[day] = wh
    return found


async def hours_of_meters(db: AsyncSession, meter_keys: Sequence[int], first: date, last: date) -> dict[int, int]:
    """Wh by hour number summed over meters, of the readings that count. Unscoped: of meters found under scope."""
    if not meter_keys:
        return {}
    rank = (
        func.row_number()
        .over(partition_by=(HourReading.meter_key, HourReading.hour), order_by=HourReading.import_key.desc())
        .label("rank")
    )
    ranked = (
        select(HourReading.hour, HourReading.wh, rank)
        .join(ReadingImport, ReadingImport.key == HourReading.import_key)
        .where(
            ReadingImport.state == "live",
            HourReading.meter_key.in_(meter_keys),
            HourReading.hour.between(first.toordinal() * 24, last.toordinal() * 24 + 23),
        )
        .subquery()
    )
    statement = select(ranked.c.hour, func.sum(ranked.c.wh)).where(ranked.c.rank == 1).group_by(ranked.c.hour)
    return {hour: int(wh) for hour, wh in await db.execute(statement)}


async def metered_periods(db: AsyncSession, park_id: UUID, enterprise_ids: Iterable[UUID]) -> list[Any]:
    """(enterprise_id, meter key, start_on, end_on): which meters measured a company from when to when, by its signed leases.

    Unscoped: the caller holds the park or the company.
    """
    statement = (
        select(Lease.enterprise_id, Meter.key, Lease.start_on, Lease.end_on)
        .join(LeaseUnit, LeaseUnit.lease_id == Lease.id)
        .join(Unit, Unit.id == LeaseUnit.unit_id)
        .join(Meter, Meter.unit_id == Unit.id)
        .where(Lease.park_id == park_id, Lease.enterprise_id.in_(list(enterprise_ids)), Lease.state != "cancelled")
        .order_by(Lease.enterprise_id, Meter.key, Lease.start_on)
    )
    return list((await db.execute(statement)).all())


async def last_reading_day(db: AsyncSession, park_id: UUID) -> date | None:
    """The newest day any live import of the park reaches. Unscoped: a date tells of no company."""
    found: date | None = await db.scalar(
        select(func.max(ReadingImport.last_day)).where(ReadingImport.park_id == park_id, ReadingImport.state == "live")
    )
    return found


async def companies_measured(
    db: AsyncSession, park_id: UUID, meter_keys: Iterable[int], first: date, last: date
) -> list[UUID]:
    """Companies whose leases cover one of the meters on some day of a period.

    Unscoped: finds whom to tell, shows nobody anything.
    """
    statement = (
        select(Lease.enterprise_id)
        .join(LeaseUnit, LeaseUnit.lease_id == Lease.id)
        .join(Meter, Meter.unit_id == LeaseUnit.unit_id)
        .where(
            Lease.park_id == park_id, Meter.key.in_(list(meter_keys)), Lease.state != "cancelled",
            Lease.start_on <= last, Lease.end_on >= first,
        )
        .distinct()
        .order_by(Lease.enterprise_id)
    )  # fmt: skip
    return list((await db.scalars(statement)).all())


async def meters_of_import(db: AsyncSession, import_key: int) -> list[int]:
    """Unscoped: of an import found under scope."""
    statement = select(DayReading.meter_key).where(DayReading.import_key == import_key).distinct()
    return list((await db.scalars(statement)).all())
