"""What is said of a company: one dated value of one fact, its source, and what the place and the bills tell."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from msgspec import Struct

Value = bool | int | Decimal | str | date | tuple[str, ...]
TAX, REGISTRY, SOCIAL, PATENTS, COMPANY = (
    "demo:tax",
    "demo:registry",
    "demo:social-security",
    "demo:patent-office",
    "demo:company",
)
SMALL_SCALE_LIMIT = 5_000_000  # yuan a year: limit of a VAT small-scale taxpayer (财税〔2018〕33号)


class Statement(Struct, frozen=True):
    """One dated value of one fact; the period is empty for facts that simply hold."""

    name: str
    value: Value
    source: str
    authority: Literal["authoritative", "declared"]
    seen_on: date
    period_start: date | None = None
    period_end: date | None = None


class Premises(Struct, frozen=True):
    """What the place and the bills tell about a tenant: rent in yuan a year, by year kWh and yuan of cloud services."""

    tenant_since: date
    yearly_rent: Decimal
    electricity: dict[int, Decimal]
    cloud_spend: dict[int, Decimal]


def last_settled_year(today: date) -> int:
    """The last year whose accounts are known: annual income tax settlement (汇算清缴) ends on 31 May."""
    return today.year - (1 if today > date(today.year, 5, 31) else 2)


def yuan(amount: float, step: int = 1) -> Decimal:
    """Whole yuan, or whole steps of more."""
    return Decimal(round(amount / step) * step)


def cents(amount: Decimal) -> Decimal:
    """Two decimals."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def last_day(today: date, *, month: int, day: int) -> date:
    """The last 'day of month' that lies before today."""
    this_year = date(today.year, month, day)
    return this_year if this_year < today else date(today.year - 1, month, day)
