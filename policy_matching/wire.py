"""From the room's objects to what its JSON API gives."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from enterprises import VOCABULARY
from policy_matching.contracts import Match
from policy_matching.engine import CriterionResult, Evidence, criteria_of, facts_of
from policy_matching.models import ExternalResult, PaymentOrder
from policy_matching.schemas import (
    ApplicationOut,
    ApplicationRowOut,
    ConditionOut,
    CriterionOut,
    EvidenceOut,
    ExplainedOut,
    MatchOut,
    PaymentOut,
    PolicyDetailOut,
    PolicyOut,
    QuestionOut,
    ResultOut,
    StepOut,
    UseOut,
)
from policy_matching.service import CaseView, Explained, LiveItem, Question


def yuan(fen: int | None) -> Decimal | None:
    """Return fen as yuan with two decimals."""
    return None if fen is None else (Decimal(fen) / 100).quantize(Decimal("0.01"))


def policy_out(item: LiveItem, today: date) -> PolicyOut:
    """Return an item for the wire."""
    return PolicyOut(**_policy(item, today))


def policy_detail_out(item: LiveItem, today: date) -> PolicyDetailOut:
    """Return an item with its criteria for the wire."""
    rules = item.rules
    return PolicyDetailOut(
        **_policy(item, today),
        notes_zh=rules.notes.zh,
        notes_en=rules.notes.en,
        guidance_zh=rules.guidance.zh,
        guidance_en=rules.guidance.en,
        link=rules.link,
        criteria=[
            ConditionOut(id=one.id, zh=one.zh, en=one.en, clause=one.clause, facts=sorted(facts_of(one)))
            for one in criteria_of(rules.rule)
        ],
    )


def _policy(item: LiveItem, today: date) -> Mapping[str, Any]:
    rules, standing = item.rules, item.availability(today)
    return {
        "code": item.row.code,
        "title_zh": rules.title.zh,
        "title_en": rules.title.en,
        "document": rules.document,
        "issuer_zh": rules.issuer.zh,
        "issuer_en": rules.issuer.en,
        "route": rules.route,
        "kind": rules.kind,
        "state": standing.state,
        "state_reason": item.row.state_reason,
        "opens_on": standing.opens_on,
        "closes_on": standing.closes_on,
        "valid_from": rules.valid.start,
        "valid_until": rules.valid.end,
        "complete": rules.complete,
        "sample": rules.sample,
        "checked_on": rules.checked,
        "benefit_zh": rules.benefit.note_zh,
        "benefit_en": rules.benefit.note_en,
        "replaces": rules.replaces,
        "exclusive_with": list(rules.exclusive_with),
        "rule_hash": item.version.rule_hash,
        "budget_yuan": yuan(item.row.granted_fen) if item.free_fen is not None else None,
        "budget_left_yuan": yuan(item.free_fen),
        "version": item.row.version,
    }


def match_out(match: Match) -> MatchOut:
    """Return a match for the wire."""
    return MatchOut(
        code=match.code,
        title_zh=match.title_zh,
        title_en=match.title_en,
        route=match.route,
        kind=match.kind,
        verdict=match.verdict,
        because=list(match.because),
        state=match.state,
        opens_on=match.opens_on,
        closes_on=match.closes_on,
        complete=match.complete,
        sample=match.sample,
        questions=list(match.questions),
        worth_low=match.worth_low,
        worth_high=match.worth_high,
        relevance=match.relevance,
        reasons=list(match.reasons),
        application_id=match.application_id,
    )


def explained_out(explained: Explained) -> ExplainedOut:
    """Return an explanation for the wire."""
    item, assessment, worth = explained.item, explained.assessment, explained.worth
    return ExplainedOut(
        code=item.row.code,
        verdict=assessment.verdict,
        because=list(assessment.because),
        as_of=assessment.as_of,
        state=explained.availability.state,
        rule_hash=item.version.rule_hash,
        criteria=[criterion_out(found, item.rules.document) for found in assessment.criteria],
        questions=[_question_out(question) for question in explained.questions],
        worth_low=worth.low if worth else None,
        worth_high=worth.high if worth else None,
        application_id=explained.application.id if explained.application else None,
        results=[result_out(result) for result in explained.results],
    )


def criterion_out(found: CriterionResult, document: str) -> CriterionOut:
    """Return a criterion with its evidence for the wire."""
    return CriterionOut(
        id=found.criterion.id,
        zh=found.criterion.zh,
        en=found.criterion.en,
        document=document,
        clause=found.criterion.clause,
        outcome=found.outcome,
        measure=found.measure,
        evidence=[_evidence_out(entry) for entry in found.evidence],
        missing=list(found.missing),
    )


def _evidence_out(entry: Evidence) -> EvidenceOut:
    definition, known = VOCABULARY[entry.fact], entry.known
    value: bool | str | list[str] | None = None
    if known is not None:
        match known.value:
            case bool():
                value = known.value
            case tuple():
                value = list(known.value)
            case Decimal():
                value = format(known.value, "f")
            case _:
                value = str(known.value)
    return EvidenceOut(
        fact=entry.fact,
        label_zh=definition.zh,
        label_en=definition.en,
        known=known is not None,
        value=value,
        year=entry.year,
        source=known.source if known else "",
        authority=known.authority if known else "",
        seen_on=known.seen_on if known else None,
    )


def _question_out(question: Question) -> QuestionOut:
    return QuestionOut(
        key=question.key,
        fact=question.fact,
        year=question.year,
        zh=question.zh,
        en=question.en,
        kind=question.kind,
        unit=question.unit,
        choices=[choice[0] for choice in question.choices],
        deciding=question.deciding,
    )


def result_out(result: ExternalResult) -> ResultOut:
    """Return a recorded result for the wire."""
    return ResultOut(
        id=result.id,
        outcome=result.outcome,  # type: ignore[arg-type]
        result_on=result.result_on,
        reference=result.reference,
        amount_yuan=yuan(result.amount_fen),
        evidence=result.evidence,
        recorded_at=result.recorded_at,
    )


def application_row_out(row: Any) -> ApplicationRowOut:
    """Return a case of a list for the wire."""
    return ApplicationRowOut(
        id=row.id,
        number=row.number,
        title_zh=row.title_zh,
        title_en=row.title_en,
        enterprise_id=row.enterprise_id,
        enterprise_zh=row.enterprise_zh,
        enterprise_en=row.enterprise_en,
        route=row.route,
        state=row.state,
        state_since=row.state_since,
        due_on=row.due_on,
        requested_yuan=yuan(row.requested_fen),
        approved_yuan=yuan(row.approved_fen),
        version=row.version,
    )


def payment_out(order: PaymentOrder | Any) -> PaymentOut:
    """Return a payment order for the wire."""
    return PaymentOut(
        id=order.id,
        application_id=order.application_id,
        reference=order.reference,
        amount_yuan=yuan(order.amount_fen) or Decimal(0),
        payee_name=order.payee_name,
        handed_over_at=order.handed_over_at,
        receipt_number=order.receipt_number,
        receipt_on=order.receipt_on,
    )


def application_out(view: CaseView) -> ApplicationOut:
    """Return a case for the wire."""
    row = view.row
    return ApplicationOut(
        id=row.id,
        number=row.number,
        code=view.item.id,
        title_zh=view.item.title.zh,
        title_en=view.item.title.en,
        enterprise_id=row.enterprise_id,
        office_id=row.office_id,
        route=row.route,  # type: ignore[arg-type]
        state=row.state,  # type: ignore[arg-type]
        state_since=row.state_since,
        holder=view.holder,
        due_on=row.due_on,
        due_provisional=row.due_provisional,
        late=view.late,
        requested_yuan=yuan(row.requested_fen),
        approved_yuan=yuan(row.approved_fen),
        payee_name=row.payee_name,
        payee_bank=row.payee_bank,
        payee_account=row.payee_account,
        note=row.note,
        gaps=list(row.gaps or ()),
        corrections=row.corrections,
        promised_at=row.promised_at,
        verdict=view.decision.verdict if view.decision else None,  # type: ignore[arg-type]
        facts_hash=view.decision.facts_hash if view.decision else "",
        rule_hash=view.decision.rule_hash if view.decision else "",
        verbs=list(view.verbs),
        steps=[
            StepOut(
                at=step.at,
                verb=step.verb,
                state=step.state,  # type: ignore[arg-type]
                holder=step.holder,  # type: ignore[arg-type]
                due_on=step.due_on,
                note=step.note,
            )
            for step in view.steps
        ],
        payment=payment_out(view.payment) if view.payment else None,
        uses=[
            UseOut(
                at=use.at, by=use.by, basis=use.basis, reference=use.reference, what=list(use.what), outcome=use.outcome
            )
            for use in view.uses
        ],
        version=row.version,
    )
