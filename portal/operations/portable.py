"""A database as lines of JSON, one file a table: what moves between database kinds, and what backs up a PostgreSQL whose
own `pg_dump` is not at hand.
"""

import base64
import gzip
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Table, select, text

from portal.operations.database import house_tables

CHUNK = 1_000
READERS: dict[type, Any] = {
    UUID: UUID,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    Decimal: Decimal,
    bytes: base64.b64decode,
}


def write_tables(connection: Connection, folder: Path) -> list[str]:
    """Write every table below `folder`; returns the file names in the order they must be read back."""
    names = []
    for table in house_tables():
        name = f"{table.name}.jsonl.gz"
        with gzip.open(folder / name, "wb", compresslevel=1) as lines:
            rows = connection.execution_options(yield_per=CHUNK).execute(select(table).order_by(*table.primary_key))
            for row in rows:
                lines.write(msgspec.json.encode([_plain(value) for value in row]) + b"\n")
        names.append(name)
    return names


def read_tables(connection: Connection, folder: Path) -> None:
    """Fill the empty tables of a migrated database from what `write_tables` wrote."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    for table in house_tables():
        file = folder / f"{table.name}.jsonl.gz"
        if connection.execute(select(table).limit(1)).first() is not None:
            connection.execute(table.delete())  # rows that a migration put there
        for rows in _chunks(file, table):
            connection.execute(table.insert(), rows)


def _chunks(file: Path, table: Table) -> Iterator[list[dict[str, Any]]]:
    columns = [(column.name, READERS.get(_type_of(column.type))) for column in table.columns]
    rows: list[dict[str, Any]] = []
    with gzip.open(file, "rb") as lines:
        for line in lines:
            values = msgspec.json.decode(line)
            rows.append(
                {
                    name: reader(value) if reader is not None and value is not None else value
                    for (name, reader), value in zip(columns, values, strict=True)
                }
            )
            if len(rows) == CHUNK:
                yield rows
                rows = []
    if rows:
        yield rows


def _type_of(kind: Any) -> type:
    try:
        found: type = kind.python_type
    except NotImplementedError:
        return object
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return value
