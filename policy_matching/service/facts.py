"""From the facts of enterprises to the book of the engine, and from an open question to a fact that answers it."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from msgspec import Struct

from enterprises import VOCABULARY, FactIn, Facts, FactValue, current_division
from kernel.clock import local_date
from policy_matching.engine import AUTHORITATIVE, Assessment, FactBook, Known, dump_book

SIZE_INPUTS = ("industry_code", "staff", "revenue", "total_assets")


def book_of(facts: Facts) -> FactBook:
    """Return the facts as the engine reads them: numbers exact, retired division codes as the ones in force."""
    book = {name: [_known(name, value) for value in facts.series(name)] for name in facts}
    sizes = book.get("size_class", [])
    if sizes and sizes[0].authority == "derived" and all(_is_authoritative(book, name) for name in SIZE_INPUTS):
        # Computed by a fixed standard from what state sources say: as good as they are.
        known = sizes[0]
        sizes[0] = Known(known.value, None, None, known.source, AUTHORITATIVE, known.seen_on)
    return FactBook(book)


def _is_authoritative(book: dict[str, list[Known]], name: str) -> bool:
    return bool(book.get(name)) and book[name][0].authority == AUTHORITATIVE


def _known(name: str, fact: FactValue) -> Known:
    value = fact.value
    if isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    elif isinstance(value, list):
        value = tuple(value)
    elif name == "division_code":
        value = current_division(str(value)) or value
    return Known(value, fact.period_start, fact.period_end, fact.source, fact.authority, local_date(fact.seen_at))


def hash_of(book: FactBook) -> str:
    """Return the SHA-256 of the book's canonical JSON."""
    text = json.dumps(dump_book(book), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def only(book: FactBook, names: frozenset[str]) -> FactBook:
    """Return the part of the book a rule can read: a decision keeps no more than it used."""
    return FactBook({name: known for name, known in book.values().items() if name in names})


class Question(Struct, frozen=True):
    """A question put to the company; `key` names fact and year ("rd_expense.2025")."""

    key: str
    fact: str
    year: int | None
    zh: str
    en: str
    label_zh: str
    label_en: str
    kind: str
    unit: str
    choices: Sequence[tuple[str, str, str]]
    deciding: bool


def questions_of(assessment: Assessment, book: FactBook) -> list[Question]:
    """Return what to ask, in the order of the document: only facts and years whose answer could settle the verdict."""
    wanted: dict[tuple[str, int | None], None] = {}
    for found in assessment.criteria:
        for name in found.missing:
            if name not in assessment.questions:
                continue
            years = [entry.year for entry in found.evidence if entry.fact == name and entry.known is None]
            for year in years or [None]:
                for real, real_year in _askable(name, year, assessment.as_of, book):
                    wanted.setdefault((real, real_year))
    deciding = {name for fact in assessment.deciding for name, _year in _askable(fact, None, assessment.as_of, book)}
    return [_question(name, year, deciding=name in deciding and len(wanted) == 1) for name, year in wanted]


def _askable(name: str, year: int | None, as_of: date, book: FactBook) -> list[tuple[str, int | None]]:
    """Return what can be asked for a fact: itself, or the inputs that are missing where it is computed from others."""
    if not VOCABULARY[name].derived:
        return [(name, year)]
    missing = [real for real in SIZE_INPUTS if book.latest(real) is None]
    return [(real, as_of.year - 1 if VOCABULARY[real].period == "year" else None) for real in missing]


def _question(name: str, year: int | None, *, deciding: bool) -> Question:
    fact = VOCABULARY[name]
    when_zh, when_en = (f"（{year}年度）", f" ({year})") if year is not None else ("", "")
    return Question(
        key=f"{name}.{year}" if year is not None else name,
        fact=name,
        year=year,
        zh=fact.question_zh + when_zh,
        en=fact.question_en + when_en,
        label_zh=fact.zh + when_zh,
        label_en=fact.en + when_en,
        kind=fact.kind,
        unit=fact.unit,
        choices=[(one.code, one.zh, one.en) for one in fact.choices],
        deciding=deciding,
    )


def answer_as_fact(key: str, value: Any, today: date) -> FactIn:
    """Return an answer as the fact to record; ValueError when the key is none of a question.

    A yearly fact without a year is last year's, a monthly one the last full month's.
    """
    name, _dot, year_text = key.partition(".")
    definition = VOCABULARY.get(name)
    if definition is None or definition.derived or (year_text and not year_text.isdecimal()):
        raise ValueError(key)
    start: date | None = None
    end: date | None = None
    if definition.period == "year":
        year = int(year_text) if year_text else today.year - 1
        if not 1990 <= year <= today.year:
            raise ValueError(key)
        start, end = date(year, 1, 1), date(year, 12, 31)
    elif definition.period == "month":
        end = today.replace(day=1) - timedelta(days=1)
        start = end.replace(day=1)
    return FactIn(name=name, value=value, period_start=start, period_end=end, authority="declared")
