"""What every test stands on: a ground with a fixed clock, on either database, and an app with one client per role."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from kernel.clock import FixedClock
from kernel.ground import Ground, open_ground
from kernel.settings import load_settings
from portal.app import create_app
from portal.rooms import ROOMS
from portal.service.room import service
from portal.shell.room import shell
from tests.fixtures.postgresql import PostgresServer
from tests.make import Make
from tests.schema import empty_database, empty_postgresql_database

pytest_plugins = [
    "tests.fixtures.loop",
    "tests.fixtures.completeness",
    "tests.fixtures.postgresql",
    "tests.fixtures.browser",
    "tests.fixtures.shared",
    "tests.fixtures.s3",
    "tests.fixtures.demo",
]
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def settings_environment(folder: Path, database_url: str) -> dict[str, str]:
    """Return the environment of a test deployment below a folder."""
    return {
        "PARKLINK_DATA_DIR": str(folder / "data"),
        "PARKLINK_DATABASE_URL": database_url,
        "PARKLINK_ALLOWED_HOSTS": "testserver.local,127.0.0.1,localhost",
    }


@pytest.fixture
def clock() -> FixedClock:
    """The clock of the demo day."""
    return FixedClock(NOW)


@pytest.fixture
async def ground(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Ground]:
    """An empty house on SQLite."""
    async for opened in _open(tmp_path, clock, empty_database(tmp_path / "data" / "parklink.db")):
        yield opened


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def both_grounds(request: pytest.FixtureRequest, tmp_path: Path, clock: FixedClock) -> AsyncIterator[Ground]:
    """An empty house, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        url = empty_database(tmp_path / "data" / "parklink.db")
    else:
        server: PostgresServer = request.getfixturevalue("postgresql")
        url = empty_postgresql_database(server)
    async for opened in _open(tmp_path, clock, url):
        yield opened


async def _open(folder: Path, clock: FixedClock, url: str) -> AsyncIterator[Ground]:
    settings = load_settings(settings_environment(folder, url))
    opened = open_ground(settings, clock=clock, rooms=(*ROOMS, shell, service))
    yield opened
    await opened.close()


@pytest.fixture
def make(ground: Ground) -> Make:
    """Factories over the SQLite ground."""
    return Make(ground)


@pytest.fixture
def make_on() -> type[Make]:
    """Factories over a ground of the test's choice: `make_on(both_grounds)`."""
    return Make


@pytest.fixture
def app(ground: Ground) -> Litestar:
    """The whole house as an application."""
    return create_app(ground)


ClientFor = Callable[..., "AsyncTestClient[Litestar]"]


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[AsyncTestClient[Litestar]]:
    """A client that nobody is logged in with."""
    async with AsyncTestClient(app, base_url="http://testserver.local") as opened:
        yield opened


@pytest.fixture
async def client_for(app: Litestar, make: Make) -> AsyncIterator[Callable[..., object]]:
    """Log in: `await client_for("officer")` or `client_for("lender", organisation=id)`; returns a Visitor."""
    visitors = []

    async def log_in(role: str, **options: object) -> object:
        visitor = await make.visitor(app, role, **options)
        visitors.append(visitor)
        return visitor

    yield log_in
    for visitor in reversed(visitors):
        await visitor.close()
