"""Language and colours, for everybody, kept in cookies."""

from typing import Any

from litestar import Response, post

from kernel.auth.policies import PUBLIC
from kernel.web import GroundDep, StrictRequest, read_form, redirect
from kernel.web.context import LANGUAGE_COOKIE, cookie
from kernel.web.pages import THEME_COOKIE
from portal.shell.addresses import own_page
from portal.shell.forms import PreferencesForm

YEAR_SECONDS = 365 * 24 * 3600


@post("/preferences", opt={"policy": PUBLIC}, include_in_schema=False)
async def submit_preferences(request: StrictRequest, ground: GroundDep) -> Response[Any]:
    """Keep a choice of language or colours and go back to the page it was made on."""
    form = await read_form(request, PreferencesForm)
    choice = form.value or PreferencesForm()
    response = redirect(request, own_page(str(form.entries.get("back", "/"))))
    if choice.language is not None:
        response.cookies.append(cookie(ground, LANGUAGE_COOKIE, choice.language, seconds=YEAR_SECONDS))
    if choice.theme is not None:
        response.cookies.append(cookie(ground, THEME_COOKIE, choice.theme, seconds=YEAR_SECONDS))
    return response


HANDLERS = (submit_preferences,)
