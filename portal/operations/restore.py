"""Restore into an empty place, and prove that it is the same house: rows, ledger, audit log, files."""

import asyncio
import shutil
import tempfile
from pathlib import Path

from msgspec import Struct

from kernel import audit, money
from kernel.clock import Clock
from kernel.db import Database
from kernel.ground import Ground, open_ground
from kernel.keys import KeyRing
from kernel.settings import Settings
from portal.operations.archive import Manifest, Report, unpack
from portal.operations.backup import CHECKPOINTS, find_program, run_program
from portal.operations.database import count_rows, is_empty, sqlite_path
from portal.operations.errors import OperationError
from portal.operations.migrations import migrate
from portal.operations.portable import read_tables

LARGEST_FILE = 1 << 40


class Proof(Struct, frozen=True):
    """What was checked after a restore."""

    rows: int
    files: int
    audit_entries: int
    ledger_entries: int


async def restore(
    settings: Settings, source: Path, report: Report, *, check_signature: bool = True, clock: Clock | None = None
) -> Proof:
    """Restore an archive into the place the settings name, which must be empty; nothing is written before it is checked.

    Raises OperationError naming what is wrong with the archive, or what after the restore is not as the manifest says.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="parklink-restore-", dir=settings.data_dir) as name:
        folder = Path(name)
        report(0, 4, "checking the archive")
        keys = KeyRing.open(settings.key_dir) if check_signature else None
        manifest = await asyncio.to_thread(unpack, source, folder, keys)
        await _require_empty(settings)
        report(1, 4, "database")
        await _restore_database(settings, manifest, folder)
        ground = open_ground(settings, clock=clock)
        try:
            report(2, 4, "files")
            stored = await _restore_files(ground, manifest, folder)
            if (folder / CHECKPOINTS).is_file():
                settings.checkpoint_file.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(folder / CHECKPOINTS, settings.checkpoint_file)
            report(3, 4, "proof")
            proof = await prove(ground, manifest, stored)
        finally:
            await ground.close()
        report(4, 4, "done")
    return proof


async def prove(ground: Ground, manifest: Manifest, files: int) -> Proof:
    """Compare the restored house with its manifest; OperationError names the first difference."""
    async with ground.database.engine.connect() as connection:
        rows = await connection.run_sync(count_rows)
    for table in sorted(manifest.rows.keys() | rows.keys()):
        expected, found = manifest.rows.get(table, 0), rows.get(table, 0)
        if expected != found:
            raise OperationError(
                f"表 {table} 恢复后有 {found} 行,应为 {expected} 行。",
                f"Table {table} has {found} rows, not {expected}.",
            )
    async with ground.database.read() as db:
        differences = await money.find_differences(db)
    if differences:
        raise OperationError(f"账目不平:{differences[0]}", f"The ledger does not balance: {differences[0]}")
    checked = await audit.verify(ground.database, ground.keys, checkpoint_file=ground.settings.checkpoint_file)
    if not checked.is_sound:
        first = min(checked.findings, key=lambda finding: finding.seq)
        raise OperationError(
            f"审计日志第 {first.seq} 条校验失败:{first.detail}",
            f"The audit log does not verify at entry {first.seq}: {first.detail}",
        )
    return Proof(sum(rows.values()), files, manifest.audit_size, rows.get("ledger_entry", 0))


async def _require_empty(settings: Settings) -> None:
    path = sqlite_path(settings.database_url)
    if path is not None:
        if path.exists():
            raise OperationError(
                f"{path} 已存在;请恢复到空的位置。", f"{path} exists already; restore into an empty place."
            )
    else:
        database = Database(settings.database_url)
        empty = await is_empty(database.engine)
        await database.dispose()
        if not empty:
            raise OperationError("目标数据库不是空的。", "The target database is not empty.")
    files = Path(settings.files_url.removeprefix("file://"))
    if settings.files_url.startswith("file://") and _holds_something(files):
        raise OperationError(f"{files} 不是空的。", f"{files} is not empty.")


def _holds_something(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


async def _restore_database(settings: Settings, manifest: Manifest, folder: Path) -> None:
    path = sqlite_path(settings.database_url)
    if manifest.database == "sqlite":
        if path is None:
            raise OperationError(
                "SQLite 备份只能恢复到 SQLite;换数据库请用 backup --portable。",
                "A SQLite backup restores into SQLite only; to change databases, back up with --portable.",
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        copy = path.with_name(path.name + ".restoring")
        shutil.copy(folder / "database" / "parklink.db", copy)
        copy.chmod(0o600)
        copy.replace(path)
    elif manifest.database == "pg_dump":
        await _pg_restore(settings, folder, path)
    else:
        await migrate(settings, manifest.revision)
        database = Database(settings.database_url)
        async with database.engine.begin() as connection:
            await connection.run_sync(read_tables, folder / "database")
        await database.dispose()


async def _pg_restore(settings: Settings, folder: Path, path: Path | None) -> None:
    program = find_program("pg_restore", 0)
    if path is not None or program is None:
        raise OperationError(
            "此备份是 pg_dump 格式,需要 PostgreSQL 数据库和 pg_restore 程序。",
            "This backup is in pg_dump format; it needs a PostgreSQL database and the program pg_restore.",
        )
    arguments = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    await run_program(program, [*arguments, str(folder / "database" / "parklink.dump")], settings.database_url)


async def _restore_files(ground: Ground, manifest: Manifest, folder: Path) -> int:
    """Put each file where it was; returns how many."""
    keys = [name.removeprefix("files/") for name in manifest.members if name.startswith("files/")]
    for key in keys:
        content = folder / "files" / key
        with content.open("rb") as source:
            written = await ground.files.write(key, iter(lambda: source.read(1 << 18), b""), limit=LARGEST_FILE)
        if written.sha256 != manifest.members[f"files/{key}"].sha256:
            raise OperationError(f"文件 {key} 写入后不符。", f"File {key} differs after it was written.")
    return len(keys)
