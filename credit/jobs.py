"""The room's durable jobs: reading a bill that was handed in."""

from typing import TYPE_CHECKING
from uuid import UUID

from credit.focus import STEPS
from credit.service import load_bill
from credit.service.importing import READ_JOB
from kernel.jobs import JobKind
from kernel.texts import Text

if TYPE_CHECKING:
    from kernel.ground import Ground
    from kernel.jobs.run import JobRun

# What each finished step of reading is called, in the job's note.
STEP_NOTES = ("opened", "typed", "checked", "counted", "kept")


async def read_waiting_bill(ground: "Ground", job: "JobRun") -> dict[str, object]:
    """Read one bill; begun again after a crash it ends in the same place, because only its last step counts."""

    async def progress(step: int) -> None:
        await job.progress(step, STEPS, STEP_NOTES[step - 1])

    done = await load_bill(ground, job.act, UUID(str(job.payload["import_id"])), write=job.write, progress=progress)
    return {"state": done.state, "rows": done.rows, "rows_new": done.rows_new, "verdict": done.verdict}


JOBS = (JobKind(READ_JOB, read_waiting_bill, title=Text("读取云账单", "Read a cloud bill")),)
