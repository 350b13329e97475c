"""The office's side of a case: accept, return once with everything that is missing, decide, hand over, record the receipt."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from enterprises import read_facts
from kernel import audit, money
from kernel.act import Act
from kernel.clock import local_date
from kernel.data_use import statutory_basis
from kernel.ids import new_id
from kernel.money import Overdrawn
from kernel.problems import BadInput, Conflict, FieldProblem, Forbidden, NotFound, Refusal, Unprocessable
from kernel.texts import gettext as _
from policy_matching.engine import Assessment, FactBook, assess, facts_of, restore_book, worth_of
from policy_matching.models import Application, PaymentOrder
from policy_matching.rules import to_fen
from policy_matching.service.cases import Case, open_case, take_step
from policy_matching.service.facts import book_of
from policy_matching.store import cases as store
from policy_matching.store import items

ReceiptSource = Literal["treasury", "bank"]


async def accept_application(
    db: AsyncSession, act: Act, application_id: UUID, *, version: int | None = None
) -> Application:
    """Take a case on for review."""
    case = await _open(db, act, application_id, version)
    await take_step(db, act, case, "accept")
    return case.row


async def return_application(
    db: AsyncSession, act: Act, application_id: UUID, gaps: Sequence[str], *, version: int | None = None
) -> Application:
    """Send a case back, once, naming everything that is missing (行政许可法 art. 32: 一次告知).

    Raises BadInput without a gap, Conflict the second time.
    """
    named = [gap.strip() for gap in gaps if gap.strip()]
    if not named:
        raise BadInput(fields=[FieldProblem("gaps", _("Name everything that is missing."))])
    case = await _open(db, act, application_id, version)
    await take_step(db, act, case, "return", "\n".join(named))
    case.row.gaps, case.row.corrections = named, case.row.corrections + 1
    await db.flush()
    return case.row


async def approve_application(
    db: AsyncSession, act: Act, application_id: UUID, amount: Decimal, *, note: str = "", version: int | None = None
) -> Application:
    """Approve a case with an amount in yuan and commit it from the budget, which can never be overdrawn.

    Raises BadInput for an amount beyond what was asked or what the policy grants, a recorded Refusal (409) when the budget does not hold it.
    """
    case = await _open(db, act, application_id, version)
    fen = _checked_amount(case, amount, await _most(db, case))
    await take_step(db, act, case, "approve", note)
    case.row.approved_fen = fen
    try:
        await commit_budget(db, act, case.row, fen)
    except Conflict as problem:
        # A budget that does not suffice is an outcome the log must show, though nothing else is kept of the attempt.
        refused = audit.entry(
            act,
            "policy.application_approved",
            "policy_application",
            application_id,
            outcome="refused",
            subject_id=case.row.enterprise_id,
            reason=problem.code,
            detail={"fen": fen},
        )
        raise Refusal(problem, [refused]) from None
    if case.item.publicity_workdays:
        await take_step(db, act, case, "publicise")
    return case.row


async def commit_budget(db: AsyncSession, act: Act, row: Application, fen: int) -> None:
    """Move the money of an approved case from what is free to what is committed; Conflict when there is too little."""
    item = (await items.item_by_id(db, row.item_id))[0]
    if item.free_account_id is None or item.committed_account_id is None:
        raise Conflict(_("This policy has no budget yet."), code="no_budget")
    try:
        row.commit_entry_id = await money.post_entry(
            db,
            act,
            "policy_commitment",
            f"policy-commit:{row.number}",
            [(item.free_account_id, -fen), (item.committed_account_id, fen)],
        )
    except Overdrawn:
        raise Conflict(_("The budget does not hold enough for this."), code="budget_exhausted") from None
    await db.flush()


async def reject_application(
    db: AsyncSession, act: Act, application_id: UUID, reason: str, *, version: int | None = None
) -> Application:
    """Reject a case with the reason; committed money goes back to the budget."""
    if not reason.strip():
        raise BadInput(fields=[FieldProblem("reason", _("Please give the reason."))])
    case = await _open(db, act, application_id, version)
    await take_step(db, act, case, "reject", reason.strip())
    if case.row.commit_entry_id is not None:
        await money.reverse_entry(db, act, case.row.commit_entry_id, reference=f"policy-release:{case.row.number}")
        case.row.commit_entry_id = None
        await db.flush()
    return case.row


async def hand_over_payment(
    db: AsyncSession, act: Act, application_id: UUID, *, version: int | None = None
) -> PaymentOrder:
    """Hand the payment over to the treasury: one order a case, under a reference that is never used twice.

    Raises Conflict while the publicity still runs, Unprocessable when the company's account is not known yet.
    """
    case = await _open(db, act, application_id, version)
    row = case.row
    if row.state == "publicity" and row.due_on is not None and local_date(act.now) <= row.due_on:
        raise Conflict(_("The publicity still runs until %(day)s.", day=row.due_on.isoformat()), code="publicity_runs")
    if row.approved_fen is None:
        raise Conflict(_("No amount has been approved."))
    if not (row.payee_name and row.payee_bank and row.payee_account):
        raise Unprocessable(
            _("The company's account is not known yet."), fields=[FieldProblem("payee_account", _("Missing."))]
        )
    await take_step(db, act, case, "hand_over")
    order = PaymentOrder(
        id=new_id(),
        application_id=row.id,
        office_id=row.office_id,
        reference=f"ZF-{row.number}",
        amount_fen=row.approved_fen,
        payee_name=row.payee_name,
        payee_bank=row.payee_bank,
        payee_account=row.payee_account,
        handed_over_at=act.now,
    )
    db.add(order)
    await db.flush()
    return order


async def record_receipt(
    db: AsyncSession,
    act: Act,
    application_id: UUID,
    *,
    receipt_number: str,
    receipt_on: date,
    amount: Decimal,
    receipt_from: ReceiptSource,
    version: int | None = None,
) -> PaymentOrder:
    """Record the receipt of the treasury or bank: only this makes a case paid, and only with the very amount ordered.

    Raises BadInput for another amount, a used receipt number or a day that cannot be.
    """
    case = await _open(db, act, application_id, version)
    order = await store.payment_of(db, application_id)
    if order is None or case.row.state != "payment_handed_over":
        raise Conflict(_("No payment has been handed over."), code="wrong_state")
    await _check_receipt(db, act, order, receipt_number, receipt_on, amount)
    item = (await items.item_by_id(db, case.row.item_id))[0]
    if item.committed_account_id is None or item.paid_account_id is None:
        raise Conflict(_("This policy has no budget yet."), code="no_budget")
    entry = await money.post_entry(
        db,
        act,
        "policy_payment",
        f"policy-payment:{order.reference}",
        [(item.committed_account_id, -order.amount_fen), (item.paid_account_id, order.amount_fen)],
        note=receipt_number,
    )
    order.receipt_number, order.receipt_on, order.receipt_from = receipt_number, receipt_on, receipt_from
    order.receipt_recorded_at, order.ledger_entry_id = act.now, entry
    await take_step(db, act, case, "record_receipt", receipt_number)
    return order


async def close_application(
    db: AsyncSession, act: Act, application_id: UUID, *, version: int | None = None
) -> Application:
    """Close a case that was paid."""
    case = await _open(db, act, application_id, version)
    await take_step(db, act, case, "close")
    return case.row


async def review_facts(db: AsyncSession, act: Act, case: Case) -> tuple[FactBook, Assessment]:
    """Read what the state knows of the company now, for this case, under the policy's document: a recorded use.

    Returns the facts and the assessment of the rules that were in force when the company applied.
    """
    basis = statutory_basis(act, case.row.enterprise_id, "policy_review", law_of(case))
    names = facts_of(case.item.rule) | ({case.item.benefit.base} if case.item.benefit.base else set())
    book = book_of(await read_facts(db, act, basis, names=sorted(names)))
    return book, assess(case.item.rule, book, local_date(act.now), complete=case.item.complete)


def law_of(case: Case) -> str:
    """Return the reference under which a case's reads are recorded: the document and the case's number."""
    return f"{case.item.document} · {case.row.number}"


async def open_for_office(db: AsyncSession, act: Act, application_id: UUID) -> Case:
    """Return a case of the actor's office for reading."""
    return await _open(db, act, application_id, None)


