"""The sequencer: gives waiting entries their numbers, seals them into the tree and signs the new head.

Reading, hashing and signing happen outside the write transaction; inside it, one conditional update of the head
decides which of two sequencers goes on. The loser has changed nothing and begins again.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Table, and_, delete, insert, or_, select, update

from kernel.audit.checkpoints import Checkpoint, append_to_file, last_in_file, make_checkpoint
from kernel.audit.leaves import leaf_hash
from kernel.audit.merkle import Frontier, Hash
from kernel.audit.models import ORIGIN, AuditCheckpoint, AuditEntry, AuditHead, AuditLeaf, AuditPending
from kernel.clock import Clock
from kernel.db import Database
from kernel.keys import KeyRing
from kernel.upsert import insert_if_absent

BATCH = 1000
_LEAVES = cast("Table", AuditLeaf.__table__)  # the table itself: the mapper would inspect each of a thousand rows


class LogBroken(Exception):
    """The head of the log is not what the last signed checkpoint says; nothing may be built on it."""


class _Batch(Struct, frozen=True):
    """What one reading of the database found to be sealed."""

    frontier: Frontier
    entries: list[dict[str, Any]]


async def seal(
    database: Database, keys: KeyRing, clock: Clock, *, checkpoint_file: Path | None = None, limit: int = BATCH
) -> Checkpoint | None:
    """Seal at most `limit` waiting entries; returns the new checkpoint, or None when nothing waited.

    Several sequencers may run: each entry gets one number. The checkpoint also goes to the file, with those that an
    earlier run could not write there. Raises LogBroken when the stored head contradicts its signed checkpoint.
    """
    while True:
        batch = await _read_batch(database, keys, limit)
        if batch is None:
            made = None
            break
        before = batch.frontier.size
        leaves = _hash(batch)
        made = make_checkpoint(keys, batch.frontier.size, batch.frontier.root(), clock.now())
        if await _append(database, before, batch.frontier, leaves, made):
            break
    if checkpoint_file is not None:
        await _publish(database, checkpoint_file)
    return made


async def seal_all(database: Database, keys: KeyRing, clock: Clock, *, checkpoint_file: Path | None = None) -> int:
    """Seal batch after batch until nothing waits; returns how many checkpoints were made."""
    made = 0
    while await seal(database, keys, clock, checkpoint_file=checkpoint_file):
        made += 1
    return made


async def _read_batch(database: Database, keys: KeyRing, limit: int) -> _Batch | None:
    async with database.read() as db:
        # The head comes first: if another sequencer seals between these statements, our update of the head will fail.
        head = await db.get(AuditHead, ORIGIN)
        size = head.size if head else 0
        signed = await db.get(AuditCheckpoint, size) if size else None
        waiting = (
            select(*AuditEntry.__table__.columns)
            .join(AuditPending, AuditPending.entry_id == AuditEntry.id)
            .order_by(AuditEntry.id)
            .limit(limit)
        )
        entries = [dict(row) for row in (await db.execute(waiting)).mappings()]
    if not entries:
        return None
    hashes = [bytes.fromhex(text) for text in head.frontier] if head else []
    try:
        frontier = Frontier(size, hashes)
    except ValueError as error:
        raise LogBroken(str(error)) from error
    if size and (signed is None or not _agrees(signed, frontier, keys)):
        raise LogBroken(
            f"the head of the log at {size} entries contradicts its checkpoint: run `parklink audit verify`"
        )
    return _Batch(frontier, entries)


def read_checkpoint(row: AuditCheckpoint) -> Checkpoint:
    """Return the signed statement that a row keeps."""
    return Checkpoint(row.origin, row.size, row.root, row.at, row.suite, row.key_id, row.signature)


def _agrees(signed: AuditCheckpoint, frontier: Frontier, keys: KeyRing) -> bool:
    return signed.root == frontier.root() and read_checkpoint(signed).is_signed_by(keys)


def _hash(batch: _Batch) -> list[tuple[int, UUID, Hash]]:
    leaves = []
    for row in batch.entries:
        seq = batch.frontier.size
        made = leaf_hash(seq, row)
        batch.frontier.append(made)
        leaves.append((seq, row["id"], made))
    return leaves


async def _append(
    database: Database, before: int, frontier: Frontier, leaves: Sequence[tuple[int, UUID, Hash]], made: Checkpoint
) -> bool:
    async with database.write() as db:
        if before == 0:
            await insert_if_absent(db, AuditHead, {"origin": ORIGIN, "size": 0, "frontier": []}, ["origin"])
        won = await db.scalar(
            update(AuditHead)
            .where(AuditHead.origin == ORIGIN, AuditHead.size == before)
            .values(size=frontier.size, frontier=[node.hex() for node in frontier.hashes])
            .returning(AuditHead.size)
        )
        if won is None:
            return False
        await db.execute(
            insert(_LEAVES),
            [{"seq": seq, "entry_id": entry, "leaf_hash": leaf} for seq, entry, leaf in leaves],
        )
        await db.execute(
            delete(AuditPending).where(AuditPending.entry_id.in_([entry for _seq, entry, _leaf in leaves]))
        )
        db.add(
            AuditCheckpoint(
                size=made.size, origin=made.origin, root=made.root, at=made.at, suite=made.suite,
                key_id=made.key_id, signature=made.signature,
            )
        )  # fmt: skip
    return True


async def _publish(database: Database, path: Path) -> None:
    """Append to the file what the database has signed since the file's last line.

    Counted by moment, not by size: after a restore the log is shorter than the file says, and the file must show both.
    """
    last = last_in_file(path)
    statement = select(AuditCheckpoint).order_by(AuditCheckpoint.at, AuditCheckpoint.size)
    if last is not None:
        later = and_(AuditCheckpoint.at == last.at, AuditCheckpoint.size > last.size)
        statement = statement.where(or_(AuditCheckpoint.at > last.at, later))
    async with database.read() as db:
        missing = [read_checkpoint(row) for row in await db.scalars(statement)]
    append_to_file(path, missing)
