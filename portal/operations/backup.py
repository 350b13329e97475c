"""Backup while the house runs: a consistent copy of the database, then the files it knows, then the checkpoints.

The keys stay out: whoever holds a backup must not be able to open sealed fields or sign in our name.
"""

import asyncio
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy import Connection, create_engine, func, select, text

from kernel.audit import AuditLeaf
from kernel.files.models import READY, File
from kernel.files.service import object_key
from kernel.ground import Ground
from portal.operations.archive import FORMAT, ArchiveWriter, DatabaseForm, Manifest, Report, writing
from portal.operations.database import count_rows, read_revision, sqlite_path
from portal.operations.errors import OperationError
from portal.operations.portable import write_tables

CHECKPOINTS = "checkpoints.log"


class Snapshot:
    """What is told of the database copy: its form, its files in order, and what it holds."""

    def __init__(self, form: DatabaseForm, files: Iterable[Path]) -> None:
        self.form = form
        self.files = list(files)
        self.rows: dict[str, int] = {}
        self.revision = ""
        self.audit_size = 0
        self.stored: list[str] = []

    def describe(self, connection: Connection) -> None:
        """Look at the copy through one transaction that sees exactly what was copied."""
        self.rows = count_rows(connection)
        self.revision = read_revision(connection)
        self.audit_size = connection.scalar(select(func.count()).select_from(AuditLeaf)) or 0
        ready = select(File.id).where(File.state == READY).order_by(File.id)
        self.stored = [object_key(file_id) for file_id in connection.scalars(ready)]


async def back_up(ground: Ground, target: Path, now: datetime, report: Report, *, portable: bool = False) -> Manifest:
    """Write one archive with everything but the keys; the house may go on working. Returns its manifest."""
    with tempfile.TemporaryDirectory(prefix="parklink-backup-", dir=_roomy(target)) as name, writing(target) as archive:
        folder = Path(name)
        report(0, 3, "database")
        snapshot = await _copy_database(ground, folder, portable=portable)
        for file in snapshot.files:
            await asyncio.to_thread(archive.add, f"database/{file.name}", file)
        report(1, 3, "files")
        await _add_files(ground, archive, folder, snapshot.stored, report)
        report(2, 3, "checkpoints")
        if ground.settings.checkpoint_file.is_file():
            copy = Path(shutil.copy(ground.settings.checkpoint_file, folder / CHECKPOINTS))
            archive.add(CHECKPOINTS, copy)
        manifest = Manifest(
            format=FORMAT,
            created_at=now,
            version=version("parklink"),
            database=snapshot.form,
            revision=snapshot.revision,
            rows=snapshot.rows,
            audit_size=snapshot.audit_size,
            signing_key=ground.keys.signing_key_id,
            members=dict(archive.members),
        )
        archive.close(manifest, ground.keys, folder)
        report(3, 3, "done")
    return manifest


async def _copy_database(ground: Ground, folder: Path, *, portable: bool) -> Snapshot:
    path = sqlite_path(ground.settings.database_url)
    if path is not None:
        return await asyncio.to_thread(_copy_sqlite, path, folder, portable=portable)
    return await _copy_postgresql(ground, folder, portable=portable)


def _copy_sqlite(path: Path, folder: Path, *, portable: bool) -> Snapshot:
    """SQLite's own online backup: page by page, begun again where a writer came between."""
    copy = folder / "parklink.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as source, closing(sqlite3.connect(copy)) as out:
        source.backup(out, pages=2_000, sleep=0.01)
    engine = create_engine(f"sqlite:///{copy}")
    with engine.connect() as connection:
        damage = connection.scalar(text("PRAGMA integrity_check"))
        if damage != "ok":
            raise OperationError(f"数据库文件已损坏:{damage}", f"The database file is damaged: {damage}")
        snapshot = Snapshot("sqlite", [copy])
        if portable:
            snapshot = Snapshot("portable", [folder / name for name in write_tables(connection, folder)])
        snapshot.describe(connection)
    engine.dispose()
    return snapshot


async def _copy_postgresql(ground: Ground, folder: Path, *, portable: bool) -> Snapshot:
    """`pg_dump` when it is there and new enough, our own export otherwise; counted in the very transaction copied."""
    engine = ground.database.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    async with engine.connect() as connection:
        server = await connection.scalar(text("SHOW server_version_num"))
        program = None if portable else find_program("pg_dump", int(server) // 10_000)
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
        await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        if program is None:
            names = await connection.run_sync(write_tables, folder)
            snapshot = Snapshot("portable", [folder / name for name in names])
        else:
            exported = await connection.scalar(text("SELECT pg_export_snapshot()"))
            dump = folder / "parklink.dump"
            arguments = ["--format=custom", "--compress=1", "--no-owner", "--no-privileges", f"--snapshot={exported}"]
            await run_program(program, [*arguments, f"--file={dump}"], ground.settings.database_url)
            snapshot = Snapshot("pg_dump", [dump])
        await connection.run_sync(snapshot.describe)
    return snapshot


async def _add_files(ground: Ground, archive: ArchiveWriter, folder: Path, stored: list[str], report: Report) -> None:
    """Add the files that the copied database calls ready; one that was discarded since is simply not there."""
    for number, key in enumerate(stored):
        if await ground.files.size(key) is None:
            continue
        copy = folder / "file"
        with copy.open("wb") as out:
            async for chunk in ground.files.read(key):
                out.write(chunk)
        archive.add(f"files/{key}", copy)
        report(1, 3, f"files {number + 1}/{len(stored)}")


def find_program(name: str, server_major: int) -> str | None:
    """The PostgreSQL program on PATH, when its version is not older than the server's."""
    program = shutil.which(name)
    if program is None:
        return None
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    numbers = [word.split(".")[0] for word in said.split() if word[0].isdigit()]
    return program if numbers and numbers[0].isdigit() and int(numbers[0]) >= server_major else None


async def run_program(program: str, arguments: list[str], url: str) -> None:
    """Run pg_dump or pg_restore against a database; the password goes by environment, never by argument."""
    parts = urlsplit(url.replace("postgresql+asyncpg://", "postgresql://", 1))
    user, _, host = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    address = urlunsplit(parts._replace(netloc=f"{name}@{host}" if name else host))
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        f"--dbname={address}",
        env={**os.environ, **({"PGPASSWORD": password} if password else {})},
        stderr=asyncio.subprocess.PIPE,
    )
    _, complaint = await process.communicate()
    if process.returncode != 0:
        said = " ".join(complaint.decode(errors="replace").split())[:500]
        raise OperationError(f"{Path(program).name} 失败:{said}", f"{Path(program).name} failed: {said}")


def _roomy(target: Path) -> Path:
    """The folder of the target: there is room for the archive, so for its parts, too."""
    target.parent.mkdir(parents=True, exist_ok=True)
    return target.parent
