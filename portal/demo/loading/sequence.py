"""The load as one resumable sequence: each step leaves a mark in the audit log, and a marked step is not done again."""

from collections.abc import Awaitable, Callable, Sequence

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel import audit
from kernel.audit import AuditEntry
from kernel.ground import Ground
from kernel.texts import Text
from portal.demo.loading.stage import LOADER, Stage

ACTION = "demo.step_loaded"
Report = Callable[[int, int, str], None]


Kept = dict[str, str] | None


class Work(Struct, frozen=True):
    """A step that opens its own transactions. It may be called again after a crash, so whatever it calls is idempotent."""

    key: str
    title: Text
    run: Callable[[Stage], Awaitable[None]]


class Deed(Struct, frozen=True):
    """A step whose rows and mark commit together: done once, or not at all. What it returns later steps may read."""

    key: str
    title: Text
    run: Callable[[Stage, AsyncSession], Awaitable[Kept]]


Step = Work | Deed


async def read_marks(ground: Ground) -> dict[str, dict[str, str]]:
    """The steps that were finished, in this or an earlier run, with what each of them kept."""
    async with ground.database.read() as db:
        rows = await db.execute(select(AuditEntry.object_id, AuditEntry.detail).where(AuditEntry.action == ACTION))
        return {key: detail for key, detail in rows}  # noqa: C416 - rows are no pairs to a type checker


async def run_steps(stage: Stage, steps: Sequence[Step], report: Report) -> int:
    """Do what is not done yet, in order; returns how many steps were done now."""
    stage.kept = await read_marks(stage.ground)
    waiting = [step for step in steps if step.key not in stage.kept]
    for number, step in enumerate(waiting):
        report(number, len(waiting), step.title.local())
        kept: Kept = None
        if isinstance(step, Work):
            await step.run(stage)
        async with stage.ground.database.write() as db:
            if isinstance(step, Deed):
                kept = await step.run(stage, db)
            audit.write(db, stage.ground.act(LOADER), ACTION, "demo_step", step.key, detail=kept)
        stage.kept[step.key] = kept or {}
    report(len(waiting), len(waiting), "")
    return len(waiting)
