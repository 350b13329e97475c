"""Fact books for tests, written as plain values."""

from datetime import date
from decimal import Decimal

from enterprises import VOCABULARY
from policy_matching.catalogue import NATIONAL, SAMPLE, ItemVersion, load_folder
from policy_matching.engine import Assessment, FactBook, Known, assess

ITEMS: dict[str, ItemVersion] = {item.id: item for item in load_folder(NATIONAL, SAMPLE)}
TODAY = date(2026, 11, 23)


def known(name: str, value: object, year: int | None, authority: str = "authoritative") -> Known:
    """One value of a fact of the vocabulary; a yearly fact takes the year."""
    definition = VOCABULARY[name]
    numeric = definition.kind in {"integer", "decimal", "ratio", "money"}
    plain = Decimal(str(value)) if numeric else value
    if definition.period == "year":
        assert year is not None
        return Known(plain, date(year, 1, 1), date(year, 12, 31), "test register", authority)
    return Known(plain, source="test register", authority=authority)


def book(as_of: date = TODAY, authority: str = "authoritative", **values: object) -> FactBook:
    """A book: `staff=30`, yearly facts for last year or as a list, last year first."""
    made: dict[str, list[Known]] = {}
    for name, value in values.items():
        several = value if isinstance(value, list) else [value]
        made[name] = [known(name, each, as_of.year - 1 - back, authority) for back, each in enumerate(several)]
    return FactBook(made)


def assessed(item_id: str, as_of: date = TODAY, **values: object) -> Assessment:
    """The assessment of a catalogue item for a company with these facts."""
    item = ITEMS[item_id]
    return assess(item.rule, book(as_of, **values), as_of, complete=item.complete)


def outcome(assessment: Assessment, criterion: str) -> str:
    """The outcome of one criterion."""
    return next(found.outcome for found in assessment.criteria if found.criterion.id == criterion)
