"""When a schedule was due: pure arithmetic over its cron fields, in Asia/Shanghai."""

from datetime import UTC, datetime, timedelta

from apscheduler.triggers.cron import CronTrigger

from kernel.clock import SHANGHAI
from kernel.jobs.contracts import Schedule

WINDOWS = (timedelta(hours=1), timedelta(days=1), timedelta(days=32), timedelta(days=367))
INSTANT = timedelta(microseconds=1)


def trigger_of(schedule: Schedule) -> CronTrigger:
    """Return APScheduler's trigger. Raises ValueError for a weekday in digits: 1 is Tuesday there, Monday in cron."""
    weekday = str(schedule.cron.get("day_of_week", ""))
    if any(letter.isdigit() for letter in weekday):
        raise ValueError(f"schedule {schedule.name}: name the day of the week ('mon'), do not number it")
    return CronTrigger(timezone=SHANGHAI, **schedule.cron)


def last_due(schedule: Schedule, after: datetime, now: datetime) -> datetime | None:
    """Return the latest planned moment later than `after` and not later than `now`; None when there was none.

    However many were missed, only the last comes back: a clock that was off catches up once.
    """
    trigger = trigger_of(schedule)
    for window in WINDOWS:
        start = max(after + INSTANT, now - window)
        found = None
        planned = trigger.get_next_fire_time(None, start)
        while planned is not None and planned <= now:
            found = planned
            planned = trigger.get_next_fire_time(planned, planned + INSTANT)
        if found is not None or start == after + INSTANT:
            return found.astimezone(UTC) if found else None
    return None
