"""The gate and the account: who gets in, what a failure tells, and where a form may send its reader."""

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from sqlalchemy import func, select

from kernel.audit.models import AuditEntry
from kernel.auth import add_membership, create_person
from kernel.clock import FixedClock
from kernel.identity import LoginSession, Person
from kernel.web.guard import SESSION_COOKIE
from portal.shell.addresses import own_page
from portal.shell.gate import describe_browser
from tests.make import Make

PASSWORD = "a sentence is easier to keep"
Client = AsyncTestClient[Litestar]


def token_of(html: str) -> str:
    found = re.search(r'name="_csrf" value="([^"]+)"', html)
    assert found is not None
    return found.group(1)


async def somebody(make: Make, role: str = "enterprise_owner") -> str:
    """A person with a password; returns the login name."""
    act = make.act()
    person = await create_person(make.ground, act, "Wang.Min", "王敏", PASSWORD)
    kind = {"enterprise_owner": "enterprise", "officer": "government"}[role]
    organisation = await make.organisation(kind)
    async with make.ground.database.write() as db:
        await add_membership(db, act, person, organisation, role)
    return "wang.min"


async def log_in(client: Client, login: str, password: str = PASSWORD, *, following: str = "") -> Any:
    shown = await client.get(f"/login?next={following}")
    sent = {"_csrf": token_of(shown.text), "login": login, "password": password, "next": following}
    return await client.post("/login", data=sent, follow_redirects=False)


async def test_a_login_leads_to_where_the_reader_wanted_to_go(client: Client, make: Make) -> None:
    login = await somebody(make)
    asked = await client.get("/account", headers={"Accept": "text/html"}, follow_redirects=False)
    assert (asked.status_code, asked.headers["location"]) == (303, "/login?next=/account")
    answer = await log_in(client, login.upper(), following="/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    cookie = answer.headers["set-cookie"]
    assert SESSION_COOKIE in cookie
    assert "HttpOnly" in cookie
    assert (await client.get("/account")).status_code == 200


async def test_a_failure_never_says_which_part_was_wrong(client: Client, make: Make) -> None:
    login = await somebody(make)
    wrong_password = await log_in(client, login, "not the password at all")
    wrong_login = await log_in(client, "nobody.here", "not the password at all")
    assert wrong_password.status_code == wrong_login.status_code == 401
    bare = [
        re.sub(r'value="[^"]*"', "", answer.text).replace("nobody.here", "").replace(login, "")
        for answer in (wrong_password, wrong_login)
    ]
    assert bare[0] == bare[1]
    assert "not the password at all" not in wrong_password.text


async def test_six_failures_leave_six_entries_and_a_locked_account(client: Client, make: Make) -> None:
    login = await somebody(make)
    for _attempt in range(6):
        assert (await log_in(client, login, "wrong wrong wrong")).status_code == 401
    assert (await log_in(client, login)).status_code == 401, "the right password does not open a locked account"
    async with make.ground.database.read() as db:
        entries = await db.scalar(
            select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "login.refused")
        )
    assert entries == 7


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        "/a\nb",
        "http:/x",
    ],
)
def test_no_form_sends_its_reader_to_another_site(address: str) -> None:
    assert own_page(address, "/safe") == "/safe"


def test_pages_of_ours_are_kept_with_their_query() -> None:
    assert own_page("/policies?kind=tax&page=2") == "/policies?kind=tax&page=2"


async def test_a_login_does_not_follow_a_planted_address(client: Client, make: Make) -> None:
    answer = await log_in(client, await somebody(make), following="https://evil.example/")
    assert answer.headers["location"] == "/"


async def test_a_form_without_its_token_is_refused_with_a_way_onward(client: Client) -> None:
    answer = await client.post("/login", data={"login": "x", "password": "y"}, headers={"Accept": "text/html"})
    assert answer.status_code == 403
    assert 'href="/"' in answer.text


async def test_the_second_factor_is_asked_for_and_each_code_opens_once(
    client: Client, make: Make, clock: FixedClock
) -> None:
    login = await somebody(make, "officer")
    await log_in(client, login)
    setup = await client.get("/account/second-factor")
    secret = re.search(r'name="secret" value="([A-Z2-7]{32})"', setup.text)
    assert secret is not None
    assert "data:image/svg+xml" in setup.text
    code = pyotp.TOTP(secret.group(1)).at(int(clock.now().timestamp()))
    confirmed = await client.post(
        "/account/second-factor",
        data={"_csrf": token_of(setup.text), "secret": secret.group(1), "code": code},
        follow_redirects=False,
    )
    assert confirmed.headers["location"] == "/account"
    account = await client.get("/account")
    await client.post("/logout", data={"_csrf": token_of(account.text)}, follow_redirects=False)

    clock.advance(timedelta(minutes=1))
    answer = await log_in(client, login)
    assert answer.headers["location"].startswith("/login/second-factor")
    assert (await client.get("/account", headers={"Accept": "text/html"}, follow_redirects=False)).status_code == 303
    asked = await client.get("/login/second-factor")
    wrong = await client.post("/login/second-factor", data={"_csrf": token_of(asked.text), "code": "000000"})
    assert wrong.status_code == 401
    code = pyotp.TOTP(secret.group(1)).at(int(clock.now().timestamp()))
    right = await client.post(
        "/login/second-factor", data={"_csrf": token_of(asked.text), "code": code}, follow_redirects=False
    )
    assert right.headers["location"] == "/"
    assert (await client.get("/account")).status_code == 200


