"""The table of files: what is kept, whose it is, and whether all of it has arrived."""

from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, MaybeMoment, Moment

STAGED, READY, DISCARDED = "staged", "ready", "discarded"


class File(Base):
    """One file. `staged` until its bytes and their hash are known, then `ready`; its bytes never change.

    Where the bytes lie follows from the id alone; the name is only shown.
    """

    __tablename__ = "file"
    __table_args__ = (Index("ix_file_state_created_at", "state", "created_at"),)

    id: Mapped[Id]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    sha256: Mapped[str] = mapped_column(String(64), default="")
    state: Mapped[str] = mapped_column(String(10), default=STAGED)
    created_at: Mapped[Moment]
    created_by: Mapped[UUID | None]
    ready_at: Mapped[MaybeMoment]
