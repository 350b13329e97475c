"""The database: one base for all tables, a session that writes and a session that only reads.

SQLite loses updates under its driver's default transactions, so writers begin with BEGIN IMMEDIATE and
readers with BEGIN; on PostgreSQL readers are read-only by the database's own word.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import msgspec
from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import DDL, JSON, Connection, MetaData, Table, Uuid, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, mapped_column

from kernel.ids import new_id
from kernel.problems import Refusal, Unavailable

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
JSON_DOCUMENT = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
LOCK_WAIT_SECONDS = 5
BUSY_STATES = {"55P03", "40001", "40P01", "57014", "53300", "57P01", "57P03"}


class Base(DeclarativeBase):
    """The base of every table in the house."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: DateTimeUTC(timezone=True), dict[str, Any]: JSON_DOCUMENT, UUID: Uuid()}


Id = Annotated[UUID, mapped_column(Uuid(), primary_key=True, default=new_id)]
Moment = Annotated[datetime, mapped_column(DateTimeUTC(timezone=True))]
MaybeMoment = Annotated[datetime | None, mapped_column(DateTimeUTC(timezone=True), nullable=True)]
JsonDocument = Annotated[Any, mapped_column(JSON_DOCUMENT)]
MaybeJsonDocument = Annotated[Any, mapped_column(JSON_DOCUMENT, nullable=True)]
Version = Annotated[int, mapped_column(default=1)]


def append_only(table: Table) -> None:
    """Make both databases refuse UPDATE and DELETE on a table, whoever asks."""
    for statement in append_only_ddl(table.name, "sqlite"):
        event.listen(table, "after_create", _ddl(statement, "sqlite"))
    for statement in append_only_ddl(table.name, "postgresql"):
        event.listen(table, "after_create", _ddl(statement, "postgresql"))


def _ddl(statement: str, dialect: str) -> Any:
    made: Any = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
    return made.execute_if(dialect=dialect)


def append_only_ddl(table: str, dialect: str) -> list[str]:
    """Return the statements that make a table append-only; migrations run the same ones."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    function = (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    trigger = (
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    return [function, trigger]


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    return msgspec.to_builtins(value)


def _dump_json(value: object) -> str:
    return json.dumps(value, default=_plain, ensure_ascii=False, allow_nan=False)


class Database:
    """One database with its engine and its two kinds of session."""

    def __init__(self, url: str, *, pool_size: int = 10, busy_seconds: float = LOCK_WAIT_SECONDS) -> None:
        self.url = url
        self.dialect = "sqlite" if url.startswith("sqlite") else "postgresql"
        self.engine = _make_engine(url, self.dialect, pool_size, busy_seconds)
        self._read_engine = self.engine.execution_options(postgresql_readonly=True)
        if self.dialect == "sqlite":
            self._read_engine = _make_engine(url, self.dialect, pool_size, busy_seconds, readonly=True)
        self._write = async_sessionmaker(self.engine, expire_on_commit=False)
        self._read = async_sessionmaker(self._read_engine, expire_on_commit=False)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Open a session that commits when the block ends well.

        A Refusal rolls the block back, keeps the refusal's own records, and goes on up. A lock that could
        not be had in time becomes Unavailable (503 with Retry-After).
        """
        try:
            async with self._write() as session:
                try:
                    yield session
                except BaseException:
                    await session.rollback()
                    raise
                await session.commit()
        except Refusal as refusal:
            await self._keep(refusal)
            raise
        except DBAPIError as error:
            raise_if_busy(error)
            raise

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Open a session that sees one snapshot and can change nothing."""
        try:
            async with self._read() as session:
                yield session
        except DBAPIError as error:
            raise_if_busy(error)
            raise

    async def _keep(self, refusal: Refusal) -> None:
        if refusal.records:
            async with self._write() as session:
                session.add_all(refusal.records)
                await session.commit()

    async def dispose(self) -> None:
        """Close every connection."""
        await self._read_engine.dispose()
        await self.engine.dispose()


def raise_if_busy(error: DBAPIError) -> None:
    """Turn a lock time-out, a lost connection or a full pool into Unavailable; leave other errors alone."""
    state = getattr(error.orig, "sqlstate", None)
    text = str(error.orig)
    locked = isinstance(error, OperationalError) and ("locked" in text or "busy" in text)
    if locked or state in BUSY_STATES or error.connection_invalidated:
        raise Unavailable from error


def _make_engine(url: str, dialect: str, pool_size: int, busy_seconds: float, *, readonly: bool = False) -> AsyncEngine:
    common: dict[str, Any] = {
        "hide_parameters": True,
        "json_serializer": _dump_json,
        "json_deserializer": msgspec.json.decode,
        "pool_size": pool_size,
    }
    if dialect == "sqlite":
        engine = create_async_engine(url, **common)
        event.listen(engine.sync_engine, "connect", _sqlite_connect(int(busy_seconds * 1000), readonly=readonly))
        event.listen(engine.sync_engine, "begin", _begin_reading if readonly else _begin_writing)
        return engine
    settings = {
        "statement_timeout": "15000",
        "lock_timeout": str(int(busy_seconds * 1000)),
        "idle_in_transaction_session_timeout": "30000",
    }
    return create_async_engine(
        url, pool_pre_ping=True, pool_timeout=busy_seconds, connect_args={"server_settings": settings}, **common
    )


def _sqlite_connect(busy_milliseconds: int, *, readonly: bool) -> Any:
    def connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            f"busy_timeout={busy_milliseconds}",
            "foreign_keys=ON",
            "synchronous=FULL",
            f"query_only={int(readonly)}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return connect


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_writing(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
