"""Every page that exists: reached by links as a person would, nothing hinders anybody, no script is needed."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from litestar import Litestar
from playwright.sync_api import Browser, Page

from portal.app import HOUSE
from tests.journeys.conftest import DemoHouse, Visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
LOGINS = ("owner", "agent", "operator", "officer", "bank", "seller", "buyer", "auditor", "admin")
THEMES = ("light", "dark")
# What is no page: files, figures of charts, the description of the API, and pages only a form or a time leads to.
NO_PAGE = re.compile(
    r"^/(api|schema|static|live|ready|metrics|logout|docs/console)|\.json$|\.svg$|\.ics$|\.csv$|/charts/|/content$"
)
NOT_BY_LINK = {
    "/login/second-factor": "only between password and code",
    "/account/second-factor": "shows a secret; tested with the log-in",
}
STRANGER = "-"
SEARCH = "/search?q=云"  # a form leads there, not a link
# A colour that is still changing has no contrast of its own.
WITHOUT_TRANSITIONS = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("*, ::before, ::after { transition: none !important; animation: none !important; }");
    document.adoptedStyleSheets = [sheet];
}"""


def page_templates(app: Litestar) -> dict[str, re.Pattern[str]]:
    """The address patterns of all pages of the house."""
    found = {}
    for route in app.routes:
        handlers = [handler for handler in getattr(route, "route_handlers", []) if "GET" in handler.http_methods]
        if handlers and not NO_PAGE.search(route.path):
            pattern = re.sub(r"\\?\{[^}]+\\?\}", "[^/]+", re.escape(route.path).replace(r"\{", "{").replace(r"\}", "}"))
            found[route.path] = re.compile(f"^{pattern}$")
    return found


def template_of(path: str, templates: dict[str, re.Pattern[str]]) -> str | None:
    """The most exact pattern an address belongs to."""
    if path in templates:
        return path
    return next((name for name, pattern in templates.items() if pattern.fullmatch(path)), None)


@pytest.fixture(scope="session")
def templates(demo_data: Path) -> dict[str, re.Pattern[str]]:
    from kernel.ground import open_ground
    from kernel.settings import load_settings
    from portal.app import create_app

    return page_templates(create_app(open_ground(load_settings({"PARKLINK_DATA_DIR": str(demo_data)}))))


def crawl(page: Page, templates: dict[str, re.Pattern[str]], *begin: str) -> Iterator[tuple[str, str]]:
    """Follow links from the start page; yields (pattern, address) of one address of each pattern, page shown."""
    waiting, seen = ["/", *begin], set[str]()
    while waiting:
        path = waiting.pop(0)
        name = template_of(urlsplit(path).path, templates)
        if name is None or name in seen:
            continue
        seen.add(name)
        answer = page.goto(path, wait_until="load")
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        yield name, path
        if name == "/search":
            continue  # its results are other pages' concern: the shell's tests look at them
        links = page.locator("a[href^='/']").evaluate_all("all => all.map(one => one.getAttribute('href'))")
        waiting += [link for link in links if not NO_PAGE.search(urlsplit(link).path)]


@pytest.fixture(scope="session")
def house(open_house: Callable[[str], DemoHouse]) -> DemoHouse:
    return open_house("pages")


def test_every_page_can_be_reached_and_hinders_nobody(
    browser: Browser, house: DemoHouse, templates: dict[str, re.Pattern[str]], axe: Callable[[Page], list[str]]
) -> None:
    visit = Visit(browser, house, "zh")
    reached: set[str] = set()
    offences: dict[str, set[str]] = defaultdict(set)
    for login in (STRANGER, *LOGINS):
        page = visit.open() if login == STRANGER else visit.log_in(login)
        errors: list[str] = []
        page.on("console", lambda message, kept=errors: kept.append(message.text) if message.type == "error" else None)
        for name, path in crawl(page, templates, *(() if login == STRANGER else (SEARCH,))):
            if name in reached:
                continue
            reached.add(name)
            page.evaluate(WITHOUT_TRANSITIONS)
            for theme in THEMES:
                page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
                for line in axe(page):
                    offences[f"{login} {path} {theme}"].add(line)
            if errors:
                offences[f"{login} {path}"].update(errors)
                errors.clear()
    visit.close()
    assert not offences, "\n".join(f"{where}: {line}" for where, lines in offences.items() for line in sorted(lines))
    assert set(templates) - reached - set(NOT_BY_LINK) == set()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_is_wider_than_a_phone(
    browser: Browser, house: DemoHouse, templates: dict[str, re.Pattern[str]], language: str
) -> None:
    visit = Visit(browser, house, language)
    wide = []
    for login in ("owner", "operator", "officer", "bank"):
        page = visit.log_in(login, width=360)
        for _name, path in crawl(page, templates):
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > 360:
                wide.append(f"{login} {path}: {width}")
    visit.close()
    assert wide == []


def test_the_main_pages_work_without_script(browser: Browser, house: DemoHouse) -> None:
    visit = Visit(browser, house, "en")
    page = visit.log_in("owner", script=False)
    page.goto("/policies")
    before = page.locator("main tbody tr").count()
    page.locator("main form[role=search] input[name=q]").fill("R&D")
    page.locator("main form[role=search] button[type=submit]").click()
    assert 0 < page.locator("main tbody tr").count() < before
    page.locator("main tbody a").first.click()
    assert page.locator("main .verdict").count() >= 1
    page.locator("button[name=language][value=zh]").first.click()
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.goto("/credit")
    assert page.locator("main figure table").count() >= 1
    visit.close()


def test_the_picture_of_the_readme_is_a_page_of_today(browser: Browser, house: DemoHouse, tmp_path: Path) -> None:
    """Draws docs/images/portal.png afresh where `DRAW_README=1`, else checks that it can be drawn."""
    import os

    visit = Visit(browser, house, "zh")
    page = visit.log_in("owner", width=1280)
    page.goto("/", wait_until="networkidle")
    target = HOUSE / "docs" / "images" / "portal.png" if os.environ.get("DRAW_README") else tmp_path / "portal.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=target, clip={"x": 0, "y": 0, "width": 1280, "height": 860})
    visit.close()
    assert target.stat().st_size > 40_000
    assert (HOUSE / "docs" / "images" / "portal.png").exists()
