"""Applications, their steps and payments. A company sees its own, an officer those of the office."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel import scope
from kernel.act import Actor
from kernel.data_use import DataUse, DataUseRun, DataUseRunSubject
from kernel.identity import Organisation
from kernel.paging import Column, Listing, ListQuery, Page, fetch_page, fetch_rows
from kernel.texts import N_
from policy_matching.contracts import Waiting
from policy_matching.models import Application, ApplicationStep, PaymentOrder, PolicyItem, PolicyVersion
from policy_matching.store.items import ROUTE_LABELS

STATE_LABELS = {
    "draft": N_("Draft"),
    "submitted": N_("Submitted"),
    "accepted": N_("Under review"),
    "returned": N_("Returned for correction"),
    "approved": N_("Approved"),
    "publicity": N_("Published for objections"),
    "rejected": N_("Rejected"),
    "withdrawn": N_("Withdrawn"),
    "payment_handed_over": N_("Payment handed over"),
    "paid": N_("Paid"),
    "closed": N_("Case closed"),
}

APPLICATIONS = Listing(
    columns=(
        Column("number", Application.number, N_("Number"), searchable=True),
        Column("title_zh", PolicyVersion.title_zh, N_("Policy (Chinese)"), searchable=True),
        Column("title_en", PolicyVersion.title_en, N_("Policy (English)"), searchable=True),
        Column("enterprise_zh", Organisation.name_zh, N_("Company"), searchable=True),
        Column("enterprise_en", Organisation.name_en, N_("Company (English)"), searchable=True),
        Column("route", Application.route, N_("Route"), kind="enum", choices=ROUTE_LABELS),
        Column("state", Application.state, N_("State"), kind="enum", choices=STATE_LABELS),
        Column("state_since", Application.state_since, N_("In this state since"), kind="moment"),
        Column("due_on", Application.due_on, N_("Due"), kind="date"),
        Column("requested_fen", Application.requested_fen, N_("Amount asked for"), kind="money"),
        Column("approved_fen", Application.approved_fen, N_("Amount granted"), kind="money"),
        Column("created_at", Application.created_at, N_("Begun"), kind="moment"),
    ),
    default_sort="-created_at",
    filters={"state": Application.state, "route": Application.route, "policy": PolicyItem.code},
)

PAYMENTS = Listing(
    columns=(
        Column("reference", PaymentOrder.reference, N_("Reference"), searchable=True),
        Column("number", Application.number, N_("Application"), searchable=True),
        Column("payee_name", PaymentOrder.payee_name, N_("Payee"), searchable=True),
        Column("amount_fen", PaymentOrder.amount_fen, N_("Amount"), kind="money"),
        Column("handed_over_at", PaymentOrder.handed_over_at, N_("Handed over"), kind="moment"),
        Column("receipt_number", PaymentOrder.receipt_number, N_("Receipt"), searchable=True),
        Column("receipt_on", PaymentOrder.receipt_on, N_("Paid on"), kind="date"),
    ),
    default_sort="-handed_over_at",
    filters={"application": Application.number},
)


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """The cases an actor may see: a company's own, an office's own; everything for auditors and administrators."""
    own = scope.owned_by(actor, Application.enterprise_id)
    if actor.has("officer") and actor.organisation_id is not None:
        return or_(own, (Application.office_id == actor.organisation_id) & (Application.state != "draft"))
    return own


def _listed(actor: Actor) -> Select[Any]:
    return (
        select(Application.id, *(column.expression.label(column.name) for column in APPLICATIONS.columns))
        .add_columns(Application.enterprise_id, Application.version)
        .join(PolicyVersion, PolicyVersion.id == Application.version_id)
        .join(PolicyItem, PolicyItem.id == Application.item_id)
        .join(Organisation, Organisation.id == Application.enterprise_id)
        .where(seen_by(actor))
    )


async def page_of_cases(db: AsyncSession, actor: Actor, query: ListQuery) -> Page[Any]:
    """Return a page of the cases the actor may see."""
    return await fetch_page(db, _listed(actor), APPLICATIONS, query)


async def rows_of_cases(db: AsyncSession, actor: Actor, query: ListQuery) -> list[Any]:
    """Return every case of the list, for an export."""
    return await fetch_rows(db, _listed(actor), APPLICATIONS, query)


async def find_case(db: AsyncSession, actor: Actor, application_id: UUID, *, lock: bool = False) -> Application:
    """Return a case the actor may see; NotFound for any other."""
    return await scope.find(db, select(Application).where(Application.id == application_id, seen_by(actor)), lock=lock)


async def live_cases(db: AsyncSession, actor: Actor, enterprise_id: UUID, year: int) -> dict[UUID, Application]:
    """Return the cases of a company in a year that stand in the way of another for the same item, by item."""
    statement = select(Application).where(
        scope.owned_by(actor, Application.enterprise_id),
        Application.enterprise_id == enterprise_id,
        Application.year == year,
        Application.state.not_in(("rejected", "withdrawn")),
    )
    return {found.item_id: found for found in await db.scalars(statement)}


async def companies_with_case(db: AsyncSession, actor: Actor, item_id: UUID, year: int) -> set[UUID]:
    """Return which companies have a live case for an item in a year; for the system's batches."""
    statement = select(Application.enterprise_id).where(
        scope.owned_by(actor, Application.enterprise_id),
        Application.item_id == item_id,
        Application.year == year,
        Application.state.not_in(("rejected", "withdrawn")),
    )
    return set(await db.scalars(statement))


