"""Pages for everybody: what the platform is, how data is used, how accessible it is, how programs talk to it."""

from typing import Any

from litestar import Response, get

from kernel.auth.policies import PUBLIC
from kernel.web import GroundDep, StrictRequest, page
from portal.shell.account import ROLES
from portal.shell.reference import describe_api


@get("/about", opt={"policy": PUBLIC}, include_in_schema=False)
async def show_about(request: StrictRequest) -> Response[Any]:
    """Show what the platform is, logged in or not."""
    return page(request, "portal/start.html")


@get("/data-use-statement", opt={"policy": PUBLIC}, include_in_schema=False)
async def show_data_use_statement(request: StrictRequest) -> Response[Any]:
    """Show by which rights data is read and what a company can do about it."""
    return page(request, "portal/data_use_statement.html")


@get("/accessibility", opt={"policy": PUBLIC}, include_in_schema=False)
async def show_accessibility(request: StrictRequest) -> Response[Any]:
    """Show the accessibility statement."""
    return page(request, "portal/accessibility.html")


@get("/docs", opt={"policy": PUBLIC}, include_in_schema=False)
async def show_docs(request: StrictRequest, ground: GroundDep) -> Response[Any]:
    """Show the API reference, made from the routes themselves."""
    context = {"groups": describe_api(request.app), "public_url": ground.settings.public_url, "roles": ROLES}
    return page(request, "portal/docs.html", context)


@get("/docs/console", opt={"policy": PUBLIC}, include_in_schema=False)
async def show_console(request: StrictRequest) -> Response[Any]:
    """Show Swagger UI, from our own files, to try the API."""
    return page(request, "portal/console.html")


HANDLERS = (show_about, show_data_use_statement, show_accessibility, show_docs, show_console)
