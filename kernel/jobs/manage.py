"""What people do with jobs: look, cancel, try again."""

from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel import audit
from kernel.act import Act, Actor
from kernel.jobs.models import CANCELLED, DEAD, FAILED, FINAL, QUEUED, WAITING, Job
from kernel.problems import Conflict
from kernel.scope import find, owned_by
from kernel.texts import gettext as _


async def find_job(db: AsyncSession, actor: Actor, job_id: UUID, *, lock: bool = False) -> Job:
    """Return a job of the actor's own organisation or own making; NotFound otherwise."""
    own = owned_by(actor, Job.organisation_id)
    mine = or_(own, Job.actor_id == actor.id) if actor.id is not None else own
    return await find(db, select(Job).where(Job.id == job_id, mine), lock=lock)


async def request_cancel(db: AsyncSession, act: Act, job_id: UUID) -> Job:
    """Stop a job: at once when it waits, at its next report when it runs; one that has ended stays as it is."""
    job = await find_job(db, act.actor, job_id, lock=True)
    if job.state in FINAL:
        return job
    job.cancel_requested = True
    if job.state in WAITING:
        job.state, job.finished_at = CANCELLED, act.now
    audit.write(db, act, "job.cancelled", "job", job.id, detail={"kind": job.kind})
    await db.flush()
    return job


async def retry(db: AsyncSession, act: Act, job_id: UUID) -> Job:
    """Let a dead, failed or cancelled job run again now, with all its attempts. Raises Conflict for another state."""
    job = await find_job(db, act.actor, job_id, lock=True)
    if job.state not in (DEAD, FAILED, CANCELLED):
        raise Conflict(_("Only a job that failed or was cancelled can be tried again."))
    job.state, job.attempts, job.run_at = QUEUED, 0, act.now
    job.cancel_requested, job.finished_at, job.note = False, None, ""
    audit.write(db, act, "job.retried", "job", job.id, detail={"kind": job.kind})
    await db.flush()
    return job
