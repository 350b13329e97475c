"""Tables of the audit log: the entries, the leaves that seal them, the head of the log and its signed checkpoints."""

from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy import Text as LongText
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kernel.db import Base, Id, JsonDocument, Moment, append_only

ORIGIN = "parklink/audit"


class AuditEntry(Base):
    """One deed or refused deed. Holds ids and words of the house, no personal values; the address is a keyed hash."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_object", "object_kind", "object_id"),
        Index("ix_audit_entry_subject_at", "subject_id", "at"),
        Index("ix_audit_entry_organisation_at", "organisation_id", "at"),
        Index("ix_audit_entry_actor_at", "actor_id", "at"),
    )

    id: Mapped[Id]
    at: Mapped[Moment] = mapped_column(index=True)
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(String(120))
    organisation_id: Mapped[UUID | None]
    action: Mapped[str] = mapped_column(String(80), index=True)
    object_kind: Mapped[str] = mapped_column(String(60))
    object_id: Mapped[str] = mapped_column(String(200))
    subject_id: Mapped[UUID | None]
    outcome: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(LongText)
    request_id: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    detail: Mapped[JsonDocument]

    pending: Mapped["AuditPending | None"] = relationship(lazy="raise", passive_deletes=True)


class AuditPending(Base):
    """An entry that waits to be sealed: commit order is not id order, so a high-water mark would miss late ones."""

    __tablename__ = "audit_pending"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("audit_entry.id"), primary_key=True)
    at: Mapped[Moment]


class AuditLeaf(Base):
    """The place of one entry in the log: leaf `seq` (from 0) of the RFC 6962 tree."""

    __tablename__ = "audit_leaf"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("audit_entry.id"), unique=True)
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditHead(Base):
    """Where the log ends: the one row a sequencer must win to append. The frontier is the tree's right edge."""

    __tablename__ = "audit_head"

    origin: Mapped[str] = mapped_column(String(120), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    frontier: Mapped[JsonDocument]


class AuditCheckpoint(Base):
    """A signed statement "the log of this origin had this size and this root at this moment"."""

    __tablename__ = "audit_checkpoint"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    origin: Mapped[str] = mapped_column(String(120))
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    at: Mapped[Moment]
    suite: Mapped[str] = mapped_column(String(40))
    key_id: Mapped[str] = mapped_column(String(64))
    signature: Mapped[bytes] = mapped_column(LargeBinary)


for _table in (AuditEntry, AuditLeaf, AuditCheckpoint):
    append_only(_table.__table__)  # type: ignore[arg-type]
