"""The API of governed delivery: a POST takes a use and counts it, a GET fetches the content of that use, once."""

from uuid import UUID

from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from litestar.response import Stream

from data_exchange import service, store
from data_exchange.schemas import DeliverIn, DeliveryOut
from data_exchange.service.delivery import MEDIA_TYPES
from data_exchange.service.view import delivery_view
from kernel.web import ActDep, Db, GroundDep, Listed, Once, PageOut, ReadDb, page_out, problems

CONTENT = ResponseSpec(
    bytes, generate_examples=False, media_type="text/csv", description="The governed result, as CSV or JSON."
)


@get("/api/v1/deliveries", opt={"policy": "agreement.read"}, responses=problems())
async def list_deliveries(read_db: ReadDb, act: ActDep, listed: Listed) -> PageOut[DeliveryOut]:
    """Deliveries the caller's organisation gave or got."""
    return page_out(await store.delivery_page(read_db, act.actor, listed), lambda row: delivery_view(row[0]))


@post("/api/v1/deliveries", opt={"policy": "delivery.take"}, status_code=201, responses=problems(409, 428))
async def deliver(
    db: Db, ground: GroundDep, act: ActDep, once: Once, data: JSONBody[DeliverIn]
) -> Response[DeliveryOut]:
    """Take one use of an active agreement. The same key gives the same delivery, never a second use."""

    async def effect() -> DeliveryOut:
        return delivery_view(await service.deliver(db, act, ground.keys, data.agreement_id, data.format))

    return await once(effect, DeliveryOut)


@get(
    "/api/v1/deliveries/{delivery_id:uuid}/content",
    opt={"policy": "delivery.take"},
    responses={**problems(409), 200: CONTENT},
)
async def fetch_content(ground: GroundDep, act: ActDep, delivery_id: FromPath[UUID]) -> Stream:
    """Fetch the content of a delivery, once; it stops in the middle when the right to it ends."""
    delivery, content = await service.open_delivery(ground, act, delivery_id)
    return Stream(
        content,
        media_type=MEDIA_TYPES[delivery.format],
        headers={
            "Content-Disposition": f'attachment; filename="delivery-{delivery.number}.{delivery.format}"',
            "Content-Length": str(delivery.byte_count),
            "Repr-Digest": f"sha-256=:{service.digest_header(delivery)}:",
        },
    )
