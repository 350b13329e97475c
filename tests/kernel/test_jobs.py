"""A job is done once, whoever dies on the way; a worker that lost its claim can change nothing."""

import asyncio
import multiprocessing
import os
import random
import signal
import time
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from kernel import audit, jobs
from kernel.act import Act, Actor
from kernel.backoff import next_try
from kernel.clock import SystemClock
from kernel.ids import new_id
from kernel.jobs import Job, JobCancelled, JobKind, JobRun, LeaseLost, Schedule, enqueue, run_due_jobs, run_worker
from kernel.jobs.claim import claim, fail, finish_cancelled, release
from kernel.jobs.models import ScheduleState
from kernel.problems import Conflict, NotFound
from kernel.web.rooms import Room
from tests.kernel import deeds
from tests.kernel.moments import NOON


@pytest.fixture
async def ground(house):
    async with house.database.engine.begin() as connection:
        await connection.run_sync(deeds.EFFECTS.metadata.create_all)
    return msgspec.structs.replace(house, rooms=(deeds.room,))


@pytest.fixture
def real(ground):
    """The same ground on the machine's own clock."""
    return msgspec.structs.replace(ground, clock=SystemClock())


async def ask(ground, kind, payload=None, **more):
    async with ground.database.write() as db:
        return await enqueue(db, ground.act(Actor.system("test")), kind, payload or {}, **more)


async def job_of(ground, job_id):
    async with ground.database.read() as db:
        return (await db.scalars(select(Job).where(Job.id == job_id))).one()


async def state_of(ground, job_id):
    return (await job_of(ground, job_id)).state


async def effects(ground):
    async with ground.database.read() as db:
        return list(await db.scalars(select(deeds.EFFECTS.c.text).order_by(deeds.EFFECTS.c.number)))


def kinds_of(ground):
    return jobs.job_kinds(ground)


async def take(ground, worker="w"):
    row = await claim(ground.database, kinds_of(ground), worker, ground.clock.now())
    return JobRun(ground, row, timedelta(seconds=kinds_of(ground)[row.kind].lease_seconds)) if row else None


# -- asking -------------------------------------------------------------------------------------------------------


async def test_a_job_runs_for_the_one_who_asked(ground):
    seen = []

    async def look(ground, job):
        seen.append(job)
        return {"ok": True, "part": 0.5}

    house = msgspec.structs.replace(ground, rooms=(Room("test", jobs=(JobKind("look", look),)),))
    actor = Actor(
        kind="person", id=new_id(), name="张三", organisation_id=new_id(), organisation_kind="park",
        roles=frozenset({"park_operator"}), epoch=3, locale="en",
    )  # fmt: skip
    async with house.database.write() as db:
        job_id = await enqueue(db, Act(actor, house.clock.now(), "request 1"), "look", {"who": actor.id})
    assert await run_due_jobs(house) == 1
    run = seen[0]
    assert run.act.actor == msgspec.structs.replace(actor, name="")
    assert (run.act.request_id, run.payload, run.attempt) == ("request 1", {"who": str(actor.id)}, 1)
    job = await job_of(house, job_id)
    assert (job.state, job.result, job.finished_at) == ("done", {"ok": True, "part": "0.5"}, house.clock.now())
    assert "张三" not in str(job.actor)


async def test_a_key_is_asked_for_once_whatever_became_of_the_job(ground):
    first = await ask(ground, "quick", {"n": 1}, key="k")
    assert await ask(ground, "quick", {"n": 2}, key="k") == first
    await run_due_jobs(ground)
    assert await ask(ground, "quick", {"n": 3}, key="k") == first
    assert len({await ask(ground, "quick", {"n": 4}) for _ in range(3)}) == 3
    found = await asyncio.gather(*(ask(ground, "quick", {"n": 5}, key="race") for _ in range(10)))
    assert len(set(found)) == 1


