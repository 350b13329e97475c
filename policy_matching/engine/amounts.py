"""What an item is worth to one company: an exact amount where the facts are known, a range where they are not."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from msgspec import Struct

from policy_matching.engine.facts import FactBook, Known

FEN = Decimal("0.01")
BenefitKind = Literal[
    "fixed", "share", "per_head", "refund", "interest_subsidy", "tax_rate", "tax_cut", "tax_exemption", "tax_holiday",
    "super_deduction", "vat_credit", "vat_refund", "full_expensing", "recognition",
]  # fmt: skip
PAYABLE: tuple[BenefitKind, ...] = ("fixed", "share", "per_head", "refund")


class Benefit(Struct, frozen=True, kw_only=True):
    """What is granted. `amount` in yuan (fixed: whole, per_head: each), `rate` a share of the fact `base`, `cap` in yuan.

    `rate_by_size` overrides `rate` for a size class (refund to large companies and to others at different rates).
    """

    type: BenefitKind
    amount: Decimal | None = None
    base: str = ""
    base_year: int = 0
    rate: Decimal | None = None
    rate_by_size: dict[str, Decimal] = {}
    cap: Decimal | None = None
    years: int | None = None
    note_zh: str = ""
    note_en: str = ""


class Worth(Struct, frozen=True):
    """Yuan, at least `low` and at most `high`; `high` None is unbounded or not a matter of an amount."""

    low: Decimal
    high: Decimal | None

    @property
    def exact(self) -> Decimal | None:
        """The amount, when it is certain."""
        return self.low if self.low == self.high else None


def worth_of(benefit: Benefit, facts: FactBook, as_of: date) -> Worth | None:
    """Return what a payable benefit comes to, rounded half up to the fen; None for benefits that are no sum of money."""
    match benefit.type:
        case "fixed":
            return Worth(benefit.amount, benefit.amount) if benefit.amount is not None else None
        case "per_head" if benefit.amount is not None:
            return _times(benefit, facts, as_of, (benefit.amount,))
        case "share" | "refund":
            return _times(benefit, facts, as_of, _rates(benefit, facts))
        case _:
            return None


def _rates(benefit: Benefit, facts: FactBook) -> tuple[Decimal, ...]:
    if not benefit.rate_by_size:
        return () if benefit.rate is None else (benefit.rate,)
    size = facts.latest("size_class")
    if size is None:
        return tuple(sorted({*benefit.rate_by_size.values()}))
    return (benefit.rate_by_size[str(size.value)],)


def _times(benefit: Benefit, facts: FactBook, as_of: date, rates: tuple[Decimal, ...]) -> Worth | None:
    if not rates:
        return None
    known: Known | None
    if benefit.base_year:
        known = facts.of_year(benefit.base, as_of.year + benefit.base_year)
    else:
        known = facts.latest(benefit.base)
    if known is None or isinstance(known.value, bool) or not isinstance(known.value, Decimal):
        return Worth(Decimal(0), benefit.cap)
    sums = [(max(known.value, Decimal(0)) * rate).quantize(FEN, ROUND_HALF_UP) for rate in rates]
    capped = [min(amount, benefit.cap) if benefit.cap is not None else amount for amount in sums]
    return Worth(min(capped), max(capped))
