"""Pure decisions about facts: is a value one the vocabulary allows, which value counts, what follows from others."""

import calendar
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from enterprises.codes import check_division, check_industry, size_class_of
from enterprises.contracts import FactContent, FactValue
from enterprises.vocabulary import FactDefinition

AUTHORITY_RANK = {"authoritative": 2, "derived": 1, "declared": 0}
SIZE_INPUTS = ("industry_code", "staff", "revenue", "total_assets")
SIZE_SOURCE = "derived: 国统字〔2017〕213号"
TEXT_LIMIT = 500
INTEGER_LIMIT = 10**15
DECIMAL_LIMIT = Decimal(10) ** 18
DECIMAL_PLACES = 12
PARK_SEES = frozenset({"enterprises", "park", "policy_matching"})
"""Rooms whose timeline entries a park operator sees of its tenants; loans and data agreements are not its business."""

_DATED_CODE = re.compile(r"^(?P<code>[A-Za-z0-9_.-]{1,60})(@(?P<day>\d{4}-\d{2}-\d{2}))?$")


class WrongFact(ValueError):
    """A fact that cannot be recorded; `field` is "value", "period" or "name"."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.field, self.zh, self.en = field, zh, en


def check_value(definition: FactDefinition, raw: Any) -> FactContent:
    """Return the raw value as the vocabulary's kind, or raise WrongFact saying what was expected."""
    value = _READERS[definition.kind](definition, raw)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        _check_bounds(definition, Decimal(value))
    return value


def check_period(definition: FactDefinition, start: date | None, end: date | None) -> None:
    """Refuse a period that is not the one the fact is kept for: none, a calendar year, a calendar month."""
    right: bool
    if definition.period == "none":
        right = start is None and end is None
        zh, en = "不分期间，不填起止日期", "has no period; leave the dates out"
    elif definition.period == "year":
        right = start is not None and end == year_end(start.year) and (start.month, start.day) == (1, 1)
        zh, en = "按年记录，请填公历年度首日和末日", "is kept by calendar year; give its first and last day"
    else:
        right = start is not None and start.day == 1 and end == month_end(start)
        zh, en = "按月记录，请填当月首日和末日", "is kept by month; give its first and last day"
    if not right:
        raise WrongFact("period", f"“{definition.zh}”{zh}", f"'{definition.en}' {en}")


def year_end(year: int) -> date:
    """Return the last day of a year."""
    return date(year, 12, 31)


