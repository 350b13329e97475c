"""The account: who I am, in which language, for whom I act, and where I am logged in."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from kernel import audit
from kernel.act import Act
from kernel.auth import (
    change_password,
    confirm_enrolment,
    end_session,
    is_enrolled,
    list_sessions,
    membership_organisations,
    switch_organisation,
)
from kernel.auth.policies import EVERYBODY, Policy
from kernel.problems import BadInput, NotFound
from kernel.texts import N_, use_locale
from kernel.texts import gettext as _
from kernel.web import ActDep, Db, GroundDep, ReadDb, StrictRequest, page, read_form, redirect
from kernel.web.context import LANGUAGE_COOKIE, cookie
from kernel.web.guard import SESSION_COOKIE
from portal.shell.forms import EmptyForm, EnrolmentForm, OrganisationForm, PasswordForm, ProfileForm
from portal.shell.gate import show_enrolment
from portal.shell.store import find_login, find_person, rename_person

POLICY = Policy("account.use", EVERYBODY)
YEAR_SECONDS = 365 * 24 * 3600
UNPROCESSABLE = 422
ROLES = {
    "enterprise_owner": N_("Enterprise owner"),
    "enterprise_member": N_("Enterprise member"),
    "agent": N_("Agent"),
    "park_operator": N_("Park operator"),
    "officer": N_("Officer"),
    "lender": N_("Lender"),
    "data_owner": N_("Data owner"),
    "data_buyer": N_("Data buyer"),
    "auditor": N_("Auditor"),
    "administrator": N_("Administrator"),
}


@get("/account", opt={"policy": POLICY.name}, include_in_schema=False)
async def show_account(request: StrictRequest, act: ActDep, read_db: ReadDb) -> Response[Any]:
    """Show the account."""
    return page(request, "portal/account.html", await _context(read_db, act))


@post("/account/profile", opt={"policy": POLICY.name}, include_in_schema=False)
async def submit_profile(request: StrictRequest, act: ActDep, db: Db, ground: GroundDep) -> Response[Any]:
    """Change name and language; the language counts at once, on this machine too."""
    form = await read_form(request, ProfileForm)
    if form.value is None:
        context = await _context(db, act)
        return page(request, "portal/account.html", context | {"profile_form": form}, status=UNPROCESSABLE)
    await rename_person(db, act.actor, form.value.name, form.value.locale)
    audit.write(db, act, "person.profile_changed", "person", act.actor.id or "")
    with use_locale(form.value.locale):
        response = redirect(request, "/account", notice=_("Your profile is saved."))
    response.cookies.append(cookie(ground, LANGUAGE_COOKIE, form.value.locale[:2], seconds=YEAR_SECONDS))
    return response


@post("/account/password", opt={"policy": POLICY.name}, include_in_schema=False)
async def submit_password(request: StrictRequest, act: ActDep, ground: GroundDep) -> Response[Any]:
    """Change the password; every other session of the person ends."""
    form = await read_form(request, PasswordForm)
    entry = form.value
    if entry is not None and entry.new != entry.repeated:
        form.errors["repeated"] = _("The two new passwords differ.")
    elif entry is not None:
        try:
            await change_password(ground, act, entry.present, entry.new)
        except BadInput as problem:
            form.refuse(problem)
        else:
            return redirect(request, "/account", notice=_("Your password is changed; other sessions have ended."))
    async with ground.database.read() as db:
        context = await _context(db, act)
    return page(request, "portal/account.html", context | {"password_form": form}, status=UNPROCESSABLE)


@get("/account/second-factor", opt={"policy": POLICY.name}, include_in_schema=False)
async def show_own_second_factor(request: StrictRequest, act: ActDep, read_db: ReadDb) -> Response[Any]:
    """Show how to set up a second factor, or a new one."""
    login = await find_login(read_db, act.actor)
    return show_enrolment(request, login, "/account/second-factor")


@post("/account/second-factor", opt={"policy": POLICY.name}, include_in_schema=False)
async def submit_own_second_factor(request: StrictRequest, act: ActDep, db: Db, ground: GroundDep) -> Response[Any]:
    """Store a new second factor."""
    form = await read_form(request, EnrolmentForm)
    if form.value is not None:
        if await confirm_enrolment(db, ground, act, form.value.secret, form.value.code.replace(" ", "")):
            return redirect(request, "/account", notice=_("Your second factor is set up."))
        form.errors["code"] = _("This code is not right. Check the clock of your phone and try the next one.")
    return show_enrolment(request, await find_login(db, act.actor), "/account/second-factor", form=form)


@post("/account/organisation", opt={"policy": POLICY.name}, include_in_schema=False)
async def submit_organisation(request: StrictRequest, act: ActDep, db: Db) -> Response[Any]:
    """Act for another organisation from now on."""
    form = await read_form(request, OrganisationForm)
    if form.value is None:
        raise NotFound
    await switch_organisation(db, act, form.value.organisation_id)
    return redirect(request, "/", notice=_("You now act for another organisation."))


@post("/account/sessions/{session_id:uuid}/end", opt={"policy": POLICY.name}, include_in_schema=False)
async def submit_session_end(request: StrictRequest, act: ActDep, db: Db, session_id: FromPath[UUID]) -> Response[Any]:
    """End one of my sessions; ending the present one is logging out."""
    await read_form(request, EmptyForm)
    if not await end_session(db, act, session_id):
        raise NotFound
    if session_id == act.actor.session_id:
        response = redirect(request, "/login", notice=_("You are logged out."))
        response.delete_cookie(SESSION_COOKIE)
        return response
    return redirect(request, "/account#sessions", notice=_("The session has ended."))


async def _context(db: AsyncSession, act: Act) -> dict[str, Any]:
    return {
        "person": await find_person(db, act.actor),
        "organisations": await membership_organisations(db, act.actor),
        "sessions": await list_sessions(db, act.actor, act.now),
        "has_second_factor": await is_enrolled(db, act.actor),
        "roles": ROLES,
        "profile_form": None,
        "password_form": None,
    }


HANDLERS = (
    show_account,
    submit_profile,
    submit_password,
    show_own_second_factor,
    submit_own_second_factor,
    submit_organisation,
    submit_session_end,
)
