"""The table of jobs and the memory of schedules."""

from uuid import UUID

from sqlalchemy import Index, String, text
from sqlalchemy import Text as LongText
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, JsonDocument, MaybeJsonDocument, MaybeMoment, Moment

QUEUED, RUNNING, FAILED, DONE, DEAD, CANCELLED = "queued", "running", "failed", "done", "dead", "cancelled"
STATES = (QUEUED, RUNNING, FAILED, DONE, DEAD, CANCELLED)
WAITING = (QUEUED, FAILED)
FINAL = (DONE, DEAD, CANCELLED)
SCHEDULED = "schedule:"  # how the keys of the clock's jobs begin
_OPEN = text("state IN ('queued', 'failed', 'running')")


class Job(Base):
    """One piece of work.

    `failed` waits for its next try, `dead` has used them all. `fence` rises with every claim; a worker may change the
    row only while it holds the highest one. `run_at` is when it is due, `lease_until` when a claim lapses.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_open", "run_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_job_organisation_created_at", "organisation_id", "created_at"),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(80), index=True)
    payload: Mapped[JsonDocument]
    key: Mapped[str | None] = mapped_column(String(200), unique=True)
    state: Mapped[str] = mapped_column(String(12), default=QUEUED)
    created_at: Mapped[Moment]
    run_at: Mapped[Moment]
    lease_until: Mapped[MaybeMoment]
    fence: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str] = mapped_column(String(120), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(LongText, default="")
    result: Mapped[MaybeJsonDocument]
    finished_at: Mapped[MaybeMoment]
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    actor: Mapped[JsonDocument]
    actor_id: Mapped[UUID | None]
    organisation_id: Mapped[UUID | None]
    request_id: Mapped[str] = mapped_column(String(64), default="")


class ScheduleState(Base):
    """Up to which planned moment a schedule has been served; what lies after it was missed."""

    __tablename__ = "schedule_state"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    planned_at: Mapped[Moment]
