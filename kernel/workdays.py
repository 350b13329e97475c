"""Chinese working days, the unit of statutory time limits (行政许可法 82: 期限以工作日计算, 不含法定节假日).

The State Council publishes each year's calendar only the autumn before. Past the last published year a deadline is
counted on weekdays and marked provisional, to be counted again when the calendar is known.
"""

from datetime import date, timedelta

import chinese_calendar
from chinese_calendar.constants import holidays
from msgspec import Struct

FIRST_YEAR: int = min(day.year for day in holidays)
LAST_PUBLISHED_YEAR: int = max(day.year for day in holidays)
SATURDAY = 5
DAY = timedelta(days=1)


class Deadline(Struct, frozen=True):
    """A day in Asia/Shanghai; `provisional` while a calendar that it depends on is not published."""

    day: date
    provisional: bool


def is_published(day: date) -> bool:
    """Tell whether the official calendar of the day's year is known."""
    return FIRST_YEAR <= day.year <= LAST_PUBLISHED_YEAR


def is_workday(day: date) -> bool:
    """Tell whether people work on a day; by weekday alone where no calendar is published."""
    if is_published(day):
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < SATURDAY


def add_workdays(day: date, count: int) -> Deadline:
    """Return the last day of a limit of `count` working days that begins on a day.

    The first day itself is not counted (民法典 201). Zero gives the day itself. Raises ValueError below zero.
    """
    if count < 0:
        raise ValueError("a time limit does not run backwards")
    reached, provisional = day, False
    while count:
        reached += DAY
        provisional = provisional or not is_published(reached)
        count -= is_workday(reached)
    return Deadline(reached, provisional)


def count_workdays(start: date, end: date) -> int:
    """Return how many working days lie after `start` up to and including `end`; negative when end is before start."""
    if end < start:
        return -count_workdays(end, start)
    return sum(is_workday(start + DAY * step) for step in range(1, (end - start).days + 1))
