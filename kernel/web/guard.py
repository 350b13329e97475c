"""The guard before every handler: the policy of the route, the forgery check, and canonical addresses."""

from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from kernel import audit
from kernel.act import Act
from kernel.auth.passwords import new_token
from kernel.auth.policies import PUBLIC, PolicyTable
from kernel.ground import Ground
from kernel.problems import Forbidden, NotFound, Unauthenticated
from kernel.texts import gettext as _
from kernel.web.requests import FORM_TYPES, StrictRequest, check_query

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SESSION_COOKIE = "parklink_session"
VISIT_COOKIE = "parklink_visit"
CSRF_FIELD = "_csrf"
CSRF_HEADER = "X-CSRF-Token"
REPEATABLE = frozenset({"filter", "scope"})

Connection = ASGIConnection[Any, Any, Any, Any]


async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
    """Let a request through only when its route's policy, its forms' origin and its address allow it."""
    if cast("StrictRequest", connection).method == "OPTIONS" and "policy" not in handler.opt:
        return  # Litestar's own answer to "which methods"
    policy_name = str(handler.opt.get("policy", ""))
    act: Act = connection.scope["state"]["act"]
    ground: Ground = connection.app.state.ground
    table: PolicyTable = connection.app.state.policies
    _check_address(connection)
    repeatable = REPEATABLE | frozenset(handler.opt.get("repeatable", ()))
    check_query(connection.query_params.multi_items(), repeatable)
    if policy_name != PUBLIC and not act.actor.is_known:
        raise Unauthenticated(headers={"WWW-Authenticate": "Bearer"})
    if not table.allows(policy_name, act.actor):
        async with ground.database.write() as db:
            audit.write(
                db,
                act,
                "access.refused",
                "route",
                handler.name or handler.handler_name,
                outcome="refused",
                reason=policy_name,
            )
        raise Forbidden
    await _check_forgery(connection, ground, act, handler)


def _check_address(connection: Connection) -> None:
    """Give every object one address: other spellings of an id or number are no address of it."""
    segments = connection.scope["path"].lower().split("/")
    for value in connection.path_params.values():
        if isinstance(value, UUID | int) and str(value) not in segments:
            raise NotFound


async def _check_forgery(connection: Connection, ground: Ground, act: Act, handler: BaseRouteHandler) -> None:
    """Refuse state changes that another site made a browser send (ASVS 5.0, 3.5).

    Cookies prove nothing about who wrote a form; the token in the form, bound to the cookie, does. Requests with
    a bearer token carry no cookie and need no check.
    """
    request = cast("StrictRequest", connection)
    if request.method in SAFE_METHODS or act.actor.kind == "client" or handler.opt.get("cookieless"):
        return
    origin = request.headers.get("Origin")
    if origin not in (None, "null") and urlsplit(origin or "").netloc != request.headers.get("Host"):
        raise Forbidden(_("This form comes from another site."), code="cross_site")
    given = request.headers.get(CSRF_HEADER)
    if given is None and request.content_type[0] in FORM_TYPES:
        value = (await request.form()).get(CSRF_FIELD)
        given = value if isinstance(value, str) else None
    anchor = anchor_of(connection)
    if not anchor or not ground.keys.is_mac(f"csrf:{anchor}", given or ""):
        raise Forbidden(_("This form has expired; please open the page again."), code="csrf")


def anchor_of(connection: Connection) -> str:
    """Return the cookie a form token is bound to: the session, or the visit of somebody not logged in."""
    return connection.cookies.get(SESSION_COOKIE) or connection.cookies.get(VISIT_COOKIE) or ""


def csrf_token(ground: Ground, anchor: str) -> str:
    """Return the form token that belongs to a cookie."""
    return ground.keys.mac(f"csrf:{anchor}")


def new_visit() -> str:
    """Return a fresh visit cookie value."""
    return new_token()
