"""Electricity of companies against expectation: series from the readings that count, watched by park.watch."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from uuid import UUID

import numpy as np
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.workdays import is_workday
from park import rules, store
from park.rules import Period
from park.watch import Mask, Signal, Watched, unusual_days, watch

HISTORY_DAYS = 480  # more than a year of watching after the thirteen weeks the first expectation needs
CHART_DAYS = (30, 90, 365)
MONTH_DAYS = 30


class Series(Struct, frozen=True):
    """Daily Wh of one company from `first` to the newest reading of its park; None is a day without a full reading."""

    first: date
    wh: Sequence[int | None]

    @property
    def last(self) -> date:
        return self.first + timedelta(days=len(self.wh) - 1)


class Month(Struct, frozen=True):
    """The last thirty days: all that was measured, and actual against expected on the days that can be compared (Wh)."""

    wh: int | None
    actual: int
    expected: int
    days: int

    @property
    def change(self) -> float | None:
        return rules.change(self.actual, self.expected) if self.days else None


class Energy(Struct, frozen=True):
    """What a chart of one company or park shows: kWh per day, None where unknown; `path` is the summed shortfall of the watch."""

    days: Sequence[date]
    actual: Sequence[float | None]
    expected: Sequence[float | None]
    path: Sequence[float | None]
    month: Month
    signals: Sequence[Signal] = ()

    @property
    def is_empty(self) -> bool:
        return all(value is None for value in self.actual)


NOTHING = Energy(days=(), actual=(), expected=(), path=(), month=Month(None, 0, 0, 0))


async def company_series(
    db: AsyncSession, park_id: UUID, enterprise_ids: Iterable[UUID], *, history: int = HISTORY_DAYS
) -> dict[UUID, Series]:
    """Daily series of companies, from the meters of the units they hold at the newest reading and only while they held them."""
    last = await store.readings.last_reading_day(db, park_id)
    if last is None:
        return {}
    first = last - timedelta(days=history - 1)
    periods: defaultdict[UUID, defaultdict[int, list[Period]]] = defaultdict(lambda: defaultdict(list))
    for enterprise_id, key, start_on, end_on in await store.readings.metered_periods(db, park_id, enterprise_ids):
        periods[enterprise_id][key].append(Period(start_on, end_on))
    held = {
        enterprise_id: {key: spans for key, spans in meters.items() if any(span.holds(last) for span in spans)}
        for enterprise_id, meters in periods.items()
    }
    keys = {key for meters in held.values() for key in meters}
    days = await store.readings.days_of_meters(db, sorted(keys), first, last)
    found: dict[UUID, Series] = {}
    for enterprise_id, meters in held.items():
        measured = [
            (spans, {date.fromordinal(day): wh for day, wh in days.get(key, {}).items()})
            for key, spans in meters.items()
        ]
        if any(readings for _spans, readings in measured):
            found[enterprise_id] = Series(first, rules.combine_meters(measured, first, last))
    return found


@lru_cache(maxsize=16)
def _unusual(first: date, count: int) -> Mask:
    """The days of one stretch that the Chinese calendar makes unusual: the same for every company, so worked out once."""
    return unusual_days(first, count, is_workday)


def watch_series(series: Series) -> Watched:
    """Watch one series under the Chinese calendar."""
    kwh = [None if wh is None else wh / 1000 for wh in series.wh]
    return watch(series.first, kwh, _unusual(series.first, len(kwh)))


def month_of(watched: Watched) -> Month:
    """Sum the last thirty days of a watched series."""
    actual, expected = watched.actual[-MONTH_DAYS:], watched.expected[-MONTH_DAYS:]
    known, both = ~np.isnan(actual), ~np.isnan(actual) & ~np.isnan(expected)
    return Month(
        wh=round(float(actual[known].sum()) * 1000) if known.any() else None,
        actual=round(float(actual[both].sum()) * 1000),
        expected=round(float(expected[both].sum()) * 1000),
        days=int(both.sum()),
    )


def energy_of(watched: Watched, shown_days: int) -> Energy:
    """Cut a watched series to what a chart shows."""
    start = max(0, len(watched.actual) - shown_days)
    return Energy(
        days=[watched.day(position) for position in range(start, len(watched.actual))],
        actual=_plain(watched.actual[start:]),
        expected=_plain(watched.expected[start:]),
        path=_plain(watched.path[start:]),
        month=month_of(watched),
        signals=watched.signals,
    )


async def company_energy(db: AsyncSession, park_id: UUID, enterprise_id: UUID, shown_days: int = 90) -> Energy:
    """One company's electricity against expectation. The caller has checked who asks and recorded the use."""
    series = (await company_series(db, park_id, [enterprise_id])).get(enterprise_id)
    return NOTHING if series is None else energy_of(watch_series(series), shown_days)


async def park_energy(db: AsyncSession, park_id: UUID, shown_days: int = 90) -> Energy:
    """The park's sum over companies that have an expectation in the days shown, so that both lines tell of the same meters."""
    tenants = await store.tenants.current_tenants(db, park_id)
    history = shown_days + 7 * 13 + 7
    found = await company_series(db, park_id, [tenant.enterprise_id for tenant in tenants], history=history)
    return await asyncio.to_thread(_sum_up, list(found.values()), shown_days)


def _sum_up(series: Sequence[Series], shown_days: int) -> Energy:
    watched = [watch_series(one) for one in series]
    watched = [one for one in watched if not np.isnan(one.expected[-shown_days:]).all()]
    if not watched:
        return NOTHING
    actual = np.vstack([one.actual[-shown_days:] for one in watched])
    expected = np.vstack([one.expected[-shown_days:] for one in watched])
    no_expectation = np.isnan(expected).all(axis=0)
    counted = ~np.isnan(actual) & (~np.isnan(expected) | no_expectation)
    sums = np.where(counted, actual, 0.0).sum(axis=0)
    sums[~counted.any(axis=0)] = np.nan
    expectations = np.where(counted & ~no_expectation, expected, 0.0).sum(axis=0)
    expectations[no_expectation | np.isnan(sums)] = np.nan
    months = [month_of(one) for one in watched]
    month = Month(
        wh=sum(one.wh or 0 for one in months), actual=sum(one.actual for one in months),
        expected=sum(one.expected for one in months), days=max(one.days for one in months),
    )  # fmt: skip
    last = series[0].last
    days = rules.days_between(last - timedelta(days=len(sums) - 1), last)
    return Energy(days=days, actual=_plain(sums), expected=_plain(expectations), path=[None] * len(days), month=month)


def _plain(values: Iterable[float]) -> list[float | None]:
    return [None if np.isnan(value) else round(float(value), 3) for value in values]
