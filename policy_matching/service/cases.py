"""A case taking a step: the one place where state, holder, due date, audit entry and event change together."""

from datetime import date
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from kernel import audit, events
from kernel.act import Act
from kernel.clock import local_date
from kernel.ids import new_id
from kernel.problems import Conflict, PreconditionFailed
from kernel.texts import Text
from kernel.texts import gettext as _
from kernel.workdays import add_workdays
from policy_matching import rules
from policy_matching.catalogue import ItemVersion
from policy_matching.contracts import ApplicationState, Verb
from policy_matching.models import Application, ApplicationStep
from policy_matching.service.items import rules_of
from policy_matching.store import cases as store
from policy_matching.store import items


class Case(Struct, frozen=True):
    """An application with the rules it was made under."""

    row: Application
    item: ItemVersion


EVENTS: dict[str, tuple[str, str, str]] = {
    "submit": ("application_submitted", "已提交", "submitted"),
    "accept": ("application_accepted", "已受理", "accepted for review"),
    "return": ("application_returned", "需要补正", "returned for correction"),
    "approve": ("application_approved", "已批准", "approved"),
    "reject": ("application_rejected", "未批准", "rejected"),
    "withdraw": ("application_withdrawn", "已撤回", "withdrawn"),
    "publicise": ("application_publicised", "开始公示", "published for objections"),
    "hand_over": ("payment_handed_over", "已移交拨付", "handed over for payment"),
    "record_receipt": ("payment_received", "资金已到账", "paid"),
    "close": ("application_closed", "已办结", "closed"),
}


async def open_case(
    db: AsyncSession, act: Act, application_id: UUID, version: int | None = None, *, lock: bool = True
) -> Case:
    """Return a case the actor may see, locked for a change; 412 when somebody changed it since `version`."""
    row = await store.find_case(db, act.actor, application_id, lock=lock)
    if version is not None and row.version != version:
        raise PreconditionFailed
    return Case(row, rules_of(await items.find_version(db, row.version_id)))


async def take_step(db: AsyncSession, act: Act, case: Case, verb: Verb, note: str = "") -> None:
    """Move a case by one deed; Conflict when the deed is not possible in its state."""
    row, item = case.row, case.item
    state: ApplicationState = row.state  # type: ignore[assignment]
    target = rules.target_of(verb, state, corrections=row.corrections, publicity_workdays=item.publicity_workdays)
    if target is None:
        raise Conflict(_("This is not possible in the present state of the case."), code="wrong_state")
    row.state, row.state_since = target, act.now
    set_due_date(row, item, local_date(act.now))
    await db.flush()
    note_step(db, act, row, verb, note)
    name, zh, en = EVENTS[verb]
    audit.write(
        db,
        act,
        f"policy.{name}",
        "policy_application",
        row.id,
        subject_id=row.enterprise_id,
        detail={"number": row.number, "state": row.state},
    )
    events.emit(
        db,
        act,
        f"policy_matching.{name}",
        subject_id=row.enterprise_id,
        payload={"application_id": row.id, "code": item.id, "state": row.state, "office_id": row.office_id},
        timeline=Text(f"{item.title.zh}：申报{zh}", f"{item.title.en}: application {en}"),
        link=f"/applications/{row.id}",
    )


def set_due_date(row: Application, item: ItemVersion, today: date) -> None:
    """Set until when whoever now has the case may have it, in Chinese working days."""
    state: ApplicationState = row.state  # type: ignore[assignment]
    limit = rules.time_limit(state, route=row.route, publicity_workdays=item.publicity_workdays)
    deadline = add_workdays(today, limit) if limit is not None else None
    row.due_on = deadline.day if deadline else None
    row.due_provisional = deadline.provisional if deadline else False


def note_step(db: AsyncSession, act: Act, row: Application, verb: str, note: str) -> None:
    """Write the step into the case's own history."""
    state: ApplicationState = row.state  # type: ignore[assignment]
    db.add(
        ApplicationStep(
            id=new_id(),
            application_id=row.id,
            at=act.now,
            verb=verb,
            state=row.state,
            holder=rules.HOLDERS[state],
            due_on=row.due_on,
            actor_kind=act.actor.kind,
            organisation_id=act.actor.organisation_id,
            note=note,
        )
    )
