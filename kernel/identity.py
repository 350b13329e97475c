"""Who exists: organisations, the people and machines that act for them, and what ties them together."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, JsonDocument, MaybeMoment, Moment


class Organisation(Base):
    """A company, park operator, lender, government office or the platform itself.

    `control_epoch` rises when control of the organisation changes; grants carry the epoch they were given in,
    so a change of control ends them.
    """

    __tablename__ = "organisation"

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(20), index=True)
    name_zh: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200), default="")
    uscc: Mapped[str | None] = mapped_column(String(18), unique=True)
    division_code: Mapped[str | None] = mapped_column(String(12))
    control_epoch: Mapped[int] = mapped_column(default=1)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[Moment]


class OrganisationLink(Base):
    """The holder may see rows of the subject, for the reason the kind names (a park and its tenant)."""

    __tablename__ = "organisation_link"
    __table_args__ = (UniqueConstraint("holder_id", "subject_id", "kind"),)

    id: Mapped[Id]
    holder_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[str] = mapped_column(String(30))
    since: Mapped[Moment]


class Person(Base):
    """Somebody who logs in. The login name is stored folded, the second factor encrypted."""

    __tablename__ = "person"

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(10), default="zh_CN")
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[MaybeMoment]
    second_factor: Mapped[str | None] = mapped_column(String(400))
    second_factor_step: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[Moment]


class Membership(Base):
    """One role of one person in one organisation."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("person_id", "organisation_id", "role"),
        Index("ix_membership_person", "person_id"),
    )

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[str] = mapped_column(String(30))
    created_at: Mapped[Moment]


class MachineClient(Base):
    """A program that acts for an organisation; only the hash of its secret is kept."""

    __tablename__ = "machine_client"

    id: Mapped[Id]
    client_id: Mapped[str] = mapped_column(String(60), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    roles: Mapped[JsonDocument]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[Moment]


class LoginSession(Base):
    """A person's session; the cookie holds the token, the table only its SHA-256."""

    __tablename__ = "login_session"

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    second_factor_passed: Mapped[bool] = mapped_column(default=False)
    browser: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[Moment]
    seen_at: Mapped[Moment]
    ended_at: Mapped[MaybeMoment]


class AccessToken(Base):
    """A short-lived bearer token of a machine client; only its SHA-256 is kept."""

    __tablename__ = "access_token"

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    machine_client_id: Mapped[UUID] = mapped_column(ForeignKey("machine_client.id"), index=True)
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment] = mapped_column(index=True)


def organisation_row(*, kind: str, name_zh: str, name_en: str, now: datetime, **more: Any) -> Organisation:
    """Return a new organisation, not yet added to a session."""
    return Organisation(kind=kind, name_zh=name_zh, name_en=name_en, created_at=now, **more)
