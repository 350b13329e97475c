"""Matching one company: the ordered list, one item explained, a question answered, a result recorded."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from enterprises import read_facts, record_facts
from kernel import audit, events
from kernel.act import Act
from kernel.clock import SHANGHAI, local_date
from kernel.data_use import UseBasis, own_basis
from kernel.ids import new_id
from kernel.problems import BadInput, Conflict, FieldProblem, Forbidden
from kernel.texts import Text
from kernel.texts import gettext as _
from policy_matching import ranking
from policy_matching.contracts import Match
from policy_matching.engine import (
    USABLE,
    Assessment,
    Availability,
    FactBook,
    Worth,
    assess,
    dump_book,
    facts_of,
    restore_book,
    worth_of,
)
from policy_matching.models import Application, ExternalResult, PolicyDecision
from policy_matching.service.facts import Question, answer_as_fact, book_of, hash_of, only, questions_of
from policy_matching.service.items import LiveItem, find_live, live_items, rules_of
from policy_matching.service.ranking import newest_model, words_of_company
from policy_matching.store import cases
from policy_matching.store import items as store

VERDICT_ORDER = {"eligible": 0, "depends": 1, "not_eligible": 2}
STATE_ORDER = {"open": 0, "closing_soon": 0, "not_open_yet": 1, "suspended": 2, "budget_exhausted": 2, "closed": 3}
OUTCOMES = ("granted", "rejected", "declared", "pending")


class Explained(Struct, frozen=True):
    """One item for one company with everything its page shows."""

    item: LiveItem
    assessment: Assessment
    availability: Availability
    worth: Worth | None
    questions: Sequence[Question]
    application: Application | None
    results: Sequence[ExternalResult]


async def read_book(db: AsyncSession, act: Act, basis: UseBasis, as_of: date | None = None) -> FactBook:
    """Return a company's facts under a basis, as they were known at the end of a day in Shanghai (default: now)."""
    moment: datetime | None = None
    if as_of is not None:
        moment = datetime.combine(as_of + timedelta(days=1), time(), SHANGHAI) - timedelta(microseconds=1)
    return book_of(await read_facts(db, act, basis, as_of=moment))


async def match_company(db: AsyncSession, act: Act, as_of: date | None = None) -> list[Match]:
    """Return every item for the actor's own company, the most useful first.

    First what can be had today, then what opens later, then the rest; within each eligible before open questions before not
    eligible; within each the nearest to the company's own words.
    """
    day = as_of or local_date(act.now)
    book = await read_book(db, act, own_basis(act), as_of)
    items = await live_items(db)
    live = await cases.live_cases(db, act.actor, company_of(act), day.year)
    model = await newest_model(db)
    near: Mapping[str, ranking.Nearness] = {}
    if model is not None:
        near = ranking.rank(model, words_of_company(book), [item.row.code for item in items])
    matches = [
        _match(item, book, day, near.get(item.row.code, ranking.Nearness(0.0, ())), live.get(item.row.id))
        for item in items
    ]
    return sorted(matches, key=order_of)


def order_of(match: Match) -> tuple[Any, ...]:
    """Return what a match is sorted by."""
    return (
        STATE_ORDER[match.state],
        VERDICT_ORDER[match.verdict],
        -match.relevance,
        -(match.worth_high or Decimal(0)),
        match.code,
    )


def _match(item: LiveItem, book: FactBook, day: date, near: ranking.Nearness, application: Application | None) -> Match:
    assessment = assess(item.rules.rule, book, day, complete=item.rules.complete)
    standing = item.availability(day)
    worth = worth_of(item.rules.benefit, book, day) if assessment.verdict != "not_eligible" else None
    return Match(
        code=item.row.code,
        title_zh=item.rules.title.zh,
        title_en=item.rules.title.en,
        route=item.rules.route,
        kind=item.rules.kind,
        verdict=assessment.verdict,
        because=assessment.because,
        state=standing.state,
        closes_on=standing.closes_on,
        opens_on=standing.opens_on,
        sample=item.rules.sample,
        complete=item.rules.complete,
        questions=[question.key for question in questions_of(assessment, book)],
        worth_low=worth.low if worth else None,
        worth_high=worth.high if worth else None,
        benefit_zh=item.rules.benefit.note_zh,
        benefit_en=item.rules.benefit.note_en,
        relevance=round(near.score, 4),
        reasons=near.words,
        application_id=application.id if application else None,
    )


async def explain(db: AsyncSession, act: Act, code: str, as_of: date | None = None) -> Explained:
    """Return one item for the actor's own company: verdict, every criterion with its evidence, what to ask."""
    day = as_of or local_date(act.now)
    item = await find_live(db, code)
    book = await read_book(db, act, own_basis(act), as_of)
    return await _explained(db, act, item, book, day)


async def _explained(db: AsyncSession, act: Act, item: LiveItem, book: FactBook, day: date) -> Explained:
    assessment = assess(item.rules.rule, book, day, complete=item.rules.complete)
    live = await cases.live_cases(db, act.actor, company_of(act), day.year)
    return Explained(
        item=item,
        assessment=assessment,
        availability=item.availability(day),
        worth=worth_of(item.rules.benefit, book, day) if assessment.verdict != "not_eligible" else None,
        questions=questions_of(assessment, book),
        application=live.get(item.row.id),
        results=await store.results_of(db, act.actor, item.row.id),
    )


