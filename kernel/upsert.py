"""Insert a row unless it exists, in one statement: the only form of "look, then insert" that survives a race."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.db import Base

Insert = postgresql.Insert | sqlite.Insert


def insert_for(db: AsyncSession, table: type[Base]) -> Insert:
    """Return the dialect's own INSERT, which knows ON CONFLICT."""
    dialect = db.get_bind().dialect.name
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


async def insert_if_absent(
    db: AsyncSession, table: type[Base], values: Mapping[str, Any], unique: Sequence[str] | None = None
) -> bool:
    """Insert a row and tell whether it is new; False when another with the same unique columns stands.

    Without `unique`, any uniqueness of the table counts.

    On PostgreSQL it waits for a concurrent transaction with the same key, so False means committed (or ours).
    """
    statement = insert_for(db, table).values(**values).on_conflict_do_nothing(index_elements=unique)
    first = table.__mapper__.primary_key[0]
    return await db.scalar(statement.returning(first)) is not None