async def steps_of(db: AsyncSession, application_id: UUID) -> Sequence[ApplicationStep]:
    """Return the steps of a case, oldest first. Unscoped: of an application found under scope."""
    statement = (
        select(ApplicationStep)
        .where(ApplicationStep.application_id == application_id)
        .order_by(ApplicationStep.at, ApplicationStep.id)
    )
    return (await db.scalars(statement)).all()


async def payment_of(db: AsyncSession, application_id: UUID) -> PaymentOrder | None:
    """Return the payment order of a case. Unscoped: of an application found under scope."""
    found: PaymentOrder | None = await db.scalar(
        select(PaymentOrder).where(PaymentOrder.application_id == application_id)
    )
    return found


async def receipt_is_known(db: AsyncSession, receipt_number: str) -> bool:
    """Tell whether a receipt was recorded before. Unscoped: a receipt number is unique in the whole house."""
    statement = select(PaymentOrder.id).where(PaymentOrder.receipt_number == receipt_number)
    return await db.scalar(statement) is not None


async def page_of_payments(db: AsyncSession, actor: Actor, query: ListQuery) -> Page[Any]:
    """Return a page of the payment orders the actor may see."""
    statement = (
        select(PaymentOrder.id, *(column.expression.label(column.name) for column in PAYMENTS.columns))
        .add_columns(PaymentOrder.application_id)
        .join(Application, Application.id == PaymentOrder.application_id)
        .where(seen_by(actor))
    )
    return await fetch_page(db, statement, PAYMENTS, query)


async def uses_of_case(db: AsyncSession, actor: Actor, enterprise_id: UUID, number: str) -> Sequence[DataUse]:
    """Return every read of the company's data for a case, newest first; for the company itself and its office."""
    statement = (
        select(DataUse)
        .where(
            DataUse.subject_id == enterprise_id,
            DataUse.reference.endswith(number, autoescape=True),
            or_(scope.owned_by(actor, DataUse.subject_id), DataUse.recipient_id == actor.organisation_id),
        )
        .order_by(DataUse.at.desc())
    )
    return (await db.scalars(statement)).all()


async def runs_of_case(
    db: AsyncSession, actor: Actor, enterprise_id: UUID, document: str, at: datetime
) -> Sequence[DataUseRun]:
    """Return the batches under a document that read the company's data by a moment; for the company and its office."""
    statement = (
        select(DataUseRun)
        .join(DataUseRunSubject, DataUseRunSubject.run_id == DataUseRun.id)
        .where(
            DataUseRunSubject.subject_id == enterprise_id,
            DataUseRun.reference == document,
            DataUseRun.at <= at,
            or_(scope.owned_by(actor, DataUseRunSubject.subject_id), literal(actor.has("officer"))),
        )
        .order_by(DataUseRun.at.desc())
        .limit(20)
    )
    return (await db.scalars(statement)).all()


async def count_waiting(db: AsyncSession, actor: Actor, today: date) -> Waiting:
    """Return how many cases wait for the actor's office."""

    def counted(*states: str) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((Application.state.in_(states), 1), else_=0)), 0)

    late = func.coalesce(
        func.sum(
            case(
                (Application.state.in_(("submitted", "accepted", "approved")) & (Application.due_on < today), 1),
                else_=0,
            )
        ),
        0,
    )
    row = (
        await db.execute(
            select(
                counted("submitted"),
                counted("accepted"),
                counted("approved", "publicity"),
                counted("payment_handed_over"),
                late,
            ).where(seen_by(actor))
        )
    ).one()
    return Waiting(*(int(value) for value in row))