async def test_a_session_ends_where_its_owner_ends_it(client: Client, make: Make, app: Litestar) -> None:
    login = await somebody(make)
    await log_in(client, login)
    async with AsyncTestClient(app, base_url="http://testserver.local") as other:
        await log_in(other, login)
        async with make.ground.database.read() as db:
            newest = await db.scalar(
                select(LoginSession.id).order_by(LoginSession.created_at.desc(), LoginSession.id.desc())
            )
        account = await client.get("/account")
        ended = await client.post(
            f"/account/sessions/{newest}/end", data={"_csrf": token_of(account.text)}, follow_redirects=False
        )
        assert ended.status_code == 303
        assert (await other.get("/account", headers={"Accept": "text/html"}, follow_redirects=False)).status_code == 303
    assert (await client.get("/account")).status_code == 200


async def test_nobody_ends_the_session_of_another(client_for: Any, make: Make) -> None:
    mine, theirs = await client_for("enterprise_owner"), await client_for("officer")
    async with make.ground.database.read() as db:
        foreign = await db.scalar(select(LoginSession.id).where(LoginSession.person_id == theirs.actor.id))
    assert (await mine.form(f"/account/sessions/{foreign}/end")).status_code == 404
    assert (await theirs.get("/account")).status_code == 200


async def test_language_and_colours_are_kept_without_javascript(client: Client) -> None:
    shown = await client.get("/login", headers={"Accept-Language": "zh-CN"})
    assert '<html lang="zh-CN"' in shown.text
    sent = {"_csrf": token_of(shown.text), "language": "en", "back": "/accessibility"}
    answer = await client.post("/preferences", data=sent, follow_redirects=False)
    assert answer.headers["location"] == "/accessibility"
    english = await client.get("/accessibility", headers={"Accept-Language": "zh-CN"})
    assert '<html lang="en"' in english.text
    sent = {"_csrf": token_of(english.text), "theme": "dark", "back": "//evil.example"}
    answer = await client.post("/preferences", data=sent, follow_redirects=False)
    assert answer.headers["location"] == "/"
    assert 'data-bs-theme="dark"' in (await client.get("/accessibility")).text


async def test_a_profile_change_speaks_the_new_language_at_once(client_for: Any, make: Make) -> None:
    visitor = await client_for("enterprise_owner")
    answer = await visitor.form("/account/profile", {"name": "Wang Min", "locale": "en"})
    assert answer.status_code == 303
    assert "My account" in (await visitor.get("/account")).text
    async with make.ground.database.read() as db:
        person = await db.get_one(Person, visitor.actor.id)
    assert (person.name, person.locale) == ("Wang Min", "en")


async def test_a_profile_that_is_wrong_comes_back_with_its_entries(client_for: Any) -> None:
    visitor = await client_for("enterprise_owner", locale="en")
    answer = await visitor.form("/account/profile", {"name": "", "locale": "fr"})
    assert answer.status_code == 422
    assert "Please fill in this field." in answer.text
    assert "Please choose one of the options." in answer.text


async def test_new_passwords_must_agree(client_for: Any) -> None:
    visitor = await client_for("enterprise_owner", locale="en")
    typed = {"present": "x", "new": "a long enough password", "repeated": "another long password"}
    answer = await visitor.form("/account/password", typed)
    assert answer.status_code == 422
    assert "The two new passwords differ." in answer.text
    assert "a long enough password" not in answer.text


async def test_an_organisation_of_others_cannot_be_acted_for(client_for: Any, make: Make) -> None:
    visitor = await client_for("enterprise_owner")
    foreign = await make.organisation("lender")
    assert (await visitor.form("/account/organisation", {"organisation_id": str(foreign)})).status_code == 404


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari · iPhone"),
        ("curl/8.0", ""),
    ],
)
def test_a_session_is_known_by_browser_and_system(agent: str, words: str) -> None:
    assert describe_browser(agent) == words
