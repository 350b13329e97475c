"""Backup, wipe, restore: the same house again, and nothing at all from an archive that somebody changed."""

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select, text

import enterprises
import park
from kernel import audit, files, money
from kernel.act import Actor
from kernel.clock import FixedClock
from kernel.db import Base
from kernel.ground import Ground, open_ground
from kernel.keys import KeyRing
from kernel.settings import Settings, load_settings
from portal.operations.archive import MANIFEST, Manifest
from portal.operations.backup import back_up, find_program
from portal.operations.errors import OperationError
from portal.operations.migrations import migrate
from portal.operations.restore import restore
from tests.conftest import settings_environment
from tests.fixtures.postgresql import PostgresServer
from tests.make import Make

CONTENT = "园区 park\n".encode() * 40_000


def report(done: int, total: int, note: str, /) -> None:
    assert 0 <= done <= total
    assert note


async def fill(ground: Ground) -> None:
    """Some of everything a backup must bring back: rows, money, a file, a sealed log."""
    make = Make(ground)
    act = ground.act(Actor.system("test"))
    owner = await make.organisation("government")
    async with ground.database.write() as db:
        here = await money.open_account(db, act, owner_id=owner, kind="test", code="here", floor=None)
        there = await money.open_account(db, act, owner_id=owner, kind="test", code="there", floor=None)
        await money.post_entry(db, act, "test", "movement-1", [(here, -12_345), (there, 12_345)])
        audit.write(db, act, "test.done", "test", "1", detail={"数": 1})
    await files.store(ground, act, CONTENT, name="账单.csv", media_type="text/csv", owner_id=owner)
    await audit.seal_all(ground.database, ground.keys, ground.clock, checkpoint_file=ground.settings.checkpoint_file)
    async with ground.database.write() as db:
        audit.write(db, act, "test.done", "test", "2")  # one entry waits to be sealed


@pytest.fixture
def elsewhere(tmp_path: Path) -> Callable[[str], Settings]:
    """Settings of an empty place that has the keys of the house it restores."""

    def settings(database_url: str) -> Settings:
        environment = settings_environment(tmp_path / "elsewhere", database_url)
        return load_settings(environment | {"PARKLINK_KEY_DIR": str(tmp_path / "data" / "keys")})

    return settings


def sqlite_url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'elsewhere' / 'data' / 'parklink.db'}"


async def live_on(ground: Ground, clock: FixedClock, number: int) -> None:
    """A fact that replaces an earlier one, which then refers to a later row, and a meter with the next whole number."""
    act = ground.act(Actor.system("test"))
    make = Make(ground)
    async with ground.database.write() as db:
        code = enterprises.complete_uscc(f"91110105DEMT000{number}")
        company = enterprises.EnterpriseIn(uscc=code, name_zh="甲公司", industry_code="6513", division_code="110105")
        company_id = await enterprises.register_enterprise(db, act, company)
        for staff in (10, 11):
            clock.advance(timedelta(minutes=1))
            news = enterprises.FactIn(name="staff", value=staff, source="test", authority="authoritative")
            await enterprises.record_facts(db, ground.act(Actor.system("test")), company_id, [news])
    operator = await make.person("park_operator")
    assert operator.organisation_id is not None
    act = ground.act(operator)
    place = f"P{number}"
    async with ground.database.write() as db:
        await park.register_park(
            db, act, park.ParkIn(code=place, name_zh="园", name_en="Park", operator_id=operator.organisation_id)
        )
        shape = ((0, 0), (10, 0), (10, 10))
        await park.register_building(
            db, act, park.BuildingIn(park_code=place, code="A", name_zh="甲", name_en="A", floors=1, shape=shape)
        )
        await park.register_unit(
            db, act, park.UnitIn(park_code=place, building_code="A", code="A-101", floor=1, area_m2=Decimal("12.50"))
        )
        await park.register_meter(db, act, place, "E-1", "A-101")


def plain(value: object) -> str:
    """One text for a value; PostgreSQL keeps the members of a document in an order of its own."""
    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else str(value)


