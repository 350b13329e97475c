"""What is known about one company, as the engine sees it: values with their period, source and date.

The engine never asks a database. What is not in the book is unknown, and unknown is never turned into a yes or a no.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct

Scalar = bool | Decimal | date | str | tuple[str, ...]

AUTHORITATIVE = "authoritative"


class Known(Struct, frozen=True):
    """One value of one fact. Numbers are Decimal, codes are tuples of text; `authority` is authoritative, declared or derived."""

    value: Scalar
    period_start: date | None = None
    period_end: date | None = None
    source: str = ""
    authority: str = "declared"
    seen_on: date | None = None

    def covers_year(self, year: int) -> bool:
        """Tell whether the value is the one of a calendar year."""
        return self.period_start == date(year, 1, 1) and self.period_end == date(year, 12, 31)


class FactBook:
    """All values known of one company, newest first for each name."""

    def __init__(self, values: Mapping[str, Sequence[Known]]) -> None:
        self._values = {name: tuple(known) for name, known in values.items() if known}

    def latest(self, name: str) -> Known | None:
        """Return the newest value, or None when nothing is known."""
        known = self._values.get(name, ())
        return known[0] if known else None

    def of_year(self, name: str, year: int) -> Known | None:
        """Return the value of one calendar year, or None when that year is not known."""
        return next((known for known in self._values.get(name, ()) if known.covers_year(year)), None)

    def values(self) -> Mapping[str, tuple[Known, ...]]:
        """Return everything that is known."""
        return self._values

    def only_authoritative(self) -> "FactBook":
        """Return the book without what the company merely said or what was derived from it."""
        kept = {name: [k for k in known if k.authority == AUTHORITATIVE] for name, known in self._values.items()}
        return FactBook(kept)

    def with_value(self, name: str, known: Known) -> "FactBook":
        """Return the book with one newer value."""
        return FactBook({**self._values, name: (known, *self._values.get(name, ()))})


def dump_book(book: FactBook) -> dict[str, list[dict[str, Any]]]:
    """Return the book as JSON that `restore_book` reads back exactly: numbers and dates as text beside their kind."""
    return {
        name: [
            {
                "kind": _kind(known.value),
                "value": _plain(known.value),
                "from": known.period_start.isoformat() if known.period_start else None,
                "to": known.period_end.isoformat() if known.period_end else None,
                "source": known.source,
                "authority": known.authority,
                "seen": known.seen_on.isoformat() if known.seen_on else None,
            }
            for known in values
        ]
        for name, values in sorted(book.values().items())
    }


def restore_book(document: Mapping[str, Sequence[Mapping[str, Any]]]) -> FactBook:
    """Return the book that dump_book wrote."""
    return FactBook(
        {
            name: [
                Known(
                    _restored(entry["kind"], entry["value"]),
                    _day(entry["from"]),
                    _day(entry["to"]),
                    entry["source"],
                    entry["authority"],
                    _day(entry["seen"]),
                )
                for entry in entries
            ]
            for name, entries in document.items()
        }
    )


def _kind(value: Scalar) -> str:
    match value:
        case bool():
            return "bool"
        case Decimal():
            return "number"
        case date():
            return "date"
        case tuple():
            return "codes"
        case str():
            return "text"


def _plain(value: Scalar) -> bool | str | list[str]:
    match value:
        case bool() | str():
            return value
        case Decimal():
            return format(value, "f")
        case date():
            return value.isoformat()
        case tuple():
            return list(value)


def _restored(kind: str, value: Any) -> Scalar:
    match kind:
        case "bool":
            return bool(value)
        case "number":
            return Decimal(value)
        case "date":
            return date.fromisoformat(value)
        case "codes":
            return tuple(value)
        case _:
            return str(value)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def year_value(value: Scalar, year: int, source: str = "", authority: str = "declared") -> Known:
    """Return a value that holds for one calendar year."""
    return Known(value, date(year, 1, 1), date(year, 12, 31), source, authority)
