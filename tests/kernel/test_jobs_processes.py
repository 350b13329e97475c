"""Workers that are killed or stopped in processes of their own: each job's effect comes once."""

import asyncio
import random
import signal
import time

from sqlalchemy import func, select, update

from kernel.jobs import Job
from tests.kernel.moments import NOON
from tests.kernel.workforce import ask, effects, job_of, state_of


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
    await asyncio.sleep(
        0.3
    )  # its other slot has looked and gone: stopped inside a write, it would hold SQLite's one lock
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
