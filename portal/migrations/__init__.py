"""Migrations: one linear history for SQLite and PostgreSQL, run by its own command and never at start-up."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from kernel.db import Base, Database
from portal.rooms import import_models

FOLDER = Path(__file__).resolve().parent
ADVISORY_LOCK = 7_276_511
LOCK_TIMEOUT = "4s"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """Return the newest revision of the code."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        message = "the house has no migration"
        raise LookupError(message)
    return revision


async def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the database to a revision, in one transaction; two processes that try at once do it one after the other."""
    import_models()
    async with database.engine.begin() as connection:
        if database.dialect == "postgresql":
            await connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
        await connection.run_sync(lambda sync: command.upgrade(_config(sync), revision))


async def downgrade(database: Database, revision: str) -> None:
    """Take the database back to an earlier revision ("base": none)."""
    import_models()
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda sync: command.downgrade(_config(sync), revision))


async def current(database: Database) -> str | None:
    """Return the revision the database is at, or None for an empty one."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


async def find_drift(database: Database) -> list[str]:
    """Return a line for every difference between the database and the tables of the code."""
    import_models()

    def compare(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "include_object": include_object}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))

    async with database.engine.connect() as connection:
        return [str(difference) for difference in await connection.run_sync(compare)]


async def write_revision(database: Database, message: str) -> None:
    """Write a new revision file from the difference between the database and the code."""
    import_models()
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda sync: command.revision(_config(sync), message=message, autogenerate=True))


def include_object(_object: Any, name: str | None, kind: str, _reflected: bool, _compare: Any) -> bool:
    """Leave alone what is not of the code: alembic's own table and test tables."""
    return not (kind == "table" and name is not None and name.startswith(("alembic_", "test_")))
