"""Proving to somebody without the database that one entry is in the log that a checkpoint signed."""

import base64

from msgspec import Struct
from sqlalchemy import select

from kernel.audit.checkpoints import Checkpoint
from kernel.audit.leaves import COLUMNS, leaf_document
from kernel.audit.merkle import inclusion_path
from kernel.audit.models import AuditCheckpoint, AuditEntry, AuditLeaf
from kernel.audit.seal import read_checkpoint
from kernel.db import Database
from kernel.keys import KeyRing
from kernel.problems import NotFound


class Proof(Struct, frozen=True):
    """An entry, its place, the hashes beside its way up (base64), the signed checkpoint and the key to check it with.

    `check_proof.py` in this folder checks it with nothing but the standard library and an Ed25519 library.
    """

    leaf: dict[str, object]
    path: list[str]
    checkpoint: Checkpoint
    public_key: str


async def prove(database: Database, keys: KeyRing, seq: int) -> Proof:
    """Return the inclusion proof of a leaf in the first checkpoint that covers it; NotFound for a number not sealed.

    Reads every leaf hash of that checkpoint: 32 bytes an entry.
    """
    async with database.read() as db:
        signed = await db.scalar(
            select(AuditCheckpoint).where(AuditCheckpoint.size > seq).order_by(AuditCheckpoint.size).limit(1)
        )
        columns = (getattr(AuditEntry, name) for name in COLUMNS)
        entry = select(*columns).join(AuditLeaf, AuditLeaf.entry_id == AuditEntry.id).where(AuditLeaf.seq == seq)
        row = (await db.execute(entry)).mappings().one_or_none()
        if signed is None or row is None:
            raise NotFound
        covered = select(AuditLeaf.leaf_hash).where(AuditLeaf.seq < signed.size).order_by(AuditLeaf.seq)
        leaves = list(await db.scalars(covered))
    path = [base64.b64encode(node).decode() for node in inclusion_path(leaves, seq)]
    public_key = base64.b64encode(keys.public_key(signed.key_id)).decode()
    return Proof(leaf_document(seq, dict(row)), path, read_checkpoint(signed), public_key)
