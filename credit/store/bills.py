"""Statements about bills: imports, their months, and the revision that any change of them raises."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from credit.contracts import BillMonth, SourceGrade
from credit.models import LOADED, WAITING, BillImportRow, BillMonthRow, ProfileRow
from kernel.act import Act, Actor
from kernel.data_use import UseBasis
from kernel.jobs import Job
from kernel.paging import Column, Listing, ListQuery, Page, fetch_page
from kernel.scope import find, owned_by
from kernel.texts import N_
from kernel.upsert import insert_for, insert_if_absent

IMPORT_STATES = {
    "waiting": N_("Being read"), "loaded": N_("Counted"), "refused": N_("Refused"), "withdrawn": N_("Withdrawn"),
}  # fmt: skip
IMPORTS = Listing(
    columns=(
        Column("file_name", BillImportRow.file_name, N_("Bill"), searchable=True),
        Column("created_at", BillImportRow.created_at, N_("Handed in"), kind="moment"),
        Column("first_month", BillImportRow.first_month, N_("From month"), kind="date"),
        Column("last_month", BillImportRow.last_month, N_("To month"), kind="date"),
        Column("rows_new", BillImportRow.rows_new, N_("Rows counted"), kind="number"),
        Column("grade", BillImportRow.grade, N_("Source grade"), kind="enum"),
        Column("state", BillImportRow.state, N_("State"), kind="enum", choices=IMPORT_STATES),
    ),
    filters={"state": BillImportRow.state, "grade": BillImportRow.grade},
)
SUMS = (
    "rows", "billed", "effective", "credit", "correction", "purchase", "tax", "committed", "production",
    "other_environment", "egress", "requests",
)  # fmt: skip


async def find_import(db: AsyncSession, actor: Actor, import_id: UUID, *, lock: bool = False) -> BillImportRow:
    """Return an import of the actor's own company; NotFound otherwise."""
    statement = select(BillImportRow).where(BillImportRow.id == import_id, owned_by(actor, BillImportRow.enterprise_id))
    return await find(db, statement, lock=lock)


async def live_import(db: AsyncSession, act: Act, enterprise_id: UUID, sha256: str) -> BillImportRow | None:
    """Return the import that already holds this very file for the company."""
    found: BillImportRow | None = await db.scalar(
        select(BillImportRow).where(
            BillImportRow.enterprise_id == enterprise_id,
            BillImportRow.file_sha256 == sha256,
            BillImportRow.state.in_((WAITING, LOADED)),
        )
    )
    return found


def imports_of(actor: Actor) -> Select[BillImportRow]:
    """Return the statement of the company's own imports."""
    return select(BillImportRow).where(BillImportRow.enterprise_id == actor.organisation_id)


async def fetch_imports(db: AsyncSession, actor: Actor, query: ListQuery) -> Page[BillImportRow]:
    """Return a page of the company's own imports."""
    return await fetch_page(db, imports_of(actor), IMPORTS, query)


async def import_months(db: AsyncSession, actor: Actor, import_id: UUID) -> Sequence[BillMonthRow]:
    """Return the monthly sums of an import of the actor's company."""
    statement = (
        select(BillMonthRow)
        .where(BillMonthRow.import_id == import_id, owned_by(actor, BillMonthRow.enterprise_id))
        .order_by(BillMonthRow.month, BillMonthRow.provider, BillMonthRow.currency)
    )
    return list(await db.scalars(statement))


async def job_of(db: AsyncSession, actor: Actor, row: BillImportRow) -> Job | None:
    """Return the job that reads an import of the actor's company."""
    found: Job | None = await db.scalar(select(Job).where(Job.id == row.job_id, owned_by(actor, Job.organisation_id)))
    return found


async def charges_before(db: AsyncSession, act: Act, enterprise_id: UUID) -> list[UUID]:
    """Return the files of counted charges of the company's live imports."""
    found = await db.scalars(
        select(BillImportRow.charges_file_id)
        .where(BillImportRow.enterprise_id == enterprise_id, BillImportRow.state == LOADED)
        .order_by(BillImportRow.created_at)
    )
    return [file_id for file_id in found if file_id is not None]


async def months_of(db: AsyncSession, basis: UseBasis, *, known_at: datetime | None = None) -> list[BillMonth]:
    """Return the monthly sums of the basis's subject: as they are now, or as they were known at a moment."""
    if known_at is None:
        alive = BillImportRow.state == LOADED
    else:
        alive = (BillImportRow.loaded_at <= known_at) & or_(
            BillImportRow.ended_at.is_(None), BillImportRow.ended_at > known_at
        )
    rows = await db.execute(
        select(BillMonthRow, BillImportRow.grade)
        .join(BillImportRow, BillImportRow.id == BillMonthRow.import_id)
        .where(BillMonthRow.enterprise_id == basis.subject_id, alive)
        .order_by(BillMonthRow.month, BillMonthRow.provider, BillMonthRow.currency, BillMonthRow.id)
    )
    return [
        BillMonth(
            month=row.month, provider=row.provider, currency=row.currency,
            **{name: getattr(row, name) for name in SUMS},
            categories=row.categories, services=tuple(row.services), grade=cast("SourceGrade", grade),
        )
        for row, grade in rows
    ]  # fmt: skip


async def month_keys(db: AsyncSession, act: Act, enterprise_id: UUID) -> set[tuple[date, str, str]]:
    """Return which months, providers and currencies live imports of the company already cover."""
    rows = await db.execute(
        select(BillMonthRow.month, BillMonthRow.provider, BillMonthRow.currency)
        .join(BillImportRow, BillImportRow.id == BillMonthRow.import_id)
        .where(BillMonthRow.enterprise_id == enterprise_id, BillImportRow.state == LOADED)
    )
    return {(month, provider, currency) for month, provider, currency in rows}


async def profile_revision(db: AsyncSession, act: Act, enterprise_id: UUID) -> int:
    """Return the revision of the company's bills; 0 before the first."""
    return await db.scalar(select(ProfileRow.revision).where(ProfileRow.enterprise_id == enterprise_id)) or 0


async def leans_on(db: AsyncSession, act: Act, row: BillImportRow) -> bool:
    """Tell whether a live import that was counted later skipped rows as already known."""
    if row.loaded_at is None:
        return False
    statement = select(BillImportRow.id).where(
        BillImportRow.enterprise_id == row.enterprise_id,
        BillImportRow.id != row.id,
        BillImportRow.state == LOADED,
        BillImportRow.loaded_at >= row.loaded_at,
        BillImportRow.rows_known > 0,
    )
    return await db.scalar(statement.limit(1)) is not None


async def lock_revision(db: AsyncSession, act: Act, enterprise_id: UUID) -> int:
    """Return the revision of the company's bills and keep it as it is until the commit."""
    await insert_if_absent(db, ProfileRow, {"enterprise_id": enterprise_id, "revision": 0, "changed_at": act.now})
    statement = select(ProfileRow.revision).where(ProfileRow.enterprise_id == enterprise_id).with_for_update()
    return await db.scalar(statement) or 0


async def raise_revision(db: AsyncSession, act: Act, enterprise_id: UUID) -> int:
    """Count one change of the company's bills and return the new revision; the row stays locked until the commit."""
    statement = insert_for(db, ProfileRow).values(enterprise_id=enterprise_id, revision=1, changed_at=act.now)
    raised = statement.on_conflict_do_update(
        index_elements=["enterprise_id"], set_={"revision": ProfileRow.revision + 1, "changed_at": act.now}
    )
    return int(await db.scalar(raised.returning(ProfileRow.revision)) or 0)
