"""What happens around every request: who it is, which language, which headers, one log line, one measurement."""

import time
from typing import Any
from urllib.parse import unquote

import structlog
from litestar.datastructures import Cookie, MutableScopeHeaders
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Histogram

from kernel.act import ANONYMOUS, Act, Actor
from kernel.auth.sessions import load_session
from kernel.auth.tokens import load_token
from kernel.ground import Ground
from kernel.ids import new_id
from kernel.texts import choose_locale, language_tag, set_locale
from kernel.web.guard import SESSION_COOKIE

LANGUAGE_COOKIE = "lang"
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


def request_context(app: ASGIApp) -> ASGIApp:
    """Wrap an application so that every request knows its actor, moment and language."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        begun = time.perf_counter()
        ground: Ground = scope["litestar_app"].state.ground
        act = await identify(scope, ground)
        scope["state"]["act"] = act
        status = 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(message, scope, act, ground)
            await send(message)

        try:
            await app(scope, receive, send_with_headers)
        finally:
            _observe(scope, act, status, time.perf_counter() - begun)

    return handle


async def identify(scope: Scope, ground: Ground) -> Act:
    """Return the act of a request: bearer token or session cookie, never both; sets the language of the task."""
    headers = dict(scope["headers"])
    cookies = _cookies(headers.get(b"cookie", b""))
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


def _add_headers(message: Any, scope: Scope, act: Act, ground: Ground) -> None:
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


def _observe(scope: Scope, act: Act, status: int, seconds: float) -> None:
    route = str(scope.get("path_template") or "unmatched")
    if route.startswith("/static"):
        return
    method = scope["method"]
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
