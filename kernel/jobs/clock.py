"""The clock: one leader among all processes turns schedules into job rows, and does nothing else.

APScheduler only wakes it. What is due is counted from the schedule's own memory in the database, so a leader that was
off, stopped or killed leaves nothing out and doubles nothing: the job's key is (schedule, planned moment).
"""

import asyncio
import os
import socket
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import update

from kernel import leases
from kernel.act import Actor
from kernel.clock import SHANGHAI
from kernel.jobs.contracts import Schedule
from kernel.jobs.enqueue import enqueue
from kernel.jobs.kinds import job_kinds, job_schedules
from kernel.jobs.models import SCHEDULED, ScheduleState
from kernel.jobs.schedules import last_due, trigger_of
from kernel.problems import Unavailable
from kernel.upsert import insert_if_absent

if TYPE_CHECKING:
    from kernel.ground import Ground

LEADERSHIP = "clock"
LEASE = timedelta(seconds=12)

log = structlog.get_logger(__name__)


async def run_clock(ground: "Ground", stop: asyncio.Event, *, lease: timedelta = LEASE) -> None:
    """Lead or stand by until told to stop. A leader that dies is replaced when its lease lapses."""
    schedules = job_schedules(ground)
    _check(ground, schedules)
    holder = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:6]}"[:120]
    leader = _Leader(ground, schedules, holder, lease)
    try:
        while not stop.is_set():
            try:
                await leader.keep()
            except (Unavailable, OSError) as error:
                log.warning("clock.database_unavailable", error=type(error).__name__)
            try:
                await asyncio.wait_for(stop.wait(), lease.total_seconds() / 3)
            except TimeoutError:
                continue
    finally:
        await leader.step_down()


async def enqueue_due(
    ground: "Ground", schedules: Sequence[Schedule], holder: str, fence: int, lease: timedelta
) -> int:
    """Enqueue what is due now, once for each schedule; returns how many. Nothing, when the leadership is gone."""
    now, made = ground.clock.now(), 0
    async with ground.database.read() as db:
        known = {schedule.name: await db.get(ScheduleState, schedule.name) for schedule in schedules}
    planned = []
    for schedule in schedules:
        state = known[schedule.name]
        moment = last_due(schedule, state.planned_at, now) if state else None
        if state is None or moment is not None:
            planned.append((schedule, moment))
    if not planned:
        return 0
    act = ground.act(Actor.system("clock"))
    async with ground.database.write() as db:
        if not await leases.renew(db, ground.clock, LEADERSHIP, holder, lease, fence=fence):
            return 0
        for schedule, moment in planned:
            if moment is None:  # seen for the first time: it begins now, and owes nothing for the past
                await insert_if_absent(db, ScheduleState, {"name": schedule.name, "planned_at": now}, ["name"])
                continue
            key = f"{SCHEDULED}{schedule.name}@{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
            await enqueue(db, act, schedule.kind, schedule.payload, key=key)
            await db.execute(update(ScheduleState).where(ScheduleState.name == schedule.name).values(planned_at=moment))
            made += 1
    return made


class _Leader:
    """The leadership of one process and, while it holds, the scheduler that wakes it."""

    def __init__(self, ground: "Ground", schedules: Sequence[Schedule], holder: str, lease: timedelta) -> None:
        self._ground, self._schedules, self._holder, self._lease = ground, schedules, holder, lease
        self._scheduler: AsyncIOScheduler | None = None
        self._fence = 0

    async def keep(self) -> None:
        """Take or prolong the leadership; begin or end the scheduler as it comes and goes."""
        ground = self._ground
        fence = await leases.acquire(ground.database, ground.clock, LEADERSHIP, self._holder, self._lease)
        if fence is None:
            self._silence()
            return
        if fence != self._fence:
            log.info("clock.leads", fence=fence)
        self._fence = fence
        if self._scheduler is None:
            self._scheduler = self._start()
        await self._tick()

    async def step_down(self) -> None:
        """Silence the scheduler and let go of the leadership."""
        self._silence()
        if self._fence:
            await leases.release(self._ground.database, self._ground.clock, LEADERSHIP, self._holder)

    def _start(self) -> AsyncIOScheduler:
        scheduler = AsyncIOScheduler(timezone=SHANGHAI)
        for schedule in self._schedules:
            scheduler.add_job(
                self._tick,
                trigger_of(schedule),
                id=schedule.name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=300,
            )
        scheduler.start()
        return scheduler

    async def _tick(self) -> None:
        try:
            await enqueue_due(self._ground, self._schedules, self._holder, self._fence, self._lease)
        except (Unavailable, OSError) as error:  # the next tick counts from the same memory
            log.warning("clock.database_unavailable", error=type(error).__name__)

    def _silence(self) -> None:
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None


def _check(ground: "Ground", schedules: Sequence[Schedule]) -> None:
    kinds = job_kinds(ground)
    for schedule in schedules:
        trigger_of(schedule)
        if schedule.kind not in kinds:
            raise ValueError(f"schedule {schedule.name} wants jobs of an unknown kind {schedule.kind}")


def next_due(schedule: Schedule, now: datetime) -> datetime | None:
    """Return when a schedule is due next, for pages and `doctor`."""
    planned: datetime | None = trigger_of(schedule).get_next_fire_time(None, now)
    return planned.astimezone(UTC) if planned else None
