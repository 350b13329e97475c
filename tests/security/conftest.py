"""One house for the whole sweep: opened once, with somebody logged in for each role, since no test here needs it empty."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from kernel.act import ROLES
from kernel.clock import FixedClock
from kernel.ground import Ground, open_ground
from kernel.settings import load_settings
from portal.app import create_app
from portal.rooms import ROOMS
from tests.conftest import NOW, settings_environment
from tests.make import Make, Visitor, open_client
from tests.schema import empty_database
from tests.security.addresses import Address, addresses_of


@pytest.fixture(scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    folder: Path = tmp_path_factory.mktemp("house")
    url = empty_database(folder / "data" / "parklink.db")
    opened = open_ground(load_settings(settings_environment(folder, url)), clock=FixedClock(NOW), rooms=ROOMS)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def whole_app(house: Ground) -> Litestar:
    return create_app(house)


@pytest.fixture(scope="session")
def addresses(whole_app: Litestar) -> list[Address]:
    found = addresses_of(whole_app)
    assert len(found) > 50, "the house has more addresses than that"
    return found


@pytest.fixture(scope="session")
async def people(house: Ground, whole_app: Litestar) -> AsyncIterator[dict[str, Visitor]]:
    """One visitor for each role."""
    make = Make(house)
    visitors = {role: await make.visitor(whole_app, role) for role in ROLES}
    yield visitors
    for visitor in visitors.values():
        await visitor.close()


@pytest.fixture(scope="session")
async def machine(house: Ground, whole_app: Litestar) -> AsyncIterator[Visitor]:
    """A lender's machine."""
    visitor = await Make(house).visitor(whole_app, "lender", machine=True)
    yield visitor
    await visitor.close()


@pytest.fixture(scope="session")
async def nobody(whole_app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(whole_app) as client:
        yield client
