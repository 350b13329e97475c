"""The API of the market place: products and the terms they may be had under."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from data_exchange import service, store
from data_exchange.contracts import OfferIn, ProductIn
from data_exchange.schemas import CreatedOut, OfferItemIn, OfferOut, ProductDetailOut, ProductOut, PublishIn
from data_exchange.service.view import product_view
from kernel.web import ActDep, Db, Listed, Once, PageOut, ReadDb, page_out, problems


def offer_out(row: Any) -> OfferOut:
    """Return an offer for the wire."""
    return OfferOut(**{name: getattr(row, name) for name in OfferOut.__struct_fields__})


@get("/api/v1/products", opt={"policy": "product.read"}, responses=problems())
async def list_products(read_db: ReadDb, act: ActDep, listed: Listed) -> PageOut[ProductOut]:
    """What is on the market place."""
    found = await store.product_page(read_db, act.actor, listed)
    return page_out(found, lambda row: product_view(row[0], row[1]))


@post("/api/v1/products", opt={"policy": "product.publish"}, status_code=201, responses=problems(409, 428))
async def publish_product(db: Db, act: ActDep, once: Once, data: JSONBody[PublishIn]) -> Response[CreatedOut]:
    """Publish a product of the caller's organisation."""
    taken = msgspec.convert(msgspec.to_builtins(data), ProductIn)

    async def effect() -> CreatedOut:
        return CreatedOut(await service.publish_product(db, act, taken))

    return await once(effect, CreatedOut)


@get("/api/v1/products/{product_id:uuid}", opt={"policy": "product.read"}, responses=problems())
async def get_product(read_db: ReadDb, act: ActDep, product_id: FromPath[UUID]) -> ProductDetailOut:
    """One product with its open offers."""
    row, owner = await store.published_product(read_db, act.actor, product_id)
    offers = await store.offers_of(read_db, act.actor, product_id)
    return ProductDetailOut(product_view(row, owner), [offer_out(offer) for offer in offers])


@post(
    "/api/v1/products/{product_id:uuid}/withdraw",
    opt={"policy": "product.publish"},
    status_code=204,
    responses=problems(409),
)
async def withdraw_product(db: Db, act: ActDep, product_id: FromPath[UUID]) -> None:
    """Take a product of the caller's organisation off the market place."""
    await service.withdraw_product(db, act, product_id)


@post("/api/v1/offers", opt={"policy": "product.publish"}, status_code=201, responses=problems(409, 428))
async def make_offer(db: Db, act: ActDep, once: Once, data: JSONBody[OfferItemIn]) -> Response[CreatedOut]:
    """Offer a product of the caller's organisation under terms."""
    taken = OfferIn(**{name: getattr(data, name) for name in OfferItemIn.__struct_fields__})

    async def effect() -> CreatedOut:
        return CreatedOut(await service.make_offer(db, act, taken))

    return await once(effect, CreatedOut)


@post("/api/v1/offers/{offer_id:uuid}/close", opt={"policy": "product.publish"}, status_code=204, responses=problems())
async def close_offer(db: Db, act: ActDep, offer_id: FromPath[UUID]) -> None:
    """Close an offer of the caller's organisation."""
    await service.close_offer(db, act, offer_id)
