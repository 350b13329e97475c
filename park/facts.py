"""Facts as people read them: the value with its unit, and beneath it where it comes from and how old it is."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from enterprises import FactDefinition, FactValue
from kernel.texts import CHINESE, N_, cny_short, current_locale, local, number, percent
from kernel.texts import day as day_text
from kernel.texts import gettext as _

AUTHORITIES = {
    "authoritative": N_("from a state source"),
    "declared": N_("declared by the company"),
    "derived": N_("derived from other facts"),
}
UNITS = {"person": N_("%(value)s people"), "item": N_("%(value)s items")}


def fact_rows(
    facts: Mapping[str, FactValue | None], definition_of: Callable[[str], FactDefinition | None]
) -> list[tuple[str, str | None, str]]:
    """(name, value or None when unknown, source line) of each fact."""
    rows: list[tuple[str, str | None, str]] = []
    for name, fact in facts.items():
        definition = definition_of(name)
        label = local(definition) if definition is not None else name
        rows.append(
            (label, None, _("not known")) if fact is None else (label, _value(fact.value, definition), _source(fact))
        )
    return rows


def _value(value: Any, definition: FactDefinition | None) -> str:
    if definition is None or value is None:
        return str(value)
    if definition.choices:
        names = {choice.code: local(choice) for choice in definition.choices}
        codes = [value] if isinstance(value, str) else list(value)
        separator = "、" if current_locale() == CHINESE else ", "
        # An entry is `code` or `code@last valid day`.
        return separator.join(names.get(code.partition("@")[0], code) for code in codes) or _("none")
    if definition.kind == "money":
        return cny_short(value)
    if definition.kind == "ratio":
        return percent(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | Decimal):
        return _(UNITS[definition.unit], value=number(value)) if definition.unit in UNITS else number(value)
    return str(value)


def _source(fact: FactValue) -> str:
    parts = [_(AUTHORITIES[fact.authority]) + (_(" (demo figure)") if fact.is_demo else "")]
    if fact.period_end is not None:
        parts.append(_("period to %(day)s", day=day_text(fact.period_end)))
    parts.append(_("seen %(day)s", day=day_text(fact.seen_at)))
    return " · ".join(parts)
