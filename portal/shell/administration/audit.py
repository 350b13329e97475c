"""The audit log for those who look after the house: entries, signed checkpoints, and the check of the whole log."""

import asyncio
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery
from msgspec import Struct
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel import audit, scope
from kernel.act import Act
from kernel.audit import AuditCheckpoint, AuditEntry, AuditHead, AuditPending
from kernel.audit.models import ORIGIN
from kernel.clock import SHANGHAI
from kernel.ground import Ground
from kernel.identity import Person
from kernel.jobs import Job, JobKind, JobRun, enqueue
from kernel.paging import Column, Listing, fetch_page, fetch_rows
from kernel.problems import BadInput, FieldProblem
from kernel.texts import N_, Text
from kernel.texts import gettext as _
from kernel.web import ActDep, Db, Listed, ReadDb, StrictRequest, page, read_form, redirect
from kernel.web.downloads import download
from portal.shell.administration.policies import READ_AUDIT
from portal.shell.forms import EmptyForm

VERIFY = "portal.verify_audit"
REPORT_SECONDS = 2.0
SHOWN_CHECKPOINTS = 5
OUTCOMES = {"done": N_("Done"), "refused": N_("Refused"), "failed": N_("Failed")}


def _since(text: str) -> ColumnElement[bool]:
    return AuditEntry.at >= _midnight("from", text)


def _until(text: str) -> ColumnElement[bool]:
    return AuditEntry.at < _midnight("until", text) + timedelta(days=1)


def _midnight(name: str, text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), SHANGHAI)
    except ValueError:
        raise BadInput(fields=[FieldProblem(name, _("Please enter a date such as 2026-11-23."))]) from None


LISTING = Listing(
    columns=(
        Column("at", AuditEntry.at, N_("When"), kind="moment"),
        Column("action", AuditEntry.action, N_("Deed"), searchable=True),
        Column("actor_label", Person.name, N_("By whom"), searchable=True),
        Column("object_kind", AuditEntry.object_kind, N_("Object"), searchable=True),
        Column("outcome", AuditEntry.outcome, N_("Outcome"), kind="enum", choices=OUTCOMES),
        Column("reason", AuditEntry.reason, N_("Reason"), sortable=False),
        Column("object_id", AuditEntry.object_id, N_("Number"), sortable=False, searchable=True),
    ),
    default_sort="-at",
    filters={"outcome": AuditEntry.outcome, "action": AuditEntry.action, "from": _since, "until": _until},
    tie=AuditEntry.id,
)


class AuditState(Struct, frozen=True):
    """Where the log stands: sealed entries, waiting ones, the newest checkpoints, the last check of all of it."""

    sealed: int
    waiting: int
    checkpoints: list[AuditCheckpoint]
    check: Job | None


async def read_state(db: AsyncSession, act: Act) -> AuditState:
    """Return where the log stands."""
    head = await db.get(AuditHead, ORIGIN)
    newest = select(AuditCheckpoint).order_by(AuditCheckpoint.size.desc()).limit(SHOWN_CHECKPOINTS)
    last = select(Job).where(Job.kind == VERIFY, scope.owned_by(act.actor, Job.organisation_id))
    return AuditState(
        sealed=head.size if head else 0,
        waiting=await db.scalar(select(func.count()).select_from(AuditPending)) or 0,
        checkpoints=list(await db.scalars(newest)),
        check=await db.scalar(last.order_by(Job.created_at.desc()).limit(1)),
    )


@get("/administration/audit", opt={"policy": READ_AUDIT.name}, include_in_schema=False)
async def show_audit(
    request: StrictRequest, read_db: ReadDb, act: ActDep, listed: Listed, export: FromQuery[str] = ""
) -> Response[Any]:
    """Show the log and what the last check of it found."""
    statement: Any = (
        select(
            AuditEntry.id, AuditEntry.at, AuditEntry.action, AuditEntry.object_kind, AuditEntry.object_id,
            AuditEntry.outcome, AuditEntry.reason, AuditEntry.actor_kind,
            func.coalesce(Person.name, AuditEntry.actor_name).label("actor_label"),
        )
        .outerjoin(Person, Person.id == AuditEntry.actor_id)
        .where(scope.owned_by(act.actor, AuditEntry.organisation_id))
    )  # fmt: skip
    if export:
        return download(LISTING, await fetch_rows(read_db, statement, LISTING, listed), export, "audit")
    context = {
        "found": await fetch_page(read_db, statement, LISTING, listed),
        "columns": LISTING.columns[:-1],
        "state": await read_state(read_db, act),
        "outcomes": OUTCOMES,
    }
    return page(request, "portal/audit.html", context)


@post("/administration/audit/verify", opt={"policy": READ_AUDIT.name}, include_in_schema=False)
async def submit_verify(request: StrictRequest, db: Db, act: ActDep) -> Response[Any]:
    """Ask for a check of the whole log."""
    await read_form(request, EmptyForm)
    job_id = await enqueue(db, act, VERIFY, {})
    audit.write(db, act, "audit.verification_requested", "job", job_id)
    return redirect(request, f"/jobs/{job_id}")


async def verify_log(ground: Ground, job: JobRun) -> dict[str, Any]:
    """Check the whole log and keep what was found as the job's result."""
    seen = [0, 0]

    def note(done: int, total: int) -> None:
        seen[:] = [done, total]

    work = asyncio.create_task(
        audit.verify(ground.database, ground.keys, checkpoint_file=ground.settings.checkpoint_file, progress=note)
    )
    try:
        while not work.done():
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(work), REPORT_SECONDS)
            if not work.done():
                await job.progress(seen[0], max(seen[1], 1))
    finally:
        work.cancel()
    report = await work
    return {
        "sound": report.is_sound,
        "entries": report.size,
        "waiting": report.waiting,
        "checkpoints": report.checkpoints,
        "checkpoints_elsewhere": report.external,
        "first_bad_entry": report.first_bad_seq,
        "findings": [f"{one.seq}: {one.detail}" for one in report.findings[:20]],
    }


JOBS = (JobKind(VERIFY, verify_log, max_attempts=2, title=Text("核验审计记录", "Check the audit log")),)
HANDLERS = (show_audit, submit_verify)
