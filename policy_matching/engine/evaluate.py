"""The decision: a tree over a fact book on one day, exact and three-valued (Kleene's strong logic).

Truth is True, False or None (unknown). Learning a fact that was unknown can settle an answer but never reverse one.
"""

from calendar import isleap
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import assert_never

from msgspec import Struct

from policy_matching.engine import tree
from policy_matching.engine.codes import lies_under
from policy_matching.engine.facts import FactBook, Known, Scalar

Truth = bool | None


class Evidence(Struct, frozen=True):
    """A value that was read, from where and of when; `known` is None when it was looked for in vain."""

    fact: str
    known: Known | None
    year: int | None = None


class Reading(Struct, frozen=True):
    """The truth of one node; `missing` names the facts that would settle it, `undefined` that a share has no base."""

    truth: Truth
    missing: tuple[str, ...] = ()
    undefined: bool = False


class Situation:
    """One company on one day, and the trace of what was read of it."""

    def __init__(self, facts: FactBook, as_of: date) -> None:
        self.facts = facts
        self.as_of = as_of
        self.evidence: list[Evidence] = []
        self.measures: list[Fraction] = []

    def read(self, fact: str, year: int = tree.LATEST) -> Known | None:
        """Return a value and note that it was read."""
        calendar_year = self.as_of.year + year if year else None
        known = self.facts.latest(fact) if calendar_year is None else self.facts.of_year(fact, calendar_year)
        entry = Evidence(fact, known, calendar_year)
        if entry not in self.evidence:
            self.evidence.append(entry)
        return known

    def fresh(self) -> "Situation":
        """Return the same company and day with an empty trace."""
        return Situation(self.facts, self.as_of)


def evaluate(node: tree.Node, situation: Situation) -> Reading:  # noqa: PLR0911 - one line a kind of node
    """Return the truth of a node. A criterion that does not apply is no node here: see explain.py."""
    match node:
        case tree.All(of=of):
            return combine_all([evaluate(child, situation) for child in of])
        case tree.Any(of=of):
            return combine_any([evaluate(child, situation) for child in of])
        case tree.Not(of=inner):
            return negate(evaluate(inner, situation))
        case tree.AtLeast(count=count, of=of):
            return combine_count(count, [evaluate(child, situation) for child in of])
        case tree.Points():
            return _points(node, situation)
        case tree.Criterion():
            raise TypeError("criteria are explained, not evaluated")  # pragma: no cover - a bug of the caller
        case tree.Compare():
            return _compare(node, situation)
        case tree.OneOf() | tree.Under() | tree.Holds():
            return _codes(node, situation)
        case tree.Age():
            return _age(node, situation)
        case tree.Total() | tree.Share() | tree.Growth():
            return _measure(node, situation)
        case _:
            assert_never(node)


def combine_all(readings: list[Reading]) -> Reading:
    """Kleene's AND: one False decides."""
    if any(reading.truth is False for reading in readings):
        return Reading(False)
    return _open([r for r in readings if r.truth is None]) or Reading(True)


def combine_any(readings: list[Reading]) -> Reading:
    """Kleene's OR: one True decides."""
    if any(reading.truth is True for reading in readings):
        return Reading(True)
    return _open([r for r in readings if r.truth is None]) or Reading(False)


def combine_count(count: int, readings: list[Reading]) -> Reading:
    """At least `count` are True: decided when enough are, or when too few can be."""
    sure = sum(reading.truth is True for reading in readings)
    possible = sum(reading.truth is not False for reading in readings)
    if sure >= count:
        return Reading(True)
    if possible < count:
        return Reading(False)
    return _open([r for r in readings if r.truth is None]) or Reading(False)


def negate(reading: Reading) -> Reading:
    """Kleene's NOT: unknown stays unknown."""
    return reading if reading.truth is None else Reading(not reading.truth)


def _open(readings: list[Reading]) -> Reading | None:
    if not readings:
        return None
    missing = dict.fromkeys(name for reading in readings for name in reading.missing)
    return Reading(None, tuple(missing), undefined=any(reading.undefined for reading in readings))


def _points(node: tree.Points, situation: Situation) -> Reading:
    readings = [(award.points, evaluate(award.when, situation)) for award in node.awards]
    sure = sum((points for points, reading in readings if reading.truth is True), Decimal(0))
    possible = sum((points for points, reading in readings if reading.truth is not False), Decimal(0))
    if sure >= node.limit:
        return Reading(True)
    if possible < node.limit:
        return Reading(False)
    return _open([reading for _points, reading in readings if reading.truth is None]) or Reading(False)


