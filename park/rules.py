"""The park's decisions, free of storage and clock: who may hold a unit when, what is let, what ends soon, what a code may look like."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from msgspec import Struct

from park.contracts import ImportState, LeaseState

CODE = re.compile(r"[A-Za-z0-9\u4e00-\u9fff][A-Za-z0-9\u4e00-\u9fff._#/-]{0,39}")
LONGEST_LEASE_YEARS = 20  # Civil Code of China art. 705: a lease term beyond twenty years is void for the excess
EARLIEST_START, LATEST_START = date(1980, 1, 1), date(2099, 12, 31)
ENDING_STEPS = (30, 90, 180)

IMPORT_MOVES: Mapping[ImportState, frozenset[ImportState]] = {
    "checked": frozenset({"staging", "cancelled"}),
    "staging": frozenset({"live", "failed", "cancelled"}),
    "live": frozenset({"undone"}),
    "failed": frozenset({"staging"}),
    "refused": frozenset(),
    "undone": frozenset(),
    "cancelled": frozenset(),
}


class Period(Struct, frozen=True, order=True):
    """Days from `start` to `end`, both included."""

    start: date
    end: date

    def overlaps(self, other: "Period") -> bool:
        return self.start <= other.end and other.start <= self.end

    def holds(self, day: date) -> bool:
        return self.start <= day <= self.end


class Occupancy(Struct, frozen=True):
    """Area in square decimetres, so that two decimals of a square metre stay exact."""

    total_dm2: int
    let_dm2: int

    @property
    def share(self) -> float | None:
        """Let area over lettable area, 0..1; None where nothing can be let."""
        return self.let_dm2 / self.total_dm2 if self.total_dm2 else None


def is_code(text: str) -> bool:
    """Whether a park, building, unit, meter or contract number is usable: 1–40 letters, digits, Chinese characters or . _ # / -"""
    return CODE.fullmatch(text) is not None


def may_move(current: ImportState, target: ImportState) -> bool:
    return target in IMPORT_MOVES[current]


def lease_period_fault(start_on: date, end_on: date) -> str | None:
    """Name of what is wrong with a lease period: "order" (ends before it starts), "too_long" (Civil Code art. 705) or
    "unlikely" (begins in a year no lease of today begins in); None if fine."""
    if not EARLIEST_START <= start_on <= LATEST_START:
        return "unlikely"
    if end_on < start_on:
        return "order"
    try:
        limit = start_on.replace(year=start_on.year + LONGEST_LEASE_YEARS)
    except ValueError:  # 29 February
        limit = date(start_on.year + LONGEST_LEASE_YEARS, 2, 28)
    return "too_long" if end_on > limit else None


def lease_state(start_on: date, end_on: date, *, cancelled: bool, closed: bool, today: date) -> LeaseState:
    """The state of a lease on `today`. `closed` is set when the operator ended it or the daily closing found it run out."""
    if cancelled:
        return "cancelled"
    if closed or end_on < today:
        return "ended"
    return "upcoming" if today < start_on else "running"


def days_left(end_on: date, today: date) -> int:
    """Days after today until the lease has run out; 0 on its last day."""
    return (end_on - today).days


def ending_step(end_on: date, today: date, steps: Sequence[int] = ENDING_STEPS) -> int | None:
    """The smallest notice step (30, 90 or 180 days) a lease's end falls in; None if later, or over."""
    left = days_left(end_on, today)
    if left < 0:
        return None
    return next((step for step in sorted(steps) if left <= step), None)


def unit_state(
    use: str, ends_on: date | None, today: date, *, soon_days: int = 90
) -> Literal["let", "ending", "vacant", "common"]:
    """How a unit stands today, given the last day of the lease that holds it (None: nobody)."""
    if use == "common":
        return "common"
    if ends_on is None:
        return "vacant"
    return "ending" if days_left(ends_on, today) <= soon_days else "let"


def occupancy(units: Iterable[tuple[int, bool]]) -> Occupancy:
    """Sum lettable units given as (area in dm², is it let)."""
    total = let = 0
    for area, is_let in units:
        total += area
        let += area if is_let else 0
    return Occupancy(total_dm2=total, let_dm2=let)


def to_dm2(area_m2: Decimal) -> int:
    """Square metres to integer square decimetres. ValueError when there are more than two decimals or the area is not positive."""
    scaled = area_m2 * 100
    if scaled != scaled.to_integral_value() or scaled <= 0:
        raise ValueError("area needs to be positive with at most two decimals")
    return int(scaled)


def to_m2(area_dm2: int) -> Decimal:
    return Decimal(area_dm2).scaleb(-2)


