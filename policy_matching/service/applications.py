"""The company's side of a case: begin, fill in, submit, withdraw."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from enterprises import find_enterprise
from kernel import audit
from kernel.act import Act
from kernel.clock import local_date
from kernel.data_use import own_basis
from kernel.ids import new_id
from kernel.problems import BadInput, Conflict, FieldProblem, Unprocessable
from kernel.texts import gettext as _
from policy_matching.engine import Worth, assess, worth_of
from policy_matching.models import Application
from policy_matching.rules import to_fen
from policy_matching.service.cases import Case, note_step, open_case, take_step
from policy_matching.service.items import LiveItem, find_live, live_by_id
from policy_matching.service.matching import company_of, is_usable, keep_decision, read_book
from policy_matching.store import cases as store
from policy_matching.store import items


class Draft(Struct, frozen=True, kw_only=True):
    """What a company fills in; UNSET leaves a field as it is. `requested` in yuan."""

    requested: Decimal | UnsetType | None = UNSET
    payee_name: str | UnsetType = UNSET
    payee_bank: str | UnsetType = UNSET
    payee_account: str | UnsetType = UNSET
    note: str | UnsetType = UNSET


async def start_application(db: AsyncSession, act: Act, code: str) -> Application:
    """Begin a case for an item that is applied for here, with what is known filled in; an open draft is given back.

    Raises Conflict when the item cannot be had now, is not applied for here, or the company has it already this year.
    """
    company, today = company_of(act), local_date(act.now)
    item = await find_live(db, code)
    _check_route(item)
    if not is_usable(item.availability(today)):
        raise Conflict(_("This policy cannot be applied for now."), code="not_open")
    live = await store.live_cases(db, act.actor, company, today.year)
    if (standing := live.get(item.row.id)) is not None:
        if standing.state == "draft":
            return standing
        raise Conflict(_("There is a case for this policy already this year."), code="already_applied")
    await _check_exclusions(db, item, live)
    if item.row.office_id is None:
        raise Conflict(_("No office looks after this policy."))
    enterprise = await find_enterprise(db, act.actor, company)
    worth = worth_of(item.rules.benefit, await read_book(db, act, own_basis(act)), today)
    row = new_application(act, item, company, today)
    row.requested_fen = to_fen(worth.exact) if worth is not None and worth.exact is not None else None
    row.payee_name = enterprise.name_zh
    await add_application(db, row)
    note_step(db, act, row, "start", "")
    await db.flush()
    _write_audit(db, act, row, "policy.application_started")
    return row


def new_application(act: Act, item: LiveItem, company: UUID, today: date) -> Application:
    """Return the row of a new case of a company for an item."""
    made = new_id()
    if item.row.office_id is None:
        raise Conflict(_("No office looks after this policy."))
    return Application(
        id=made,
        number=f"SB{today:%Y%m%d}-{made.hex[-8:].upper()}",
        enterprise_id=company,
        office_id=item.row.office_id,
        item_id=item.row.id,
        version_id=item.version.id,
        year=today.year,
        route=item.rules.route,
        state="draft",
        state_since=act.now,
        created_at=act.now,
        corrections=0,
        due_provisional=False,
        version=1,
    )


async def add_application(db: AsyncSession, row: Application) -> None:
    """Add the row of a case; Conflict when another one for the same item and year came first."""
    try:
        async with db.begin_nested():
            db.add(row)
    except IntegrityError:
        raise Conflict(_("There is a case for this policy already this year."), code="already_applied") from None


async def save_draft(db: AsyncSession, act: Act, application_id: UUID, draft: Draft, version: int) -> Application:
    """Keep what the company filled in so far; 412 when somebody changed the case meanwhile."""
    case = await open_case(db, act, application_id, version)
    _check_own(act, case)
    if case.row.route == "automatic" and case.row.state in {"approved", "publicity"}:
        # Nobody applied: all the office still needs to know is where the money goes.
        draft = Draft(payee_name=draft.payee_name, payee_bank=draft.payee_bank, payee_account=draft.payee_account)
    elif case.row.state not in {"draft", "returned"}:
        raise Conflict(_("The case has been submitted and cannot be changed now."), code="wrong_state")
    fill_in(case.row, draft)
    await db.flush()
    _write_audit(db, act, case.row, "policy.application_saved")
    return case.row


def fill_in(row: Application, draft: Draft) -> None:
    """Take over the fields that are set."""
    if draft.requested is not UNSET:
        try:
            row.requested_fen = None if draft.requested is None else to_fen(draft.requested)
        except ValueError:
            raise BadInput(fields=[FieldProblem("requested", _("At most two decimals."))]) from None
    for name in ("payee_name", "payee_bank", "payee_account", "note"):
        value = getattr(draft, name)
        if value is not UNSET:
            setattr(row, name, value.strip())


async def submit_application(
    db: AsyncSession, act: Act, application_id: UUID, *, version: int | None = None, promise: bool = False
) -> Application:
    """Submit a case. Everything that is missing is named at once; the facts it rests on are kept with the decision.

    Raises Unprocessable naming the fields, or telling that the criteria are not met; Conflict when the item is closed.
    """
    case = await open_case(db, act, application_id, version)
    _check_own(act, case)
    item = await live_by_id(db, case.row.item_id)
    today = local_date(act.now)
    if case.row.state == "draft" and not is_usable(item.availability(today)):
        raise Conflict(_("This policy cannot be applied for now."), code="not_open")
    book = await read_book(db, act, own_basis(act))
    assessment = assess(item.rules.rule, book, today, complete=item.rules.complete)
    worth = worth_of(item.rules.benefit, book, today)
    problems = list(_missing(case, worth))
    if case.row.route == "promise" and not promise:
        problems.append(FieldProblem("promise", _("Please sign the promise.")))
    problems += _not_met(case, item, assessment.verdict, assessment.because)
    if problems:
        raise Unprocessable(_("The application is not complete."), fields=problems, code="incomplete")
    decision = await keep_decision(db, act, item, case.row.enterprise_id, book, assessment, "application")
    case.row.decision_id, case.row.version_id = decision.id, item.version.id
    case.row.gaps = None
    if case.row.route == "promise":
        case.row.promise_zh, case.row.promise_en = item.rules.promise.zh, item.rules.promise.en
        case.row.promised_by, case.row.promised_at = act.actor.id, act.now
    await take_step(db, act, Case(case.row, item.rules), "submit")
    return case.row


async def withdraw_application(
    db: AsyncSession, act: Act, application_id: UUID, *, version: int | None = None
) -> Application:
    """Take a case back before it is decided."""
    case = await open_case(db, act, application_id, version)
    _check_own(act, case)
    await take_step(db, act, case, "withdraw")
    return case.row


def _missing(case: Case, worth: Worth | None) -> Sequence[FieldProblem]:
    row = case.row
    filled = {
        "payee_name": row.payee_name,
        "payee_bank": row.payee_bank,
        "payee_account": row.payee_account,
        "requested": row.requested_fen,
    }
    problems = [FieldProblem(name, _("Please fill in this field.")) for name, value in filled.items() if not value]
    most = None if worth is None or worth.high is None else to_fen(worth.high)
    if row.requested_fen and most is not None and row.requested_fen > most:
        problems.append(FieldProblem("requested", _("More than the policy grants in this case.")))
    return problems


def _not_met(case: Case, item: LiveItem, verdict: str, because: Sequence[str]) -> list[FieldProblem]:
    if verdict == "not_eligible":
        return [FieldProblem("criteria", _("The criteria are not met by the facts on record."))]
    if "unknown_facts" in because:
        return [FieldProblem("criteria", _("Please answer the open questions first."))]
    if "rules_incomplete" in because and item.rules.route == "promise":
        return [FieldProblem("criteria", _("The rules of this policy are incomplete."))]
    return []


async def _check_exclusions(db: AsyncSession, item: LiveItem, live: dict[UUID, Application]) -> None:
    excluded = set(item.rules.exclusive_with)
    taken = [row.code for code, row in (await items.items_by_code(db)).items() if code in excluded and row.id in live]
    if taken:
        raise Conflict(
            _("This cannot be had together with %(other)s.", other=", ".join(taken)), code="mutually_exclusive"
        )


def _check_route(item: LiveItem) -> None:
    if item.rules.route not in {"here", "promise"}:
        message = (
            _("This policy is paid without application.")
            if item.rules.route == "automatic"
            else _("This policy is not applied for here.")
        )
        raise Conflict(message, code="wrong_route")


def _write_audit(db: AsyncSession, act: Act, row: Application, action: str) -> None:
    audit.write(
        db, act, action, "policy_application", row.id, subject_id=row.enterprise_id, detail={"number": row.number}
    )


def _check_own(act: Act, case: Case) -> None:
    if case.row.enterprise_id != act.actor.organisation_id:
        raise Conflict(_("Only the company itself can do this."))
