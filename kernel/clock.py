"""The one source of time: injected, so that any moment of the law can be tested."""

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Whatever can say what time it is."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that moves only when told to."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            message = "a clock needs an aware datetime"
            raise ValueError(message)
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """Return the moment the clock stands at."""
        return self._at

    def advance(self, by: timedelta) -> None:
        """Move the clock forward."""
        self._at += by

    def set(self, at: datetime) -> None:
        """Put the clock to another moment."""
        self._at = at.astimezone(UTC)


def local_date(moment: datetime) -> date:
    """Return the calendar day of a moment in Asia/Shanghai, the day every Chinese time limit counts in."""
    return moment.astimezone(SHANGHAI).date()
