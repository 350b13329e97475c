"""Electricity against expectation: when does a company's use fall below its own past in a way that chance hardly explains?

The expectation of a day is the median of the same weekday five to twelve weeks earlier; it ends five weeks back so that a slow
wind-down does not eat its own baseline. The log ratio of actual to expected, smoothed over a week, is summed beyond a slack
(one-sided CUSUM, Page 1954). On the 49 business meters of SimBench slack 0.2 and threshold 5 raise 0.22 false alarms per
meter-year and see a 75-day wind-down to a quarter after 48 days (median).

A signal says that the meter shows less than usual and by how much. It says nothing about why, and it is no verdict about a firm.
numpy is allowed in this module of the room only.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from park.contracts import WatchSettings

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]

WEEKS_BACK = range(5, 13)
FEWEST_REFERENCES = 4
FLOOR_KWH = 1e-6
SPRING_MARGIN_DAYS = 7
DEFAULT = WatchSettings()


class Signal(Struct, frozen=True):
    """One stretch of falling use. `since` is the first day of the summed shortfall, `raised_on` the day it passed the threshold.

    `actual` and `expected` are kWh summed over the compared days from `since` to `last_on`.
    """

    since: date
    raised_on: date
    last_on: date
    actual: float
    expected: float
    days: int

    @property
    def shortfall(self) -> float:
        """Share below expectation, 0..1."""
        return 1 - self.actual / self.expected if self.expected else 0.0


class Watched(Struct, frozen=True):
    """Result for one series: per day actual, expected (nan = no expectation) and the summed shortfall; the signals, oldest first."""

    first_day: date
    actual: Values
    expected: Values
    path: Values
    signals: tuple[Signal, ...]

    def day(self, position: int) -> date:
        return self.first_day + timedelta(days=position)


def unusual_days(first: date, count: int, is_workday: Callable[[date], bool]) -> Mask:
    """Days that cannot be compared with their weekday: public holidays on weekdays, make-up workdays at weekends, and a week on
    either side of the Spring Festival break (a free run of seven days or more that begins in January or February), when
    workshops leave early and come back late. `is_workday` is kernel.workdays' answer."""
    days = [first + timedelta(days=step) for step in range(count)]
    working = [is_workday(day) for day in days]
    mask = np.array([works != (day.weekday() < 5) for day, works in zip(days, working, strict=True)], dtype=bool)
    start = 0
    while start < count:
        if working[start]:
            start += 1
            continue
        end = start
        while end < count and not working[end]:
            end += 1
        if end - start >= 7 and days[start].month <= 2:
            mask[max(0, start - SPRING_MARGIN_DAYS) : end + SPRING_MARGIN_DAYS] = True
        start = end
    return mask


def expectation(actual: Values, unusual: Mask | None = None) -> Values:
    """Expected kWh per day: median of the same weekday in weeks 5..12 back, unusual and missing days left out.

    nan where fewer than four of the eight reference days exist, or where the day itself is unusual.
    """
    count = len(actual)
    usable = np.where(unusual, np.nan, actual) if unusual is not None else actual
    references = np.full((len(WEEKS_BACK), count), np.nan)
    for row, weeks in enumerate(WEEKS_BACK):
        shift = 7 * weeks
        if shift < count:
            references[row, shift:] = usable[: count - shift]
    known = np.count_nonzero(~np.isnan(references), axis=0)
    expected = np.full(count, np.nan)
    enough = known >= FEWEST_REFERENCES
    if unusual is not None:
        enough &= ~unusual
    enough[: 7 * WEEKS_BACK[-1] + 7] = False  # the full twelve weeks must lie inside the series
    if enough.any():
        expected[enough] = np.nanmedian(references[:, enough], axis=0)
    return expected


def smooth_log_ratio(actual: Values, expected: Values, settings: WatchSettings = DEFAULT) -> Values:
    """Clipped log of actual over expected, median over the last seven days; nan where fewer than four of them can be compared."""
    ratio = np.log((actual + FLOOR_KWH) / (expected + FLOOR_KWH))
    ratio = np.clip(ratio, -settings.clip, settings.clip)
    width = settings.smoothing_days
    if len(ratio) < width:
        return np.full(len(ratio), np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(ratio, width)
    smooth = np.full(len(ratio), np.nan)
    enough = np.zeros(len(ratio), dtype=bool)
    enough[width - 1 :] = np.count_nonzero(~np.isnan(windows), axis=1) > width // 2
    if enough.any():
        smooth[enough] = np.nanmedian(windows[enough[width - 1 :]], axis=1)
    return smooth


def watch(
    first_day: date, daily_kwh: Sequence[float | None], unusual: Mask | None = None, settings: WatchSettings = DEFAULT
) -> Watched:
    """Watch one daily series. None or nan is a day without a reading. Days that cannot be compared leave the sum where it is."""
    actual = np.array([np.nan if value is None else value for value in daily_kwh], dtype=np.float64)
    expected = expectation(actual, unusual)
    smooth = smooth_log_ratio(actual, expected, settings)
    path = np.zeros(len(actual))
    alarms: list[tuple[int, int]] = []
    total, began = 0.0, 0
    for position, value in enumerate(smooth):
        if not (np.isnan(value) or np.isnan(expected[position]) or np.isnan(actual[position])):
            if total == 0.0:
                began = position
            total = max(0.0, total - float(value) - settings.slack)
        path[position] = total
        if total > settings.threshold:
            alarms.append((began, position))
            total = 0.0
    return Watched(first_day, actual, expected, path, _merge(first_day, actual, expected, alarms, settings))


def _merge(
    first_day: date, actual: Values, expected: Values, alarms: Sequence[tuple[int, int]], settings: WatchSettings
) -> tuple[Signal, ...]:
    """Alarms within `merge_days` of one another tell of one stretch."""
    stretches: list[list[tuple[int, int]]] = []
    for alarm in alarms:
        if stretches and alarm[1] - stretches[-1][-1][1] <= settings.merge_days:
            stretches[-1].append(alarm)
        else:
            stretches.append([alarm])
    signals: list[Signal] = []
    for stretch in stretches:
        since, raised, last = stretch[0][0], stretch[0][1], stretch[-1][1]
        part = slice(since, last + 1)
        compared = ~np.isnan(actual[part]) & ~np.isnan(expected[part])
        signals.append(
            Signal(
                since=first_day + timedelta(days=since),
                raised_on=first_day + timedelta(days=raised),
                last_on=first_day + timedelta(days=last),
                actual=float(actual[part][compared].sum()),
                expected=float(expected[part][compared].sum()),
                days=int(compared.sum()),
            )
        )
    return tuple(signals)
