"""Files arrive whole or not at all, lie where no name can lead, and are read only as long as reading is allowed."""

import hashlib
import os
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from kernel import audit, files
from kernel.act import Actor
from kernel.files import File, FileDamaged, FileStore
from kernel.files.service import check_name, object_key
from kernel.ids import new_id
from kernel.problems import BadInput, Forbidden, NotFound, TooLarge, UnsupportedMedia
from tests.schema import empty_database, empty_postgresql_database

MEGABYTE = 1024 * 1024
CONTENT = os.urandom(6 * MEGABYTE + 17)  # more than one part of an upload to a bucket


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql), "bucket"])
def place(request):
    """Files in a folder beside each database, and in a bucket."""
    return request.param


@pytest.fixture
def database_url(place, request, tmp_path):
    if place == "postgresql":
        return empty_postgresql_database(request.getfixturevalue("postgresql"))
    return empty_database(tmp_path / "data" / "parklink.db")


@pytest.fixture
def ground(place, house, request, monkeypatch):
    if place != "bucket":
        return house
    bucket = request.getfixturevalue("s3")
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    return msgspec.structs.replace(house, files=FileStore(bucket.url))


async def keep(ground, act, content=CONTENT, **more):
    arguments = {"name": "年报.pdf", "media_type": "application/pdf", "owner_id": None, **more}
    return await files.store(ground, act, content, **arguments)


async def rows(ground):
    async with ground.database.read() as db:
        return list(await db.scalars(select(File).order_by(File.id)))


async def test_what_is_kept_comes_back(ground, act, organisation):
    async def stream():
        for start in range(0, len(CONTENT), 100_000):
            yield CONTENT[start : start + 100_000]

    kept = await keep(ground, act, owner_id=organisation)
    streamed = await keep(ground, act, stream(), name="b.csv", media_type="text/csv; charset=utf-8")
    empty = await keep(ground, act, b"")
    assert (kept.size, kept.sha256, kept.name) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), "年报.pdf")
    assert (streamed.media_type, streamed.sha256) == ("text/csv", kept.sha256)
    assert await files.read_bytes(ground, kept) == await files.read_bytes(ground, streamed) == CONTENT
    assert await files.read_bytes(ground, empty) == b""
    assert [row.state for row in await rows(ground)] == ["ready"] * 3
    assert await ground.files.size(object_key(kept.id)) == len(CONTENT)


async def test_a_file_is_seen_by_its_owner_and_found_by_nobody_else(ground, act, organisation):
    kept = await keep(ground, act, b"x", owner_id=organisation)
    owner = Actor(kind="person", id=new_id(), organisation_id=organisation)
    async with ground.database.read() as db:
        assert await files.find_file(db, owner, kept.id) == kept
        assert await files.get_file(db, kept.id) == kept
        for actor, file_id in (
            (Actor(kind="person", id=new_id(), organisation_id=new_id()), kept.id),
            (Actor(kind="anonymous"), kept.id),
            (owner, new_id()),
        ):
            with pytest.raises(NotFound):
                await files.find_file(db, actor, file_id)


async def test_too_much_is_refused_and_nothing_of_it_remains(ground, act):
    with pytest.raises(TooLarge):
        await keep(ground, act, limit=len(CONTENT) - 1)

    async def broken():
        yield b"x" * 100
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await keep(ground, act, broken())
    for row in await rows(ground):
        assert row.state == "staged"
        assert await ground.files.size(object_key(row.id)) is None
        async with ground.database.read() as db:
            with pytest.raises(NotFound):
                await files.get_file(db, row.id)
    assert await files.purge_staged(ground) == 0
    ground.clock.advance(timedelta(days=2))
    assert await files.purge_staged(ground) == 2
    assert {row.state for row in await rows(ground)} == {"discarded"}


async def test_reading_ends_with_the_right_to_read(ground, act):
    kept = await keep(ground, act)
    allowed = [True] * 9

    async def check():
        if not allowed:
            raise Forbidden
        allowed.pop()

    seen = b""
    with pytest.raises(Forbidden):
        async for chunk in files.open_stream(ground, kept, check=check, chunk_size=256 * 1024):
            seen += chunk
    assert seen == CONTENT[: len(seen)]
    assert 0 < len(seen) < len(CONTENT)


async def test_a_file_that_was_changed_in_its_place_never_arrives_whole(ground, act):
    kept = await keep(ground, act)
    for damaged in (CONTENT[:-1] + b"\x00", CONTENT[:-1], CONTENT + b"x"):
        await ground.files.write(object_key(kept.id), [damaged], limit=2**30)
        seen = b""
        with pytest.raises(FileDamaged):
            async for chunk in files.open_stream(ground, kept, chunk_size=MEGABYTE):
                seen += chunk
        assert len(seen) < len(CONTENT)
    await ground.files.delete(object_key(kept.id))
    with pytest.raises(NotFound):
        await files.read_bytes(ground, kept)


async def test_a_discarded_file_is_gone_and_was_there(ground, act):
    kept = await keep(ground, act)
    await files.discard(ground, act, kept.id)
    assert await ground.files.size(object_key(kept.id)) is None
    with pytest.raises(NotFound):
        await files.discard(ground, act, kept.id)
    async with ground.database.read() as db:
        actions = list(await db.scalars(select(audit.AuditEntry.action).order_by(audit.AuditEntry.id)))
    assert actions == ["file.stored", "file.discarded"]


async def test_bytes_travel_outside_any_write_transaction(ground, act):
    """While a slow sender sends, somebody else can write."""

    async def slow():
        yield b"first"
        async with ground.database.write() as db:
            await db.execute(text("DELETE FROM lease"))
        yield b"second"

    kept = await keep(ground, act, slow())
    assert await files.read_bytes(ground, kept) == b"firstsecond"


@pytest.mark.parametrize(
    "name",
    [
        "../etc/passwd",
        "a/b",
        "a\\b",
        "..",
        ".",
        " ",
        "",
        "a\x00b",
        "a\nb",
        "C:\\x",
        "x\u202efdp.exe",
        "a" * 121,
        "con|x",
        "a\ud800",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name):
    with pytest.raises(BadInput) as refused:
        check_name(name)
    assert [problem.name for problem in refused.value.fields] == ["name"]


@given(st.text(max_size=130))
def test_a_name_that_is_taken_is_only_a_name(name):
    try:
        taken = check_name(name)
    except BadInput:
        return
    assert Path(taken).name == taken
    assert taken not in {"", ".", ".."}
    assert check_name(taken) == taken


@pytest.mark.parametrize("media_type", ["", "pdf", "text/html\r\nX: y", "a/b/c", "image/*"])
async def test_a_type_that_is_none_or_not_allowed_is_refused(ground, act, media_type):
    with pytest.raises(UnsupportedMedia):
        await keep(ground, act, b"x", media_type=media_type)
    with pytest.raises(UnsupportedMedia):
        await keep(ground, act, b"x", media_type="text/html", allowed=frozenset({"application/pdf"}))
    assert await rows(ground) == []


@pytest.mark.parametrize("url", ["", "/data", "http://x", "file://host/x", "s3://", "s3:x"])
def test_files_lie_in_a_folder_or_a_bucket(url):
    with pytest.raises(ValueError):
        FileStore(url)


def test_where_a_file_lies_has_nothing_of_its_name():
    file_id = new_id()
    assert object_key(file_id) == f"{file_id.hex[-2:]}/{file_id}"
