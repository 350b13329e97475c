"""Migrations as an operator sees them: bring up to date, refuse to start when behind, tell whether code and tables differ."""

from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from kernel.db import Database
from kernel.settings import Settings
from portal.operations.database import sqlite_path
from portal.operations.errors import OperationError

FOLDER = Path(__file__).resolve().parents[1] / "migrations"


async def migrate(settings: Settings, revision: str = "head") -> tuple[str, str]:
    """Bring the database to a revision; returns where it was and where it is ("" is nowhere)."""
    from portal import migrations

    path = sqlite_path(settings.database_url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    try:
        before = await migrations.current(database)
        if before is not None and before not in known_revisions():
            raise OperationError(
                f"数据库的迁移版本 {before} 比本程序新;请升级程序。",
                f"The database is at migration {before}, which this version does not know; upgrade the program.",
            )
        if before != (migrations.head() if revision == "head" else revision):
            await migrations.upgrade(database, revision)
        after = await migrations.current(database)
    finally:
        await database.dispose()
    if path is not None:
        path.chmod(0o600)
    return before or "", after or ""


async def require_head(settings: Settings) -> None:
    """Refuse to go on when the database is not at the newest migration; nothing is changed."""
    now, newest = await current(settings), head()
    if now != newest:
        raise OperationError(
            f"数据库的迁移版本是 {now or '无'},程序需要 {newest};请先运行 parklink migrate。",
            f"The database is at migration {now or 'none'}, the program needs {newest}; run `parklink migrate` first.",
        )


async def current(settings: Settings) -> str | None:
    """The migration the database is at; None for an empty or missing one, which is not created by looking."""
    path = sqlite_path(settings.database_url)
    if path is not None and not path.exists():
        return None
    database = Database(settings.database_url)
    try:
        async with database.engine.connect() as connection:
            return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    finally:
        await database.dispose()


def head() -> str | None:
    """The newest migration of the program, read from its files: a supervisor needs no room to know it."""
    return _scripts().get_current_head()


async def find_drift(settings: Settings) -> list[str]:
    """Every difference between the database as migrated and the tables of the code."""
    from portal import migrations

    database = Database(settings.database_url)
    try:
        return await migrations.find_drift(database)
    finally:
        await database.dispose()


def known_revisions() -> set[str]:
    """Every revision this version of the program knows."""
    return {script.revision for script in _scripts().walk_revisions()}


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(FOLDER))
