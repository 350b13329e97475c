"""Daily electricity of the demo tenants: working days, holidays, seasons, noise, and a few stories that the watch should see."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from math import cos, exp, pi
from random import Random

from msgspec import Struct

MISSING_SHARE = 0.004
WIND_DOWN_DAYS, WIND_DOWN_TO = 75, 0.28
EXPANSION_DAYS, EXPANSION_TO = 160, 1.65
NOISE = 0.06
HOT_DAY, COLD_DAY = 205, 20  # day of the year when cooling and heating are highest


class LoadShape(Struct, frozen=True):
    """How a kind of tenant uses power: kWh per square metre on a working day, and the share of it on other days."""

    per_square_metre: float
    saturday: float
    sunday: float
    holiday: float
    cooling: float
    heating: float


SHAPES = {
    "office": LoadShape(0.34, 0.38, 0.28, 0.22, 0.42, 0.22),
    "factory": LoadShape(1.35, 0.86, 0.34, 0.2, 0.12, 0.1),  # two shifts, Monday to Saturday
    "lab": LoadShape(0.92, 0.62, 0.55, 0.48, 0.26, 0.2),
    "data": LoadShape(8.6, 0.985, 0.98, 0.97, 0.14, -0.03),
    "retail": LoadShape(1.05, 1.08, 1.02, 0.62, 0.34, 0.15),
}


def daily_use(
    kind: str,
    area: float,
    first: date,
    last: date,
    *,
    story: str,
    is_workday: Callable[[date], bool],
    random: Random,
) -> tuple[Decimal | None, ...]:
    """kWh of each day from `first` to `last`; None where the meter gave nothing. Stories end on `last`."""
    shape = SHAPES[kind]
    usual = area * shape.per_square_metre * random.uniform(0.8, 1.25)
    pattern = _pattern(kind, first, last, is_workday)
    drift = 0.0
    values: list[Decimal | None] = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        drift = 0.97 * drift + random.gauss(0, 0.01)
        if random.random() < MISSING_SHARE:
            values.append(None)
            continue
        use = usual * pattern[number] * _story(story, (last - day).days)
        values.append(Decimal(str(round(use * exp(drift + random.gauss(0, NOISE)), 1))))
    return tuple(values)


@lru_cache(maxsize=256)
def _pattern(kind: str, first: date, last: date, is_workday: Callable[[date], bool]) -> tuple[float, ...]:
    """What a kind of tenant uses on each day, as a share of a working day in spring; the same for all of the kind."""
    shape, days = SHAPES[kind], (last - first).days + 1
    dates = [first + timedelta(days=number) for number in range(days)]
    return tuple(_day_share(shape, day, is_workday) * _season(shape, day) for day in dates)


def _day_share(shape: LoadShape, day: date, is_workday: Callable[[date], bool]) -> float:
    if is_workday(day):
        return 1.0  # this includes the Saturdays and Sundays that are worked in exchange for a holiday
    weekday = day.weekday()
    if weekday == 5:
        return shape.saturday
    if weekday == 6:
        return shape.sunday
    return shape.holiday


def _season(shape: LoadShape, day: date) -> float:
    """Cooling and heating rise and fall as the positive half of a cosine around the hottest and the coldest day."""
    number = day.timetuple().tm_yday
    hot = max(0.0, cos(2 * pi * (number - HOT_DAY) / 365)) ** 2
    cold = max(0.0, cos(2 * pi * (number - COLD_DAY) / 365)) ** 2
    return 1 + shape.cooling * hot + shape.heating * cold


def _story(story: str, days_left: int) -> float:
    if story == "winding_down":
        return 1 - (1 - WIND_DOWN_TO) * max(0.0, 1 - days_left / WIND_DOWN_DAYS)
    if story == "expanding":
        return 1 + (EXPANSION_TO - 1) * max(0.0, 1 - days_left / EXPANSION_DAYS)
    return 1.0
