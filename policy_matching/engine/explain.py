"""The verdict with its reasons: every criterion with its outcome, what was read for it, and what would settle it."""

from datetime import date
from fractions import Fraction
from typing import Literal

from msgspec import Struct

from policy_matching.engine import tree
from policy_matching.engine.evaluate import (
    Evidence,
    Reading,
    Situation,
    combine_all,
    combine_any,
    combine_count,
    evaluate,
    negate,
)
from policy_matching.engine.facts import FactBook

Outcome = Literal["met", "unmet", "unknown", "manual_review", "not_applicable"]
Verdict = Literal["eligible", "not_eligible", "depends"]
Because = Literal["unknown_facts", "manual_review", "rules_incomplete"]


class CriterionResult(Struct, frozen=True):
    """One condition answered. `measure` is the share, sum or growth that was computed, to six places, for display only."""

    criterion: tree.Criterion
    outcome: Outcome
    evidence: tuple[Evidence, ...]
    missing: tuple[str, ...]
    measure: str = ""


class GroupResult(Struct, frozen=True):
    """Several conditions that count together."""

    join: Literal["all", "any", "not", "at_least"]
    outcome: Outcome
    children: tuple["CriterionResult | GroupResult", ...]
    count: int = 0


class Assessment(Struct, frozen=True):
    """What one item means for one company on one day.

    `verdict` is "depends" when a fact is unknown, somebody must judge, or the rules are known to be incomplete: `because`
    says which. `questions` are the facts that could settle it, `deciding` those that settle it alone.
    """

    verdict: Verdict
    because: tuple[Because, ...]
    result: CriterionResult | GroupResult
    questions: tuple[str, ...]
    deciding: tuple[str, ...]
    as_of: date

    @property
    def criteria(self) -> tuple[CriterionResult, ...]:
        """Every condition in the order of the document."""
        return tuple(flatten(self.result))


class Judged(Struct, frozen=True):
    """A node of the explanation with its truth; `reading` None means not applicable."""

    shown: CriterionResult | GroupResult
    reading: Reading | None
    review: bool = False


def assess(rule: tree.Node, facts: FactBook, as_of: date, *, complete: bool) -> Assessment:
    """Return the verdict of a rule for one company on one day (a date in Asia/Shanghai).

    Rules that are not `complete` never say eligible by themselves.
    """
    judged = _judge(rule, Situation(facts, as_of))
    # A rule of which nothing applies asks for nothing: it is met.
    reading = judged.reading or Reading(True)
    because: list[Because] = []
    if reading.truth is None:
        because += ["unknown_facts"] if reading.missing else []
        because += ["manual_review"] if judged.review or not reading.missing else []
    if not complete and reading.truth is not False:
        because.append("rules_incomplete")
    verdict: Verdict = "not_eligible" if reading.truth is False else ("depends" if because else "eligible")
    deciding = reading.missing if len(reading.missing) == 1 and not judged.review and complete else ()
    return Assessment(verdict, tuple(because), judged.shown, reading.missing, deciding, as_of)


def flatten(result: CriterionResult | GroupResult) -> list[CriterionResult]:
    """Return the conditions below a node."""
    if isinstance(result, CriterionResult):
        return [result]
    return [criterion for child in result.children for criterion in flatten(child)]


def _judge(node: tree.Node, situation: Situation) -> Judged:
    match node:
        case tree.Criterion():
            return _judge_criterion(node, situation.fresh())
        case tree.All(of=of):
            return _join("all", [_judge(child, situation) for child in of])
        case tree.Any(of=of):
            return _join("any", [_judge(child, situation) for child in of])
        case tree.AtLeast(count=count, of=of):
            return _join("at_least", [_judge(child, situation) for child in of], count)
        case tree.Not(of=inner):
            return _join("not", [_judge(inner, situation)])
        case _:
            raise TypeError("a test stands inside a criterion")  # the loader admits nothing else


def _join(join: Literal["all", "any", "not", "at_least"], children: list[Judged], count: int = 0) -> Judged:
    readings = [child.reading for child in children if child.reading is not None]
    reading: Reading | None
    if not readings and join != "at_least":
        reading = None
    elif join == "all":
        reading = combine_all(readings)
    elif join == "any":
        reading = combine_any(readings)
    elif join == "not":
        reading = negate(readings[0])
    else:
        reading = combine_count(count, readings)
    undecided = reading is not None and reading.truth is None
    review = undecided and any(
        child.review for child in children if child.reading is not None and child.reading.truth is None
    )
    outcome: Outcome = "not_applicable" if reading is None else _outcome(reading, review=review)
    shown = GroupResult(join, outcome, tuple(child.shown for child in children), count)
    return Judged(shown, reading, review)


def _judge_criterion(criterion: tree.Criterion, situation: Situation) -> Judged:
    condition = Reading(True) if criterion.applies_when is None else evaluate(criterion.applies_when, situation)
    if condition.truth is False:
        return Judged(_shown(criterion, "not_applicable", situation, ()), None)
    reading = evaluate(criterion.test, situation)
    if condition.truth is None:
        reading = Reading(None, tuple(dict.fromkeys((*condition.missing, *reading.missing))), condition.undefined)
    review = reading.undefined
    if reading.truth is False and criterion.other_routes:
        reading, review = Reading(None, undefined=True), True
    elif criterion.review and reading.truth is not False:
        reading, review = Reading(None, reading.missing, undefined=True), True
    outcome = _outcome(reading, review=review)
    return Judged(_shown(criterion, outcome, situation, reading.missing), reading, review)


def _outcome(reading: Reading, *, review: bool) -> Outcome:
    if reading.truth is None:
        return "manual_review" if review else "unknown"
    return "met" if reading.truth else "unmet"


def _shown(
    criterion: tree.Criterion, outcome: Outcome, situation: Situation, missing: tuple[str, ...]
) -> CriterionResult:
    measure = _decimal_text(situation.measures[-1]) if situation.measures else ""
    return CriterionResult(criterion, outcome, tuple(situation.evidence), missing, measure)


def _decimal_text(value: Fraction) -> str:
    scaled = round(value * 10**6)
    return f"{'-' if scaled < 0 else ''}{abs(scaled) // 10**6}.{abs(scaled) % 10**6:06d}"
