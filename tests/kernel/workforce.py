"""Asking for test jobs and looking what became of them; workers and clocks in processes of their own."""

import multiprocessing
import os
import signal
from datetime import timedelta

from sqlalchemy import select

from kernel import jobs
from kernel.act import Actor
from kernel.jobs import Job, JobRun, enqueue
from kernel.jobs.claim import claim
from tests.kernel import deeds


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