async def contents(ground: Ground, *more: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the tables the test filled, in one form for both kinds of database."""
    async with ground.database.read() as db:
        return {
            name: sorted(
                tuple(map(plain, row))
                for row in await db.execute(select(table) if table is not None else text(f"SELECT * FROM {name}"))
            )
            for name in (
                "organisation",
                "ledger_entry",
                "ledger_posting",
                "ledger_account",
                "audit_entry",
                "file",
                *more,
            )
            for table in [Base.metadata.tables.get(name)]
        }


def rewrite(archive: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """Write an archive again with some members changed (None leaves one out), as somebody with an editor would."""
    with tarfile.open(archive) as tar:
        members = [(entry.name, tar.extractfile(entry).read()) for entry in tar]  # type: ignore[union-attr]
    with tarfile.open(archive, "w:gz") as tar:
        for name, data in members:
            changed = change(name, data)
            if changed is not None:
                entry = tarfile.TarInfo(name)
                entry.size = len(changed)
                tar.addfile(entry, io.BytesIO(changed))


async def test_the_drill_backup_wipe_restore_gives_the_same_house(
    both_grounds: Ground,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    clock: FixedClock,
    elsewhere: Callable[[str], Settings],
) -> None:
    await fill(both_grounds)
    before = await contents(both_grounds)
    archive = tmp_path / "backups" / "house.tar.gz"
    manifest = await back_up(both_grounds, archive, clock.now(), report)
    assert manifest.database == ("sqlite" if both_grounds.database.dialect == "sqlite" else "pg_dump")
    url = sqlite_url(tmp_path)
    if manifest.database == "pg_dump":
        server: PostgresServer = request.getfixturevalue("postgresql")
        url = server.fresh_database()
    settings = elsewhere(url)
    proof = await restore(settings, archive, report, clock=clock)
    assert (proof.files, proof.ledger_entries, proof.audit_entries) == (1, 1, manifest.audit_size)
    back = open_ground(settings, clock=clock)
    try:
        assert await contents(back) == before
        async with back.database.read() as db:
            stored = await files.get_file(db, (await db.scalars(select(files.File.id))).one())
        assert await files.read_bytes(back, stored) == CONTENT
        checked = await audit.verify(back.database, back.keys, checkpoint_file=settings.checkpoint_file)
        assert checked.is_sound and checked.size == manifest.audit_size and checked.waiting == 1
        assert checked.external == checked.checkpoints
    finally:
        await back.close()


async def test_a_portable_backup_moves_a_house_from_one_kind_of_database_to_the_other(
    tmp_path: Path, clock: FixedClock, postgresql: PostgresServer
) -> None:
    environment = settings_environment(tmp_path, f"sqlite+aiosqlite:///{tmp_path / 'data' / 'parklink.db'}")
    settings = load_settings(environment)
    await migrate(settings)
    ground = open_ground(settings, clock=clock)
    await fill(ground)
    await live_on(ground, clock, 1)
    before = await contents(ground, "fact", "park_meter", "alembic_version")
    archive = tmp_path / "house.tar.gz"
    manifest = await back_up(ground, archive, clock.now(), report, portable=True)
    await ground.close()
    assert manifest.database == "portable"
    for number, url in enumerate((postgresql.fresh_database(), f"sqlite+aiosqlite:///{tmp_path / 'again.db'}")):
        there = load_settings(
            settings_environment(tmp_path / f"there{number}", url) | {"PARKLINK_KEY_DIR": str(settings.key_dir)}
        )
        await restore(there, archive, report, clock=clock)
        back = open_ground(there, clock=clock)
        assert await contents(back, "fact", "park_meter", "alembic_version") == before
        await live_on(back, clock, 2)  # tables that count their rows go on counting
        await back.close()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("database/parklink.db", lambda data: data[:-1] + bytes([data[-1] ^ 1])),
        ("files/", lambda data: data + b"x"),
        ("checkpoints.log", lambda data: data[:-10]),
        (MANIFEST, lambda data: data.replace(b'"audit_size": ', b'"audit_size": 1')),
        ("database/parklink.db", lambda data: None),
        ("manifest.signature.json", lambda data: None),
    ],
)
async def test_a_changed_archive_is_refused_by_the_name_of_the_file_and_nothing_is_written(
    ground: Ground,
    tmp_path: Path,
    clock: FixedClock,
    elsewhere: Callable[[str], Settings],
    name: str,
    change: Callable[[bytes], bytes | None],
) -> None:
    await fill(ground)
    archive = tmp_path / "house.tar.gz"
    await back_up(ground, archive, clock.now(), report)
    rewrite(archive, lambda member, data: change(data) if member.startswith(name) else data)
    settings = elsewhere(sqlite_url(tmp_path))
    with pytest.raises(OperationError, match=name.replace("manifest.signature", "manifest")):
        await restore(settings, archive, report, clock=clock)
    assert not (tmp_path / "elsewhere" / "data" / "parklink.db").exists()


async def test_a_list_that_was_changed_along_with_a_file_is_found_by_its_signature(
    ground: Ground, tmp_path: Path, clock: FixedClock, elsewhere: Callable[[str], Settings]
) -> None:
    await fill(ground)
    archive = tmp_path / "house.tar.gz"
    manifest = await back_up(ground, archive, clock.now(), report)
    forged = msgspec.structs.replace(
        manifest, members={**manifest.members, "database/parklink.db": manifest.members["checkpoints.log"]}
    )
    rewrite(archive, lambda member, data: msgspec.json.encode(forged) if member == MANIFEST else data)
    with pytest.raises(OperationError, match="signature"):
        await restore(elsewhere(sqlite_url(tmp_path)), archive, report, clock=clock)


async def test_an_archive_of_unknown_keys_needs_somebody_who_vouches_for_it(
    ground: Ground, tmp_path: Path, clock: FixedClock
) -> None:
    await fill(ground)
    archive = tmp_path / "house.tar.gz"
    await back_up(ground, archive, clock.now(), report)
    KeyRing.open(tmp_path / "other-keys")
    environment = settings_environment(tmp_path / "elsewhere", sqlite_url(tmp_path))
    settings = load_settings(environment | {"PARKLINK_KEY_DIR": str(tmp_path / "other-keys")})
    with pytest.raises(OperationError, match="without-keys"):
        await restore(settings, archive, report, clock=clock)


@pytest.mark.parametrize("entry", ["../outside", "/etc/outside", "database/../../outside"])
async def test_an_archive_cannot_write_outside_its_place(
    ground: Ground, tmp_path: Path, clock: FixedClock, elsewhere: Callable[[str], Settings], entry: str
) -> None:
    archive = tmp_path / "house.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        info = tarfile.TarInfo(entry)
        info.size = 1
        tar.addfile(info, io.BytesIO(b"x"))
    with pytest.raises(OperationError, match="outside"):
        await restore(elsewhere(sqlite_url(tmp_path)), archive, report, clock=clock)
    assert not (tmp_path / "outside").exists()


async def test_what_is_no_archive_and_half_an_archive_are_refused(
    ground: Ground, tmp_path: Path, clock: FixedClock, elsewhere: Callable[[str], Settings]
) -> None:
    await fill(ground)
    archive = tmp_path / "house.tar.gz"
    await back_up(ground, archive, clock.now(), report)
    whole = archive.read_bytes()
    for broken in (b"", b"PK\x03\x04", gzip.compress(b"no tar"), whole[: len(whole) // 2]):
        archive.write_bytes(broken)
        with pytest.raises(OperationError):
            await restore(elsewhere(sqlite_url(tmp_path)), archive, report, clock=clock)


async def test_nothing_is_overwritten(
    ground: Ground, tmp_path: Path, clock: FixedClock, elsewhere: Callable[[str], Settings]
) -> None:
    await fill(ground)
    archive = tmp_path / "house.tar.gz"
    await back_up(ground, archive, clock.now(), report)
    with pytest.raises(OperationError, match="exists already"):
        await back_up(ground, archive, clock.now(), report)
    settings = elsewhere(sqlite_url(tmp_path))
    await restore(settings, archive, report, clock=clock)
    with pytest.raises(OperationError, match="exists already"):
        await restore(settings, archive, report, clock=clock)


async def test_no_key_and_no_password_is_in_a_backup(ground: Ground, tmp_path: Path, clock: FixedClock) -> None:
    await fill(ground)
    (ground.settings.data_dir / "demo_logins.json").write_text("{}")
    archive = tmp_path / "house.tar.gz"
    await back_up(ground, archive, clock.now(), report)
    with tarfile.open(archive) as tar:
        names = tar.getnames()
        manifest = msgspec.json.decode(tar.extractfile(MANIFEST).read(), type=Manifest)  # type: ignore[union-attr]
    assert not [name for name in names if name.endswith(".key") or "logins" in name]
    assert set(names) - {MANIFEST, "manifest.signature.json"} == set(manifest.members)
    assert archive.stat().st_mode & 0o077 == 0


async def test_a_failed_backup_leaves_nothing(
    ground: Ground, tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(ground)

    async def broken(key: str, *, chunk_size: int = 0) -> None:
        raise OSError(5, "Input/output error", key)

    monkeypatch.setattr(ground.files, "size", broken)
    with pytest.raises(OSError, match="Input/output"):
        await back_up(ground, tmp_path / "backups" / "house.tar.gz", clock.now(), report)
    assert not list((tmp_path / "backups").iterdir())


def test_an_older_program_is_not_used_for_a_newer_server() -> None:
    assert find_program("pg_dump", 9_999) is None
