"""The load as one resumable sequence: each step leaves a mark in the audit log, and a marked step is not done again."""

from collections.abc import Awaitable, Callable, Sequence

from msgspec import Struct
from sqlalchemy import select

from kernel import audit
from kernel.audit import AuditEntry
from kernel.ground import Ground
from kernel.texts import Text
from portal.demo.loading.stage import LOADER, Stage

ACTION = "demo.step_loaded"
Report = Callable[[int, int, str], None]


class Step(Struct, frozen=True):
    """One step. `run` may be called again after a crash: whatever it calls is idempotent, or looks before it leaps."""

    key: str
    title: Text
    run: Callable[[Stage], Awaitable[None]]


async def steps_done(ground: Ground) -> set[str]:
    """The keys of the steps that were finished, in this or an earlier run."""
    async with ground.database.read() as db:
        return set(await db.scalars(select(AuditEntry.object_id).where(AuditEntry.action == ACTION)))


async def run_steps(stage: Stage, steps: Sequence[Step], report: Report) -> int:
    """Do what is not done yet, in order; returns how many steps were done now."""
    done = await steps_done(stage.ground)
    waiting = [step for step in steps if step.key not in done]
    for number, step in enumerate(waiting):
        report(number, len(waiting), step.title.local())
        await step.run(stage)
        async with stage.ground.database.write() as db:
            audit.write(db, stage.ground.act(LOADER), ACTION, "demo_step", step.key)
    report(len(waiting), len(waiting), "")
    return len(waiting)
