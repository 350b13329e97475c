"""The market place: what data there is, under which terms, and how to ask for it."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from data_exchange import service, store
from data_exchange.contracts import OfferIn
from data_exchange.pages.common import translated, words
from data_exchange.service.labels import OFFER_PURPOSES
from data_exchange.service.view import product_view
from kernel.act import Act
from kernel.texts import gettext as _
from kernel.web import (
    ActDep,
    Db,
    Form,
    Listed,
    Once,
    ReadDb,
    StrictRequest,
    Within,
    download,
    page,
    read_form,
    redirect,
    submit,
)

FEN = 100


class OfferForm(Struct):
    """Terms as a person enters them; the price in yuan."""

    purpose: str
    allowed_uses: Annotated[int, Meta(ge=1, le=10_000)]
    valid_days: Annotated[int, Meta(ge=1, le=731)]
    price: Annotated[Decimal, Within(ge=0, le=100_000_000_000)]
    terms_zh: Annotated[str, Meta(max_length=2000)] = ""
    terms_en: Annotated[str, Meta(max_length=2000)] = ""


class RequestForm(Struct):
    """What a buyer says when asking."""

    message: Annotated[str, Meta(max_length=1000)] = ""


@get("/data", opt={"policy": "market.page"}, include_in_schema=False)
async def show_market(
    request: StrictRequest, read_db: ReadDb, act: ActDep, listed: Listed, export: FromQuery[str] = ""
) -> Response[Any]:
    """Show what is on the market place."""
    if export:
        rows = await store.product_rows(read_db, act.actor, listed)
        return download(store.PRODUCTS, [product_view(row[0], row[1]) for row in rows], export, "products")
    found = await store.product_page(read_db, act.actor, listed)
    context = words() | {
        "found": found.map(lambda row: product_view(row[0], row[1])),
        "columns": [column for column in store.PRODUCTS.columns if column.name != "title_en"],
        "waiting": await store.open_requests(read_db, act.actor),
    }
    return page(request, "data_exchange/market.html", context)


@get("/data/products/{product_id:uuid}", opt={"policy": "market.page"}, include_in_schema=False)
async def show_product(request: StrictRequest, read_db: ReadDb, act: ActDep, product_id: FromPath[UUID]) -> Any:
    """Show a product with its fields and offers."""
    return page(request, "data_exchange/product.html", await _context(read_db, act, product_id, None))


@post("/data/products/{product_id:uuid}/offers", opt={"policy": "product.publish"}, include_in_schema=False)
async def make_offer(
    request: StrictRequest, db: Db, act: ActDep, once: Once, product_id: FromPath[UUID]
) -> Response[Any]:
    """Offer one's product under terms."""
    form = await read_form(request, OfferForm)
    if form.value is not None and form.is_valid:
        sent = form.value
        fen = sent.price * FEN
        if fen != fen.to_integral_value():
            form.errors["price"] = _("An amount in yuan has at most two decimals.")
        else:
            data = OfferIn(
                product_id=product_id,
                purpose=sent.purpose,
                allowed_uses=sent.allowed_uses,
                valid_days=sent.valid_days,
                price_fen=int(fen),
                terms_zh=sent.terms_zh,
                terms_en=sent.terms_en,
            )

            async def effect() -> str:
                await service.make_offer(db, act, data)
                return f"/data/products/{product_id}"

            if path := await submit(db, once, form, effect):
                return redirect(request, path, notice=_("The offer stands."))
    context = await _context(db, act, product_id, form)
    return page(request, "data_exchange/product.html", context, status=422)


@post("/data/offers/{offer_id:uuid}/close", opt={"policy": "product.publish"}, include_in_schema=False)
async def close_offer(request: StrictRequest, db: Db, act: ActDep, offer_id: FromPath[UUID]) -> Response[Any]:
    """Close one's offer."""
    offer = await store.find_offer(db, act.actor, offer_id, own=True)
    await service.close_offer(db, act, offer_id)
    return redirect(request, f"/data/products/{offer.product_id}", notice=_("The offer is closed."))


@post("/data/products/{product_id:uuid}/withdraw", opt={"policy": "product.publish"}, include_in_schema=False)
async def withdraw_product(request: StrictRequest, db: Db, act: ActDep, product_id: FromPath[UUID]) -> Response[Any]:
    """Take one's product off the market place."""
    await service.withdraw_product(db, act, product_id)
    return redirect(request, "/data/mine", notice=_("The product is off the market place; standing agreements go on."))


@post("/data/offers/{offer_id:uuid}/request", opt={"policy": "agreement.request"}, include_in_schema=False)
async def request_agreement(
    request: StrictRequest, db: Db, act: ActDep, once: Once, offer_id: FromPath[UUID]
) -> Response[Any]:
    """Ask for an agreement under an offer."""
    form = await read_form(request, RequestForm)
    offer = await store.find_offer(db, act.actor, offer_id)
    message = form.value.message if form.value is not None else ""
    if form.is_valid:

        async def effect() -> str:
            return f"/data/agreements/{await service.request_agreement(db, act, offer_id, message)}"

        if path := await submit(db, once, form, effect):
            return redirect(request, path, notice=_("Asked. The data owner has it now."))
    context = await _context(db, act, offer.product_id, None) | {"request_form": form, "asked": offer_id}
    return page(request, "data_exchange/product.html", context, status=422)


async def _context(db: AsyncSession, act: Act, product_id: UUID, form: Form[OfferForm] | None) -> dict[str, Any]:
    row, owner = await store.published_product(db, act.actor, product_id)
    return words() | {
        "product": product_view(row, owner),
        "is_owner": row.owner_id == act.actor.organisation_id,
        "offers": await store.offers_of(db, act.actor, product_id),
        "limited": len(await store.limited_to(db, act.actor, product_id)),
        "form": form,
        "request_form": None,
        "asked": None,
        "purpose_options": translated(OFFER_PURPOSES),
    }
