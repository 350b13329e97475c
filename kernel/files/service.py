"""Keeping and reading files: the bytes travel outside any transaction, one row says when they have all arrived."""

import hashlib
import re
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kernel import audit
from kernel.act import Act, Actor
from kernel.files.models import DISCARDED, READY, STAGED, File
from kernel.files.objects import CHUNK, TooManyBytes, Written
from kernel.ids import new_id
from kernel.problems import BadInput, FieldProblem, NotFound, TooLarge, UnsupportedMedia
from kernel.scope import find, visible_to
from kernel.texts import gettext as _

if TYPE_CHECKING:
    from kernel.ground import Ground

MAXIMUM_BYTES = 10 * 1024 * 1024
MAXIMUM_NAME = 120
STAGED_FOR = timedelta(hours=24)
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")
FORBIDDEN_IN_NAMES = frozenset('/\\:*?"<>|')

Check = Callable[[], Awaitable[None]]


class StoredFile(Struct, frozen=True):
    """A file that is ready: what it is, whose it is, how long (bytes) and its SHA-256."""

    id: UUID
    owner_id: UUID | None
    name: str
    media_type: str
    size: int
    sha256: str
    created_at: datetime


class FileDamaged(Exception):
    """The bytes in the store are not the bytes that were kept."""


async def store(
    ground: "Ground",
    act: Act,
    content: bytes | Iterable[bytes] | AsyncIterator[bytes],
    *,
    name: str,
    media_type: str,
    owner_id: UUID | None,
    limit: int = MAXIMUM_BYTES,
    allowed: frozenset[str] | None = None,
) -> StoredFile:
    """Keep a file and return it, ready. Call it outside any write transaction.

    Raises BadInput for a name with path characters or none left, UnsupportedMedia for a type that is not `allowed`,
    TooLarge past `limit` bytes. Whatever fails, no ready row and no bytes stay behind.
    """
    shown = check_name(name)
    media = media_type.split(";", 1)[0].strip().lower()
    if not MEDIA_TYPE.fullmatch(media) or (allowed is not None and media not in allowed):
        raise UnsupportedMedia(_("Files of this type are not accepted here."))
    file_id = new_id()
    async with ground.database.write() as db:
        db.add(
            File(
                id=file_id, owner_id=owner_id, name=shown, media_type=media, state=STAGED,
                created_at=act.now, created_by=act.actor.id,
            )
        )  # fmt: skip
    written = await _write(ground, file_id, content, limit)
    async with ground.database.write() as db:
        await db.execute(
            update(File)
            .where(File.id == file_id, File.state == STAGED)
            .values(state=READY, size=written.size, sha256=written.sha256, ready_at=ground.clock.now())
        )
        audit.write(
            db, act, "file.stored", "file", file_id, subject_id=owner_id,
            detail={"sha256": written.sha256, "size": written.size, "media_type": media},
        )  # fmt: skip
    return StoredFile(file_id, owner_id, shown, media, written.size, written.sha256, act.now)


async def find_file(db: AsyncSession, actor: Actor, file_id: UUID) -> StoredFile:
    """Return a ready file of an organisation the actor may see; NotFound otherwise."""
    statement = select(File).where(File.id == file_id, File.state == READY, visible_to(actor, File.owner_id))
    return _shown(await find(db, statement))


async def get_file(db: AsyncSession, file_id: UUID) -> StoredFile:
    """Return a ready file for a caller that has already found, under its own scope, the row that refers to it."""
    return _shown(await find(db, select(File).where(File.id == file_id, File.state == READY)))


async def open_stream(
    ground: "Ground", file: StoredFile, *, check: Check | None = None, chunk_size: int = CHUNK
) -> AsyncIterator[bytes]:
    """Yield the bytes of a file. `check` runs before every chunk; when it raises, the stream ends there.

    Raises NotFound when the bytes are gone, FileDamaged instead of the last chunk when they are not the bytes kept.
    """
    digest, held = hashlib.sha256(), b""
    try:
        async for chunk in ground.files.read(object_key(file.id), chunk_size=chunk_size):
            if held:
                await _still_allowed(check)
                yield held
            digest.update(chunk)
            held = chunk
    except FileNotFoundError:
        raise NotFound from None
    if digest.hexdigest() != file.sha256:
        raise FileDamaged(f"file {file.id} does not have the hash it was kept with")
    await _still_allowed(check)
    yield held


async def read_bytes(ground: "Ground", file: StoredFile) -> bytes:
    """Return the whole of a file that is known to be small."""
    return b"".join([chunk async for chunk in open_stream(ground, file)])


async def discard(ground: "Ground", act: Act, file_id: UUID) -> None:
    """Remove a file's bytes; the row stays as the record that it was there. NotFound when it is not ready."""
    async with ground.database.write() as db:
        found = await find(db, select(File).where(File.id == file_id, File.state == READY), lock=True)
        found.state = DISCARDED
        audit.write(db, act, "file.discarded", "file", file_id, subject_id=found.owner_id)
    await ground.files.delete(object_key(file_id))


async def purge_staged(ground: "Ground") -> int:
    """Remove what a broken upload left more than a day ago; returns how many."""
    before = ground.clock.now() - STAGED_FOR
    async with ground.database.read() as db:
        left = list(await db.scalars(select(File.id).where(File.state == STAGED, File.created_at < before)))
    for file_id in left:
        await ground.files.delete(object_key(file_id))
    async with ground.database.write() as db:
        await db.execute(update(File).where(File.id.in_(left), File.state == STAGED).values(state=DISCARDED))
    return len(left)


def object_key(file_id: UUID) -> str:
    """Return where a file's bytes lie: spread by the random end of the id, and made of nothing a user wrote."""
    return f"{file_id.hex[-2:]}/{file_id}"


def check_name(name: str) -> str:
    """Return a file name fit to be shown and offered for download; raises BadInput for path tricks and hidden signs."""
    shown = unicodedata.normalize("NFC", name).strip()
    hidden = any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Cn"} for letter in shown)
    if not shown.strip(". ") or hidden or FORBIDDEN_IN_NAMES & set(shown) or len(shown) > MAXIMUM_NAME:
        message = _("Use a plain file name of at most %(limit)s characters, without a path.", limit=MAXIMUM_NAME)
        raise BadInput(message, fields=[FieldProblem("name", message)])
    return shown


async def _write(
    ground: "Ground", file_id: UUID, content: bytes | Iterable[bytes] | AsyncIterator[bytes], limit: int
) -> Written:
    chunks = _cut(content) if isinstance(content, bytes) else content
    try:
        return await ground.files.write(object_key(file_id), chunks, limit=limit)
    except TooManyBytes:
        megabytes = max(1, limit // 1024 // 1024)
        raise TooLarge(_("The file is larger than %(limit)s MB.", limit=megabytes)) from None


def _cut(content: bytes) -> Iterable[bytes]:
    return (content[start : start + CHUNK] for start in range(0, len(content), CHUNK))


async def _still_allowed(check: Check | None) -> None:
    if check is not None:
        await check()


def _shown(file: File) -> StoredFile:
    return StoredFile(file.id, file.owner_id, file.name, file.media_type, file.size, file.sha256, file.created_at)