async def answer_questions(db: AsyncSession, act: Act, code: str, answers: Mapping[str, Any]) -> Explained:
    """Record the company's answers as declared facts and return the item explained anew; the decision is kept.

    Raises BadInput naming each wrong answer by its key.
    """
    item = await find_live(db, code)
    today = local_date(act.now)
    asked = {key: value for key, value in answers.items() if value is not None}
    if not asked:
        raise BadInput(fields=[FieldProblem("", _("Please answer at least one question."))])
    facts, wrong = [], []
    for key, value in asked.items():
        try:
            facts.append(answer_as_fact(key, value, today))
        except ValueError:
            wrong.append(FieldProblem(key[:80], _("There is no such question.")))
    if wrong:
        raise BadInput(fields=wrong)
    try:
        await record_facts(db, act, company_of(act), facts)
    except BadInput as problem:
        raise _by_key(problem, list(asked)) from None
    book = await read_book(db, act, own_basis(act))
    explained = await _explained(db, act, item, book, today)
    await keep_decision(db, act, item, company_of(act), book, explained.assessment, "answer")
    audit.write(
        db,
        act,
        "policy.question_answered",
        "policy_item",
        item.row.id,
        subject_id=company_of(act),
        detail={"facts": sorted({fact.name for fact in facts}), "verdict": explained.assessment.verdict},
    )
    return explained


def _by_key(problem: BadInput, keys: list[str]) -> BadInput:
    """Name the answer instead of the position in the list that enterprises saw."""
    fields = []
    for field in problem.fields:
        position = field.name.partition("[")[2].partition("]")[0]
        name = keys[int(position)] if position.isdecimal() and int(position) < len(keys) else field.name
        fields.append(FieldProblem(name, field.message))
    return BadInput(problem.detail, fields=fields)


async def keep_decision(
    db: AsyncSession,
    act: Act,
    item: LiveItem,
    enterprise_id: UUID,
    book: FactBook,
    assessment: Assessment,
    purpose: str,
) -> PolicyDecision:
    """Keep a verdict with the rule and the facts it rested on."""
    used = only(book, facts_of(item.rules.rule) | {item.rules.benefit.base, "size_class"})
    row = PolicyDecision(
        id=new_id(),
        enterprise_id=enterprise_id,
        version_id=item.version.id,
        rule_hash=item.version.rule_hash,
        as_of=assessment.as_of,
        purpose=purpose,
        verdict=assessment.verdict,
        because=list(assessment.because),
        outcomes={found.criterion.id: found.outcome for found in assessment.criteria},
        facts=dump_book(used),
        facts_hash=hash_of(used),
        decided_at=act.now,
    )
    db.add(row)
    await db.flush()
    return row


async def replay(db: AsyncSession, decision: PolicyDecision) -> Assessment:
    """Compute a kept decision again from its own facts and rule; Conflict when its facts or rule are not what they were."""
    version = await store.find_version(db, decision.version_id)
    rules = rules_of(version)
    book = restore_book(decision.facts)
    if version.rule_hash != decision.rule_hash or hash_of(book) != decision.facts_hash:
        raise Conflict(_("The kept decision does not match its own fingerprints."))
    return assess(rules.rule, book, decision.as_of, complete=rules.complete)


async def record_result(
    db: AsyncSession,
    act: Act,
    code: str,
    *,
    outcome: str,
    result_on: date,
    reference: str,
    amount_fen: int | None,
    evidence: str,
) -> ExternalResult:
    """Record what came of an item on an outside route, with a note on the evidence that is kept.

    Raises Conflict for items that are applied for here, BadInput for a day in the future.
    """
    item = await find_live(db, code)
    if item.rules.is_portal:
        raise Conflict(_("This policy is applied for here; its result comes from its case."))
    if result_on > local_date(act.now):
        raise BadInput(fields=[FieldProblem("result_on", _("This day lies in the future."))])
    company = company_of(act)
    row = ExternalResult(
        id=new_id(),
        enterprise_id=company,
        item_id=item.row.id,
        version_id=item.version.id,
        outcome=outcome,
        result_on=result_on,
        reference=reference,
        amount_fen=amount_fen,
        evidence=evidence,
        recorded_at=act.now,
        recorded_by=act.actor.id,
    )
    db.add(row)
    await db.flush()
    audit.write(
        db, act, "policy.result_recorded", "policy_item", item.row.id, subject_id=company, detail={"outcome": outcome}
    )
    words = {"granted": ("已获得", "granted"), "rejected": ("未获得", "not granted")}
    zh, en = words.get(outcome, ("已登记", "recorded"))
    events.emit(
        db,
        act,
        "policy_matching.external_result_recorded",
        subject_id=company,
        payload={"code": code, "outcome": outcome},
        timeline=Text(f"政策结果{zh}：{item.rules.title.zh}", f"Result {en}: {item.rules.title.en}"),
        link=f"/policies/{code}",
    )
    return row


def is_usable(standing: Availability) -> bool:
    """Tell whether an item can be had now."""
    return standing.state in USABLE


def company_of(act: Act) -> UUID:
    """Return the company the actor acts for; Forbidden for anybody else."""
    if act.actor.organisation_id is None or act.actor.organisation_kind != "enterprise":
        raise Forbidden
    return act.actor.organisation_id
