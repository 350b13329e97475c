"""免申即享: cases that nobody applies for, made only when state sources alone show that every criterion is met."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from enterprises import RunBasis, list_ids, names_of, snapshot_facts
from kernel import audit, events
from kernel.act import Act
from kernel.clock import local_date
from kernel.texts import Text
from policy_matching.engine import FactBook, assess, facts_of, worth_of
from policy_matching.rules import to_fen
from policy_matching.service.applications import add_application, new_application
from policy_matching.service.cases import note_step, set_due_date
from policy_matching.service.facts import book_of
from policy_matching.service.items import LiveItem, find_live, live_items
from policy_matching.service.matching import is_usable, keep_decision
from policy_matching.service.review import commit_budget
from policy_matching.store import cases as store


class Grant(Struct, frozen=True):
    """A company that meets every criterion of an automatic item, and the facts that show it."""

    enterprise_id: UUID
    book: FactBook


async def automatic_items(db: AsyncSession, act: Act) -> list[str]:
    """Return the codes of the automatic items that pay today: complete, open, with money and an office."""
    today = local_date(act.now)
    return [
        item.row.code
        for item in await live_items(db)
        if item.rules.route == "automatic"
        and item.rules.complete
        and item.row.office_id is not None
        and item.row.free_account_id is not None
        and is_usable(item.availability(today))
    ]


async def find_grants(db: AsyncSession, act: Act, code: str) -> list[Grant]:
    """Return the companies that meet every criterion of an item by authoritative facts alone and have no case yet.

    The batch and its population are recorded as a use of data under the item's document.
    """
    item = await find_live(db, code)
    today = local_date(act.now)
    ids = await list_ids(db, act.actor)
    taken = await store.companies_with_case(db, act.actor, item.row.id, today.year)
    population = sorted(set(ids) - taken)
    if not population:
        return []
    names = sorted(facts_of(item.rules.rule) | ({item.rules.benefit.base} if item.rules.benefit.base else set()))
    run = RunBasis(purpose="policy_review", kind="statutory", reference=item.rules.document)
    snapshot = await snapshot_facts(db, act, run, population, names)
    found: Sequence[Grant] = [
        Grant(enterprise_id, book_of(snapshot.facts(enterprise_id)).only_authoritative())
        for enterprise_id in population
    ]
    return [grant for grant in found if _is_granted(item, grant.book, act)]


async def grant(db: AsyncSession, act: Act, code: str, granted: Grant) -> UUID | None:
    """Make the approved case of one company; None when the rules do not grant it (any more) or not a certain amount.

    Raises Conflict when the company has a case already or the budget does not hold the amount; the caller's transaction must end.
    """
    item = await find_live(db, code)
    today = local_date(act.now)
    if not _is_granted(item, granted.book, act) or not is_usable(item.availability(today)):
        return None
    worth = worth_of(item.rules.benefit, granted.book, today)
    if worth is None or worth.exact is None or worth.exact <= 0:
        return None
    fen = to_fen(worth.exact)
    assessment = assess(item.rules.rule, granted.book, today, complete=item.rules.complete)
    decision = await keep_decision(db, act, item, granted.enterprise_id, granted.book, assessment, "automatic")
    row = new_application(act, item, granted.enterprise_id, today)
    row.decision_id = decision.id
    row.state = "publicity" if item.rules.publicity_workdays else "approved"
    row.requested_fen = row.approved_fen = fen
    row.payee_name = (await names_of(db, act.actor, [granted.enterprise_id]))[granted.enterprise_id].zh
    set_due_date(row, item.rules, today)
    await add_application(db, row)
    await commit_budget(db, act, row, fen)
    note_step(db, act, row, "approve", "")
    audit.write(
        db,
        act,
        "policy.granted_automatically",
        "policy_application",
        row.id,
        subject_id=row.enterprise_id,
        detail={"code": code, "fen": fen},
    )
    events.emit(
        db,
        act,
        "policy_matching.application_approved",
        subject_id=row.enterprise_id,
        payload={"application_id": row.id, "code": code, "state": row.state, "office_id": row.office_id},
        timeline=Text(
            f"{item.rules.title.zh}：免申即享，已批准", f"{item.rules.title.en}: granted without application"
        ),
        link=f"/applications/{row.id}",
    )
    return row.id


def _is_granted(item: LiveItem, book: FactBook, act: Act) -> bool:
    verdict = assess(item.rules.rule, book, local_date(act.now), complete=item.rules.complete).verdict
    return item.rules.complete and verdict == "eligible"
