"""The ground's own jobs: seal the audit log, deliver what a dispatcher left, remove what has expired."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, or_

from kernel import audit, files
from kernel.events.dispatch import deliver_due
from kernel.identity import AccessToken, LoginSession
from kernel.jobs.contracts import JobKind, Schedule
from kernel.jobs.models import CANCELLED, DONE, SCHEDULED, Job
from kernel.texts import Text

if TYPE_CHECKING:
    from kernel.ground import Ground
    from kernel.jobs.run import JobRun

SESSIONS_KEPT = timedelta(days=30)  # "where am I logged in" shows this much of the past
JOBS_KEPT = timedelta(days=14)
TOKENS_KEPT = timedelta(days=1)


async def seal_audit(ground: "Ground", job: "JobRun") -> dict[str, Any]:
    """Seal every waiting audit entry; run twice at once, each entry still gets one number."""
    made = await audit.seal_all(
        ground.database, ground.keys, ground.clock, checkpoint_file=ground.settings.checkpoint_file
    )
    return {"checkpoints": made}


async def deliver_events(ground: "Ground", job: "JobRun") -> dict[str, Any]:
    """Deliver what no dispatcher has delivered."""
    return {"delivered": await deliver_due(ground)}


async def remove_expired(ground: "Ground", job: "JobRun") -> dict[str, Any]:
    """Remove idempotency keys, sessions, tokens, finished jobs and broken uploads past their time."""
    from kernel.web.once import LIFETIME, IdempotencyKey

    now = ground.clock.now()
    ended = or_(LoginSession.ended_at < now - SESSIONS_KEPT, LoginSession.seen_at < now - SESSIONS_KEPT)
    # A job asked for under a business key stays: without its row the same work could be asked for again.
    repeatable = or_(Job.key.is_(None), Job.key.startswith(SCHEDULED))
    finished = and_(Job.state.in_((DONE, CANCELLED)), Job.finished_at < now - JOBS_KEPT, repeatable)
    removed: dict[str, Any] = {}
    for name, statement in (
        ("idempotency_keys", delete(IdempotencyKey).where(IdempotencyKey.created_at < now - LIFETIME)),
        ("sessions", delete(LoginSession).where(ended)),
        ("tokens", delete(AccessToken).where(AccessToken.expires_at < now - TOKENS_KEPT)),
        ("jobs", delete(Job).where(finished)),
    ):
        async with job.write() as db:
            result = await db.execute(statement.execution_options(synchronize_session=False))
            removed[name] = result.rowcount  # type: ignore[attr-defined]
    removed["files"] = await files.purge_staged(ground)
    return removed


JOBS = (
    JobKind("kernel.seal_audit", seal_audit, title=Text("封存审计记录", "Seal the audit log")),
    JobKind("kernel.deliver_events", deliver_events, title=Text("投递事件", "Deliver events")),
    JobKind("kernel.remove_expired", remove_expired, title=Text("清理过期数据", "Remove what has expired")),
)
SCHEDULES = (
    Schedule("kernel.seal_audit", "kernel.seal_audit", {"minute": "*"}),
    Schedule("kernel.deliver_events", "kernel.deliver_events", {"minute": "*/5"}),
    Schedule("kernel.remove_expired", "kernel.remove_expired", {"hour": 3, "minute": 20}),
)
