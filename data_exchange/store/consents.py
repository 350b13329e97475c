"""Statements about consents: who gave what to whom, and which of them are live."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from data_exchange.models import ConsentRow
from data_exchange.rules import ConsentState, consent_state
from kernel import scope
from kernel.act import Act, Actor
from kernel.identity import Organisation
from kernel.paging import Column, Listing, ListQuery, Page, fetch_page, fetch_rows
from kernel.problems import NotFound
from kernel.texts import N_

Subject = aliased(Organisation, name="subject")
Recipient = aliased(Organisation, name="recipient")

SIDES = ("given", "received")


class ConsentView(Struct, frozen=True, kw_only=True):
    """A consent with the names of both sides and the state that counts now."""

    id: UUID
    subject_id: UUID
    subject_name_zh: str
    subject_name_en: str
    recipient_id: UUID
    recipient_name_zh: str
    recipient_name_en: str
    purpose: str
    scope: tuple[str, ...]
    starts_at: datetime
    expires_at: datetime
    granted_at: datetime
    withdrawn_at: datetime | None
    note: str
    state: ConsentState
    version: int


CONSENTS = Listing(
    columns=(
        Column("subject_name_zh", Subject.name_zh, N_("Company"), searchable=True),
        Column("recipient_name_zh", Recipient.name_zh, N_("Recipient"), searchable=True),
        Column("purpose", ConsentRow.purpose, N_("Purpose"), kind="enum"),
        Column("granted_at", ConsentRow.granted_at, N_("Granted"), kind="moment"),
        Column("expires_at", ConsentRow.expires_at, N_("Valid until"), kind="moment"),
        Column("withdrawn_at", ConsentRow.withdrawn_at, N_("Withdrawn"), kind="moment"),
    ),
    default_sort="-granted_at",
    filters={"purpose": ConsentRow.purpose},
    tie=ConsentRow.id,
)


def _with_sides() -> Any:
    return (
        select(ConsentRow, Subject, Recipient)
        .join(Subject, Subject.id == ConsentRow.subject_id)
        .join(Recipient, Recipient.id == ConsentRow.recipient_id)
    )


def _visible(actor: Actor, side: str) -> ColumnElement[bool]:
    given = scope.owned_by(actor, ConsentRow.subject_id)
    received = scope.owned_by(actor, ConsentRow.recipient_id)
    return {"given": given, "received": received}.get(side) if side in SIDES else or_(given, received)  # type: ignore[return-value]


def is_live(now: datetime) -> ColumnElement[bool]:
    """Return the predicate "this consent is live now", for statements that join both sides."""
    return and_(
        ConsentRow.withdrawn_at.is_(None),
        ConsentRow.starts_at <= now,
        ConsentRow.expires_at > now,
        Subject.control_epoch == ConsentRow.subject_epoch,
        Recipient.control_epoch == ConsentRow.recipient_epoch,
        Recipient.is_active,
    )


def as_view(row: ConsentRow, subject: Organisation, recipient: Organisation, now: datetime) -> ConsentView:
    """Return a consent as people and programs see it."""
    holds = row.subject_epoch == subject.control_epoch and row.recipient_epoch == recipient.control_epoch
    return ConsentView(
        id=row.id,
        subject_id=row.subject_id,
        subject_name_zh=subject.name_zh,
        subject_name_en=subject.name_en,
        recipient_id=row.recipient_id,
        recipient_name_zh=recipient.name_zh,
        recipient_name_en=recipient.name_en,
        purpose=row.purpose,
        scope=tuple(row.scope),
        starts_at=row.starts_at,
        expires_at=row.expires_at,
        granted_at=row.granted_at,
        withdrawn_at=row.withdrawn_at,
        note=row.note,
        state=consent_state(
            now,
            starts_at=row.starts_at,
            expires_at=row.expires_at,
            withdrawn_at=row.withdrawn_at,
            epochs_hold=holds and recipient.is_active,
        ),
        version=row.version,
    )


async def consent_page(db: AsyncSession, act: Act, side: str, query: ListQuery) -> Page[ConsentView]:
    """Return one page of the consents the actor's organisation gave or received (side "" is both)."""
    found = await fetch_page(db, _with_sides().where(_visible(act.actor, side)), CONSENTS, query)
    return found.map(lambda row: as_view(row[0], row[1], row[2], act.now))


