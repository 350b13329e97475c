"""Tables of enterprises. Facts are added, never overwritten: only the mark "superseded by" is set, once."""

from datetime import date
from uuid import UUID

from sqlalchemy import DDL, ForeignKey, Index, String, UniqueConstraint, event
from sqlalchemy import Text as LongText
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import DDLElement

from kernel.db import Base, Id, JsonDocument, MaybeMoment, Moment


class EnterpriseRow(Base):
    """A company's entry in the register; its id is the id of its organisation."""

    __tablename__ = "enterprise"

    id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    uscc: Mapped[str] = mapped_column(String(18), unique=True)
    name_zh: Mapped[str] = mapped_column(String(200), index=True)
    name_en: Mapped[str] = mapped_column(String(200), default="")
    industry_code: Mapped[str] = mapped_column(String(4), index=True)
    division_code: Mapped[str] = mapped_column(String(6), index=True)
    registered_on: Mapped[date | None]
    address_zh: Mapped[str] = mapped_column(String(300), default="")
    address_en: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class FactRow(Base):
    """One value of one fact: when it held (period), when the source showed it (seen), when we knew it (recorded)."""

    __tablename__ = "fact"
    __table_args__ = (
        Index("ix_fact_enterprise_name", "enterprise_id", "name"),
        Index("ix_fact_name_superseded_at", "name", "superseded_at"),
    )

    id: Mapped[Id]
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"))
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(10))
    value: Mapped[JsonDocument]
    unit: Mapped[str] = mapped_column(String(20))
    period_start: Mapped[date | None]
    period_end: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200))
    authority: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(LongText, default="")
    seen_at: Mapped[Moment]
    recorded_at: Mapped[Moment]
    recorded_by: Mapped[str] = mapped_column(String(120))
    superseded_by: Mapped[UUID | None] = mapped_column(ForeignKey("fact.id"))
    superseded_at: Mapped[MaybeMoment]


class LicenceRow(Base):
    """A licence or certificate; a corrected one is retired and entered anew."""

    __tablename__ = "licence"

    id: Mapped[Id]
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(80))
    name_zh: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200), default="")
    issuer_zh: Mapped[str] = mapped_column(String(200), default="")
    issued_on: Mapped[date | None]
    valid_until: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200))
    authority: Mapped[str] = mapped_column(String(20))
    recorded_at: Mapped[Moment]
    retired_at: Mapped[MaybeMoment]


class ContactRow(Base):
    """Somebody to turn to at a company; name and phone are sealed, and erased when the contact is removed."""

    __tablename__ = "contact"

    id: Mapped[Id]
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"), index=True)
    duty: Mapped[str] = mapped_column(String(30))
    name_sealed: Mapped[str] = mapped_column(LongText)
    phone_sealed: Mapped[str] = mapped_column(LongText)
    recorded_at: Mapped[Moment]


class TimelineRow(Base):
    """An event of any room that a company sees on its timeline, exactly once."""

    __tablename__ = "timeline_entry"
    __table_args__ = (
        UniqueConstraint("enterprise_id", "event_id"),
        Index("ix_timeline_entry_enterprise_at", "enterprise_id", "at"),
    )

    id: Mapped[Id]
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"))
    event_id: Mapped[UUID]
    at: Mapped[Moment]
    room: Mapped[str] = mapped_column(String(30))
    event: Mapped[str] = mapped_column(String(80))
    text_zh: Mapped[str] = mapped_column(LongText)
    text_en: Mapped[str] = mapped_column(LongText)
    link: Mapped[str] = mapped_column(String(300), default="")


def keep_facts_ddl(dialect: str) -> list[str]:
    """Return the statements that let a fact change in one way only: to be superseded, once; migrations run the same."""
    frozen = [c.name for c in FactRow.__table__.columns if not c.name.startswith("superseded")]
    if dialect == "sqlite":
        changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in frozen)
        refuse = "BEGIN SELECT RAISE(ABORT, 'fact is append-only'); END"
        update = f"BEFORE UPDATE ON fact WHEN OLD.superseded_by IS NOT NULL OR {changed}"
        return [
            f"CREATE TRIGGER fact_no_update {update} {refuse}",
            f"CREATE TRIGGER fact_no_delete BEFORE DELETE ON fact {refuse}",
        ]
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in frozen)
    check = f"IF TG_OP = 'DELETE' OR OLD.superseded_by IS NOT NULL OR {changed}"
    body = f"BEGIN {check} THEN RAISE EXCEPTION 'fact is append-only'; END IF; RETURN NEW; END"
    return [
        f"CREATE OR REPLACE FUNCTION keep_facts() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        "CREATE TRIGGER fact_append_only BEFORE UPDATE OR DELETE ON fact FOR EACH ROW EXECUTE FUNCTION keep_facts()",
    ]


for _dialect in ("sqlite", "postgresql"):
    for _statement in keep_facts_ddl(_dialect):
        _make: DDLElement = DDL(_statement).execute_if(dialect=_dialect)  # type: ignore[no-untyped-call]
        event.listen(FactRow.__table__, "after_create", _make)
