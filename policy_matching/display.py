"""How verdicts, criteria and steps are shown to a person: words, tones, rows of a table."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct

from enterprises import fact_label, show_source, show_value
from kernel.texts import CHINESE, N_, Text, cny, current_locale, day, percent
from kernel.texts import gettext as _
from policy_matching.engine import Assessment, CriterionResult, Evidence, GroupResult, Worth
from policy_matching.engine.tree import Growth, Node, Share, Total, children_of

AVAILABILITY = {
    "not_open_yet": (N_("Not open yet"), "neutral"),
    "open": (N_("Open now"), "ok"),
    "closing_soon": (N_("Closing soon"), "warn"),
    "closed": (N_("Window closed"), "neutral"),
    "suspended": (N_("Suspended"), "bad"),
    "budget_exhausted": (N_("Budget used up"), "bad"),
}
VERDICTS = {
    "eligible": N_("Eligible"),
    "depends": N_("Depends on open questions"),
    "not_eligible": N_("Not eligible"),
}
# icons: circle-check circle-x help-circle user-check minus
OUTCOMES = {
    "met": (N_("Met"), "ok", "circle-check"),
    "unmet": (N_("Not met"), "bad", "circle-x"),
    "unknown": (N_("Unknown"), "warn", "help-circle"),
    "manual_review": (N_("To be reviewed"), "info", "user-check"),
    "not_applicable": (N_("Does not apply"), "neutral", "minus"),
}
BECAUSE = {
    "unknown_facts": N_("Some facts are not known yet."),
    "manual_review": N_("Somebody has to judge one of the criteria."),
    "rules_incomplete": N_(
        "Not all criteria of this policy are recorded here, so it is never called eligible on its own."
    ),
}
AUTHORITIES = {
    "authoritative": N_("state source"),
    "declared": N_("declared by the company"),
    "derived": N_("computed"),
}
HOLDERS = {
    "company": N_("The company"),
    "office": N_("The office"),
    "public": N_("Public objections"),
    "treasury": N_("Treasury or bank"),
    "nobody": N_("Nobody: the case has ended"),
}
VERBS = {
    "start": N_("Begun"),
    "submit": N_("Submitted"),
    "accept": N_("Accepted for review"),
    "return": N_("Returned for correction"),
    "approve": N_("Approved"),
    "reject": N_("Rejected"),
    "withdraw": N_("Withdrawn"),
    "publicise": N_("Published for objections"),
    "hand_over": N_("Payment handed over"),
    "record_receipt": N_("Receipt recorded: paid"),
    "close": N_("Case closed"),
}
STEP_TONES = {"approve": "ok", "record_receipt": "ok", "reject": "bad", "return": "warn", "withdraw": "neutral"}
# icons: file-plus send clipboard-check arrow-back-up circle-check circle-x x speakerphone building-bank receipt lock
STEP_ICONS = {
    "start": "file-plus",
    "submit": "send",
    "accept": "clipboard-check",
    "return": "arrow-back-up",
    "approve": "circle-check",
    "reject": "circle-x",
    "withdraw": "x",
    "publicise": "speakerphone",
    "hand_over": "building-bank",
    "record_receipt": "receipt",
    "close": "lock",
}
RESULTS = {
    "granted": N_("Support was granted"),
    "rejected": N_("Not granted"),
    "declared": N_("Declared in the return"),
    "pending": N_("Handed in, waiting"),
}
BASES = {
    "own": N_("Own view"),
    "consent": N_("Consent"),
    "agreement": N_("Agreement on data"),
    "statutory": N_("Legal duty"),
    "contract": N_("Contract"),
}
JOINS = {"all": N_("All of these"), "any": N_("One of these is enough"), "not": N_("Not this")}


class Found(Struct, frozen=True):
    """What is known of one fact: its values (a year each), and where they come from."""

    label: str
    values: Sequence[str]
    sources: Sequence[str]


class Row(Struct, frozen=True):
    """A row of the criterion table: a heading of a group, or a criterion. `measure` is the share that was computed."""

    depth: int
    heading: str = ""
    result: CriterionResult | None = None
    required: str = ""
    measure: str = ""
    found: Sequence[Found] = ()
    outcome: str = ""


def rows_of(assessment: Assessment) -> list[Row]:
    """Return the criteria as rows, groups as headings above theirs."""
    result = assessment.result
    if isinstance(result, GroupResult) and result.join == "all":
        return [row for child in result.children for row in _rows(child, 0)]
    return list(_rows(result, 0))


def _rows(result: CriterionResult | GroupResult, depth: int) -> Iterator[Row]:
    if isinstance(result, GroupResult):
        heading = (
            _("At least %(count)s of these", count=result.count) if result.join == "at_least" else _(JOINS[result.join])
        )
        yield Row(depth, heading=heading, outcome=result.outcome)
        for child in result.children:
            yield from _rows(child, depth + 1)
        return
    yield Row(
        depth,
        result=result,
        required=Text(result.criterion.zh, result.criterion.en).local(),
        measure=_measure(result) if result.measure else "",
        found=_found(result.evidence),
        outcome=result.outcome,
    )


def _found(evidence: Sequence[Evidence]) -> list[Found]:
    """Return what was read, a fact each, its years side by side."""
    facts: dict[str, list[Evidence]] = {}
    for entry in evidence:
        facts.setdefault(entry.fact, []).append(entry)
    return [
        Found(
            label=fact_label(name),
            values=list(dict.fromkeys(_value(entry) for entry in entries)),
            sources=_sources(entries),
        )
        for name, entries in facts.items()
    ]


def _measure(result: CriterionResult) -> str:
    found = next((node for node in _walk(result.criterion.test) if isinstance(node, Share | Growth | Total)), None)
    value = Decimal(result.measure)
    if isinstance(found, Total):
        return _("Sum: %(value)s", value=cny(value))
    word = _("Growth: %(value)s") if isinstance(found, Growth) else _("Share: %(value)s")
    return word % {"value": percent(value, 2)}


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in children_of(node):
        yield from _walk(child)


def _value(entry: Evidence) -> str:
    value = _("unknown") if entry.known is None else show_value(entry.fact, entry.known.value)
    return value if entry.year is None else _("%(year)s: %(value)s", year=entry.year, value=value)


def _sources(entries: Sequence[Evidence]) -> list[str]:
    """Return where the values come from, each source once with the days on which it was seen."""
    days: dict[tuple[str, str], list[str]] = {}
    for known in (entry.known for entry in entries if entry.known is not None):
        seen = days.setdefault((show_source(known.source), _(AUTHORITIES.get(known.authority, known.authority))), [])
        if known.seen_on is not None and day(known.seen_on) not in seen:
            seen.append(day(known.seen_on))
    comma = "、" if current_locale() == CHINESE else ", "
    return [
        " · ".join(part for part in (source, authority, comma.join(seen)) if part)
        for (source, authority), seen in days.items()
    ]


def worth_text(low: Decimal | None, high: Decimal | None) -> str:
    """Return an amount, a range, or nothing where the benefit is no sum of money."""
    if low is None:
        return ""
    if high is None:
        return _("from %(amount)s", amount=cny(low)) if low else ""
    if not low and high:
        return _("up to %(amount)s", amount=cny(high))
    return cny(low) if low == high else _("%(low)s to %(high)s", low=cny(low), high=cny(high))


def worth_of(worth: Worth | None) -> str:
    """Return the worth of an item as text."""
    return "" if worth is None else worth_text(worth.low, worth.high)


def window_text(state: str, opens_on: date | None, closes_on: date | None) -> str:
    """Return when an item opens or closes, in words."""
    if state == "not_open_yet" and opens_on is not None:
        return _("opens on %(day)s", day=day(opens_on))
    if closes_on is None:
        return ""
    if state == "closed":
        return _("closed since %(day)s", day=day(closes_on))
    return _("ends on %(day)s", day=day(closes_on))


def choices_of(labels: Mapping[str, str | tuple[str, ...]]) -> list[tuple[str, str]]:
    """Return labels as the options of a filter."""
    return [(value, _(label if isinstance(label, str) else label[0])) for value, label in labels.items()]