async def test_a_job_waits_for_its_time_and_unknown_kinds_for_a_worker_that_knows_them(ground):
    later = await ask(ground, "quick", {"n": 1}, run_at=ground.clock.now() + timedelta(hours=1))
    unknown = await ask(ground, "nobody.knows")
    assert await run_due_jobs(ground) == 0
    ground.clock.advance(timedelta(hours=2))
    assert await run_due_jobs(ground) == 1
    assert await state_of(ground, later) == "done"
    assert await state_of(ground, unknown) == "queued"


# -- claims -------------------------------------------------------------------------------------------------------


async def test_a_claim_that_was_taken_over_can_change_nothing(ground):
    job_id = await ask(ground, "quick", {"n": 1})
    first = await take(ground, "first")
    assert await take(ground, "second") is None
    ground.clock.advance(timedelta(seconds=61))
    second = await take(ground, "second")
    assert (first.fence, second.fence, second.attempt) == (1, 2, 2)
    kind = kinds_of(ground)["quick"]
    now = ground.clock.now()

    async def write_effect():
        async with first.write() as db:
            await deeds.leave(db, "late")

    for attempt in (
        write_effect,
        lambda: first.progress(1, 2),
        lambda: fail(ground.database, first, kind, RuntimeError(), now),
        lambda: finish_cancelled(ground.database, first, now),
        lambda: release(ground.database, first, now),
    ):
        with pytest.raises(LeaseLost):
            await attempt()
    async with second.write() as db:
        await deeds.leave(db, "in time")
        await second.finish(db)
    with pytest.raises(LeaseLost):
        await write_effect()
    assert await effects(ground) == ["in time"]
    job = await job_of(ground, job_id)
    assert (job.state, job.worker, job.fence) == ("done", "second", 2)


async def test_a_report_keeps_the_claim(ground):
    await ask(ground, "quick", {"n": 1})
    run = await take(ground)
    for step in range(5):
        ground.clock.advance(timedelta(seconds=50))
        await run.progress(step, 5, f"step {step}")
        assert await take(ground, "other") is None
    job = await job_of(ground, run.id)
    assert (job.done, job.total, job.note) == (4, 5, "step 4")


async def test_many_workers_take_each_job_once(ground):
    for number in range(30):
        await ask(ground, "quick", {"n": number})

    async def work():
        while await jobs.worker.run_next(ground, kinds_of(ground), "w"):
            pass

    await asyncio.gather(*(work() for _ in range(5)))
    assert sorted(map(int, await effects(ground))) == list(range(30))


async def test_jobs_that_kill_their_workers_die_after_the_last_attempt(ground):
    job_id = await ask(ground, "failing", {"times": 0})
    for attempt in (1, 2, 3):
        run = await take(ground)
        assert run.attempt == attempt
        ground.clock.advance(timedelta(hours=1))
    assert await take(ground) is None
    job = await job_of(ground, job_id)
    assert (job.state, job.note) == ("dead", "the worker died in every attempt")


# -- failing and cancelling ---------------------------------------------------------------------------------------


async def test_a_failed_job_is_tried_again_later_and_then_dead(ground):
    lucky, unlucky = await ask(ground, "failing", {"times": 2}), await ask(ground, "failing", {"times": 9})
    assert await run_due_jobs(ground) == 2
    assert await run_due_jobs(ground) == 0
    job = await job_of(ground, lucky)
    assert (job.state, job.note) == ("failed", "ConnectionError")
    assert timedelta(seconds=0.5) <= job.run_at - ground.clock.now() <= timedelta(seconds=1.5)
    for _try in range(4):
        ground.clock.advance(timedelta(minutes=1))
        await run_due_jobs(ground)
    assert (await state_of(ground, lucky), (await job_of(ground, lucky)).attempts) == ("done", 3)
    assert (await state_of(ground, unlucky), (await job_of(ground, unlucky)).attempts) == ("dead", 3)
    assert await effects(ground) == ["at last"]


