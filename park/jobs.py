"""The park's durable jobs: importing readings, the watch over meters, closing leases that have run out."""

from typing import TYPE_CHECKING

from kernel.jobs import JobKind, Schedule
from kernel.texts import Text
from park.service import imports, leases, staging, watching

if TYPE_CHECKING:
    from kernel.ground import Ground
    from kernel.jobs.run import JobRun

CLOSE_JOB = "park.close_leases"


async def close_leases(ground: "Ground", job: "JobRun") -> dict[str, object]:
    """Close leases whose last day has passed, a few in a transaction; what one run leaves the next one finds."""
    closed = 0
    while True:
        async with job.write() as db:
            count = await leases.close_run_out(db, job.act)
        if not count:
            return {"closed": closed}
        closed += count
        await job.progress(closed, closed, "")


JOBS = (
    JobKind(imports.IMPORT_JOB, imports.run_import, title=Text("导入电表读数", "Import meter readings")),
    JobKind(staging.WATCH_JOB, watching.run_watch, title=Text("用电监测", "Electricity watch")),
    JobKind(CLOSE_JOB, close_leases, title=Text("到期租约处理", "Close leases that have run out")),
)
SCHEDULES = (
    Schedule("park.close_leases.daily", CLOSE_JOB, {"hour": 0, "minute": 10}),
    Schedule("park.watch_tenants.nightly", staging.WATCH_JOB, {"hour": 3, "minute": 20}),
)
