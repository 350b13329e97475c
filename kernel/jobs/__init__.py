"""Jobs: work that outlives a request, kept as rows that a worker claims with a lease and a fencing number."""

from kernel.jobs.clock import run_clock
from kernel.jobs.contracts import JobKind, Schedule
from kernel.jobs.enqueue import enqueue
from kernel.jobs.errors import JobCancelled, JobEnded, LeaseLost
from kernel.jobs.kinds import job_kinds, job_schedules
from kernel.jobs.manage import find_job, request_cancel, retry
from kernel.jobs.models import Job
from kernel.jobs.run import JobRun
from kernel.jobs.worker import run_due_jobs, run_worker

__all__ = [
    "Job",
    "JobCancelled",
    "JobEnded",
    "JobKind",
    "JobRun",
    "LeaseLost",
    "Schedule",
    "enqueue",
    "find_job",
    "job_kinds",
    "job_schedules",
    "request_cancel",
    "retry",
    "run_clock",
    "run_due_jobs",
    "run_worker",
]
