"""The migrations make the very tables of the code, on both databases, and can be taken back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from kernel.db import Database
from portal import migrations
from tests.fixtures.postgresql import PostgresServer
from tests.schema import build

TRIGGERS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
    "postgresql": "SELECT tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger "
    "WHERE NOT tgisinternal ORDER BY 1",
}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def empty(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgresql")
        url = server.fresh_database()
    database = Database(url)
    yield database
    await database.dispose()


async def triggers(database: Database) -> list[tuple[str, str]]:
    async with database.engine.connect() as connection:
        rows = await connection.execute(text(TRIGGERS[database.dialect]))
        return [(row[0], " ".join(row[1].split())) for row in rows]


async def test_migrated_tables_are_the_tables_of_the_code(empty: Database) -> None:
    assert await migrations.current(empty) is None
    await migrations.upgrade(empty)
    assert await migrations.current(empty) == migrations.head()
    assert await migrations.find_drift(empty) == []


async def test_a_missing_column_is_reported_as_drift(empty: Database) -> None:
    await migrations.upgrade(empty)
    async with empty.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE person DROP COLUMN name"))
    assert any("name" in line for line in await migrations.find_drift(empty))


async def test_migrations_keep_the_triggers_of_the_code(
    empty: Database, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    await migrations.upgrade(empty)
    if empty.dialect == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path / 'built.db'}"
    else:
        url = request.getfixturevalue("postgresql").fresh_database()
    build(url)
    built = Database(url)
    expected = await triggers(built)
    await built.dispose()
    assert len(expected) > 5
    assert await triggers(empty) == expected


async def test_migrations_can_be_taken_back_and_run_again(empty: Database) -> None:
    await migrations.upgrade(empty)
    await migrations.downgrade(empty, "base")
    assert await migrations.current(empty) is None
    assert await triggers(empty) == []
    await migrations.upgrade(empty)
    assert await migrations.find_drift(empty) == []
