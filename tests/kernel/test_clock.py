"""The clock: one leader, nothing left out, nothing twice."""

import asyncio
import signal
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from kernel import jobs
from kernel.jobs import Job, JobKind, Schedule
from kernel.jobs.models import ScheduleState
from kernel.web.rooms import Room
from tests.kernel import deeds
from tests.kernel.moments import NOON


@pytest.fixture
def ground(staffed):
    return staffed


async def planned(ground):
    async with ground.database.read() as db:
        keys = await db.scalars(select(Job.key).where(Job.kind == "ticked").order_by(Job.key))
        return [key.split("@")[1] for key in keys]


async def clock_fence(ground):
    from kernel.leases import Lease

    async with ground.database.read() as db:
        return await db.scalar(select(Lease.fence).where(Lease.name == "clock"))


@pytest.mark.parametrize("trouble", [signal.SIGKILL, signal.SIGSTOP])
async def test_another_clock_leads_when_the_leader_dies_or_stops(real, start, until, trouble):
    first = start("clock")

    async def ticking(count):
        return len(await planned(real)) >= count

    await until(lambda: ticking(2))
    second = start("clock")
    first.send(trouble)
    before = len(await planned(real))
    await until(lambda: ticking(before + 3), seconds=30)
    assert await clock_fence(real) == 2
    if trouble == signal.SIGSTOP:
        first.send(signal.SIGCONT)
        await asyncio.sleep(2.5)
        assert first.end(signal.SIGTERM) == 0
    found = await planned(real)
    assert len(found) == len(set(found))
    assert second.end(signal.SIGTERM) == 0
    async with real.database.read() as db:
        assert len(await planned(real)) == await db.scalar(
            select(func.count()).select_from(Job).where(Job.kind == "ticked")
        )


SCHEDULE = Schedule("weekly", "quick", {"day_of_week": "mon", "hour": 9, "minute": 30}, {"n": 1})


async def tick(ground, schedule=SCHEDULE):
    from kernel.jobs.clock import LEADERSHIP, enqueue_due
    from kernel.leases import acquire

    fence = await acquire(ground.database, ground.clock, LEADERSHIP, "me", timedelta(seconds=10))
    return await enqueue_due(ground, [schedule], "me", fence, timedelta(seconds=10))


async def test_missed_runs_are_caught_up_once(ground):
    # Monday 23 November 2026, 10:00 in Shanghai: half an hour after this week's run, which nobody owes.
    assert await tick(ground) == 0
    assert await tick(ground) == 0
    ground.clock.advance(timedelta(days=21, hours=1))
    assert await tick(ground) == 1
    assert await tick(ground) == 0
    async with ground.database.read() as db:
        assert list(await db.scalars(select(Job.key))) == ["schedule:weekly@2026-12-14T01:30:00Z"]
        assert (await db.scalars(select(ScheduleState))).one().planned_at.isoformat() == "2026-12-14T01:30:00+00:00"


async def test_a_former_leader_enqueues_nothing(ground):
    from kernel.jobs.clock import LEADERSHIP, enqueue_due
    from kernel.leases import acquire

    await tick(ground)
    ground.clock.advance(timedelta(days=7))
    fence = await acquire(ground.database, ground.clock, LEADERSHIP, "other", timedelta(seconds=10))
    assert await enqueue_due(ground, [SCHEDULE], "me", fence - 1, timedelta(seconds=10)) == 0
    assert await enqueue_due(ground, [SCHEDULE], "me", fence, timedelta(seconds=10)) == 0
    assert await enqueue_due(ground, [SCHEDULE], "other", fence, timedelta(seconds=10)) == 1


def test_weekdays_are_named_not_numbered():
    from kernel.jobs.clock import next_due
    from kernel.jobs.schedules import trigger_of

    with pytest.raises(ValueError, match="name the day"):
        trigger_of(Schedule("x", "quick", {"day_of_week": 1}))
    assert next_due(SCHEDULE, NOON).isoformat() == "2026-11-30T01:30:00+00:00"


@given(st.integers(0, 400 * 86_400), st.integers(0, 40 * 86_400))
def test_the_last_planned_moment_is_found_as_by_walking(begin, gap):
    from kernel.jobs.schedules import last_due, trigger_of

    schedule = Schedule("x", "quick", {"day_of_week": "tue,sat", "hour": "3"})
    after = NOON + timedelta(seconds=begin)
    now = after + timedelta(seconds=gap)
    walked, planned = None, trigger_of(schedule).get_next_fire_time(None, after + timedelta(microseconds=1))
    while planned and planned <= now:
        walked = planned
        planned = trigger_of(schedule).get_next_fire_time(planned, planned + timedelta(microseconds=1))
    assert last_due(schedule, after, now) == walked


async def test_a_clock_refuses_schedules_nobody_can_serve(ground):
    for schedules in ((Schedule("x", "nobody.knows", {"hour": 1}),), (SCHEDULE, SCHEDULE)):
        house = msgspec.structs.replace(ground, rooms=(Room("x", jobs=deeds.room.jobs, schedules=schedules),))
        with pytest.raises(ValueError):
            await jobs.run_clock(house, asyncio.Event())
    with pytest.raises(ValueError):
        jobs.job_kinds(
            msgspec.structs.replace(ground, rooms=(deeds.room, Room("x", jobs=(JobKind("quick", deeds.chunks),))))
        )