async def _open(db: AsyncSession, act: Act, application_id: UUID, version: int | None) -> Case:
    if not act.actor.has("officer"):
        raise Forbidden
    case = await open_case(db, act, application_id, version)
    if case.row.office_id != act.actor.organisation_id:
        raise NotFound
    return case


async def _most(db: AsyncSession, case: Case) -> int | None:
    """Return the most, in fen, that the policy grants by the facts the company applied with; None without a limit."""
    if case.row.decision_id is None:
        return None
    decision = await items.decision_of_case(db, case.row.decision_id)
    worth = worth_of(case.item.benefit, restore_book(decision.facts), decision.as_of)
    return None if worth is None or worth.high is None else to_fen(worth.high)


def _checked_amount(case: Case, amount: Decimal, most: int | None) -> int:
    try:
        fen = to_fen(amount)
    except ValueError:
        raise BadInput(fields=[FieldProblem("amount", _("At most two decimals."))]) from None
    if fen <= 0:
        raise BadInput(fields=[FieldProblem("amount", _("Must be more than nothing."))])
    if case.row.requested_fen is not None and fen > case.row.requested_fen:
        raise BadInput(fields=[FieldProblem("amount", _("More than the company asked for."))])
    if most is not None and fen > most:
        raise BadInput(fields=[FieldProblem("amount", _("More than the policy grants in this case."))])
    return fen


async def _check_receipt(
    db: AsyncSession, act: Act, order: PaymentOrder, number: str, receipt_on: date, amount: Decimal
) -> None:
    problems = []
    if amount * 100 != order.amount_fen:
        problems.append(FieldProblem("amount", _("The receipt's amount is not the amount that was ordered.")))
    if receipt_on > local_date(act.now):
        problems.append(FieldProblem("receipt_on", _("This day lies in the future.")))
    if receipt_on < local_date(order.handed_over_at):
        problems.append(FieldProblem("receipt_on", _("This day lies before the payment was handed over.")))
    if await store.receipt_is_known(db, number):
        problems.append(FieldProblem("receipt_number", _("This receipt was recorded before.")))
    if problems:
        raise BadInput(fields=problems)


__all__ = [
    "accept_application",
    "approve_application",
    "close_application",
    "commit_budget",
    "hand_over_payment",
    "law_of",
    "open_for_office",
    "record_receipt",
    "reject_application",
    "return_application",
    "review_facts",
]
