"""A database as lines of JSON, one file a table: what moves between database kinds, and what backs up a PostgreSQL whose
own `pg_dump` is not at hand.

A line is a row: first one letter for the type of each value, then the values. The letters come from the values themselves,
since a column's declared type does not always tell what Python makes of it.
"""

import base64
import gzip
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Table, func, select, text

from portal.operations.database import house_tables

CHUNK = 1_000
PLAIN = "p"
LETTERS: dict[type, tuple[str, Callable[[Any], str]]] = {
    UUID: ("u", str),
    datetime: ("t", datetime.isoformat),
    date: ("d", date.isoformat),
    Decimal: ("n", lambda value: format(value, "f")),
    bytes: ("b", lambda value: base64.b64encode(value).decode()),
}
READERS: dict[str, Callable[[Any], Any]] = {
    "u": UUID,
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "n": Decimal,
    "b": base64.b64decode,
}
Row = dict[str, Any]


def write_tables(connection: Connection, folder: Path) -> list[str]:
    """Write every table below `folder`; returns the file names in the order they must be read back."""
    names = []
    for table in house_tables():
        name = f"{table.name}.jsonl.gz"
        with gzip.open(folder / name, "wb", compresslevel=1) as lines:
            rows = connection.execution_options(yield_per=CHUNK).execute(select(table).order_by(*table.primary_key))
            for row in rows:
                lines.write(encode_row(row) + b"\n")
        names.append(name)
    return names


def read_tables(connection: Connection, folder: Path) -> None:
    """Fill the empty tables of a migrated database from what `write_tables` wrote."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
    for table in house_tables():
        if connection.execute(select(table).limit(1)).first() is not None:
            connection.execute(table.delete())  # rows that a migration put there
        rows: Iterable[Row] = _rows(folder / f"{table.name}.jsonl.gz", table)
        reference = _own_reference(table)
        if reference is not None:
            rows = referred_first(list(rows), *reference)
        remaining = iter(rows)
        while chunk := list(islice(remaining, CHUNK)):
            connection.execute(table.insert(), chunk)
        _raise_counter(connection, table)


def _raise_counter(connection: Connection, table: Table) -> None:
    """PostgreSQL counts integer keys apart from the rows; without this the next row would get a number that is taken."""
    counted = table.autoincrement_column
    if connection.dialect.name != "postgresql" or counted is None:
        return
    counter = connection.scalar(select(func.pg_get_serial_sequence(table.name, counted.name)))
    highest = connection.scalar(select(func.max(counted)))
    if counter is not None and highest is not None:
        connection.execute(select(func.setval(counter, highest)))


def encode_row(row: Iterable[Any]) -> bytes:
    """One line for a row of a database."""
    letters, values = "", []
    for value in row:
        letter, write = LETTERS.get(type(value), (PLAIN, None))
        letters += letter
        values.append(write(value) if write is not None else value)
    return msgspec.json.encode([letters, *values])


def decode_row(line: bytes) -> list[Any]:
    """The values of a line, of the types they had."""
    letters, *values = msgspec.json.decode(line)
    return [
        READERS[letter](value) if letter in READERS else value for letter, value in zip(letters, values, strict=True)
    ]


def referred_first(rows: list[Row], key: str, reference: str) -> Iterator[Row]:
    """The rows in an order in which none refers to a later one; a table may refer to itself (a fact to its successor)."""
    waiting = {row[key]: row for row in rows}
    for row in rows:
        chain = []
        current = waiting.pop(row[key], None)
        while current is not None:
            chain.append(current)
            current = waiting.pop(current[reference], None)
        yield from reversed(chain)


def _rows(file: Path, table: Table) -> Iterator[Row]:
    names = [column.name for column in table.columns]
    with gzip.open(file, "rb") as lines:
        for line in lines:
            yield dict(zip(names, decode_row(line), strict=True))


def _own_reference(table: Table) -> tuple[str, str] | None:
    """The key and the column by which a table refers to itself, if it does."""
    for column in table.columns:
        for foreign in column.foreign_keys:
            if foreign.column.table is table:
                return foreign.column.name, column.name
    return None
