"""The life of a meter file: checked (dry run), imported by a durable job, undone; and readings that come as data."""

import asyncio
import hashlib
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from kernel import audit, files, jobs
from kernel.act import Act
from kernel.clock import local_date
from kernel.ids import new_id
from kernel.problems import BadInput, Conflict, FieldProblem, NotFound, TooLarge
from kernel.texts import gettext as _
from park import rules, store
from park.contracts import ReadingsIn
from park.models import Park, ReadingImport
from park.reading_file import EARLIEST_DAY, MOST_BYTES, MOST_KWH, MOST_ROWS, Fault, ReadingFile, read_file
from park.service import staging
from park.service.places import may_run, park_to_run, park_to_run_by_code, register_meter

if TYPE_CHECKING:
    from kernel.ground import Ground
    from kernel.jobs.run import JobRun

IMPORT_JOB = "park.import_readings"
METERS_AT_ONCE = 20
CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def check_file(ground: "Ground", act: Act, park_id: UUID, name: str, content: bytes) -> UUID:
    """Dry run: read a meter file, keep it, and say what it holds and what is wrong; nothing counts yet. Returns the import.

    The same content that is live, being imported or checked already gives that import instead of a second one.
    Raises NotFound for a foreign park, TooLarge, BadInput for a file that is neither CSV nor xlsx.
    """
    if len(content) > MOST_BYTES:
        raise TooLarge(_("The file is larger than %(limit)s MB.", limit=MOST_BYTES // 1024 // 1024))
    if not name.lower().endswith((".csv", ".xlsx")):
        raise BadInput(fields=[FieldProblem("file", _("Please choose a .csv or .xlsx file."))])
    async with ground.database.read() as db:
        park = await park_to_run(db, act, park_id)
        meters = await store.places.meter_keys(db, park.id)
    digest = await asyncio.to_thread(lambda: hashlib.sha256(content).hexdigest())
    async with ground.database.read() as db:
        known = await store.readings.find_import_by_content(db, park.id, digest, with_checked=True)
        if known is not None:
            return known.id
    found = await asyncio.to_thread(read_file, name, content, meters, local_date(act.now))
    media = XLSX if name.lower().endswith(".xlsx") else CSV
    stored = await files.store(
        ground, act, content, name=name, media_type=media, owner_id=park.operator_id, limit=MOST_BYTES
    )
    async with ground.database.write() as db:
        row = _new_row(act, park, name, digest, found, file_id=stored.id)
        db.add(row)
        await db.flush()
        audit.write(
            db, act, "import.checked", "park_import", row.id,
            detail={"good": len(found.rows), "bad": found.bad, "sha256": digest},
        )  # fmt: skip
        return row.id


def _new_row(
    act: Act, park: Park, source: str, digest: str, found: ReadingFile, *, file_id: UUID | None = None, state: str = ""
) -> ReadingImport:
    days = [row.day for row in found.rows]
    return ReadingImport(
        id=new_id(), park_id=park.id, source=source[:200], file_id=file_id, sha256=digest, hourly=found.hourly,
        state=state or ("checked" if found.rows else "refused"), rows_good=len(found.rows), rows_bad=found.bad,
        meter_count=len({row.meter_code for row in found.rows}), total_wh=sum(row.wh for row in found.rows),
        first_day=min(days, default=None), last_day=max(days, default=None),
        faults=msgspec.to_builtins(found.faults), created_by=act.actor.name[:120], created_at=act.now,
    )  # fmt: skip


def faults_of(row: ReadingImport) -> tuple[Fault, ...]:
    """The faults a dry run kept, as it found them."""
    return msgspec.convert(row.faults, tuple[Fault, ...])


async def start_import(db: AsyncSession, act: Act, park_id: UUID, import_id: UUID) -> ReadingImport:
    """Import the good rows of a checked file: a durable job does it. Raises Conflict when the file is not in that state."""
    row = await _to_change(db, act, park_id, import_id)
    if not rules.may_move(row.state, "staging"):  # type: ignore[arg-type]
        raise Conflict(_("This file cannot be imported in its present state."))
    twin = await store.readings.find_import_by_content(db, park_id, row.sha256)
    if twin is not None:
        raise Conflict(_("The same content is imported already."))
    row.state, row.rows_done, row.note, row.version = "staging", 0, "", row.version + 1
    await db.flush()
    row.job_id = await jobs.enqueue(
        db, act, IMPORT_JOB, {"park_id": park_id, "import_id": row.id}, key=f"{IMPORT_JOB}:{row.id}:{row.version}"
    )
    audit.write(db, act, "import.started", "park_import", row.id)
    await db.flush()
    return row


async def run_import(ground: "Ground", job: "JobRun") -> dict[str, object]:
    """The job behind start_import; begun again after a crash it ends in the same place."""
    from kernel.jobs import JobCancelled

    park_id, import_id = UUID(str(job.payload["park_id"])), UUID(str(job.payload["import_id"]))
    async with ground.database.read() as db:
        row = await store.readings.find_import(db, job.act.actor, park_id, import_id)
        if row.state != "staging" or row.file_id is None:
            return {"state": row.state}
        keys = await store.places.meter_keys(db, park_id)
        file = await files.get_file(db, row.file_id)
    content = await files.read_bytes(ground, file)
    found = await asyncio.to_thread(read_file, row.source, content, keys, local_date(row.created_at))
    staged = await asyncio.to_thread(staging.arrange, found.rows, keys)
    try:
        longest = await staging.stage(job.write, row.key, staged, lambda done, total: job.progress(done, total, ""))
    except JobCancelled:
        await _set_aside(ground, job.act, park_id, import_id, "cancelled")
        raise
    async with job.write() as db:
        row = await store.readings.find_import(db, job.act.actor, park_id, import_id, lock=True)
        if row.state == "staging":
            await staging.make_live(db, job.act, row, staged)
    return {"state": "live", "slots": staged.count, "longest_chunk_ms": round(longest * 1000)}


async def _set_aside(ground: "Ground", act: Act, park_id: UUID, import_id: UUID, state: str) -> None:
    async with ground.database.write() as db:
        row = await store.readings.find_import(db, act.actor, park_id, import_id, lock=True)
        if row.state == "staging":
            row.state, row.version = state, row.version + 1
            audit.write(db, act, f"import.{state}", "park_import", row.id)


async def cancel_import(db: AsyncSession, act: Act, park_id: UUID, import_id: UUID) -> ReadingImport:
    """Drop a checked file, or stop an import on its way; what was staged never counts. Raises Conflict otherwise."""
    row = await _to_change(db, act, park_id, import_id)
    if not rules.may_move(row.state, "cancelled"):  # type: ignore[arg-type]
        raise Conflict(_("Only a file that is not live yet can be dropped; a live one can be undone."))
    row.state, row.version = "cancelled", row.version + 1
    if row.job_id is not None:
        await jobs.request_cancel(db, act, row.job_id)
    audit.write(db, act, "import.cancelled", "park_import", row.id)
    await db.flush()
    return row


async def do(db: AsyncSession, act: Act, park_id: UUID, import_id: UUID, deed: str) -> str:
    """Start, undo or cancel, by name; returns the sentence for the reader. Raises NotFound for another deed."""
    if deed == "start":
        await start_import(db, act, park_id, import_id)
        return _("The import has begun.")
    if deed == "undo":
        await undo_import(db, act, park_id, import_id)
        return _("The import is undone; what counted before counts again.")
    if deed == "cancel":
        await cancel_import(db, act, park_id, import_id)
        return _("The file is dropped.")
    raise NotFound


async def undo_import(db: AsyncSession, act: Act, park_id: UUID, import_id: UUID) -> ReadingImport:
    """Take a live import back. Raises Conflict when it does not count now."""
    await _to_change(db, act, park_id, import_id)
    return await staging.undo(db, act, park_id, import_id)


async def _to_change(db: AsyncSession, act: Act, park_id: UUID, import_id: UUID) -> ReadingImport:
    row = await store.readings.find_import(db, act.actor, park_id, import_id, lock=True)
    park = await store.places.find_park(db, act.actor, park_id)
    if not may_run(act.actor, park):
        raise NotFound
    return row


async def import_readings(ground: "Ground", act: Act, data: ReadingsIn) -> UUID:
    """Import daily readings that come as data; registers new meters. The same content again gives the same import.

    Raises BadInput naming the series, NotFound for a foreign park. A broken attempt is taken up where it stopped.
    """
    found, digest = await asyncio.to_thread(_read_data, data, act)
    async with ground.database.read() as db:
        park = await park_to_run_by_code(db, act, data.park_code)
        known = await store.readings.find_import_by_content(db, park.id, digest)
        if known is not None and known.state == "live":
            return known.id
    for start in range(0, len(data.series), METERS_AT_ONCE):
        async with ground.database.write() as db:
            for series in data.series[start : start + METERS_AT_ONCE]:
                await register_meter(db, act, data.park_code, series.meter_code, series.unit_code)
    async with ground.database.write() as db:
        # Asked again under the write lock: a racer may have begun with the same content.
        row = await store.readings.find_import_by_content(db, park.id, digest)
        if row is None:
            row = _new_row(act, park, data.source, digest, found, state="staging")
            await _add_first(db, row)
    async with ground.database.read() as db:
        keys = await store.places.meter_keys(db, park.id)
    staged = await asyncio.to_thread(staging.arrange, found.rows, keys)
    await staging.stage(ground.database.write, row.key, staged, _silent)
    async with ground.database.write() as db:
        row = await store.readings.find_import(db, act.actor, park.id, row.id, lock=True)
        if row.state == "staging":
            await staging.make_live(db, act, row, staged)
    return row.id


async def _add_first(db: AsyncSession, row: ReadingImport) -> None:
    """Add an import; the same content begun by somebody else a moment earlier is a conflict, not an accident."""
    try:
        async with db.begin_nested():
            db.add(row)
    except IntegrityError:
        raise Conflict(_("The same content is imported already.")) from None


async def _silent(_done: int, _total: int) -> None:
    """Nobody watches the progress of a loader: its caller shows its own."""


def _read_data(data: ReadingsIn, act: Act) -> tuple[ReadingFile, str]:
    from datetime import timedelta

    from park.reading_file import WHOLE_DAY, ReadingRow

    today = local_date(act.now)
    rows: list[ReadingRow] = []
    for number, series in enumerate(data.series):
        if series.first_day < EARLIEST_DAY or len(series.daily_kwh) > (today - series.first_day).days + 1:
            message = _("Readings lie between %(first)s and today.", first=EARLIEST_DAY)
            raise BadInput(fields=[FieldProblem(f"series[{number}].first_day", message)])
        for step, kwh in enumerate(series.daily_kwh):
            if kwh is None:
                continue
            if not 0 <= kwh <= MOST_KWH:
                where = f"series[{number}].daily_kwh[{step}]"
                raise BadInput(fields=[FieldProblem(where, _("Give kWh from 0 to %(limit)s.", limit=MOST_KWH))])
            rows.append(
                ReadingRow(series.meter_code, series.first_day + timedelta(days=step), WHOLE_DAY, rules.to_wh(kwh))
            )
    if not rows or len(rows) > MOST_ROWS:
        raise BadInput(fields=[FieldProblem("series", _("Give from 1 to %(limit)s readings.", limit=MOST_ROWS))])
    digest = hashlib.sha256(msgspec.json.encode((data.park_code, data.series))).hexdigest()
    return ReadingFile(hourly=False, rows=tuple(rows), faults=(), bad=0), digest
