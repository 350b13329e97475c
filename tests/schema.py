"""Databases with every table and no row, copied from one that was made once per test process."""

import asyncio
import shutil
import tempfile
import threading
from pathlib import Path

from sqlalchemy.ext.asyncio import create_async_engine

from kernel.db import Base
from portal.rooms import import_models
from tests.fixtures.postgresql import PostgresServer

_templates: dict[str, str] = {}


def empty_database(path: Path) -> str:
    """Put an empty SQLite database at the path and return its address."""
    if "sqlite" not in _templates:
        folder = Path(tempfile.mkdtemp(prefix="parklink-schema-"))
        build(f"sqlite+aiosqlite:///{folder / 'template.db'}")
        _templates["sqlite"] = str(folder / "template.db")
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(_templates["sqlite"], path)
    return f"sqlite+aiosqlite:///{path}"


def empty_postgresql_database(server: PostgresServer) -> str:
    """Return the address of a fresh PostgreSQL database with every table."""
    key = f"postgresql:{server.port}"
    if key not in _templates:
        url = server.fresh_database()
        build(url)
        _templates[key] = url.rsplit("/", 1)[1]
    return server.fresh_database(_templates[key])


def build(url: str) -> None:
    """Make every table in an empty database; in a thread of its own, since a test's loop may be running."""
    import_models()
    failure: list[BaseException] = []

    def work() -> None:
        try:
            asyncio.run(_create(url))
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]


async def _create(url: str) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()
