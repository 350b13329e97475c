"""Pages: one way to show a template, one way to go on after a form."""

from typing import Any
from urllib.parse import parse_qsl, quote

from litestar import MediaType, Response
from litestar.response import Redirect, Template

from kernel.act import Act
from kernel.auth.policies import PolicyTable
from kernel.ground import Ground
from kernel.web.context import cookie
from kernel.web.guard import VISIT_COOKIE, anchor_of, csrf_token, new_visit
from kernel.web.requests import StrictRequest
from kernel.web.rooms import NavigationItem
from kernel.web.templates import Frame

THEME_COOKIE = "theme"
NOTICE_COOKIE = "notice"
NOTICE_SECONDS = 60
MAXIMUM_NOTICE = 300


def page(
    request: StrictRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> Template:
    """Show a template inside the frame of the portal."""
    ground: Ground = request.app.state.ground
    anchor = anchor_of(request)
    visit = "" if anchor else new_visit()
    response = Template(
        template,
        context={"frame": make_frame(request, anchor or visit)} | (context or {}),
        status_code=status,
        media_type=MediaType.HTML,
    )
    if visit:
        response.cookies.append(cookie(ground, VISIT_COOKIE, visit))
    if NOTICE_COOKIE in request.cookies and not request.htmx:
        response.delete_cookie(NOTICE_COOKIE)
    return response


def make_frame(request: StrictRequest, anchor: str) -> Frame:
    """Return what surrounds the page: navigation for the actor's roles, the notice, the form token."""
    ground: Ground = request.app.state.ground
    act: Act = request.scope["state"]["act"]
    theme = request.cookies.get(THEME_COOKIE, "auto")
    return Frame(
        path=request.scope["path"],
        query=parse_qsl(request.scope["query_string"].decode("latin-1")),
        actor=act.actor,
        navigation=_navigation(request, act),
        notice=_notice(request),
        csrf_token=csrf_token(ground, anchor),
        theme=theme if theme in ("light", "dark") else "auto",
        now=act.now,
        request_id=act.request_id,
        static_version=request.app.state.static_version,
        addresses=request.app.state.addresses,
    )


def _navigation(request: StrictRequest, act: Act) -> list[NavigationItem]:
    items: list[NavigationItem] = request.app.state.navigation
    return [item for item in items if not item.roles.isdisjoint(act.actor.roles)]


def _notice(request: StrictRequest) -> str:
    """Read the notice that the last redirect left; signed, so that no other page can put words into ours."""
    ground: Ground = request.app.state.ground
    signature, _dot, text = request.cookies.get(NOTICE_COOKIE, "").partition(".")
    return text if text and signature == ground.keys.mac(f"notice:{text}")[:16] else ""


def redirect(request: StrictRequest, path: str, *, notice: str = "") -> Response[Any]:
    """Go on to another page after a form (303; HX-Redirect for htmx), with one sentence about what was done."""
    ground: Ground = request.app.state.ground
    response: Response[Any]
    if request.htmx:
        response = Response(content=b"", status_code=200, headers={"HX-Redirect": path}, media_type="text/html")
    else:
        response = Redirect(path, status_code=303)
    if notice:
        text = notice[:MAXIMUM_NOTICE]
        response.cookies.append(
            cookie(
                ground, NOTICE_COOKIE, f"{ground.keys.mac(f'notice:{text}')[:16]}.{quote(text)}", seconds=NOTICE_SECONDS
            )
        )
    return response


def policies_of(request: StrictRequest) -> PolicyTable:
    """Return the policies of the running house."""
    table: PolicyTable = request.app.state.policies
    return table


__all__ = ["make_frame", "page", "policies_of", "redirect"]
