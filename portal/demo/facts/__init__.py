"""The figures of the demo companies: invented, but consistent with each other over the years.

Every statement says where it is supposed to come from; each source begins with "demo:", so that no page can pass it off as
a real record. What a company would not have told anybody stays out, so that verdicts can depend on it.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random

import msgspec

from portal.demo.facts.accounts import accounts
from portal.demo.facts.company import innovation, monthly, people, registered
from portal.demo.facts.statement import COMPANY, Premises, Statement, last_day, last_settled_year
from portal.demo.worldfile import TenantEntry

__all__ = ["Premises", "Statement", "last_settled_year", "state_facts"]

YEARS_KNOWN = 4


def state_facts(
    entry: TenantEntry, division: str, premises: Premises, today: date, random: Random
) -> tuple[Statement, ...]:
    """All that is known about a company on `today`, the last full year last; deterministic for a given `random`."""
    last_year = last_settled_year(today)
    statements: list[Statement] = [*registered(entry, division, premises, today, random)]
    for year in range(max(entry.founded.year + 1, last_year - YEARS_KNOWN + 1), last_year + 1):
        statements += accounts(entry, premises, year, last_year, random)
    statements += people(entry, today, random)
    statements += monthly(entry, today, random)
    statements += innovation(entry, today, random)
    return tuple(
        _made_exact(entry, statement, last_year) for statement in statements if statement.name not in entry.unknown
    ) + tuple(_only_exact(entry, statements, today))


def _made_exact(entry: TenantEntry, statement: Statement, last_year: int) -> Statement:
    """The boundary value of a fact, for its last year; earlier years keep the same where growth is nought."""
    wanted = entry.exact.get(statement.name)
    of_last_year = statement.period_end is None or statement.period_end.year >= last_year or entry.growth == 0
    if wanted is None or not of_last_year:
        return statement
    return msgspec.structs.replace(statement, value=_counted(statement.name, wanted))


def _only_exact(entry: TenantEntry, made: list[Statement], today: date) -> Iterator[Statement]:
    """Boundary facts that the generator had left out for this company."""
    known = {statement.name for statement in made}
    for name, wanted in entry.exact.items():
        if name not in known:
            yield Statement(name, _counted(name, wanted), COMPANY, "declared", last_day(today, month=3, day=15))


def _counted(name: str, wanted: float) -> int | Decimal:
    """People and things are counted; everything else is an exact decimal."""
    return int(wanted) if name.endswith(("staff", "count")) else Decimal(str(wanted))
