"""What happens around every request: who it is, which language, which headers, one log line, one measurement."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

import structlog
from litestar.datastructures import Cookie, MutableScopeHeaders
from litestar.types import Scope
from prometheus_client import CollectorRegistry, Counter, Histogram

from kernel.act import ANONYMOUS, Act, Actor
from kernel.auth.sessions import load_session
from kernel.auth.tokens import load_token
from kernel.ground import Ground
from kernel.ids import new_id
from kernel.problems import BadInput
from kernel.texts import choose_locale, language_tag, set_locale
from kernel.texts import gettext as _
from kernel.web.guard import SESSION_COOKIE

LANGUAGE_COOKIE = "lang"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
IMPERSONAL = ("/static/", "/live")
"""Paths that are the same for everybody: nobody is looked up for them."""
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'; form-action 'self'"
)
log = structlog.get_logger("request")
registry = CollectorRegistry()
REQUESTS = Counter(
    "parklink_requests_total", "Requests by route and status.", ["method", "route", "status"], registry=registry
)
SECONDS = Histogram("parklink_request_seconds", "Time to answer, by route.", ["method", "route"], registry=registry)


def check_host(scope: Scope, allowed: Iterable[str]) -> None:
    """Refuse a Host header that is none of our names; the port may be any.

    Litestar's own check compares name and port as one text, so that it knows no name with an open port.
    """
    given = dict(scope["headers"]).get(b"host", b"").decode("latin-1").lower()
    name = given.partition("]")[0] + "]" if given.startswith("[") else given.partition(":")[0]
    for pattern in allowed:
        if name == pattern.lower() or (pattern.startswith("*.") and name.endswith(pattern[1:].lower())):
            return
    if "*" not in allowed:
        raise BadInput(_("This house is not reached under that name."))


async def identify(scope: Scope, ground: Ground) -> Act:
    """Return the act of a request: bearer token or session cookie, never both; sets the language of the task."""
    headers = dict(scope["headers"])
    cookies = _cookies(headers.get(b"cookie", b""))
    actor = ANONYMOUS
    if not str(scope["path"]).startswith(IMPERSONAL):
        actor = await _actor(headers.get(b"authorization", b"").decode("latin-1"), cookies, ground)
    accept = headers.get(b"accept-language", b"").decode("latin-1")
    profile = actor.locale if actor.id is not None and actor.kind == "person" else None
    set_locale(choose_locale(cookies.get(LANGUAGE_COOKIE), profile, accept_language=accept))
    client = scope.get("client")
    return Act(actor, ground.clock.now(), request_id=str(new_id()), address=client[0] if client else "")


async def _actor(authorization: str, cookies: dict[str, str], ground: Ground) -> Actor:
    scheme, _space, token = authorization.partition(" ")
    now = ground.clock.now()
    if scheme.lower() == "bearer" and token:
        return await load_token(ground, token.strip(), now)
    if session := cookies.get(SESSION_COOKIE):
        return await load_session(ground, session, now)
    return ANONYMOUS


def _cookies(header: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in header.decode("latin-1").split(";"):
        name, _equals, value = part.strip().partition("=")
        if name:
            found.setdefault(name, unquote(value))
    return found


def add_headers(message: Any, scope: Scope, act: Act, ground: Ground) -> None:
    """Add the headers every answer carries."""
    headers = MutableScopeHeaders.from_message(message)
    headers["X-Request-Id"] = act.request_id
    headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if ground.settings.secure_cookies:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if not str(scope["path"]).startswith("/static/"):
        headers.setdefault("Cache-Control", "no-store")
        headers["Content-Language"] = language_tag()
        headers["Vary"] = "Cookie, Accept-Language, Authorization, HX-Request"


def observe(scope: Scope, act: Act, status: int, seconds: float) -> None:
    """Count, time and log one request: route, status and kind of actor, nothing of its content."""
    route = str(scope.get("path_template") or "unmatched")
    if route.startswith("/static"):
        return
    method = str(scope.get("method", ""))
    method = method if method in METHODS else "OTHER"
    REQUESTS.labels(method, route, status).inc()
    SECONDS.labels(method, route).observe(seconds)
    log.info(
        "request",
        method=method,
        route=route,
        status=status,
        milliseconds=round(seconds * 1000, 1),
        request_id=act.request_id,
        actor=act.actor.kind,
    )


def cookie(ground: Ground, name: str, value: str, *, seconds: int | None = None) -> Cookie:
    """Return a cookie with the house's flags: HttpOnly, SameSite=Lax, Secure where the public address is https."""
    return Cookie(
        key=name,
        value=value,
        max_age=seconds,
        httponly=True,
        samesite="lax",
        path="/",
        secure=ground.settings.secure_cookies,
    )
