"""Statements about agreements, signatures and deliveries: both parties see them, nobody else."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from data_exchange.models import AgreementRow, DeliveryContentRow, DeliveryRow, FetchRow, ProductRow, SignatureRow
from data_exchange.rules import AgreementState, agreement_state
from kernel import scope
from kernel.act import Act, Actor
from kernel.audit import AuditEntry
from kernel.identity import Organisation
from kernel.paging import Column, Listing, ListQuery, Page, fetch_page, fetch_rows
from kernel.problems import NotFound
from kernel.texts import N_

Owner = aliased(Organisation, name="owner")
Buyer = aliased(Organisation, name="buyer")

AGREEMENTS = Listing(
    columns=(
        Column("title_zh", ProductRow.title_zh, N_("Data product"), searchable=True),
        Column("owner_name_zh", Owner.name_zh, N_("Data owner"), searchable=True),
        Column("buyer_name_zh", Buyer.name_zh, N_("Data buyer"), searchable=True),
        Column("state", AgreementRow.state, N_("State"), kind="enum"),
        Column("requested_at", AgreementRow.requested_at, N_("Requested on"), kind="moment"),
        Column("expires_at", AgreementRow.expires_at, N_("Valid until"), kind="moment"),
    ),
    default_sort="-requested_at",
    filters={"state": AgreementRow.state},
    tie=AgreementRow.id,
)

DELIVERIES = Listing(
    columns=(
        Column("at", DeliveryRow.at, N_("When"), kind="moment"),
        Column("title_zh", ProductRow.title_zh, N_("Data product"), searchable=True),
        Column("number", DeliveryRow.number, N_("Number of the use"), kind="number"),
        Column("format", DeliveryRow.format, N_("Format")),
        Column("row_count", DeliveryRow.row_count, N_("Rows"), kind="number"),
        Column("sha256", DeliveryRow.sha256, N_("SHA-256"), sortable=False),
    ),
    default_sort="-at",
    filters={"agreement_id": DeliveryRow.agreement_id},
    tie=DeliveryRow.id,
)

Found = tuple[AgreementRow, ProductRow, Organisation, Organisation]


def _with_parties() -> Any:
    return (
        select(AgreementRow, ProductRow, Owner, Buyer)
        .join(ProductRow, ProductRow.id == AgreementRow.product_id)
        .join(Owner, Owner.id == AgreementRow.owner_id)
        .join(Buyer, Buyer.id == AgreementRow.buyer_id)
    )


def _visible(actor: Actor, side: str = "") -> ColumnElement[bool]:
    sides = {
        "owner": scope.owned_by(actor, AgreementRow.owner_id),
        "buyer": scope.owned_by(actor, AgreementRow.buyer_id),
    }
    return sides[side] if side in sides else or_(*sides.values())


def state_now(row: AgreementRow, owner: Organisation, buyer: Organisation, now: datetime) -> AgreementState:
    """Return the state that counts now."""
    holds = row.owner_epoch == owner.control_epoch and row.buyer_epoch == buyer.control_epoch
    return agreement_state(row.state, now, expires_at=row.expires_at, epochs_hold=holds)  # type: ignore[arg-type]


async def find_agreement(db: AsyncSession, actor: Actor, agreement_id: UUID, *, lock: bool = False) -> Found:
    """Return an agreement with its product and both parties, for a party; NotFound otherwise.

    With `lock` the agreement is held until the transaction ends: uses are counted one after the other.
    """
    statement = _with_parties().where(AgreementRow.id == agreement_id, _visible(actor))
    if lock:
        statement = statement.with_for_update(of=AgreementRow)
    row = (await db.execute(statement.execution_options(populate_existing=True))).first()
    if row is None:
        raise NotFound
    return row[0], row[1], row[2], row[3]


async def agreement_page(db: AsyncSession, actor: Actor, side: str, query: ListQuery) -> Page[Any]:
    """Return one page of the actor's agreements as owner or buyer (side "" is both): rows as find_agreement."""
    return await fetch_page(db, _with_parties().where(_visible(actor, side)), AGREEMENTS, query)


async def agreement_rows(db: AsyncSession, actor: Actor, side: str, query: ListQuery) -> list[Any]:
    """Return all of them, for an export."""
    return await fetch_rows(db, _with_parties().where(_visible(actor, side)), AGREEMENTS, query)


async def open_requests(db: AsyncSession, actor: Actor) -> int:
    """Return how many agreements wait for the actor's organisation."""
    waiting = or_(
        (AgreementRow.owner_id == actor.organisation_id) & AgreementRow.state.in_(("requested", "agreed")),
        (AgreementRow.buyer_id == actor.organisation_id) & (AgreementRow.state == "signed_by_owner"),
    )
    return await db.scalar(select(func.count()).select_from(AgreementRow).where(waiting)) or 0


