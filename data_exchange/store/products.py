"""Statements about products and offers: the market place is open to read, the rest belongs to its owner."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from data_exchange.models import OfferRow, ProductRow, ProductSubjectRow
from kernel import scope
from kernel.act import Actor
from kernel.identity import Organisation
from kernel.paging import Column, Listing, ListQuery, Page, fetch_page, fetch_rows
from kernel.problems import NotFound
from kernel.texts import N_

PRODUCTS = Listing(
    columns=(
        Column("title_zh", ProductRow.title_zh, N_("Title"), searchable=True),
        Column("title_en", ProductRow.title_en, N_("English title"), searchable=True),
        Column("owner_name_zh", Organisation.name_zh, N_("Data owner"), searchable=True),
        Column("level", ProductRow.level, N_("Data grade"), kind="enum"),
        Column("created_at", ProductRow.created_at, N_("Published"), kind="moment"),
    ),
    default_sort="-created_at",
    filters={"level": ProductRow.level},
    tie=ProductRow.id,
)


def _with_owner() -> Any:
    return select(ProductRow, Organisation).join(Organisation, Organisation.id == ProductRow.owner_id)


def _on_market(actor: Actor) -> Any:
    """Whoever is logged in sees what is published."""
    if not actor.is_known:
        raise NotFound
    return _with_owner().where(ProductRow.state == "published", Organisation.is_active)


async def product_page(db: AsyncSession, actor: Actor, query: ListQuery) -> Page[Any]:
    """Return one page of the market place: rows of (product, owner)."""
    return await fetch_page(db, _on_market(actor), PRODUCTS, query)


async def product_rows(db: AsyncSession, actor: Actor, query: ListQuery) -> list[Any]:
    """Return the whole market place, for an export."""
    return await fetch_rows(db, _on_market(actor), PRODUCTS, query)


async def published_product(db: AsyncSession, actor: Actor, product_id: UUID) -> tuple[ProductRow, Organisation]:
    """Return a product on the market place, or one's own in any state; NotFound otherwise."""
    statement = _with_owner().where(
        ProductRow.id == product_id,
        (ProductRow.state == "published") | scope.owned_by(actor, ProductRow.owner_id),
    )
    row = (await db.execute(statement)).first()
    if row is None or not actor.is_known:
        raise NotFound
    return row[0], row[1]


async def own_products(db: AsyncSession, actor: Actor) -> list[ProductRow]:
    """Return the products of the actor's organisation, the newest first."""
    statement = (
        select(ProductRow)
        .where(ProductRow.owner_id == actor.organisation_id)
        .order_by(ProductRow.created_at.desc(), ProductRow.id)
    )
    return list(await db.scalars(statement))


async def find_product(db: AsyncSession, actor: Actor, product_id: UUID, *, lock: bool = False) -> ProductRow:
    """Return a product of the actor's own organisation; NotFound otherwise."""
    statement = select(ProductRow).where(ProductRow.id == product_id, scope.owned_by(actor, ProductRow.owner_id))
    return await scope.find(db, statement, lock=lock)


async def offers_of(db: AsyncSession, actor: Actor, product_id: UUID) -> list[OfferRow]:
    """Return the open offers of a product on the market place, and the closed ones too of one's own."""
    statement = (
        select(OfferRow)
        .where(
            OfferRow.product_id == product_id,
            (OfferRow.state == "open") | scope.owned_by(actor, OfferRow.owner_id),
        )
        .order_by(OfferRow.state.desc(), OfferRow.price_fen, OfferRow.id)
    )
    return list(await db.scalars(statement))


async def find_offer(db: AsyncSession, actor: Actor, offer_id: UUID, *, own: bool = False) -> OfferRow:
    """Return an open offer, or one's own in any state; NotFound otherwise."""
    owned = scope.owned_by(actor, OfferRow.owner_id)
    allowed = owned if own else (OfferRow.state == "open") | owned
    return await scope.find(db, select(OfferRow).where(OfferRow.id == offer_id, allowed))


async def limited_to(db: AsyncSession, actor: Actor, product_id: UUID) -> list[UUID]:
    """Return the companies a product is limited to; none means every company that consented."""
    statement = (
        select(ProductSubjectRow.subject_id)
        .where(ProductSubjectRow.product_id == product_id)
        .order_by(ProductSubjectRow.subject_id)
    )
    return list(await db.scalars(statement))
