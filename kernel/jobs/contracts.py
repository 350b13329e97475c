"""What crosses the door of the jobs: a kind of job, a schedule."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from kernel.texts import Text

if TYPE_CHECKING:
    from kernel.ground import Ground
    from kernel.jobs.run import JobRun

Result = dict[str, Any] | None


class JobKind(Struct, frozen=True):
    """A kind of work that outlives a request.

    `run` may be called again after a crash or failure: it makes its effects in `job.write()` (fenced, so a worker that
    lost its lease changes nothing), and either does so in one transaction with `job.finish` or can tell what is done.
    """

    name: str
    run: "Callable[[Ground, JobRun], Awaitable[Result]]"
    max_attempts: int = 7
    lease_seconds: int = 60
    title: Text = Text("任务", "Job")


class Schedule(Struct, frozen=True):
    """When a kind of job is due. `cron` holds APScheduler fields in Asia/Shanghai; name days of the week ("mon")."""

    name: str
    kind: str
    cron: Mapping[str, int | str]
    payload: Mapping[str, Any] = {}
