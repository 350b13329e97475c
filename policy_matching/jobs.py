"""Durable jobs: fitting the ranking, and granting what needs no application."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.act import Act
from kernel.events import Event
from kernel.ground import Ground
from kernel.jobs import JobKind, Schedule, enqueue
from kernel.jobs.run import JobRun
from kernel.problems import Conflict
from kernel.texts import Text
from policy_matching import ranking, service

FIT_RANKING = "policy_matching.fit_ranking"
GRANT_AUTOMATIC = "policy_matching.grant_automatic"


async def fit_ranking(ground: Ground, job: JobRun) -> dict[str, Any]:
    """Fit the ranking on the words of every item and keep it."""
    async with ground.database.read() as read_db:
        texts = {item.row.code: service.text_of(item.rules) for item in await service.live_items(read_db)}
    if not texts:
        return {"items": 0}
    document = ranking.fit(texts)
    async with job.write() as db:
        await service.keep_model(db, job.act, document)
    return {"items": len(texts)}


async def grant_automatic(ground: Ground, job: JobRun) -> dict[str, Any]:
    """Make the case of every company that meets an automatic item by authoritative facts; once a company, item and year.

    Each case is a transaction of its own: what a crash leaves undone, the next run does.
    """
    async with ground.database.read() as read_db:
        codes = await service.automatic_items(read_db, job.act)
    granted = 0
    for number, code in enumerate(codes):
        async with job.write() as db:
            found = await service.find_grants(db, job.act, code)
        for one in found:
            try:
                async with job.write() as db:
                    granted += await service.grant(db, job.act, code, one) is not None
            except Conflict:
                # Taken meanwhile, or the budget is used up: the next run looks again.
                continue
        await job.progress(number + 1, len(codes), code)
    return {"items": len(codes), "granted": granted}


async def fit_after_loading(db: AsyncSession, act: Act, event: Event) -> None:
    """Ask for a new ranking when the catalogue has changed."""
    await enqueue(db, act, FIT_RANKING, {}, key=f"{FIT_RANKING}:{event.id}")


JOBS = (
    JobKind(FIT_RANKING, fit_ranking, title=Text("训练政策排序", "Fit the policy ranking")),
    JobKind(GRANT_AUTOMATIC, grant_automatic, lease_seconds=300, title=Text("免申即享", "Grant without application")),
)
SCHEDULES = (
    Schedule("policy_matching.fit_ranking", FIT_RANKING, {"hour": 2, "minute": 10}),
    Schedule("policy_matching.grant_automatic", GRANT_AUTOMATIC, {"hour": 3, "minute": 0}),
)
