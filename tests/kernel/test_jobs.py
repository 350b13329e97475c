"""A job is done once, whoever dies on the way; a worker that lost its claim can change nothing."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from kernel import audit, jobs
from kernel.act import Act, Actor
from kernel.backoff import next_try
from kernel.ids import new_id
from kernel.jobs import Job, JobCancelled, JobKind, LeaseLost, enqueue, run_due_jobs, run_worker
from kernel.jobs.claim import fail, finish_cancelled, release
from kernel.problems import Conflict, NotFound
from kernel.web.rooms import Room
from tests.kernel import deeds
from tests.kernel.moments import NOON
from tests.kernel.workforce import ask, effects, job_of, kinds_of, state_of, take


@pytest.fixture
def ground(staffed):
    return staffed


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
    await asyncio.wait_for(worker, 5)  # its slot is free again
    assert (await job_of(real, job_id)).lease_until is None


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


@given(st.integers(0, 200), st.floats(0, 1))
def test_waiting_grows_to_a_bound(attempts, chance):
    wait = next_try(NOON, attempts, chance) - NOON
    assert timedelta(seconds=0.5) <= wait <= timedelta(minutes=15)
    assert next_try(NOON, attempts + 1, chance) - NOON >= wait
