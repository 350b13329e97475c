"""A case as its page shows it: steps, who has it, until when, the facts it rests on, every read of the company's data."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from enterprises import names_of
from kernel.act import Act
from kernel.clock import local_date
from kernel.texts import Text
from policy_matching import rules
from policy_matching.catalogue import ItemVersion
from policy_matching.contracts import ApplicationState, Holder, Verb
from policy_matching.engine import Assessment
from policy_matching.models import Application, ApplicationStep, PaymentOrder, PolicyDecision
from policy_matching.service.cases import open_case
from policy_matching.service.matching import replay
from policy_matching.store import cases as store
from policy_matching.store import items


class Use(Struct, frozen=True):
    """One read of the company's data for a case."""

    at: datetime
    by: str
    basis: str
    reference: str
    what: Sequence[str]
    outcome: str


class CaseView(Struct, frozen=True):
    """Everything about a case that both sides may see."""

    row: Application
    item: ItemVersion
    enterprise: Text
    office: Text
    holder: Holder
    late: bool
    path: Sequence[ApplicationState]
    verbs: Sequence[Verb]
    steps: Sequence[ApplicationStep]
    decision: PolicyDecision | None
    assessment: Assessment | None
    payment: PaymentOrder | None
    uses: Sequence[Use]


async def view_case(db: AsyncSession, act: Act, application_id: UUID) -> CaseView:
    """Return a case for its company or its office; NotFound for anybody else."""
    case = await open_case(db, act, application_id, lock=False)
    row, item = case.row, case.item
    state: ApplicationState = row.state  # type: ignore[assignment]
    names = await names_of(db, act.actor, [row.enterprise_id, row.office_id])
    decision = await items.decision_of_case(db, row.decision_id) if row.decision_id else None
    office = act.actor.has("officer") and row.office_id == act.actor.organisation_id
    verbs = rules.possible_verbs(
        state,
        "office" if office else "company",
        corrections=row.corrections,
        publicity_workdays=item.publicity_workdays,
    )
    return CaseView(
        row=row,
        item=item,
        enterprise=names.get(row.enterprise_id, Text("", "")),
        office=names.get(row.office_id, Text("", "")),
        holder=rules.HOLDERS[state],
        late=_is_late(row, local_date(act.now)),
        path=rules.steps_of(publicity_workdays=item.publicity_workdays, route=row.route),
        verbs=verbs,
        steps=await store.steps_of(db, row.id),
        decision=decision,
        assessment=await replay(db, decision) if decision else None,
        payment=await store.payment_of(db, row.id),
        uses=await _uses(db, act, row, item),
    )


def _is_late(row: Application, today: date) -> bool:
    return row.due_on is not None and row.state != "publicity" and today > row.due_on


async def _uses(db: AsyncSession, act: Act, row: Application, item: ItemVersion) -> list[Use]:
    uses = [
        Use(use.at, use.actor_name, use.basis, use.reference, tuple(use.what), use.outcome)
        for use in await store.uses_of_case(db, act.actor, row.enterprise_id, row.number)
    ]
    if row.route == "automatic":
        uses += [
            Use(run.at, run.actor_name, run.basis, run.reference, tuple(run.what), "allowed")
            for run in await store.runs_of_case(db, act.actor, row.enterprise_id, item.document, row.created_at)
        ]
    return sorted(uses, key=lambda use: use.at, reverse=True)
