"""The house put together: rooms, shell and ground become one web application."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.datastructures import CacheControlHeader
from litestar.middleware import DefineMiddleware
from litestar.middleware.compression import CompressionMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.plugins.htmx import HTMXPlugin
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.static_files import create_static_files_router
from litestar.template.config import TemplateConfig
from litestar.types import ExceptionHandlersMap

from kernel.auth.policies import PUBLIC, PolicyTable
from kernel.ground import Ground
from kernel.texts import load_texts
from kernel.web.addresses import AddressBook
from kernel.web.dependencies import DEPENDENCIES
from kernel.web.errors import handle_error
from kernel.web.guard import guard
from kernel.web.house import House
from kernel.web.requests import StrictRequest
from kernel.web.rooms import Room
from kernel.web.templates import make_environment
from portal.rooms import PACKAGES, ROOMS
from portal.service.health import Readiness
from portal.service.room import service
from portal.shell.room import shell

HOUSE = Path(__file__).resolve().parent.parent
STATIC = HOUSE / "portal" / "static"
MAXIMUM_BODY = 32 * 1024 * 1024


class HouseError(Exception):
    """The house cannot be put together; the message names every route that is wrong."""


def create_app(ground: Ground, rooms: Sequence[Room] | None = None) -> House:
    """Return the web application; raises HouseError when a route names no policy or an unknown one."""
    rooms = tuple(rooms if rooms is not None else ROOMS)
    everything = (*rooms, shell, service)
    ground.rooms = everything
    load_texts(HOUSE / package for package in PACKAGES)
    table = PolicyTable(policy for room in everything for policy in room.policies)
    app = House(
        route_handlers=[*_handlers(everything), _static()],
        dependencies=DEPENDENCIES,
        guards=[guard],
        request_class=StrictRequest,
        exception_handlers=cast("ExceptionHandlersMap", {Exception: handle_error}),
        plugins=[HTMXPlugin()],
        template_config=TemplateConfig(instance=JinjaTemplateEngine.from_environment(_environment(everything))),
        openapi_config=_openapi(),
        request_max_body_size=MAXIMUM_BODY,
        logging_config=None,
    )
    app.state.ground = ground
    app.state.policies = table
    app.state.readiness = Readiness()
    app.state.navigation = sorted(
        (item for room in everything for item in room.navigation), key=lambda item: item.order
    )
    app.state.static_version = _static_version()
    app.state.addresses = AddressBook(app.routes, table)
    check_policies(app, table)
    return app


def check_policies(app: Litestar, table: PolicyTable) -> None:
    """Refuse to start when a route could be reached that no policy covers."""
    wrong = []
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if handler.http_methods == {"OPTIONS"}:
                continue  # Litestar's own answer to "which methods", with nothing of ours in it
            name = handler.opt.get("policy")
            if name is None or name not in table:
                wrong.append(f"{route.path}: {handler.handler_name}: policy {name!r}")
    if wrong:
        raise HouseError("routes without a known policy:\n" + "\n".join(sorted(wrong)))


def _handlers(rooms: Sequence[Room]) -> list[Any]:
    return [handler for room in rooms for handler in (*room.routes, *room.pages)]


def _environment(rooms: Sequence[Room]) -> Any:
    folders = [room.templates or HOUSE / room.name / "templates" for room in rooms]
    return make_environment(folders)


def _static() -> Router:
    """Serve our own files, compressed. Pages are not: they hold a form token beside words a stranger may choose."""
    compression = DefineMiddleware(CompressionMiddleware, config=CompressionConfig("gzip", minimum_size=800))
    return create_static_files_router(
        path="/static",
        directories=[STATIC],
        opt={"policy": PUBLIC},
        include_in_schema=False,
        cache_control=CacheControlHeader(max_age=31_536_000, immutable=True),
        middleware=[compression],
    )


def _static_version() -> str:
    digest = hashlib.sha256()
    for path in sorted(STATIC.glob("*.*")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="ParkLink 园企通",
        version="1",
        description="Government, park and enterprise: policies, credit on cloud usage, governed data sharing.",
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(type="http", scheme="bearer", description="From POST /api/v1/token."),
                "session": SecurityScheme(type="apiKey", name="parklink_session", security_scheme_in="cookie"),
            }
        ),
        security=[{"bearer": []}, {"session": []}],
        openapi_router=Router(path="/schema", route_handlers=[], opt={"policy": PUBLIC}, include_in_schema=False),
        render_plugins=[JsonRenderPlugin()],
        use_handler_docstrings=True,
    )