def _compare(node: tree.Compare, situation: Situation) -> Reading:
    known = situation.read(node.fact, node.year)
    if known is None:
        return Reading(None, (node.fact,))
    if isinstance(node.value, Decimal):
        return Reading(compares(_number(known.value), node.operator, Fraction(node.value)))
    same = known.value == node.value
    return Reading(same if node.operator == "==" else not same)


def _codes(node: tree.OneOf | tree.Under | tree.Holds, situation: Situation) -> Reading:
    known = situation.read(node.fact)
    if known is None:
        return Reading(None, (node.fact,))
    match node:
        case tree.OneOf(codes=codes):
            return Reading(known.value in codes)
        case tree.Under(branches=branches, system=system):
            inside = lies_under(str(known.value), branches, system)
            return Reading(inside, (node.fact,) if inside is None else ())
        case tree.Holds(codes=codes):
            held = known.value if isinstance(known.value, tuple) else (str(known.value),)
            return Reading(any(_is_held(entry, codes, situation.as_of) for entry in held))


def _is_held(entry: str, codes: tuple[str, ...], as_of: date) -> bool:
    code, _separator, last_day = entry.partition("@")
    return code in codes and (not last_day or as_of <= date.fromisoformat(last_day))


def _age(node: tree.Age, situation: Situation) -> Reading:
    known = situation.read(node.fact)
    if known is None:
        return Reading(None, (node.fact,))
    if not isinstance(known.value, date):
        raise TypeError(f"{node.fact} is no date")
    return Reading(
        compares(Fraction(age(known.value, situation.as_of, node.unit)), node.operator, Fraction(node.value))
    )


def age(start: date, end: date, unit: str) -> int:
    """Return the whole days or years from `start` to `end`; born on 29 February counts on 28 February of common years."""
    if unit == "days":
        return (end - start).days
    month, day_of_month = start.month, start.day
    if (month, day_of_month) == (2, 29) and not isleap(end.year):
        day_of_month = 28
    return end.year - start.year - ((end.month, end.day) < (month, day_of_month))


def _measure(node: tree.Total | tree.Share | tree.Growth, situation: Situation) -> Reading:
    match node:
        case tree.Total(fact=fact, years=years):
            measured = _sum(situation, fact, _back(years))
        case tree.Share():
            measured = _share(node, situation)
        case tree.Growth(fact=fact, years=years):
            measured = _growth(situation, fact, years)
    if isinstance(measured, Reading):
        return measured
    situation.measures.append(measured)
    return Reading(compares(measured, node.operator, Fraction(node.value)))


def _back(years: int) -> tuple[int, ...]:
    return tuple(range(-1, -years - 1, -1))


def _sum(situation: Situation, fact: str, years: tuple[int, ...]) -> Fraction | Reading:
    known = [situation.read(fact, year) for year in years]
    if any(value is None for value in known):
        return Reading(None, (fact,))
    return sum((_number(value.value) for value in known if value is not None), Fraction(0))


def _share(node: tree.Share, situation: Situation) -> Fraction | Reading:
    years = _back(node.years) if node.years else (node.year,)
    if node.since_registration:
        registered = situation.read("registered_on")
        if registered is None:
            return Reading(None, ("registered_on",))
        if isinstance(registered.value, date):
            first = registered.value.year
            years = tuple(year for year in years if situation.as_of.year + year >= first)
    part, base = _sum(situation, node.fact, years), _sum(situation, node.base, years)
    if isinstance(part, Reading) or isinstance(base, Reading):
        both = [reading for reading in (part, base) if isinstance(reading, Reading)]
        return Reading(None, tuple(dict.fromkeys(name for reading in both for name in reading.missing)))
    # Without a base there is no share: neither met nor unmet, somebody has to look.
    return part / base if base > 0 else Reading(None, undefined=True)


def _growth(situation: Situation, fact: str, years: int) -> Fraction | Reading:
    known = [situation.read(fact, year) for year in _back(years + 1)]
    numbers = [_number(value.value) for value in known if value is not None]
    if len(numbers) < len(known):
        return Reading(None, (fact,))
    if any(earlier <= 0 for earlier in numbers[1:]):
        return Reading(None, undefined=True)
    rates = [later / earlier - 1 for later, earlier in pairwise(numbers)]
    return sum(rates, Fraction(0)) / years


def _number(value: Scalar) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, Decimal):
        raise TypeError(f"{value!r} is no number")
    return Fraction(value)


def compares(left: Fraction, operator: tree.Operator, right: Fraction) -> bool:
    """Compare exactly; no rounding anywhere."""
    match operator:
        case "==":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right
