"""The house as a newcomer runs it: one process tree on demo data, a browser, and somebody logged in."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from kernel.texts import gettext as translate
from kernel.texts import load_texts, use_locale
from portal.app import HOUSE
from portal.rooms import PACKAGES
from tests.fixtures.ports import free_port

START_SECONDS = 90
LOAD_SECONDS = 280
LANGUAGES = ("zh", "en")
ACTION_MILLISECONDS = 20_000


class DemoHouse:
    """A running house with demo data of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.logins = json.loads((folder / "demo_logins.json").read_text("utf-8"))
        environment = {**os.environ, "PARKLINK_DATA_DIR": str(folder), "PARKLINK_LOG_LEVEL": "WARNING"}
        self.log = (folder / "server.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "portal.cli", "up", "--port", str(self.port)],
            env=environment,
            stdout=self.log,
            stderr=self.log,
        )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with urlopen(f"{self.address}/ready", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError((self.folder / "server.log").read_text("utf-8", "replace")[-3000:])

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()


class Visit:
    """Browser windows of several people in one language."""

    def __init__(self, browser: Browser, house: DemoHouse, language: str) -> None:
        self.browser, self.house, self.language = browser, house, language
        self.contexts: list[BrowserContext] = []

    def open(self, *, width: int = 1280, theme: str = "light", script: bool = True) -> Page:
        """A window nobody is logged in with."""
        context = self.browser.new_context(
            base_url=self.house.address,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if theme == "dark" else "light",
            locale="zh-CN" if self.language == "zh" else "en-US",
            java_script_enabled=script,
            accept_downloads=True,
        )
        context.set_default_timeout(ACTION_MILLISECONDS)
        self.contexts.append(context)
        cookies = [{"name": "lang", "value": self.language, "url": self.house.address}]
        if theme == "dark":
            cookies.append({"name": "theme", "value": "dark", "url": self.house.address})
        context.add_cookies(cookies)  # type: ignore[arg-type]
        return context.new_page()

    def log_in(self, login: str, **options: object) -> Page:
        """A window of somebody who has logged in through the form."""
        page = self.open(**options)  # type: ignore[arg-type]
        page.goto("/login")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", self.house.logins["passwords"][login])
        page.press("input[name=password]", "Enter")
        page.wait_for_url(f"{self.house.address}/")
        return page

    def say(self, message: str, **values: object) -> str:
        """A text of the portal in the visit's language."""
        with use_locale(self.language):
            return translate(message, **values)

    def close(self) -> None:
        for context in self.contexts:
            context.close()


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Demo data loaded once by the command a newcomer runs; each house works on a copy."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    environment = {**os.environ, "PARKLINK_DATA_DIR": str(folder), "PARKLINK_LOG_LEVEL": "WARNING"}
    done = subprocess.run(
        [sys.executable, "-m", "portal.cli", "demo", "--no-serve", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=LOAD_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    load_texts(HOUSE / package for package in PACKAGES)
    return folder


@pytest.fixture(scope="session")
def open_house(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], DemoHouse]]:
    """Houses by name, each with its own copy of the demo data, opened once and closed at the end."""
    houses: dict[str, DemoHouse] = {}

    def opened(name: str) -> DemoHouse:
        if name not in houses:
            folder = tmp_path_factory.mktemp("house") / name
            shutil.copytree(demo_data, folder)
            houses[name] = DemoHouse(folder)
        return houses[name]

    yield opened
    for house in houses.values():
        house.close()


@pytest.fixture(params=LANGUAGES)
def visit(request: pytest.FixtureRequest, browser: Browser, open_house: Callable[[str], DemoHouse]) -> Iterator[Visit]:
    """People at the portal in Chinese, then in English; each language has a house of its own."""
    opened = Visit(browser, open_house(request.param), request.param)
    yield opened
    opened.close()
