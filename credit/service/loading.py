"""Reading a kept bill file into months that count: short work, long work without a transaction, short work."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import UUID

from msgspec import to_builtins
from sqlalchemy.ext.asyncio import AsyncSession

from credit import store
from credit.contracts import BillMonth, Finding, ImportResult, Report
from credit.focus import STEPS, Bill, read_bill
from credit.focus.wording import finding
from credit.models import LOADED, REFUSED, WAITING, BillImportRow, BillMonthRow
from credit.rules import may_become
from credit.service.scoring import score_subject
from kernel import audit, events, files
from kernel.act import Act
from kernel.clock import local_date
from kernel.data_use import UseBasis
from kernel.files import StoredFile
from kernel.ids import new_id
from kernel.problems import Unavailable
from kernel.texts import Text

if TYPE_CHECKING:
    from kernel.ground import Ground

Write = Callable[[], AbstractAsyncContextManager[AsyncSession]]
Progress = Callable[[int], Awaitable[None]]
PARQUET = "application/vnd.apache.parquet"
MOST_CHARGES_BYTES = 512 * 1024 * 1024
ATTEMPTS = 5
SUM_NAMES = (
    "month", "provider", "currency", "rows", "billed", "effective", "credit", "correction", "purchase", "tax",
    "committed", "production", "other_environment", "egress", "requests", "categories",
)  # fmt: skip


async def load_bill(
    ground: "Ground", act: Act, import_id: UUID, *, write: Write, progress: Progress | None = None
) -> ImportResult:
    """Read the file of a waiting import and count it, or refuse it; an import past that state is left as it is.

    Nothing counts before the last transaction. When another import of the company was counted in the meantime, the
    file is read again against it, so that two files that overlap never count a row twice.
    """
    for _attempt in range(ATTEMPTS):
        async with ground.database.read() as db:
            row = await store.find_import(db, act.actor, import_id)
            if row.state != WAITING:
                return _result(row, repeated=True)
            revision = await store.profile_revision(db, act, row.enterprise_id)
            covered = await store.month_keys(db, act, row.enterprise_id)
            file = await files.get_file(db, row.file_id)
            earlier = [
                await files.get_file(db, file_id) for file_id in await store.charges_before(db, act, row.enterprise_id)
            ]
        with TemporaryDirectory(prefix="bill-") as name:
            bill = await _read(ground, act, file, earlier, Path(name), progress)
            charges = await _keep_charges(ground, act, row.enterprise_id, bill) if bill.rows_new else None
        async with write() as db:
            row = await store.find_import(db, act.actor, import_id, lock=True)
            if row.state != WAITING:
                return _result(row, repeated=True)
            if await store.lock_revision(db, act, row.enterprise_id) == revision:
                await _flip(db, act, row, bill, charges, _overlaps(bill, covered))
                return _result(row, repeated=False)
        if charges is not None:
            await files.discard(ground, act, charges)
    raise Unavailable


async def _read(
    ground: "Ground", act: Act, file: StoredFile, earlier: list[StoredFile], folder: Path, progress: Progress | None
) -> Bill:
    source = await _fetch(ground, file, folder / "bill")
    known = [await _fetch(ground, one, folder / f"earlier-{number}.parquet") for number, one in enumerate(earlier)]
    steps: asyncio.Queue[int] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def tell(step: int) -> None:
        loop.call_soon_threadsafe(steps.put_nowait, step)

    def read() -> Bill:
        try:
            return read_bill(source, folder, today=local_date(act.now), earlier=known, progress=tell)
        finally:
            tell(STEPS)

    reading = asyncio.create_task(asyncio.to_thread(read))
    try:
        while (step := await steps.get()) < STEPS:
            if progress is not None:
                await progress(step)
    finally:
        await asyncio.wait({reading})  # the folder must outlive the thread, also when the job is cancelled
    return await reading


async def _fetch(ground: "Ground", file: StoredFile, target: Path) -> Path:
    with target.open("wb") as stream:
        async for chunk in files.open_stream(ground, file):
            stream.write(chunk)
    return target


async def _keep_charges(ground: "Ground", act: Act, enterprise_id: UUID, bill: Bill) -> UUID | None:
    if bill.parquet is None:
        return None
    kept = await files.store(
        ground, act, _chunks(bill.parquet), name="charges.parquet", media_type=PARQUET, owner_id=enterprise_id,
        limit=MOST_CHARGES_BYTES,
    )  # fmt: skip
    return kept.id


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 18):
            yield chunk


def _overlaps(bill: Bill, covered: set[tuple[date, str, str]]) -> list[Finding]:
    twice = [month for month in bill.months if (month.month, month.provider, month.currency) in covered]
    if not twice:
        return []
    return [
        finding(
            "month.overlap", rows=sum(m.rows for m in twice), value=", ".join(f"{m.month:%Y-%m}" for m in twice[:6])
        )
    ]


async def _flip(
    db: AsyncSession, act: Act, row: BillImportRow, bill: Bill, charges: UUID | None, overlaps: list[Finding]
) -> None:
    """Make the import count, or refused, in one transaction with its audit entry, its event and the new score."""
    state = LOADED if bill.report.verdict != "refused" else REFUSED
    if not may_become(row.state, state):
        raise ValueError(f"an import cannot go from {row.state} to {state}")
    months = [month.month for month in bill.months]
    row.state, row.loaded_at = state, act.now if state == LOADED else None
    row.rows, row.rows_new, row.rows_repeated, row.rows_known = (
        bill.rows,
        bill.rows_new,
        bill.rows_repeated,
        bill.rows_known,
    )
    row.first_month, row.last_month = min(months, default=None), max(months, default=None)
    row.verdict, row.charges_file_id = bill.report.verdict, charges
    row.report = to_builtins(_with(bill.report, overlaps))
    db.add_all(_month_row(row, month) for month in bill.months)
    await db.flush()
    if bill.months:
        await store.raise_revision(db, act, row.enterprise_id)
    audit.write(
        db, act, f"bill.{state}", "bill_import", row.id, subject_id=row.enterprise_id,
        detail={"sha256": row.file_sha256, "rows": row.rows, "rows_new": row.rows_new, "grade": row.grade},
    )  # fmt: skip
    if state == LOADED:
        _tell(db, act, row)
        await score_subject(db, act, subject_basis(row.enterprise_id))


def subject_basis(enterprise_id: UUID) -> UseBasis:
    """Return the basis on which the house computes a company's score for the company itself."""
    return UseBasis("own", enterprise_id, enterprise_id, "own_view", frozenset({"*"}), "own")


