"""Grounds for tests of the kernel: every table, no room, a clock that stands still; on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from kernel.act import Act, Actor
from kernel.clock import FixedClock, SystemClock
from kernel.ground import Ground, open_ground
from kernel.identity import organisation_row
from kernel.ids import new_id
from kernel.settings import load_settings
from tests.kernel import deeds
from tests.kernel.workforce import Process
from tests.schema import empty_database, empty_postgresql_database

DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with all tables and no rows."""
    if request.param == "sqlite":
        return empty_database(tmp_path / "data" / "parklink.db")
    return empty_postgresql_database(request.getfixturevalue("postgresql"))


@pytest.fixture
async def house(tmp_path: Path, clock: FixedClock, database_url: str) -> AsyncIterator[Ground]:
    """A ground without rooms, on each database in turn."""
    opened = open_ground(
        load_settings({"PARKLINK_DATA_DIR": str(tmp_path / "data"), "PARKLINK_DATABASE_URL": database_url}), clock=clock
    )
    yield opened
    await opened.close()


@pytest.fixture
def act(house: Ground) -> Act:
    """A deed of the system."""
    return house.act(Actor.system("test"))


@pytest.fixture
async def organisation(house: Ground) -> UUID:
    """An organisation to own things."""
    row = organisation_row(kind="enterprise", name_zh="甲公司", name_en="Alpha", now=house.clock.now(), id=new_id())
    async with house.database.write() as db:
        db.add(row)
    return row.id


@pytest.fixture
def until() -> Callable[..., object]:
    """Wait for a condition of another process or task, at most some seconds."""

    async def wait(condition: Callable[[], object], *, seconds: float = 20) -> None:
        for _step in range(int(seconds / 0.05)):
            found = condition()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return
            await asyncio.sleep(0.05)
        pytest.fail("the condition was not met in time")

    return wait


@pytest.fixture
async def staffed(house: Ground) -> Ground:
    """The ground with a room of test jobs and the table of their effects."""
    async with house.database.engine.begin() as connection:
        await connection.run_sync(deeds.EFFECTS.metadata.create_all)
    return msgspec.structs.replace(house, rooms=(deeds.room,))


@pytest.fixture
def real(staffed: Ground) -> Ground:
    """The same on the machine's own clock."""
    return msgspec.structs.replace(staffed, clock=SystemClock())


@pytest.fixture
def start(real: Ground) -> Iterator[Callable[[str], Process]]:
    """Start a worker or clock in a process of its own: `start("worker")`; none outlives the test."""
    running: list[Process] = []

    def begin(role: str) -> Process:
        running.append(Process(real, role))
        return running[-1]

    yield begin
    for process in running:
        process.end()
