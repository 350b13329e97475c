"""What a fact is: the one shape every room agrees on.

A fact has a name, a kind, a unit and a period. Yearly facts are kept once per calendar year (accounting years in China are calendar
years: 会计法 art. 11), monthly facts once per month; a fact without a period holds from the day it was seen until a newer one comes.
"""

from decimal import Decimal
from typing import Literal

from msgspec import Struct

FactKind = Literal["bool", "integer", "decimal", "ratio", "money", "code", "codes", "date", "text"]
FactPeriod = Literal["none", "year", "month"]


class Choice(Struct, frozen=True):
    """One permitted value of a fact of kind `code` or `codes`."""

    code: str
    zh: str
    en: str


class FactDefinition(Struct, frozen=True, kw_only=True):
    """A question that can be asked about every company.

    `unit` is CNY for money (Decimal yuan), "" for ratios (0..1), codes, dates and truth values. `code_system` names the tree a
    code belongs to when it is not one of `choices`. A `derived` fact is computed from others and never put to a company.
    `codes` facts hold entries `code` or `code@YYYY-MM-DD`, the date being the last day on which a certificate is valid.
    """

    name: str
    kind: FactKind
    zh: str
    en: str
    question_zh: str
    question_en: str
    topic: str
    unit: str = ""
    period: FactPeriod = "none"
    choices: tuple[Choice, ...] = ()
    code_system: Literal["", "GB/T 4754-2017", "GB/T 2260"] = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    derived: bool = False


ZERO = Decimal(0)
ONE = Decimal(1)


def truth(topic: str, name: str, zh: str, en: str, question_zh: str, question_en: str) -> FactDefinition:
    """A yes-or-no fact."""
    return FactDefinition(
        name=name, kind="bool", zh=zh, en=en, question_zh=question_zh, question_en=question_en, topic=topic
    )


def money(
    topic: str,
    name: str,
    zh: str,
    en: str,
    question_zh: str,
    question_en: str,
    *,
    period: FactPeriod = "year",
    signed: bool = False,
) -> FactDefinition:
    """An amount in yuan; negative only where `signed` (a loss)."""
    return FactDefinition(
        name=name,
        kind="money",
        zh=zh,
        en=en,
        question_zh=question_zh,
        question_en=question_en,
        topic=topic,
        unit="CNY",
        period=period,
        minimum=None if signed else ZERO,
    )


def count(
    topic: str,
    name: str,
    zh: str,
    en: str,
    question_zh: str,
    question_en: str,
    *,
    unit: str = "person",
    period: FactPeriod = "none",
    maximum: Decimal | None = None,
) -> FactDefinition:
    """A whole number that cannot be negative."""
    return FactDefinition(
        name=name,
        kind="integer",
        zh=zh,
        en=en,
        question_zh=question_zh,
        question_en=question_en,
        topic=topic,
        unit=unit,
        period=period,
        minimum=ZERO,
        maximum=maximum,
    )


def measure(
    topic: str,
    name: str,
    zh: str,
    en: str,
    question_zh: str,
    question_en: str,
    *,
    unit: str,
    period: FactPeriod = "none",
    maximum: Decimal | None = None,
) -> FactDefinition:
    """A decimal number that cannot be negative."""
    return FactDefinition(
        name=name,
        kind="decimal",
        zh=zh,
        en=en,
        question_zh=question_zh,
        question_en=question_en,
        topic=topic,
        unit=unit,
        period=period,
        minimum=ZERO,
        maximum=maximum,
    )


def ratio(
    topic: str,
    name: str,
    zh: str,
    en: str,
    question_zh: str,
    question_en: str,
    *,
    period: FactPeriod = "none",
) -> FactDefinition:
    """A share between 0 and 1."""
    return FactDefinition(
        name=name,
        kind="ratio",
        zh=zh,
        en=en,
        question_zh=question_zh,
        question_en=question_en,
        topic=topic,
        period=period,
        minimum=ZERO,
        maximum=ONE,
    )


def choice(
    topic: str,
    name: str,
    zh: str,
    en: str,
    question_zh: str,
    question_en: str,
    choices: tuple[Choice, ...],
    *,
    several: bool = False,
    derived: bool = False,
) -> FactDefinition:
    """One of a closed list, or `several` of them."""
    return FactDefinition(
        name=name,
        kind="codes" if several else "code",
        zh=zh,
        en=en,
        question_zh=question_zh,
        question_en=question_en,
        topic=topic,
        choices=choices,
        derived=derived,
    )