def _with(report: Report, more: list[Finding]) -> Report:
    if not more:
        return report
    verdict = "usable" if report.verdict == "conformant" else report.verdict
    return Report(
        verdict, report.rules, (*report.findings, *more), report.rows, report.version, report.encoding,
        report.unknown_columns,
    )  # fmt: skip


def _month_row(row: BillImportRow, month: BillMonth) -> BillMonthRow:
    sums = {name: getattr(month, name) for name in SUM_NAMES}
    return BillMonthRow(
        id=new_id(), import_id=row.id, enterprise_id=row.enterprise_id, services=list(month.services), **sums
    )


def _tell(db: AsyncSession, act: Act, row: BillImportRow) -> None:
    first, last = (f"{month:%Y-%m}" if month else "" for month in (row.first_month, row.last_month))
    span_zh = f"，{first}至{last}" if first else ""
    span_en = f", {first} to {last}" if first else ""
    events.emit(
        db, act, "credit.bill_imported", subject_id=row.enterprise_id,
        payload={"import_id": row.id, "rows": row.rows_new, "first_month": first, "last_month": last},
        timeline=Text(f"云账单已导入：{row.rows_new}行{span_zh}", f"Cloud bill imported: {row.rows_new} rows{span_en}"),
        link=f"/credit/bills/{row.id}",
    )  # fmt: skip


def _result(row: BillImportRow, *, repeated: bool) -> ImportResult:
    months = 0
    if row.first_month and row.last_month:
        months = (row.last_month.year - row.first_month.year) * 12 + row.last_month.month - row.first_month.month + 1
    return ImportResult(row.id, row.state, row.rows, row.rows_new, months, row.verdict, repeated)