def to_wh(kwh: Decimal) -> int:
    """kWh to integer Wh, half up: meters give at most three decimals, finer digits come from calculated series."""
    return int((kwh * 1000).to_integral_value(ROUND_HALF_UP))


def to_kwh(wh: int) -> Decimal:
    return Decimal(wh).scaleb(-3)


def monthly_rent_fen(area_dm2: int, rent_fen_per_m2_month: int) -> int:
    """Rent of one month in fen, half up."""
    return int((Decimal(area_dm2) * rent_fen_per_m2_month / 100).to_integral_value(ROUND_HALF_UP))


def is_outline(points: Sequence[Sequence[int]]) -> bool:
    """Whether points are a drawable outline: 3..40 points inside 0..1000 that enclose an area (shoelace formula)."""
    if not 3 <= len(points) <= 40 or any(len(point) != 2 for point in points):
        return False
    if any(not 0 <= value <= 1000 for point in points for value in point):
        return False
    turned = (*points[1:], points[0])
    doubled = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, turned, strict=True))
    return doubled != 0


def label_point(points: Sequence[Sequence[int]], steps: int = 24) -> tuple[int, int]:
    """Where a name fits best inside an outline: the grid point inside it that is farthest from every edge (pole of inaccessibility).

    The centroid will not do: of an L-shaped building it may lie outside.
    """
    left, right = min(point[0] for point in points), max(point[0] for point in points)
    top, bottom = min(point[1] for point in points), max(point[1] for point in points)
    best, farthest = ((left + right) // 2, (top + bottom) // 2), -1.0
    for row in range(1, steps):
        for column in range(1, steps):
            x, y = left + (right - left) * column / steps, top + (bottom - top) * row / steps
            distance = _distance_inside(points, x, y)
            if distance > farthest + 1e-9:
                best, farthest = (round(x), round(y)), distance
    return best


def _distance_inside(points: Sequence[Sequence[int]], x: float, y: float) -> float:
    """Distance to the nearest edge, negative outside (even-odd rule)."""
    inside, nearest = False, float("inf")
    for (x1, y1), (x2, y2) in zip(points, (*points[1:], points[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
        length = (x2 - x1) ** 2 + (y2 - y1) ** 2
        along = 0.0 if not length else max(0.0, min(1.0, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length))
        nearest = min(nearest, ((x - x1 - along * (x2 - x1)) ** 2 + (y - y1 - along * (y2 - y1)) ** 2) ** 0.5)
    return nearest if inside else -nearest


def days_between(first: date, last: date) -> list[date]:
    """Every day from first to last, both included."""
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]


def combine_meters(
    meters: Sequence[tuple[Sequence[Period], Mapping[date, int]]], first: date, last: date, *, patience_days: int = 30
) -> list[int | None]:
    """Sum the Wh of a company's meters day by day, from first to last; None where the sum would be a part only.

    Each meter comes with the periods in which it measured the company and its readings. A meter owes a reading on each day of
    its periods from its first reading on; one that has been silent for `patience_days` while others went on was taken away.
    """
    spans: list[tuple[Sequence[Period], Mapping[date, int], date, date]] = []
    known = [max(days) for _periods, days in meters if days]
    newest = max(known, default=last)
    for periods, days in meters:
        if days:
            final = max(days)
            until = newest if (newest - final).days <= patience_days else final
            spans.append((periods, days, min(days), until))
    sums: list[int | None] = []
    for day in days_between(first, last):
        owing = [
            days.get(day) for periods, days, begin, until in spans
            if begin <= day <= until and any(period.holds(day) for period in periods)
        ]  # fmt: skip
        sums.append(None if not owing or None in owing else sum(wh for wh in owing if wh is not None))
    return sums


def tenancy_end(periods_by_unit: Mapping[object, Sequence[Period]], today: date) -> date | None:
    """The first day on which a unit held now runs out, counting a lease that follows without a gap as going on; None if none is held.

    Where nothing is held yet, the earliest end among leases to come.
    """
    ends: list[date] = []
    coming: list[date] = []
    for periods in periods_by_unit.values():
        end: date | None = None
        for period in sorted(periods):
            if period.holds(today) or (end is not None and period.start <= end + timedelta(days=1)):
                end = max(end or period.end, period.end)
            elif period.start > today:
                coming.append(period.end)
        if end is not None:
            ends.append(end)
    return min(ends or coming, default=None)


def is_renewed(period: Period, others: Sequence[Period]) -> bool:
    """Whether another lease of the same company on the same unit goes on the day after this one ends, or earlier."""
    following = period.end + timedelta(days=1)
    return any(other.start <= following <= other.end for other in others)


def change(actual: int, expected: int) -> float | None:
    """Share above (+) or below (-) expectation; None without one."""
    return actual / expected - 1 if expected > 0 else None
