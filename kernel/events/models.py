"""Tables of the outbox: what happened, and who still has to hear of it."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy import Text as LongText
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, JsonDocument, MaybeMoment, Moment

_WAITING = text("NOT is_fanned_out")
_PENDING = text("state = 'pending'")


class EventRecord(Base):
    """One event, written in the transaction of the deed it tells of."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_waiting", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_event_subject", "subject_id", "id"),
    )

    id: Mapped[Id]
    at: Mapped[Moment]
    name: Mapped[str] = mapped_column(String(80), index=True)
    version: Mapped[int]
    subject_id: Mapped[UUID | None]
    payload: Mapped[JsonDocument]
    timeline_zh: Mapped[str] = mapped_column(LongText, default="")
    timeline_en: Mapped[str] = mapped_column(LongText, default="")
    link: Mapped[str] = mapped_column(String(300), default="")
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(String(120))
    organisation_id: Mapped[UUID | None]
    request_id: Mapped[str] = mapped_column(String(64))
    is_fanned_out: Mapped[bool] = mapped_column(default=False)


class EventDelivery(Base):
    """One event for one subscriber: pending until its effect is committed, dead after the last try."""

    __tablename__ = "event_delivery"
    __table_args__ = (
        UniqueConstraint("event_id", "subscriber"),
        Index(
            "ix_event_delivery_pending",
            "subscriber", "subject_id", "event_id",
            sqlite_where=_PENDING, postgresql_where=_PENDING,
        ),
        Index("ix_event_delivery_state", "state", "next_try_at"),
    )  # fmt: skip

    id: Mapped[Id]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"))
    subscriber: Mapped[str] = mapped_column(String(120))
    subject_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(String(10), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[Moment]
    delivered_at: Mapped[MaybeMoment]
    reason: Mapped[str] = mapped_column(String(300), default="")
