"""The policies for everybody, logged in or not: what there is, for whom, how one comes by it."""

from collections.abc import Sequence
from typing import Annotated, Any

from litestar import Response, get
from litestar.params import FromPath, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

import policy_matching
from kernel.auth.policies import PUBLIC
from kernel.clock import local_date
from kernel.problems import NotFound
from kernel.web import ActDep, ReadDb, StrictRequest, page

ROUTE_ICONS = {
    "self_declared": "receipt-tax", "external": "external-link", "here": "file-text", "promise": "writing-sign",
    "automatic": "bolt",
}  # fmt: skip
"""icons: receipt-tax external-link file-text writing-sign bolt"""


@get("/library", opt={"policy": PUBLIC}, include_in_schema=False)
async def show_library(
    request: StrictRequest,
    read_db: ReadDb,
    act: ActDep,
    q: Annotated[str, QueryParameter(max_length=100, description="Search words.")] = "",
    kind: Annotated[str, QueryParameter(max_length=40, description="Kind of support.")] = "",
    route: Annotated[str, QueryParameter(max_length=40, description="The way to it.")] = "",
) -> Response[Any]:
    """Show the policies, narrowed by words, kind and route."""
    items = [item for item in await _items(read_db) if _fits(item, q.split(), kind, route)]
    context = {
        "items": items, "q": q, "kind": kind, "route": route, "kinds": policy_matching.KIND_LABELS,
        "routes": policy_matching.ROUTE_LABELS, "route_icons": ROUTE_ICONS, "today": local_date(act.now),
    }  # fmt: skip
    return page(request, "portal/library.html", context)


@get("/library/{code:str}", opt={"policy": PUBLIC}, include_in_schema=False)
async def show_library_item(request: StrictRequest, read_db: ReadDb, act: ActDep, code: FromPath[str]) -> Response[Any]:
    """Show one policy."""
    item = next((item for item in await _items(read_db) if item.row.code == code), None)
    if item is None:
        raise NotFound
    context = {
        "item": item, "kinds": policy_matching.KIND_LABELS, "routes": policy_matching.ROUTE_LABELS,
        "route_icons": ROUTE_ICONS, "standing": item.availability(local_date(act.now)),
    }  # fmt: skip
    return page(request, "portal/library_item.html", context)


async def _items(db: AsyncSession) -> Sequence[Any]:
    return [item for item in await policy_matching.live_items(db) if item.row.state != "suspended"]


def _fits(item: Any, words: Sequence[str], kind: str, route: str) -> bool:
    rules = item.rules
    text = f"{rules.title.zh} {rules.title.en} {rules.document} {rules.issuer.zh} {rules.issuer.en}".casefold()
    return all(word.casefold() in text for word in words) and kind in ("", rules.kind) and route in ("", rules.route)


HANDLERS = (show_library, show_library_item)
