"""When an item can be had: validity, application windows, suspension and money left, each kept apart.

All days are dates in Asia/Shanghai and the last day counts.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal

from msgspec import Struct

ItemState = Literal["not_open_yet", "open", "closing_soon", "closed", "suspended", "budget_exhausted"]
CLOSING_SOON = timedelta(days=14)
USABLE: tuple[ItemState, ...] = ("open", "closing_soon")


class Period(Struct, frozen=True):
    """Days from `start` to `end`, both included; `end` None is open-ended."""

    start: date
    end: date | None = None

    def contains(self, day: date) -> bool:
        """Tell whether a day lies inside."""
        return self.start <= day and (self.end is None or day <= self.end)


class Availability(Struct, frozen=True):
    """The state on one day, with the days that matter: when it opens next and when it closes."""

    state: ItemState
    opens_on: date | None = None
    closes_on: date | None = None


def availability(
    valid: Period,
    windows: Iterable[Period],
    day: date,
    *,
    suspended: bool = False,
    money_left: int | None = None,
) -> Availability:
    """Return the state of an item on a day; `money_left` in fen, None where no budget is kept."""
    spans = (
        [clipped for window in windows if (clipped := _clip(window, valid))] if (windows := tuple(windows)) else [valid]
    )
    current = next((span for span in spans if span.contains(day)), None)
    if current is None:
        starts = sorted(span.start for span in spans if span.start > day)
        ends = [span.end for span in spans if span.end is not None and span.end < day]
        if starts:
            return Availability("not_open_yet", opens_on=starts[0])
        return Availability("closed", closes_on=max(ends, default=None))
    if suspended:
        return Availability("suspended", closes_on=current.end)
    if money_left is not None and money_left <= 0:
        return Availability("budget_exhausted", closes_on=current.end)
    soon = current.end is not None and current.end - day <= CLOSING_SOON
    return Availability("closing_soon" if soon else "open", closes_on=current.end)


def _clip(window: Period, valid: Period) -> Period | None:
    start = max(window.start, valid.start)
    ends = [end for end in (window.end, valid.end) if end is not None]
    end = min(ends) if ends else None
    return None if end is not None and end < start else Period(start, end)