async def test_a_dead_job_can_be_tried_again_and_leaves_a_trace(ground, act):
    job_id = await ask(ground, "failing", {"times": 0})
    with pytest.raises(Conflict):
        async with ground.database.write() as db:
            await jobs.retry(db, act, job_id)
    async with ground.database.write() as db:
        await db.execute(update(Job).values(state="dead", attempts=3))
        await jobs.retry(db, act, job_id)
    assert await run_due_jobs(ground) == 1
    assert await state_of(ground, job_id) == "done"
    async with ground.database.read() as db:
        assert list(await db.scalars(select(audit.AuditEntry.action))) == ["job.retried"]


async def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_at_its_next_report(ground, act):
    waiting, running = await ask(ground, "quick", {"n": 1}), await ask(ground, "quick", {"n": 2})
    async with ground.database.write() as db:
        await db.execute(update(Job).where(Job.id == waiting).values(run_at=ground.clock.now() + timedelta(1)))
    run = await take(ground)
    async with ground.database.write() as db:
        for job_id in (waiting, running):
            await jobs.request_cancel(db, act, job_id)
    assert (await state_of(ground, waiting), await state_of(ground, running)) == ("cancelled", "running")
    assert await run.is_cancelled()
    with pytest.raises(JobCancelled):
        await run.progress(1, 2)
    with pytest.raises(JobCancelled):
        async with run.write() as db:
            await deeds.leave(db, "too late")
    ground.clock.advance(timedelta(hours=1))  # its worker dies; nobody runs it again
    assert await take(ground) is None
    assert await state_of(ground, running) == "cancelled"
    assert await effects(ground) == []


@pytest.mark.parametrize("kind", ["endless", "silent"])
async def test_a_worker_stops_a_cancelled_job_whether_it_reports_or_not(real, act, until, kind):
    job_id = await ask(real, kind)
    stop = asyncio.Event()
    worker = asyncio.create_task(run_worker(real, stop, concurrency=1))

    async def is_in(state):
        return await state_of(real, job_id) == state

    await until(lambda: is_in("running"))
    async with real.database.write() as db:
        await jobs.request_cancel(db, act, job_id)
    await until(lambda: is_in("cancelled"))
    stop.set()
    await worker


async def test_only_the_one_who_asked_and_those_who_see_all_can_touch_a_job(ground):
    organisation, stranger = new_id(), Actor(kind="person", id=new_id(), organisation_id=new_id())
    asker = Actor(kind="person", id=new_id(), organisation_id=organisation)
    async with ground.database.write() as db:
        job_id = await enqueue(db, ground.act(asker), "quick", {"n": 1})
    async with ground.database.write() as db:
        assert (await jobs.find_job(db, asker, job_id)).id == job_id
        assert (await jobs.find_job(db, Actor.system("x"), job_id)).id == job_id
        for call in (jobs.find_job(db, stranger, job_id), jobs.request_cancel(db, ground.act(stranger), job_id)):
            with pytest.raises(NotFound):
                await call


# -- workers ------------------------------------------------------------------------------------------------------


async def test_a_worker_that_is_told_to_stop_finishes_what_is_short_and_gives_back_what_is_long(
    real, until, monkeypatch
):
    monkeypatch.setattr(jobs.worker, "GRACE_SECONDS", 0.3)
    short, long = await ask(real, "quick", {"n": 1}), await ask(real, "silent")
    stop = asyncio.Event()
    worker = asyncio.create_task(run_worker(real, stop, concurrency=2))

    async def both():
        return (await state_of(real, short), await state_of(real, long)) == ("done", "running")

    await until(both)
    stop.set()
    await asyncio.wait_for(worker, 5)
    job = await job_of(real, long)
    assert (job.state, job.attempts, job.lease_until) == ("queued", 0, None)


# One clean process imports the house and forks the others, which spares each its seconds of imports.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.kernel.deeds"])


