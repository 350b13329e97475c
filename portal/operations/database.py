"""Looks at a database as a whole: which tables it has, how many rows, at which revision it is."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy import Connection, Table, func, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from kernel.db import Base

REVISION_TABLE = "alembic_version"


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite address, or None for another database."""
    return Path(unquote(urlsplit(url).path[1:])) if url.startswith("sqlite") else None


def house_tables() -> list[Table]:
    """Every table of the house, referenced ones before those that refer to them."""
    from portal.rooms import import_models

    import_models()
    return list(Base.metadata.sorted_tables)


def count_rows(connection: Connection) -> dict[str, int]:
    """How many rows each table has, as this connection's transaction sees it."""
    present = set(inspect(connection).get_table_names())
    return {
        table.name: connection.scalar(select(func.count()).select_from(table)) or 0
        for table in house_tables()
        if table.name in present
    }


def read_revision(connection: Connection) -> str:
    """The migration the database stands at; empty when it was never migrated."""
    if REVISION_TABLE not in inspect(connection).get_table_names():
        return ""
    return connection.scalar(text(f"SELECT version_num FROM {REVISION_TABLE}")) or ""  # noqa: S608 - our own constant


async def is_empty(engine: AsyncEngine) -> bool:
    """Tell whether the database has no table at all."""
    async with engine.connect() as connection:
        return not await connection.run_sync(lambda sync: inspect(sync).get_table_names())
