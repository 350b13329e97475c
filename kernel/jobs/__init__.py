"""Jobs: work that outlives a request, kept as rows that a worker claims with a lease and a fencing number."""

from kernel.jobs.contracts import JobKind, Schedule
from kernel.jobs.enqueue import enqueue
from kernel.jobs.models import Job

__all__ = ["Job", "JobKind", "Schedule", "enqueue"]
