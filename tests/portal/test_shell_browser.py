"""The shell in a real browser: no barrier for anybody, no page that needs JavaScript, both themes, a phone's width."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from kernel.auth import add_membership, create_person
from kernel.ground import open_ground
from kernel.settings import load_settings
from tests.conftest import settings_environment
from tests.fixtures.live import serve_app
from tests.make import Make
from tests.schema import empty_database

PASSWORD = "a sentence is easier to keep"
EVERYBODY = ("/", "/login", "/library", "/data-use-statement", "/accessibility", "/docs", "/docs/console", "/nope")
OF_THE_ADMINISTRATOR = (
    "/",
    "/account",
    "/account/second-factor",
    "/data-uses",
    "/administration/jobs",
    "/administration/audit",
    "/search?q=test",
)


def in_a_thread(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run asynchronous preparation aside: the browser's own loop occupies this thread."""
    failure: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work())
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A served house with one administrator."""
    from portal.app import create_app

    folder: Path = tmp_path_factory.mktemp("shell")
    settings = load_settings(settings_environment(folder, empty_database(folder / "data" / "parklink.db")))

    async def prepare() -> None:
        ground = open_ground(settings)
        make = Make(ground)
        act = make.act()
        organisation = await make.organisation("platform", name_zh="园企通平台", name_en="ParkLink")
        person = await create_person(ground, act, "admin", "孙工", PASSWORD)
        async with ground.database.write() as db:
            await add_membership(db, act, person, organisation, "administrator")
        await ground.close()

    in_a_thread(prepare)
    with serve_app(lambda: create_app(open_ground(settings))) as served:
        yield served


def reader(browser: Browser, address: str, language: str = "en", **options: Any) -> BrowserContext:
    """A browser window of somebody who chose a language."""
    context = browser.new_context(**options)
    context.add_cookies([{"name": "lang", "value": language, "url": address}])
    return context


def log_in(page: Page, address: str) -> None:
    page.goto(f"{address}/login")
    page.locator("#field-login").fill("admin")
    page.locator("#field-password").fill(PASSWORD)
    page.locator("#field-password").press("Enter")
    page.wait_for_url(f"{address}/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_hinders_anybody(browser: Browser, address: str, axe: Any, scheme: Any, language: str) -> None:
    context = reader(browser, address, language, color_scheme=scheme)
    page = context.new_page()
    barriers = {}
    for path in EVERYBODY:
        page.goto(address + path, wait_until="networkidle")
        barriers[path] = axe(page)
    log_in(page, address)
    for path in OF_THE_ADMINISTRATOR:
        page.goto(address + path, wait_until="networkidle")
        barriers[f"administrator {path}"] = axe(page)
    context.close()
    assert {path: found for path, found in barriers.items() if found} == {}


def test_every_page_fits_a_narrow_phone(browser: Browser, address: str) -> None:
    context = reader(browser, address, viewport={"width": 320, "height": 640})
    page = context.new_page()
    widths = {}
    for path in EVERYBODY:
        page.goto(address + path, wait_until="networkidle")
        widths[path] = page.evaluate("document.documentElement.scrollWidth")
    log_in(page, address)
    for path in OF_THE_ADMINISTRATOR:
        page.goto(address + path, wait_until="networkidle")
        widths[f"administrator {path}"] = page.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert {path: width for path, width in widths.items() if width > 320} == {}


def test_nothing_of_it_needs_javascript(browser: Browser, address: str) -> None:
    context = reader(browser, address, java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    log_in(page, address)
    expect(page.locator("#navigation")).to_be_hidden()
    page.get_by_role("link", name="Menu", exact=True).click()
    page.get_by_role("link", name="Audit log", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Audit log")
    page.get_by_label("Deed, person or object").fill("membership.added")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("1 entry")
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("审计日志")
    assert "q=membership.added" in page.url, "a change of language stays on the page and keeps the filter"
    page.get_by_role("button", name="深色模式").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.locator("summary", has_text="孙工").first.click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    context.close()


def test_the_switch_of_colours_is_instant_and_stays(browser: Browser, address: str) -> None:
    context = reader(browser, address, color_scheme="light")
    page = context.new_page()
    page.goto(f"{address}/library")
    with page.expect_response("**/preferences"):
        page.get_by_role("button", name="Dark colours").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert page.url == f"{address}/library", "no page was loaded for it"
    page.goto(f"{address}/accessibility")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    context.close()


def test_a_search_in_a_list_is_an_address_that_can_be_shared(browser: Browser, address: str) -> None:
    context = reader(browser, address)
    page = context.new_page()
    log_in(page, address)
    page.goto(f"{address}/administration/audit", wait_until="networkidle")
    page.get_by_label("Outcome").select_option("refused")
    expect(page.get_by_text("Nothing matches these filters")).to_be_visible()
    page.wait_for_url("**outcome=refused**")
    page.goto(f"{address}/administration/audit", wait_until="networkidle")
    page.get_by_role("link", name="Deed").click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Deed")
    page.get_by_label("Deed, person or object").fill("person.created")
    page.get_by_label("Deed, person or object").press("Enter")
    expect(page.get_by_role("status").filter(has_text="entry")).to_have_text("1 entry")
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Deed")
    context.close()


def test_a_wrong_entry_takes_the_reader_to_the_summary_and_from_there_to_the_field(
    browser: Browser, address: str
) -> None:
    context = reader(browser, address)
    page = context.new_page()
    log_in(page, address)
    page.goto(f"{address}/account")
    page.locator("#field-present").fill("x")
    page.locator("#field-new").fill("first new password")
    page.locator("#field-repeated").fill("second new password")
    page.get_by_role("button", name="Change the password").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="New password again").click()
    assert page.url.endswith("#field-repeated")
    expect(page.locator("#field-repeated")).to_have_attribute("aria-invalid", "true")
    context.close()
