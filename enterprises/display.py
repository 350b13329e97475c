"""How a fact is shown to a person: value with unit, source, freshness, in the reader's language."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from enterprises.codes import division_path, industry_name
from enterprises.contracts import FactValue
from enterprises.vocabulary import VOCABULARY, FactDefinition
from kernel.clock import local_date
from kernel.texts import CHINESE, N_, NOTHING, Text, cny, current_locale, day, number, percent
from kernel.texts import gettext as _

TOPICS = {
    "identity": Text("工商登记与身份", "Registration and identity"),
    "tax": Text("税务", "Tax"),
    "conduct": Text("守法与合规", "Conduct and compliance"),
    "market": Text("市场", "Market"),
    "people": Text("人员与社保", "People and social insurance"),
    "accounts": Text("财务", "Accounts"),
    "equipment": Text("设备投资", "Equipment"),
    "loans": Text("贷款", "Loans"),
    "bills": Text("云与租金支出", "Cloud and rent payments"),
    "land": Text("用地与能耗", "Land and energy"),
    "scores": Text("评价得分", "Scores"),
    "innovation": Text("创新", "Innovation"),
    "software": Text("软件", "Software"),
}
UNITS = {
    "person": Text("人", "persons"),
    "item": Text("项", "items"),
    "month": Text("个月", "months"),
    "year": Text("年", "years"),
    "mu": Text("亩", "mu"),
    "point": Text("分", "points"),
    "t": Text("吨", "t"),
    "tce": Text("吨标准煤", "tce"),
    "kWh": Text("千瓦时", "kWh"),
}
AUTHORITIES = {
    "authoritative": N_("State source"),
    "declared": N_("Declared by the company"),
    "derived": N_("Computed"),
}
SOURCES = {
    "declared:company": N_("Declared by the company"),
    "registration": N_("Registration with ParkLink"),
}
Freshness = Literal["fresh", "ageing", "old"]
FRESH, AGEING = timedelta(days=180), timedelta(days=400)


def fact_label(name: str) -> str:
    """Return the name of a fact in the reader's language; a name that is no fact stays as it is."""
    definition = VOCABULARY.get(name)
    return Text(definition.zh, definition.en).local() if definition else name


def topic_label(topic: str) -> str:
    """Return the name of a topic of the vocabulary."""
    return TOPICS[topic].local() if topic in TOPICS else topic


def unit_label(unit: str) -> str:
    """Return a unit as it is written after a number; yuan stands before it and has none here."""
    return UNITS[unit].local() if unit in UNITS else ""


def show_value(name: str, value: Any) -> str:
    """Return a fact's value as a person reads it, with its unit; an unknown one as a dash."""
    definition = VOCABULARY.get(name)
    if value is None or definition is None:
        return NOTHING if value is None else str(value)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if definition.kind == "money":
        return cny(value)
    if definition.kind == "ratio":
        return percent(value)
    if isinstance(value, int | Decimal):
        unit = unit_label(definition.unit)
        return f"{number(value)} {unit}".strip()
    if isinstance(value, date):
        return day(value)
    if isinstance(value, tuple | list):
        separator = "、" if current_locale() == CHINESE else ", "
        return separator.join(_show_code(definition, item) for item in value) or _("None")
    return _show_code(definition, str(value)) if definition.kind == "code" else str(value)


def show_period(start: date | None, end: date | None) -> str:
    """Return a period in words: a year, a month, or nothing."""
    if start is None or end is None:
        return ""
    if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31) and start.year == end.year:
        return str(start.year)
    return f"{start:%Y-%m}" if (start.year, start.month) == (end.year, end.month) else f"{day(start)} – {day(end)}"


def show_source(source: str) -> str:
    """Return a source in words; demo data says that it is."""
    if source.startswith("demo:"):
        return _("Demo data: %(source)s", source=source.removeprefix("demo:").strip())
    if source.startswith("derived:"):
        return _("Computed by %(source)s", source=source.removeprefix("derived:").strip())
    return _(SOURCES[source]) if source in SOURCES else source


def freshness(fact: FactValue, now: datetime) -> Freshness:
    """Tell how fresh a value is: by the end of its period, else by the day its source was seen."""
    if fact.period_end is not None:
        age = local_date(now) - fact.period_end
        limits = (timedelta(days=365) + FRESH, timedelta(days=365) + AGEING)
    else:
        age, limits = now - fact.seen_at, (FRESH, AGEING)
    return "fresh" if age <= limits[0] else "ageing" if age <= limits[1] else "old"


def _show_code(definition: FactDefinition, text: str) -> str:
    code, _at, until = text.partition("@")
    if definition.code_system == "GB/T 4754-2017":
        return f"{code} {industry_name(code) or ''}".strip()
    if definition.code_system == "GB/T 2260":
        return f"{code} {''.join(division_path(code))}".strip()
    label = next((Text(one.zh, one.en).local() for one in definition.choices if one.code == code), code)
    return _("%(name)s (until %(day)s)", name=label, day=until) if until else label
