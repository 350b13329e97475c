"""The first page: for everybody what this is, for each role what waits for them."""

from typing import Any

from litestar import Response, get

from kernel.auth.policies import PUBLIC
from kernel.web import ActDep, ReadDb, StrictRequest, page


@get("/", opt={"policy": PUBLIC}, include_in_schema=False)
async def show_home(request: StrictRequest, act: ActDep, read_db: ReadDb) -> Response[Any]:
    """Show the start page, or the workspace of whoever is logged in."""
    return page(request, "portal/start.html")


HANDLERS = (show_home,)
