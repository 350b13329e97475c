"""The worker: claims jobs, runs them with a renewed lease, and stops without leaving work half counted."""

import asyncio
import os
import socket
import time
from collections.abc import Awaitable
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import structlog

from kernel.jobs.claim import claim, fail, finish_cancelled, release
from kernel.jobs.contracts import JobKind
from kernel.jobs.errors import JobCancelled, JobEnded, LeaseLost
from kernel.jobs.kinds import job_kinds
from kernel.jobs.run import JobRun
from kernel.problems import Unavailable

if TYPE_CHECKING:
    from kernel.ground import Ground

IDLE_SECONDS = 0.5
GRACE_SECONDS = 10.0

log = structlog.get_logger(__name__)


async def run_worker(ground: "Ground", stop: asyncio.Event, *, concurrency: int | None = None) -> None:
    """Run jobs until told to stop, up to `concurrency` at a time (default: the setting PARKLINK_JOB_SLOTS).

    After `stop` no job is claimed; those under way have ten seconds, then they are given back and begin again elsewhere.
    """
    kinds, count = job_kinds(ground), concurrency or ground.settings.job_slots
    name = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:6]}"[:120]
    slots = [asyncio.create_task(_work(ground, kinds, f"{name}:{slot}"[:120], stop)) for slot in range(count)]
    await stop.wait()
    _finished, still_running = await asyncio.wait(slots, timeout=GRACE_SECONDS)
    for task in still_running:
        task.cancel()
    await asyncio.gather(*slots, return_exceptions=True)


async def run_due_jobs(ground: "Ground", *, most: int = 1000) -> int:
    """Run what is due now, one after the other, and return how many attempts were made (tests, small commands)."""
    kinds = job_kinds(ground)
    for count in range(most):
        if not await run_next(ground, kinds, "inline"):
            return count
    return most


async def run_next(ground: "Ground", kinds: dict[str, JobKind], worker: str) -> bool:
    """Claim one job and run one attempt of it; False when nothing was due."""
    row = await claim(ground.database, kinds, worker, ground.clock.now())
    if row is None:
        return False
    kind = kinds[row.kind]
    await _attempt(ground, kind, JobRun(ground, row, timedelta(seconds=kind.lease_seconds)))
    return True


async def _work(ground: "Ground", kinds: dict[str, JobKind], worker: str, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            if await run_next(ground, kinds, worker):
                continue
        except (Unavailable, OSError) as error:
            log.warning("job.database_unavailable", error=type(error).__name__)
        except Exception:
            log.exception("job.claim_failed")  # one broken row must not end the worker
        await _pause(stop, IDLE_SECONDS)


async def _attempt(ground: "Ground", kind: JobKind, run: JobRun) -> None:
    started = time.monotonic()
    work = asyncio.ensure_future(kind.run(ground, run))
    keeper = asyncio.create_task(_keep(run, kind, work))
    outcome = "done"
    try:
        result = await work
        if not run.is_finished:
            async with run.write() as db:
                await run.finish(db, result)
    except JobCancelled:
        outcome = await _settle(finish_cancelled(ground.database, run, ground.clock.now()), "cancelled")
    except LeaseLost:
        outcome = "lease_lost"
    except asyncio.CancelledError:
        outcome = await _after_cancel(ground, run, keeper)
        if outcome == "released":
            raise
    except Exception as error:  # noqa: BLE001 - whatever a job raises is a failed attempt
        outcome = await _settle(fail(ground.database, run, kind, error, ground.clock.now()), "failed")
        log.warning("job.failed", kind=kind.name, job=str(run.id), attempt=run.attempt, error=type(error).__name__)
    finally:
        keeper.cancel()
    seconds = round(time.monotonic() - started, 3)
    log.info("job.ended", kind=kind.name, job=str(run.id), outcome=outcome, seconds=seconds)


async def _after_cancel(ground: "Ground", run: JobRun, keeper: "asyncio.Task[JobEnded | None]") -> str:
    """Tell apart the two reasons for which a task is cancelled: its keeper says why, or the worker stops."""
    reason = keeper.result() if keeper.done() and not keeper.cancelled() else None
    if isinstance(reason, JobCancelled):
        return await _settle(finish_cancelled(ground.database, run, ground.clock.now()), "cancelled")
    if isinstance(reason, LeaseLost):
        return "lease_lost"
    return await _settle(release(ground.database, run, ground.clock.now()), "released")


async def _settle(deed: Awaitable[object], outcome: str) -> str:
    try:
        await deed
    except LeaseLost:
        return "lease_lost"
    return outcome


async def _keep(run: JobRun, kind: JobKind, work: "asyncio.Future[Any]") -> JobEnded | None:
    """Renew the lease while the work goes on; when it cannot be kept, stop the work and say why."""
    while True:
        await asyncio.sleep(kind.lease_seconds / 3)
        try:
            async with run.write():
                pass
        except JobEnded as ended:
            work.cancel()
            return ended
        except Unavailable:
            continue  # a later renewal may succeed; if none does, the lease lapses and the fence protects


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
