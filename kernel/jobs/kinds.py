"""Which kinds of jobs and which schedules there are: those of the ground and of every room put together."""

from typing import TYPE_CHECKING

from kernel.jobs.contracts import JobKind, Schedule
from kernel.jobs.housekeeping import JOBS, SCHEDULES

if TYPE_CHECKING:
    from kernel.ground import Ground


def job_kinds(ground: "Ground") -> dict[str, JobKind]:
    """Return every kind by name; raises ValueError when two rooms claim one name."""
    kinds: dict[str, JobKind] = {}
    for kind in [*JOBS, *(kind for room in ground.rooms for kind in room.jobs)]:
        if kinds.setdefault(kind.name, kind) is not kind:
            raise ValueError(f"two kinds of jobs are called {kind.name}")
    return kinds


def job_schedules(ground: "Ground") -> list[Schedule]:
    """Return every schedule; raises ValueError when two have one name, which is their memory's key."""
    schedules = [*SCHEDULES, *(schedule for room in ground.rooms for schedule in room.schedules)]
    names = [schedule.name for schedule in schedules]
    if len(names) != len(set(names)):
        raise ValueError("two schedules have the same name")
    return schedules
