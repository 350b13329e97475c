"""The first page: for everybody what this is, for each party what waits for it."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Response, get
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.act import Act
from kernel.auth.policies import PUBLIC
from kernel.web import ActDep, ReadDb, StrictRequest, page
from portal.shell.home.enterprise import enterprise_desk
from portal.shell.home.house import house_desk
from portal.shell.home.lender import lender_desk
from portal.shell.home.office import office_desk
from portal.shell.home.park import park_desk

Desk = Callable[[AsyncSession, Act], Awaitable[dict[str, Any]]]
DESKS: dict[str, Desk] = {
    "enterprise": enterprise_desk,
    "park": park_desk,
    "government": office_desk,
    "lender": lender_desk,
    "platform": house_desk,
}


@get("/", opt={"policy": PUBLIC}, include_in_schema=False)
async def show_home(request: StrictRequest, act: ActDep, read_db: ReadDb) -> Response[Any]:
    """Show the start page, or the desk of the party that the actor acts for."""
    desk = DESKS.get(act.actor.organisation_kind) if act.actor.is_known else None
    if desk is None:
        return page(request, "portal/start.html")
    context = await desk(read_db, act)
    return page(request, f"portal/home_{act.actor.organisation_kind}.html", context)


HANDLERS = (show_home,)
