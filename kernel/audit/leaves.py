"""What a leaf is made of: the canonical bytes (RFC 8785) of its number and of every column of its entry."""

from collections.abc import Mapping
from typing import Any

from kernel.audit.merkle import Hash, hash_leaf
from kernel.audit.models import AuditEntry
from kernel.documents import canonical, plain

COLUMNS = tuple(column.key for column in AuditEntry.__table__.columns)


def leaf_document(seq: int, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry's columns as the plain document that is sealed under its number."""
    return {"seq": seq, **{name: plain(row[name]) for name in COLUMNS}}


def leaf_bytes(seq: int, row: Mapping[str, Any]) -> bytes:
    """Return the bytes that are hashed. The number is in them, so that two leaves cannot change places."""
    return canonical(leaf_document(seq, row))


def leaf_hash(seq: int, row: Mapping[str, Any]) -> Hash:
    """Return the RFC 6962 leaf hash of an entry."""
    return hash_leaf(leaf_bytes(seq, row))
