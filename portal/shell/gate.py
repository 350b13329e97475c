"""The gate: log-in, second factor, log-out. A failure never says which part of it was wrong."""

from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Template

from kernel.auth import confirm_enrolment, is_enrolled, log_in, log_out, pass_second_factor, start_enrolment
from kernel.auth.policies import PUBLIC
from kernel.texts import gettext as _
from kernel.web import ActDep, Db, GroundDep, ReadDb, StrictRequest, page, read_form, redirect
from kernel.web.context import cookie
from kernel.web.guard import SESSION_COOKIE
from portal.shell.addresses import own_page
from portal.shell.forms import CodeForm, EmptyForm, EnrolmentForm, LoginForm
from portal.shell.pictures import qr_code
from portal.shell.store import find_login

UNAUTHENTICATED = 401
UNPROCESSABLE = 422
SECOND_FACTOR = "/login/second-factor"


@get("/login", opt={"policy": PUBLIC}, include_in_schema=False)
async def show_login(request: StrictRequest, act: ActDep, next: FromQuery[str] = "") -> Response[Any]:
    """Show the log-in form, or go on when somebody is logged in already."""
    if act.actor.is_known:
        return redirect(request, own_page(next))
    return page(request, "portal/login.html", {"form": None, "next": own_page(next, "")})


@post("/login", opt={"policy": PUBLIC}, include_in_schema=False)
async def submit_login(request: StrictRequest, act: ActDep, ground: GroundDep) -> Response[Any]:
    """Log in, and ask for the second factor where one is due."""
    form = await read_form(request, LoginForm)
    entry = form.value
    following = own_page(str(form.entries.get("next", "")), "")
    if entry is not None:
        browser = describe_browser(request.headers.get("User-Agent", ""))
        outcome = await log_in(ground, act, entry.login, entry.password, browser=browser)
        if outcome.token is not None:
            target = f"{SECOND_FACTOR}?next={quote(following)}" if outcome.needs_second_factor else following or "/"
            response = redirect(request, target)
            response.cookies.append(cookie(ground, SESSION_COOKIE, outcome.token))
            return response
        form.errors[""] = _(
            "The login name and the password do not belong together. After several failures we refuse for a quarter of an hour."
        )
    return page(request, "portal/login.html", {"form": form, "next": following}, status=UNAUTHENTICATED)


@get(SECOND_FACTOR, opt={"policy": PUBLIC}, include_in_schema=False)
async def show_second_factor(
    request: StrictRequest, act: ActDep, read_db: ReadDb, next: FromQuery[str] = ""
) -> Response[Any]:
    """Ask for the code, or show how to set the second factor up when there is none yet."""
    following = own_page(next, "")
    if act.actor.is_known:
        return redirect(request, following or "/")
    if act.actor.session_id is None:
        return redirect(request, "/login")
    if await is_enrolled(read_db, act.actor):
        return page(request, "portal/second_factor.html", {"form": None, "next": following})
    login = await find_login(read_db, act.actor)
    return show_enrolment(request, login, SECOND_FACTOR + "/enrolment", following=following)


@post(SECOND_FACTOR, opt={"policy": PUBLIC}, include_in_schema=False)
async def submit_second_factor(request: StrictRequest, act: ActDep, db: Db, ground: GroundDep) -> Response[Any]:
    """Check the code; the session counts from then on."""
    if act.actor.session_id is None or act.actor.is_known:
        return redirect(request, "/login")
    form = await read_form(request, CodeForm)
    following = own_page(str(form.entries.get("next", "")), "")
    if form.value is not None:
        if await pass_second_factor(db, ground, act, form.value.code.replace(" ", "")):
            return redirect(request, following or "/")
        form.errors["code"] = _("This code is not right, or was used before. Wait for the next one.")
    return page(request, "portal/second_factor.html", {"form": form, "next": following}, status=UNAUTHENTICATED)


@post(SECOND_FACTOR + "/enrolment", opt={"policy": PUBLIC}, include_in_schema=False)
async def submit_enrolment(request: StrictRequest, act: ActDep, db: Db, ground: GroundDep) -> Response[Any]:
    """Store a new second factor once its owner has shown a right code."""
    if act.actor.session_id is None or act.actor.is_known:
        return redirect(request, "/login")
    form = await read_form(request, EnrolmentForm)
    following = own_page(str(form.entries.get("next", "")), "")
    if form.value is not None:
        if await confirm_enrolment(db, ground, act, form.value.secret, form.value.code.replace(" ", "")):
            return redirect(request, following or "/", notice=_("Your second factor is set up."))
        form.errors["code"] = _("This code is not right. Check the clock of your phone and try the next one.")
    login = await find_login(db, act.actor)
    return show_enrolment(request, login, SECOND_FACTOR + "/enrolment", form=form, following=following)


@post("/logout", opt={"policy": PUBLIC}, include_in_schema=False)
async def submit_logout(request: StrictRequest, act: ActDep, db: Db) -> Response[Any]:
    """End the session."""
    await read_form(request, EmptyForm)
    await log_out(db, act)
    response = redirect(request, "/login", notice=_("You are logged out."))
    response.delete_cookie(SESSION_COOKIE)
    return response


def show_enrolment(
    request: StrictRequest, login: str, action: str, *, form: Any = None, following: str = ""
) -> Template:
    """Show a secret as QR code and text; a form that came back keeps the secret it began with."""
    secret, address = start_enrolment(login)
    if form is not None and form.entries.get("secret"):
        given = str(form.entries["secret"])
        address = address.replace(secret, given)
        secret = given
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return page(
        request,
        "portal/enrolment.html",
        {
            "form": form,
            "next": following,
            "secret": secret,
            "groups": groups,
            "picture": qr_code(address),
            "action": action,
        },
        status=UNPROCESSABLE if form is not None else 200,
    )


def describe_browser(agent: str) -> str:
    """Return browser and system in two words, enough to recognise one's own session by."""
    browsers = (
        ("Edg/", "Edge"),
        ("MicroMessenger", "WeChat"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    )
    systems = (
        ("Windows", "Windows"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    )
    browser = next((name for sign, name in browsers if sign in agent), "")
    system = next((name for sign, name in systems if sign in agent), "")
    return " · ".join(part for part in (browser, system) if part)


HANDLERS = (
    show_login,
    submit_login,
    show_second_factor,
    submit_second_factor,
    submit_enrolment,
    submit_logout,
)