class Process:
    """A worker or clock in a process of its own, over the database of the test."""

    def __init__(self, ground, role):
        settings = ground.settings
        environment = {"PARKLINK_DATA_DIR": str(settings.data_dir), "PARKLINK_DATABASE_URL": settings.database_url}
        self.line, line = FORKS.Pipe(duplex=False)
        self.process = FORKS.Process(target=deeds.live, args=(role, environment, line), daemon=True)
        self.process.start()
        line.close()
        self.wait_for("ready")

    def wait_for(self, word):
        assert self.line.poll(60), f"no {word!r} in time"
        assert self.line.recv() == word

    def send(self, sign):
        os.kill(self.process.pid, sign)

    def end(self, sign=signal.SIGKILL):
        if self.process.is_alive():
            self.send(signal.SIGCONT)
            self.send(sign)
        self.process.join(20)
        return self.process.exitcode


@pytest.fixture
def start(real):
    running = []

    def begin(role):
        running.append(Process(real, role))
        return running[-1]

    yield begin
    for process in running:
        process.end()


async def test_another_process_takes_over_when_a_worker_is_killed(real, start, until):
    stuck = await ask(real, "stuck_first", {"n": 1})
    stepped = await ask(real, "chunks")
    others = [await ask(real, "quick", {"n": number}) for number in range(2, 12)]
    first = start("worker")
    first.wait_for("stuck")
    first.wait_for("stuck")
    first.end(signal.SIGKILL)
    second = start("worker")

    async def all_done():
        async with real.database.read() as db:
            return not await db.scalar(select(func.count()).select_from(Job).where(Job.state != "done"))

    await until(all_done, seconds=40)
    found = await effects(real)
    assert sorted(text for text in found if not text.startswith("step")) == sorted(map(str, range(1, 12)))
    assert [text for text in found if text.startswith("step")] == [f"step {step}" for step in range(10)]
    assert [(await job_of(real, job_id)).attempts for job_id in (stuck, stepped)] == [2, 2]
    assert all([(await job_of(real, job_id)).attempts == 1 for job_id in others])
    assert second.end(signal.SIGTERM) == 0


async def test_a_worker_that_wakes_up_after_its_claim_was_taken_writes_nothing(real, start, until):
    job_id = await ask(real, "stuck_first", {"n": 1, "seconds": 3})
    sleeper = start("worker")
    sleeper.wait_for("stuck")
    await asyncio.sleep(0.3)  # its other slot has looked and gone: stopped inside a write, it would hold SQLite's one lock
    sleeper.send(signal.SIGSTOP)
    start("worker")

    async def done():
        return await state_of(real, job_id) == "done"

    await until(done, seconds=30)
    job = await job_of(real, job_id)
    sleeper.send(signal.SIGCONT)
    await asyncio.sleep(4)
    assert await effects(real) == ["1"]
    assert (await job_of(real, job_id)).fence == job.fence == 2
    assert sleeper.end(signal.SIGTERM) == 0


async def test_workers_killed_again_and_again_do_each_job_once(real, start, until):
    wanted = [str(number) for number in range(60)]
    for number in wanted:
        await ask(real, "quick", {"n": number})
    chance = random.Random(3)
    for _round in range(4):
        process = start("worker")
        await asyncio.sleep(chance.uniform(0.02, 0.3))
        process.end(signal.SIGKILL)
    async with (
        real.database.write() as db
    ):  # the lease of a killed claim lapses; the test does not wait a minute for it
        await db.execute(update(Job).where(Job.state == "running").values(lease_until=NOON))
    start("worker")

    async def all_done():
        return len(await effects(real)) >= len(wanted)

    await until(all_done, seconds=40)
    assert sorted(await effects(real)) == sorted(wanted)


async def test_a_worker_process_stops_within_ten_seconds(real, start):
    process = start("worker")
    started = time.monotonic()
    assert process.end(signal.SIGTERM) == 0
    assert time.monotonic() - started < 10


# -- the clock ----------------------------------------------------------------------------------------------------


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


@given(st.integers(0, 200), st.floats(0, 1))
def test_waiting_grows_to_a_bound(attempts, chance):
    wait = next_try(NOON, attempts, chance) - NOON
    assert timedelta(seconds=0.5) <= wait <= timedelta(minutes=15)
    assert next_try(NOON, attempts + 1, chance) - NOON >= wait