async def consent_rows(db: AsyncSession, act: Act, side: str, query: ListQuery) -> list[ConsentView]:
    """Return all of them, for an export."""
    rows = await fetch_rows(db, _with_sides().where(_visible(act.actor, side)), CONSENTS, query)
    return [as_view(row[0], row[1], row[2], act.now) for row in rows]


async def find_consent(
    db: AsyncSession, act: Act, consent_id: UUID, *, side: str = "", lock: bool = False
) -> tuple[ConsentRow, ConsentView]:
    """Return a consent of the actor's organisation; NotFound otherwise."""
    statement = _with_sides().where(ConsentRow.id == consent_id, _visible(act.actor, side))
    if lock:
        statement = statement.with_for_update(of=ConsentRow)
    row = (await db.execute(statement.execution_options(populate_existing=True))).first()
    if row is None:
        raise NotFound
    return row[0], as_view(row[0], row[1], row[2], act.now)


async def live_consents(
    db: AsyncSession,
    act: Act,
    recipient_id: UUID,
    purpose: str,
    *,
    subject_ids: Collection[UUID] | None = None,
    lock: bool = False,
) -> list[ConsentView]:
    """Return the live consents to a recipient for a purpose, the longest first.

    With `lock` a withdrawal cannot commit before the caller's transaction does, so what is checked still holds when
    the use is recorded. The lock is exclusive: behind shared ones a withdrawal could wait for ever.
    """
    statement = _with_sides().where(
        ConsentRow.recipient_id == recipient_id, ConsentRow.purpose == purpose, is_live(act.now)
    )
    if subject_ids is not None:
        statement = statement.where(ConsentRow.subject_id.in_(subject_ids))
    if lock:
        statement = statement.with_for_update(of=ConsentRow, key_share=True)
    ordered = statement.order_by(ConsentRow.expires_at.desc(), ConsentRow.id)
    rows = await db.execute(ordered.execution_options(populate_existing=True))
    return [as_view(row[0], row[1], row[2], act.now) for row in rows]


async def last_consent(
    db: AsyncSession, act: Act, subject_id: UUID, recipient_id: UUID, purpose: str
) -> ConsentView | None:
    """Return the newest consent of a company to a recipient for a purpose, whatever has become of it."""
    statement = (
        _with_sides()
        .where(
            ConsentRow.subject_id == subject_id,
            ConsentRow.recipient_id == recipient_id,
            ConsentRow.purpose == purpose,
        )
        .order_by(ConsentRow.granted_at.desc(), ConsentRow.id.desc())
        .limit(1)
    )
    row = (await db.execute(statement)).first()
    return as_view(row[0], row[1], row[2], act.now) if row else None


async def live_recipients(db: AsyncSession, actor: Actor, now: datetime) -> int:
    """Return how many organisations hold a live consent of the actor's company."""
    statement = (
        select(func.count(ConsentRow.recipient_id.distinct()))
        .join(Subject, Subject.id == ConsentRow.subject_id)
        .join(Recipient, Recipient.id == ConsentRow.recipient_id)
        .where(is_live(now), scope.owned_by(actor, ConsentRow.subject_id))
    )
    return await db.scalar(statement) or 0


async def organisation(db: AsyncSession, act: Act, organisation_id: UUID) -> Organisation | None:
    """Return an organisation's public entry (name, kind, control epoch), or None."""
    found: Organisation | None = await db.scalar(
        select(Organisation)
        .where(Organisation.id == organisation_id, Organisation.is_active)
        .execution_options(populate_existing=True)
    )
    return found


async def recipients(db: AsyncSession, actor: Actor) -> list[Organisation]:
    """Return the organisations a company may give a consent to, lenders first."""
    statement = (
        select(Organisation)
        .where(Organisation.is_active, Organisation.kind != "platform", Organisation.id != actor.organisation_id)
        .order_by((Organisation.kind != "lender"), Organisation.name_zh)
    )
    return list(await db.scalars(statement))