async def agreements_to_expire(db: AsyncSession, act: Act, limit: int = 100) -> list[UUID]:
    """Return active agreements whose time is over, for the clock's job."""
    statement = (
        select(AgreementRow.id)
        .where(AgreementRow.state == "active", AgreementRow.expires_at <= act.now)
        .order_by(AgreementRow.id)
        .limit(limit)
    )
    return list(await db.scalars(statement))


async def signatures_of(db: AsyncSession, actor: Actor, agreement_id: UUID) -> list[SignatureRow]:
    """Return the signatures under an agreement of the actor's, in the order in which they were given."""
    statement = (
        select(SignatureRow)
        .join(AgreementRow, AgreementRow.id == SignatureRow.agreement_id)
        .where(SignatureRow.agreement_id == agreement_id, _visible(actor))
        .order_by(SignatureRow.signed_at, SignatureRow.party.desc())
    )
    return list(await db.scalars(statement))


async def deliveries_of(db: AsyncSession, actor: Actor, agreement_id: UUID) -> list[DeliveryRow]:
    """Return the deliveries under an agreement of the actor's, the latest first."""
    statement = (
        select(DeliveryRow)
        .join(AgreementRow, AgreementRow.id == DeliveryRow.agreement_id)
        .where(DeliveryRow.agreement_id == agreement_id, _visible(actor))
        .order_by(DeliveryRow.number.desc())
    )
    return list(await db.scalars(statement))


async def delivery_page(db: AsyncSession, actor: Actor, query: ListQuery) -> Page[Any]:
    """Return one page of deliveries the actor's organisation gave or got: rows of (delivery, product)."""
    statement: Any = (
        select(DeliveryRow, ProductRow)
        .join(AgreementRow, AgreementRow.id == DeliveryRow.agreement_id)
        .join(ProductRow, ProductRow.id == AgreementRow.product_id)
        .where(_visible(actor))
    )
    return await fetch_page(db, statement, DELIVERIES, query)


async def delivery_of(db: AsyncSession, actor: Actor, delivery_id: UUID, *, lock: bool = False) -> DeliveryRow:
    """Return a delivery to the actor's organisation; NotFound otherwise."""
    statement = (
        select(DeliveryRow)
        .join(AgreementRow, AgreementRow.id == DeliveryRow.agreement_id)
        .where(DeliveryRow.id == delivery_id, AgreementRow.buyer_id == actor.organisation_id)
    )
    if lock:
        statement = statement.with_for_update(of=DeliveryRow)
    return await scope.find(db, statement)


async def fetches_of(db: AsyncSession, actor: Actor, delivery_ids: Sequence[UUID]) -> list[FetchRow]:
    """Return how often the content of deliveries was fetched; the caller has found them for the actor."""
    statement = select(FetchRow).where(FetchRow.delivery_id.in_(delivery_ids)).order_by(FetchRow.attempt)
    return list(await db.scalars(statement))


async def waiting_request(db: AsyncSession, actor: Actor, offer_id: UUID) -> bool:
    """Tell whether the actor's organisation has asked for an offer and is not through with it."""
    statement = select(AgreementRow.id).where(
        AgreementRow.offer_id == offer_id,
        AgreementRow.buyer_id == actor.organisation_id,
        AgreementRow.state.in_(("requested", "agreed", "signed_by_owner")),
    )
    return await db.scalar(statement.limit(1)) is not None


async def content_of(db: AsyncSession, actor: Actor, delivery_id: UUID) -> DeliveryContentRow | None:
    """Return the kept content of a delivery that the caller has found for the actor, or None when it is gone."""
    found: DeliveryContentRow | None = await db.scalar(
        select(DeliveryContentRow).where(DeliveryContentRow.delivery_id == delivery_id)
    )
    return found


async def finish_fetch(db: AsyncSession, act: Act, fetch_id: UUID) -> None:
    """Write down that the last byte of a fetch was sent."""
    await db.execute(update(FetchRow).where(FetchRow.id == fetch_id).values(finished_at=act.now))


async def erase_content(db: AsyncSession, act: Act, delivery_id: UUID | None = None) -> int:
    """Erase the kept content of a delivery, or of all whose time is over; returns how many."""
    gone = delete(DeliveryContentRow)
    if delivery_id is None:
        gone = gone.where(DeliveryContentRow.keep_until <= act.now)
    else:
        gone = gone.where(DeliveryContentRow.delivery_id == delivery_id)
    result = await db.execute(gone)
    return int(getattr(result, "rowcount", 0))


async def refusals_of(db: AsyncSession, actor: Actor, agreement_id: UUID) -> list[AuditEntry]:
    """Return the refused uses of an agreement that the caller has found for the actor: both parties see them."""
    statement = (
        select(AuditEntry)
        .where(
            AuditEntry.object_kind == "data_agreement",
            AuditEntry.object_id == str(agreement_id),
            AuditEntry.outcome == "refused",
        )
        .order_by(AuditEntry.at)
        .limit(100)
    )
    return list(await db.scalars(statement))
