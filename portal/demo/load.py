"""Loading the demo: once, resumable, and never into a house that holds anything else."""

from pathlib import Path

from sqlalchemy import func, select

import enterprises
from kernel import audit, jobs
from kernel.clock import local_date
from kernel.events import deliver_due
from kernel.ground import Ground
from kernel.identity import Organisation
from kernel.workdays import is_workday
from portal.demo.check import check_world
from portal.demo.generate import generate_world
from portal.demo.loading.real import real_steps
from portal.demo.loading.sequence import Report, Step, read_marks, run_steps
from portal.demo.loading.stage import LOADER, Stage
from portal.demo.loading.story import story
from portal.demo.logins import FILE, STORY, Credentials, open_credentials, save_credentials
from portal.demo.worldfile import WORLD_FOLDER, read_world
from portal.operations.errors import OperationError

AFTERWARDS = ("policy_matching.fit_ranking", "policy_matching.grant_automatic")


async def load_demo(
    ground: Ground, report: Report, *, world_folder: Path = WORLD_FOLDER, real_data: Path | None = None
) -> Credentials:
    """Load what is not loaded yet and return the logins. Takes seconds when everything is there.

    Raises WorldFileError before anything is written when a file is broken, OperationError when the house is a real one.
    """
    steps: list[Step] = [*story(), *(real_steps(real_data) if real_data else [])]
    done = await read_marks(ground)
    await _refuse_real_house(ground, bool(done))
    folder = ground.settings.data_dir
    if done and not (folder / FILE).exists():
        raise OperationError(
            f"演示数据已在库中,但 {folder / FILE} 不在;请用原来的数据目录,或换一个空的。",
            f"The demo is in the database, but {folder / FILE} is gone; use the old data folder, or an empty one.",
        )
    if all(step.key in done for step in steps):
        return open_credentials(folder, local_date(ground.clock.now()))
    files = read_world(world_folder)
    check_world(files, world_folder)
    credentials = open_credentials(folder, local_date(ground.clock.now()))
    report(0, len(steps), "")
    world = generate_world(files, credentials.day, is_workday=is_workday, complete_code=enterprises.complete_uscc)
    await run_steps(Stage(ground, world, credentials), steps, report)
    await _settle(ground)
    credentials.story = STORY
    save_credentials(folder, credentials)
    return credentials


async def _refuse_real_house(ground: Ground, begun: bool) -> None:
    if ground.settings.production:
        raise OperationError("生产环境不载入演示数据。", "No demo is loaded in production.")
    async with ground.database.read() as db:
        others = await db.scalar(select(func.count()).select_from(Organisation)) or 0
    if others and not begun:
        raise OperationError(
            "数据库里已有别的数据,不载入演示数据;请用 PARKLINK_DATA_DIR 换一个空目录。",
            "The database holds other data, so no demo is loaded; choose an empty folder with PARKLINK_DATA_DIR.",
        )


async def _settle(ground: Ground) -> None:
    """What the worker would do within a minute: deliver the events, run what is due, seal the audit log."""
    await deliver_due(ground)
    kinds = jobs.job_kinds(ground)
    async with ground.database.write() as db:
        for kind in AFTERWARDS:
            if kind in kinds:
                await jobs.enqueue(db, ground.act(LOADER), kind, {}, key=f"demo:{kind}")
    await jobs.run_due_jobs(ground)
    await deliver_due(ground)
    await audit.seal_all(ground.database, ground.keys, ground.clock, checkpoint_file=ground.settings.checkpoint_file)
