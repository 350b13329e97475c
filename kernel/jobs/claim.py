"""Taking a job and giving it back: every change of a running job's row checks the number of the claim."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.backoff import next_try
from kernel.db import Database
from kernel.documents import clean
from kernel.jobs.contracts import JobKind
from kernel.jobs.errors import LeaseLost
from kernel.jobs.models import CANCELLED, DEAD, FAILED, QUEUED, RUNNING, WAITING, Job
from kernel.jobs.run import JobRun

MOST_NOTE = 300


def due(kinds: dict[str, JobKind], now: datetime) -> ColumnElement[bool]:
    """Return the predicate "may be claimed": waiting and due, or running under a lease that lapsed."""
    return and_(
        Job.kind.in_(list(kinds)),
        or_(and_(Job.state.in_(WAITING), Job.run_at <= now), and_(Job.state == RUNNING, Job.lease_until < now)),
    )


async def claim(database: Database, kinds: dict[str, JobKind], worker: str, now: datetime) -> Job | None:
    """Take the job that is due first and return its row, claimed; None when nothing is due.

    A job whose workers died until no attempt was left becomes dead, one cancelled meanwhile becomes cancelled; neither
    is returned. The look before the lock keeps an idle worker from taking SQLite's one writer for nothing.
    """
    async with database.read() as db:
        if await db.scalar(select(Job.id).where(due(kinds, now)).limit(1)) is None:
            return None
    async with database.write() as db:
        while True:
            job = await db.scalar(
                select(Job)
                .where(due(kinds, now))
                .order_by(Job.run_at, Job.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if job is None:
                return None
            kind = kinds[job.kind]
            if job.cancel_requested:
                _end(job, CANCELLED, now, "")
            elif job.attempts >= kind.max_attempts:
                _end(job, DEAD, now, "the worker died in every attempt")
            else:
                job.state, job.worker, job.note = RUNNING, worker, ""
                job.fence, job.attempts = job.fence + 1, job.attempts + 1
                job.lease_until = now + timedelta(seconds=kind.lease_seconds)
                return job
            await db.flush()


async def fail(database: Database, run: JobRun, kind: JobKind, error: BaseException, now: datetime) -> str:
    """Note a failed attempt: try again later, or dead after the last. Returns the new state; raises LeaseLost."""
    last = run.attempt >= kind.max_attempts
    chance = secrets.SystemRandom().random()
    values: dict[str, Any] = {"state": DEAD, "finished_at": now} if last else {"state": FAILED}
    values |= {"note": describe(error), "lease_until": None, "run_at": next_try(now, run.attempt, chance)}
    async with database.write() as db:
        await _change(db, run, values)
    return str(values["state"])


async def finish_cancelled(database: Database, run: JobRun, now: datetime) -> None:
    """Note that a job stopped because somebody asked; raises LeaseLost."""
    async with database.write() as db:
        await _change(db, run, {"state": CANCELLED, "lease_until": None, "finished_at": now})


async def release(database: Database, run: JobRun, now: datetime) -> None:
    """Give a job back unfinished, as when the worker stops; the attempt does not count. Raises LeaseLost."""
    values = {"state": QUEUED, "lease_until": None, "run_at": now, "attempts": run.attempt - 1}
    async with database.write() as db:
        await _change(db, run, values)


def describe(error: BaseException) -> str:
    """Return an error in a line for the job's row: its kind, and the sentence of our own errors only.

    The text of a foreign error may hold the values it stumbled over, and those may be personal.
    """
    own = type(error).__module__.split(".", 1)[0] in {
        "kernel",
        "enterprises",
        "data_exchange",
        "park",
        "policy_matching",
        "credit",
    }
    return clean(f"{type(error).__name__}: {error}" if own else type(error).__name__)[:MOST_NOTE]


async def _change(db: AsyncSession, run: JobRun, values: dict[str, Any]) -> None:
    changed = await db.scalar(
        update(Job)
        .where(Job.id == run.id, Job.fence == run.fence, Job.state == RUNNING)
        .values(**values)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    )
    if changed is None:
        raise LeaseLost(f"job {run.id} is no longer held by claim {run.fence}")


def _end(job: Job, state: str, now: datetime, note: str) -> None:
    job.state, job.lease_until, job.finished_at = state, None, now
    job.note = note or job.note