def month_end(day: date) -> date:
    """Return the last day of the month a day lies in."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def order_values(values: Iterable[FactValue]) -> tuple[FactValue, ...]:
    """Return one value per period, the latest period first: what counts comes first.

    Within a period a state source outranks a computed value, and that the company's own word; then the later sight
    counts. A declared value never hides an authoritative one: it stands beside it in the history.
    """
    best: dict[tuple[date | None, date | None], FactValue] = {}
    for value in values:
        key = (value.period_start, value.period_end)
        if key not in best or _weight(value) > _weight(best[key]):
            best[key] = value
    return tuple(
        sorted(best.values(), key=lambda v: (v.period_end or date.max, v.period_start or date.max), reverse=True)
    )


def size_class(facts: Mapping[str, FactValue | None]) -> str | None:
    """Return large, medium, small or micro (国统字〔2017〕213号), or None when it cannot be told.

    A size class stated by a state source counts; otherwise it follows from industry, staff, revenue and assets.
    """
    stated = facts.get("size_class")
    if stated is not None:
        return str(stated.value)
    found = [facts.get(name) for name in SIZE_INPUTS]
    industry, staff, revenue, assets = (None if f is None else f.value for f in found)
    return size_class_of(industry, staff, revenue, assets)


def derive_size(series: Mapping[str, Sequence[FactValue]]) -> FactValue | None:
    """Return the size class as a derived fact with the provenance of the newest figure it rests on, or None."""
    latest = {name: (series[name][0] if series.get(name) else None) for name in SIZE_INPUTS}
    answer = size_class(latest)
    inputs = [fact for fact in latest.values() if fact is not None]
    if answer is None or not inputs:
        return None
    demo = any(fact.is_demo for fact in inputs)
    return FactValue(
        value=answer,
        unit="",
        period_start=None,
        period_end=None,
        source=("demo: " if demo else "") + SIZE_SOURCE,
        authority="derived",
        seen_at=max(fact.seen_at for fact in inputs),
        recorded_at=max(fact.recorded_at for fact in inputs),
    )


def read_stored(kind: str, stored: Any) -> FactContent:
    """Return a value as JSON kept it in the kind it had: decimals and dates are stored as text."""
    if kind in ("decimal", "ratio", "money"):
        return Decimal(stored)
    if kind == "date":
        return date.fromisoformat(stored)
    if kind == "codes":
        return tuple(stored)
    value: FactContent = stored
    return value


def mask_phone(phone: str) -> str:
    """Return a phone number with its middle hidden, as lists show it (GB/T 35273-2020 7.2)."""
    return phone[:3] + "*" * max(len(phone) - 7, 0) + phone[-4:] if len(phone) > 7 else "*" * len(phone)


def _weight(value: FactValue) -> tuple[Any, ...]:
    return (AUTHORITY_RANK[value.authority], value.seen_at, value.recorded_at)


def _check_bounds(definition: FactDefinition, number: Decimal) -> None:
    low, high = definition.minimum, definition.maximum
    if low is not None and number < low:
        raise WrongFact("value", f"“{definition.zh}”不能小于 {low}", f"'{definition.en}' cannot be less than {low}")
    if high is not None and number > high:
        raise WrongFact("value", f"“{definition.zh}”不能大于 {high}", f"'{definition.en}' cannot be more than {high}")


def _expected(definition: FactDefinition, zh: str, en: str) -> WrongFact:
    return WrongFact("value", f"“{definition.zh}”应为{zh}", f"'{definition.en}' must be {en}")


def _read_bool(definition: FactDefinition, raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise _expected(definition, "是或否", "true or false")
    return raw


def _read_integer(definition: FactDefinition, raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or abs(raw) > INTEGER_LIMIT:
        raise _expected(definition, "整数", "a whole number")
    return raw


def _read_decimal(definition: FactDefinition, raw: Any) -> Decimal:
    if isinstance(raw, float):
        raw = repr(raw)
    if isinstance(raw, bool) or not isinstance(raw, int | str | Decimal):
        raise _expected(definition, "数字", "a number")
    try:
        number = Decimal(raw)
    except InvalidOperation:
        raise _expected(definition, "数字", "a number") from None
    if not number.is_finite() or abs(number) > DECIMAL_LIMIT:
        raise _expected(definition, "数字", "a number")
    return round(number, DECIMAL_PLACES) if -int(number.as_tuple().exponent) > DECIMAL_PLACES else number


def _read_money(definition: FactDefinition, raw: Any) -> Decimal:
    number = _read_decimal(definition, raw)
    if number != round(number, 2):
        raise _expected(definition, "以元为单位、最多两位小数的金额", "an amount in yuan with at most two decimals")
    return round(number, 2)


def _read_date(definition: FactDefinition, raw: Any) -> date:
    if isinstance(raw, str):
        try:
            raw = date.fromisoformat(raw)
        except ValueError:
            raise _expected(definition, "日期（年-月-日）", "a date (YYYY-MM-DD)") from None
    if type(raw) is not date:
        raise _expected(definition, "日期（年-月-日）", "a date (YYYY-MM-DD)")
    return raw


def _read_text(definition: FactDefinition, raw: Any) -> str:
    if not isinstance(raw, str) or not raw.strip() or len(raw) > TEXT_LIMIT:
        raise _expected(definition, f"不超过 {TEXT_LIMIT} 字的文字", f"text of at most {TEXT_LIMIT} characters")
    return raw.strip()


def _read_code(definition: FactDefinition, raw: Any) -> str:
    text = _read_text(definition, raw)
    if definition.code_system:
        check = (check_industry if definition.code_system == "GB/T 4754-2017" else check_division)(text)
        if not check.ok:
            raise WrongFact("value", check.zh, check.en)
        return check.code
    _check_choice(definition, text)
    return text


def _read_codes(definition: FactDefinition, raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list | tuple) or not all(isinstance(item, str) for item in raw):
        raise _expected(definition, "代码列表", "a list of codes")
    for item in raw:
        match = _DATED_CODE.match(item)
        if match is None:
            raise _expected(definition, "代码列表（代码或 代码@年-月-日）", "a list of codes (code or code@YYYY-MM-DD)")
        _check_choice(definition, match["code"])
        if match["day"]:
            _read_date(definition, match["day"])
    return tuple(dict.fromkeys(raw))


def _check_choice(definition: FactDefinition, code: str) -> None:
    known = {choice.code for choice in definition.choices}
    if known and code not in known:
        listed = "、".join(f"{choice.code}（{choice.zh}）" for choice in definition.choices)
        named = ", ".join(f"{choice.code} ({choice.en})" for choice in definition.choices)
        raise WrongFact(
            "value",
            f"“{definition.zh}”没有“{code}”这一项；可填：{listed}",
            f"'{definition.en}' has no '{code}'; one of: {named}",
        )


_READERS: dict[str, Callable[[FactDefinition, Any], FactContent]] = {
    "bool": _read_bool,
    "integer": _read_integer,
    "decimal": _read_decimal,
    "ratio": _read_decimal,
    "money": _read_money,
    "code": _read_code,
    "codes": _read_codes,
    "date": _read_date,
    "text": _read_text,
}
