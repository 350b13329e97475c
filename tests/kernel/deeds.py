"""A room of test jobs, and what a process of its own does that runs a worker or a clock over it."""

import asyncio
import signal
from datetime import timedelta

import msgspec
from sqlalchemy import Column, Integer, MetaData, String, Table, insert

from kernel.ground import open_ground
from kernel.jobs import JobKind, Schedule, run_clock, run_worker
from kernel.settings import load_settings
from kernel.web.rooms import Room

EFFECTS = Table(
    "effect", MetaData(), Column("number", Integer, primary_key=True, autoincrement=True), Column("text", String(200))
)


def report(word):
    """Tell the test; replaced in a process of its own."""


async def leave(db, text):
    await db.execute(insert(EFFECTS).values(text=text))


async def quick(ground, job):
    """One effect, in the transaction that ends the job."""
    async with job.write() as db:
        await leave(db, str(job.payload["n"]))
        await job.finish(db, {"n": job.payload["n"]})


async def stuck_first(ground, job):
    """Hangs in its first attempt, as a process that is killed or stopped there; then does its work."""
    if job.attempt == 1:
        report("stuck")
        await asyncio.sleep(job.payload.get("seconds", 60))
    await quick(ground, job)


async def chunks(ground, job):
    """Ten steps, each with its effect and report in one transaction; goes on where the last run stood."""
    for step in range(job.done, 10):
        if step == 5 and job.attempt == 1:
            report("stuck")
            await asyncio.sleep(60)
        async with job.write() as db:
            await leave(db, f"step {step}")
            await job.progress(step + 1, 10, f"step {step}", db=db)


async def failing(ground, job):
    if job.attempt <= job.payload["times"]:
        raise ConnectionError("13800138000 is not reachable")
    async with job.write() as db:
        await leave(db, "at last")


async def endless(ground, job):
    for step in range(10_000):
        await job.progress(step, 10_000)
        await asyncio.sleep(0.02)


async def silent(ground, job):
    """Never reports; only its keeper can tell it to stop."""
    await asyncio.sleep(600)


async def ticked(ground, job):
    async with job.write() as db:
        await leave(db, "tick")
        await job.finish(db)


room = Room(
    "deeds",
    jobs=(
        JobKind("quick", quick),
        JobKind("stuck_first", stuck_first, lease_seconds=2),
        JobKind("chunks", chunks, lease_seconds=2),
        JobKind("failing", failing, max_attempts=3),
        JobKind("endless", endless),
        JobKind("silent", silent, lease_seconds=1),
        JobKind("ticked", ticked),
    ),
    schedules=(Schedule("every_second", "ticked", {"second": "*"}),),
)


def live(role, environment, line):
    """The life of a process: `role` until SIGTERM, words to the test through `line`."""
    global report  # noqa: PLW0603
    report = line.send
    asyncio.run(serve(role, environment))


async def serve(role, environment):
    ground = msgspec.structs.replace(open_ground(load_settings(environment)), rooms=(room,))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    report("ready")
    if role == "worker":
        await run_worker(ground, stop, concurrency=2)
    else:
        await run_clock(ground, stop, lease=timedelta(seconds=2))
    await ground.close()
