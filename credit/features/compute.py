"""Computes the features of one company as they stood on a day, exactly, from monthly sums.

Only months that were complete on that day enter the windows; a month after it is not looked at, so no figure knows the
future. Sums are exact decimals; quotients are rounded half-even to 6 places (12 for money), once, at the end.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from itertools import combinations
from statistics import median

from msgspec import Struct

from credit.contracts import SOURCE_GRADES, BillMonth, SourceGrade

HOME_CURRENCY = "CNY"
RATIO = Decimal("0.000001")
MONEY = Decimal("0.000000000001")
ZERO = Decimal(0)
SHORTEST_SERIES = 6


class Total(Struct, frozen=True):
    """Everything that was billed in one currency up to the day: the sum of the rows, to the last digit."""

    rows: int
    billed: Decimal
    effective: Decimal


class FeatureSet(Struct, frozen=True):
    """The features of one company as of a day. None means: not known; it is never guessed."""

    as_of: date
    currency: str | None
    first_month: date | None
    last_month: date | None
    data_until: date | None
    grade: SourceGrade | None
    values: dict[str, Decimal | None]
    totals: dict[str, Total]

    def texts(self) -> dict[str, str | None]:
        """Return the values as plain decimal text, as they are stored with a score."""
        return {name: None if value is None else format(value, "f") for name, value in self.values.items()}


class Month(Struct):
    """One calendar month of the series, all providers together; a month without a bill is zero."""

    spend: Decimal = ZERO
    billed: Decimal = ZERO
    credit: Decimal = ZERO
    committed: Decimal = ZERO
    production: Decimal = ZERO
    other_environment: Decimal = ZERO
    verified: Decimal = ZERO
    egress: Decimal | None = None
    requests: Decimal | None = None
    categories: dict[str, Decimal] = {}


def compute_features(months: Sequence[BillMonth], as_of: date) -> FeatureSet:
    """Return every feature of the allow-list for the bills of one company, as of a day.

    Bills in several currencies are never added up: the series is the CNY one, or else the longest; totals name each.
    """
    with localcontext() as context:
        context.prec = 60
        context.rounding = ROUND_HALF_EVEN
        seen = [month for month in months if month.month <= as_of]
        totals = _totals(seen)
        currency = _series_currency(seen)
        complete = [m for m in seen if m.currency == currency and next_month(m.month) <= as_of]
        active = [month.month for month in complete if month.effective > 0]
        if not active:
            return FeatureSet(as_of, currency, None, None, None, None, dict.fromkeys(_COMPUTE), totals)
        first, last = min(active), max(month.month for month in complete)
        series = _series([month for month in complete if month.month >= first], first, last)
        values = {name: compute(series) for name, compute in _COMPUTE.items()}
        if currency != HOME_CURRENCY:
            values |= dict.fromkeys(("monthly_spend_3", "monthly_spend_6", "monthly_spend_12"))
        until = next_month(last) - timedelta(days=1)
        values["data_age_days"] = Decimal((as_of - until).days)
        recent = [month.grade for month in complete if month.month > _back(last, 12)]
        return FeatureSet(as_of, currency, first, last, until, max(recent, key=SOURCE_GRADES.index), values, totals)


def next_month(month: date) -> date:
    """Return the first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _back(month: date, count: int) -> date:
    position = month.year * 12 + month.month - 1 - count
    return date(position // 12, position % 12 + 1, 1)


def _totals(months: Sequence[BillMonth]) -> dict[str, Total]:
    totals: dict[str, Total] = {}
    for month in sorted(months, key=lambda month: month.currency):
        before = totals.get(month.currency, Total(0, ZERO, ZERO))
        totals[month.currency] = Total(
            before.rows + month.rows, before.billed + month.billed, before.effective + month.effective
        )
    return totals


def _series_currency(months: Sequence[BillMonth]) -> str | None:
    lengths: dict[str, set[date]] = {}
    for month in months:
        lengths.setdefault(month.currency, set()).add(month.month)
    if HOME_CURRENCY in lengths:
        return HOME_CURRENCY
    return min(lengths, key=lambda currency: (-len(lengths[currency]), currency), default=None)


def _series(months: Sequence[BillMonth], first: date, last: date) -> list[Month]:
    positions: dict[date, Month] = {}
    month = first
    while month <= last:
        positions[month] = Month(categories={})
        month = next_month(month)
    for bill in months:
        entry = positions[bill.month]
        entry.spend += bill.effective
        entry.billed += bill.billed
        entry.credit += bill.credit
        entry.committed += bill.committed
        entry.production += bill.production
        entry.other_environment += bill.other_environment
        entry.verified += bill.effective if bill.grade in ("A", "B") else ZERO
        for name in ("egress", "requests"):
            amount = getattr(bill, name)
            if amount is not None:
                setattr(entry, name, (getattr(entry, name) or ZERO) + amount)
        for category, cost in bill.categories.items():
            entry.categories[category] = entry.categories.get(category, ZERO) + Decimal(cost)
    return list(positions.values())


def _ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    return (part / whole).quantize(RATIO) if whole > 0 else None


def _spend(months: Sequence[Month]) -> list[Decimal]:
    return [month.spend for month in months]


def _level(length: int) -> Callable[[list[Month]], Decimal | None]:
    def compute(series: list[Month]) -> Decimal | None:
        return (sum(_spend(series[-length:]), ZERO) / length).quantize(MONEY) if len(series) >= length else None

    return compute


def _trend(series: list[Month]) -> Decimal | None:
    spend = _spend(series[-12:])
    if len(spend) < SHORTEST_SERIES:
        return None
    slopes = [(later - earlier) / (j - i) for (i, earlier), (j, later) in combinations(enumerate(spend), 2)]
    return _ratio(median(slopes), median(spend))


def _yearly_growth(series: list[Month]) -> Decimal | None:
    if len(series) < 24:
        return None
    return _growth(sum(_spend(series[-12:]), ZERO), sum(_spend(series[-24:-12]), ZERO))


def _growth(now: Decimal, before: Decimal) -> Decimal | None:
    return _ratio(now - before, before)


def _volatility(series: list[Month]) -> Decimal | None:
    spend = _spend(series[-12:])
    if len(spend) < SHORTEST_SERIES:
        return None
    mean = sum(spend, ZERO) / len(spend)
    variance = sum(((value - mean) ** 2 for value in spend), ZERO) / len(spend)
    return _ratio(variance.sqrt(), mean)


def _active_share(series: list[Month]) -> Decimal | None:
    spend = _spend(series[-12:])
    return _ratio(Decimal(sum(value > 0 for value in spend)), Decimal(len(spend)))


def _breadth(series: list[Month]) -> Decimal | None:
    spent: dict[str, Decimal] = {}
    for month in series[-3:]:
        for category, cost in month.categories.items():
            spent[category] = spent.get(category, ZERO) + cost
    return Decimal(sum(cost > 0 for cost in spent.values())) if spent else None


def _share(part: str, whole: Callable[[Month], Decimal], length: int) -> Callable[[list[Month]], Decimal | None]:
    def compute(series: list[Month]) -> Decimal | None:
        recent = series[-length:]
        return _ratio(
            sum((getattr(month, part) for month in recent), ZERO), sum((whole(month) for month in recent), ZERO)
        )

    return compute


def _step_up(series: list[Month]) -> Decimal | None:
    if len(series) < 8:
        return None
    return _ratio(sum(_spend(series[-2:]), ZERO) / 2, median(_spend(series[-8:-2])))


def _demand_growth(name: str) -> Callable[[list[Month]], Decimal | None]:
    def compute(series: list[Month]) -> Decimal | None:
        amounts = [getattr(month, name) for month in series[-6:]]
        if len(amounts) < 6 or all(amount is None for amount in amounts):
            return None
        known = [amount or ZERO for amount in amounts]
        return _growth(sum(known[3:], ZERO), sum(known[:3], ZERO))

    return compute


_COMPUTE: dict[str, Callable[[list[Month]], Decimal | None]] = {
    "monthly_spend_3": _level(3),
    "monthly_spend_6": _level(6),
    "monthly_spend_12": _level(12),
    "spend_trend_12": _trend,
    "yearly_growth": _yearly_growth,
    "spend_volatility_12": _volatility,
    "tenure_months": lambda series: Decimal(len(series)),
    "active_share_12": _active_share,
    "service_breadth": _breadth,
    "production_share": _share("production", lambda month: month.production + month.other_environment, 6),
    "commitment_share": _share("committed", lambda month: month.spend, 6),
    "cash_paid_share": _share("billed", lambda month: month.billed - month.credit, 6),
    "step_up": _step_up,
    "egress_growth": _demand_growth("egress"),
    "requests_growth": _demand_growth("requests"),
    "data_age_days": lambda series: None,
    "verified_share_12": _share("verified", lambda month: month.spend, 12),
}
