"""What a leaf is made of: the canonical bytes (RFC 8785) of its number and of every column of its entry."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import String, Uuid

from kernel.audit.merkle import Hash, hash_leaf
from kernel.audit.models import AuditEntry
from kernel.documents import canonical, plain, timestamp

_COLUMNS = AuditEntry.__table__.columns
COLUMNS = tuple(column.key for column in _COLUMNS)
_TEXTS = tuple(column.key for column in _COLUMNS if isinstance(column.type, String))
_IDS = tuple(column.key for column in _COLUMNS if isinstance(column.type, Uuid))


def leaf_document(seq: int, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry's columns as the plain document that is sealed under its number.

    Columns are written by their types, not by looking at each value: this runs for every entry of the log.
    """
    document: dict[str, Any] = {"seq": seq, "at": timestamp(row["at"]), "detail": plain(row["detail"])}
    for name in _TEXTS:
        document[name] = row[name]
    for name in _IDS:
        value = row[name]
        document[name] = None if value is None else str(value)
    return document


def leaf_bytes(seq: int, row: Mapping[str, Any]) -> bytes:
    """Return the bytes that are hashed. The number is in them, so that two leaves cannot change places."""
    return canonical(leaf_document(seq, row))


def leaf_hash(seq: int, row: Mapping[str, Any]) -> Hash:
    """Return the RFC 6962 leaf hash of an entry."""
    return hash_leaf(leaf_bytes(seq, row))
