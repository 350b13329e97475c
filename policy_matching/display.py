"""How verdicts, criteria and steps are shown to a person: words, tones, rows of a table."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct

from enterprises import fact_label, show_source, show_value
from kernel.texts import N_, NOTHING, Text, cny, percent
from kernel.texts import gettext as _
from policy_matching.engine import Assessment, CriterionResult, Evidence, GroupResult, Worth
from policy_matching.engine.tree import Growth, Node, Share, Total, children_of

AVAILABILITY = {
    "not_open_yet": (N_("Not open yet"), "neutral"),
    "open": (N_("Open for applications"), "ok"),
    "closing_soon": (N_("Closing soon"), "warn"),
    "closed": (N_("Closed to applications"), "neutral"),
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


class Row(Struct, frozen=True):
    """A row of the criterion table: a heading of a group, or a criterion."""

    depth: int
    heading: str = ""
    result: CriterionResult | None = None
    required: str = ""
    actual: Sequence[str] = ()
    sources: Sequence[str] = ()
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
        actual=actual_of(result),
        sources=list(dict.fromkeys(_source(entry) for entry in result.evidence if entry.known is not None)),
        outcome=result.outcome,
    )


def actual_of(result: CriterionResult) -> list[str]:
    """Return what was found for a criterion, a line a fact, the computed share first."""
    lines = []
    if result.measure:
        lines.append(_measure(result))
    lines += [_fact_line(entry) for entry in result.evidence]
    return lines


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


def _fact_line(entry: Evidence) -> str:
    name = fact_label(entry.fact)
    if entry.year is not None:
        name = _("%(fact)s %(year)s", fact=name, year=entry.year)
    value = _("unknown") if entry.known is None else show_value(entry.fact, entry.known.value)
    return _("%(fact)s: %(value)s", fact=name, value=value)


def _source(entry: Evidence) -> str:
    known = entry.known
    if known is None:
        return NOTHING
    parts = [show_source(known.source), _(AUTHORITIES.get(known.authority, known.authority))]
    if known.seen_on is not None:
        parts.append(known.seen_on.isoformat())
    return " · ".join(dict.fromkeys(parts))


def worth_text(low: Decimal | None, high: Decimal | None) -> str:
    """Return an amount, a range, or nothing where the benefit is no sum of money."""
    if low is None:
        return ""
    if high is None:
        return _("from %(amount)s", amount=cny(low))
    return cny(low) if low == high else _("%(low)s to %(high)s", low=cny(low), high=cny(high))


def worth_of(worth: Worth | None) -> str:
    """Return the worth of an item as text."""
    return "" if worth is None else worth_text(worth.low, worth.high)


def window_text(state: str, opens_on: date | None, closes_on: date | None) -> str:
    """Return when an item opens or closes, in words."""
    if state == "not_open_yet" and opens_on is not None:
        return _("opens on %(day)s", day=opens_on.isoformat())
    if closes_on is None:
        return ""
    if state == "closed":
        return _("closed since %(day)s", day=closes_on.isoformat())
    return _("until %(day)s", day=closes_on.isoformat())


def choices_of(labels: Mapping[str, str | tuple[str, ...]]) -> list[tuple[str, str]]:
    """Return labels as the options of a filter."""
    return [(value, _(label if isinstance(label, str) else label[0])) for value, label in labels.items()]
