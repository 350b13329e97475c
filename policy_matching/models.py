"""Tables of policy_matching: items and their versions, decisions, applications with their steps, payments, results."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy import Text as LongText
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, JsonDocument, MaybeJsonDocument, MaybeMoment, Moment, append_only

LIVE_CASE = text("state NOT IN ('rejected', 'withdrawn')")


class PolicyItem(Base):
    """A support item (政策事项) and how it stands here; its rules are in its versions.

    The three accounts exist once a budget was granted: what is free, what is committed to approved cases, what was paid.
    """

    __tablename__ = "policy_item"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(80), unique=True)
    office_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    current_version_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(String(20), default="published")
    state_reason: Mapped[str] = mapped_column(String(300), default="")
    free_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_account.id"))
    committed_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_account.id"))
    paid_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_account.id"))
    granted_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class PolicyVersion(Base):
    """One dated version of an item as it was loaded; never changed, so that a decision can be replayed."""

    __tablename__ = "policy_version"
    __table_args__ = (UniqueConstraint("item_id", "number"),)

    id: Mapped[Id]
    item_id: Mapped[UUID] = mapped_column(ForeignKey("policy_item.id"), index=True)
    number: Mapped[int]
    rule_hash: Mapped[str] = mapped_column(String(64), index=True)
    definition: Mapped[JsonDocument]
    title_zh: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(300))
    document: Mapped[str] = mapped_column(String(200))
    route: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    complete: Mapped[bool]
    sample: Mapped[bool]
    checked_on: Mapped[date]
    recorded_at: Mapped[Moment]


class PolicyDecision(Base):
    """A verdict that mattered: the rule and the facts it rested on, so that it can be computed again to the same end."""

    __tablename__ = "policy_decision"
    __table_args__ = (Index("ix_policy_decision_enterprise_version", "enterprise_id", "version_id"),)

    id: Mapped[Id]
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("policy_version.id"))
    rule_hash: Mapped[str] = mapped_column(String(64))
    as_of: Mapped[date]
    purpose: Mapped[str] = mapped_column(String(20))
    verdict: Mapped[str] = mapped_column(String(20))
    because: Mapped[JsonDocument]
    outcomes: Mapped[JsonDocument]
    facts: Mapped[JsonDocument]
    facts_hash: Mapped[str] = mapped_column(String(64))
    decided_at: Mapped[Moment]


class Application(Base):
    """A company's case for one item in one year. Money in fen.

    `office_id` is the office that decides; officers see their office's cases, never those of another.
    """

    __tablename__ = "policy_application"
    __table_args__ = (
        Index(
            "uq_policy_application_live",
            "enterprise_id",
            "item_id",
            "year",
            unique=True,
            sqlite_where=LIVE_CASE,
            postgresql_where=LIVE_CASE,
        ),
        Index("ix_policy_application_office_state", "office_id", "state"),
        CheckConstraint("approved_fen IS NULL OR approved_fen > 0", name="approved_positive"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(40), unique=True)
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"), index=True)
    office_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    item_id: Mapped[UUID] = mapped_column(ForeignKey("policy_item.id"), index=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("policy_version.id"))
    decision_id: Mapped[UUID | None] = mapped_column(ForeignKey("policy_decision.id"))
    year: Mapped[int]
    route: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    state_since: Mapped[Moment]
    due_on: Mapped[date | None]
    due_provisional: Mapped[bool] = mapped_column(default=False)
    requested_fen: Mapped[int | None] = mapped_column(BigInteger)
    approved_fen: Mapped[int | None] = mapped_column(BigInteger)
    commit_entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_entry.id"))
    payee_name: Mapped[str] = mapped_column(String(200), default="")
    payee_bank: Mapped[str] = mapped_column(String(200), default="")
    payee_account: Mapped[str] = mapped_column(String(40), default="")
    note: Mapped[str] = mapped_column(LongText, default="")
    promise_zh: Mapped[str] = mapped_column(LongText, default="")
    promise_en: Mapped[str] = mapped_column(LongText, default="")
    promised_by: Mapped[UUID | None]
    promised_at: Mapped[MaybeMoment]
    gaps: Mapped[MaybeJsonDocument]
    corrections: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class ApplicationStep(Base):
    """One step a case took: who did it, who has it now, until when."""

    __tablename__ = "policy_application_step"

    id: Mapped[Id]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("policy_application.id"), index=True)
    at: Mapped[Moment]
    verb: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    holder: Mapped[str] = mapped_column(String(20))
    due_on: Mapped[date | None]
    actor_kind: Mapped[str] = mapped_column(String(10))
    organisation_id: Mapped[UUID | None]
    note: Mapped[str] = mapped_column(LongText, default="")


class PaymentOrder(Base):
    """An order to pay, handed to the treasury or bank under one reference; paid only by a receipt of the same amount."""

    __tablename__ = "policy_payment"

    id: Mapped[Id]
    application_id: Mapped[UUID] = mapped_column(ForeignKey("policy_application.id"), unique=True)
    office_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    reference: Mapped[str] = mapped_column(String(60), unique=True)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    payee_name: Mapped[str] = mapped_column(String(200))
    payee_bank: Mapped[str] = mapped_column(String(200))
    payee_account: Mapped[str] = mapped_column(String(40))
    handed_over_at: Mapped[Moment]
    receipt_number: Mapped[str | None] = mapped_column(String(80), unique=True)
    receipt_from: Mapped[str] = mapped_column(String(20), default="")
    receipt_on: Mapped[date | None]
    receipt_recorded_at: Mapped[MaybeMoment]
    ledger_entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_entry.id"))


class ExternalResult(Base):
    """What came of an item that is declared or applied for elsewhere, as the company recorded it, with its evidence."""

    __tablename__ = "policy_external_result"
    __table_args__ = (Index("ix_policy_external_result_enterprise_item", "enterprise_id", "item_id"),)

    id: Mapped[Id]
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"))
    item_id: Mapped[UUID] = mapped_column(ForeignKey("policy_item.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("policy_version.id"))
    outcome: Mapped[str] = mapped_column(String(20))
    result_on: Mapped[date]
    reference: Mapped[str] = mapped_column(String(120), default="")
    amount_fen: Mapped[int | None] = mapped_column(BigInteger)
    evidence: Mapped[str] = mapped_column(LongText, default="")
    recorded_at: Mapped[Moment]
    recorded_by: Mapped[UUID | None]


class RankingModel(Base):
    """A fitted ranking model as JSON with its hash; the newest one is in use."""

    __tablename__ = "policy_ranking_model"

    id: Mapped[Id]
    fitted_at: Mapped[Moment] = mapped_column(index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    document: Mapped[JsonDocument]


for _table in (PolicyVersion, PolicyDecision, ApplicationStep, ExternalResult):
    append_only(_table.__table__)  # type: ignore[arg-type]
