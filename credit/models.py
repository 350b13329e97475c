"""Tables of credit: bills and their monthly sums, models, scores, and the questions that lenders asked.

Names with `loan_`, `credit_offer` and `credit_product` are left free for offers and loans.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy import Text as LongText
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, JsonDocument, MaybeJsonDocument, MaybeMoment, Moment
from kernel.exact import Exact, MaybeExact

WAITING, LOADED, REFUSED, WITHDRAWN = "waiting", "loaded", "refused", "withdrawn"


LIVE = text("state IN ('waiting', 'loaded')")


class BillImportRow(Base):
    """One bill file that was handed in: whose, on which basis, how far, and what the reader found in it.

    `grade` is that of the source: A pulled with a read-only key, B matched to e-invoices, C uploaded.
    """

    __tablename__ = "credit_bill_import"
    __table_args__ = (
        Index("ix_credit_bill_import_enterprise_created", "enterprise_id", "created_at"),
        # A file counts once; what was refused or withdrawn may be handed in again.
        Index(
            "uq_credit_bill_import_live_file", "enterprise_id", "file_sha256",
            unique=True, sqlite_where=LIVE, postgresql_where=LIVE,
        ),
    )  # fmt: skip

    id: Mapped[Id]
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    file_id: Mapped[UUID] = mapped_column(ForeignKey("file.id"))
    file_name: Mapped[str] = mapped_column(String(200))
    file_sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    grade: Mapped[str] = mapped_column(String(1))
    source: Mapped[str] = mapped_column(String(80))
    basis: Mapped[str] = mapped_column(String(20))
    reference: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(12))
    job_id: Mapped[UUID | None]
    rows: Mapped[int] = mapped_column(BigInteger, default=0)
    rows_new: Mapped[int] = mapped_column(BigInteger, default=0)
    rows_repeated: Mapped[int] = mapped_column(BigInteger, default=0)
    rows_known: Mapped[int] = mapped_column(BigInteger, default=0)
    first_month: Mapped[date | None] = mapped_column(Date)
    last_month: Mapped[date | None] = mapped_column(Date)
    verdict: Mapped[str] = mapped_column(String(12), default="")
    report: Mapped[MaybeJsonDocument]
    charges_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("file.id"))
    created_at: Mapped[Moment]
    created_by: Mapped[UUID | None]
    loaded_at: Mapped[MaybeMoment]
    ended_at: Mapped[MaybeMoment]
    version: Mapped[int] = mapped_column(Integer, default=1)

    __mapper_args__ = {"version_id_col": version}


class BillMonthRow(Base):
    """The exact sums of one import, month, provider and currency."""

    __tablename__ = "credit_bill_month"
    __table_args__ = (
        UniqueConstraint("import_id", "month", "provider", "currency"),
        Index("ix_credit_bill_month_enterprise_month", "enterprise_id", "month"),
    )

    id: Mapped[Id]
    import_id: Mapped[UUID] = mapped_column(ForeignKey("credit_bill_import.id"))
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    month: Mapped[date] = mapped_column(Date)
    provider: Mapped[str] = mapped_column(String(200))
    currency: Mapped[str] = mapped_column(String(3))
    rows: Mapped[int] = mapped_column(BigInteger)
    billed: Mapped[Exact]
    effective: Mapped[Exact]
    credit: Mapped[Exact]
    correction: Mapped[Exact]
    purchase: Mapped[Exact]
    tax: Mapped[Exact]
    committed: Mapped[Exact]
    production: Mapped[Exact]
    other_environment: Mapped[Exact]
    egress: Mapped[MaybeExact]
    requests: Mapped[MaybeExact]
    categories: Mapped[JsonDocument]
    services: Mapped[JsonDocument]


class ModelRow(Base):
    """A model that has scored: the very bytes of its artefact, so that any past score can be computed again."""

    __tablename__ = "credit_model"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(60))
    version: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(30))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    artefact: Mapped[str] = mapped_column(LongText)
    registered_at: Mapped[Moment]


class ScoreRow(Base):
    """A score as it was computed, with the features it was computed from. Never changed: a new one is a new row.

    `points` are thousandths. `revision` is the state of the company's bills it rests on.
    """

    __tablename__ = "credit_score"
    __table_args__ = (UniqueConstraint("enterprise_id", "model_sha256", "as_of", "revision"),)

    id: Mapped[Id]
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    model_sha256: Mapped[str] = mapped_column(String(64), index=True)
    model_name: Mapped[str] = mapped_column(String(60))
    model_version: Mapped[str] = mapped_column(String(20))
    as_of: Mapped[date] = mapped_column(Date)
    revision: Mapped[int]
    data_until: Mapped[date] = mapped_column(Date)
    data_age_days: Mapped[int]
    source_grade: Mapped[str] = mapped_column(String(1))
    currency: Mapped[str] = mapped_column(String(3))
    points: Mapped[int]
    base: Mapped[int]
    grade: Mapped[str] = mapped_column(String(10))
    default_probability: Mapped[float] = mapped_column(Double)
    contributions: Mapped[JsonDocument]
    reasons: Mapped[JsonDocument]
    features: Mapped[JsonDocument]
    totals: Mapped[JsonDocument]
    computed_at: Mapped[Moment]


class ProfileRow(Base):
    """Where a company's scoring stands: the revision of its bills, raised whenever they change."""

    __tablename__ = "credit_profile"

    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[Moment]


class ScoreQueryRow(Base):
    """One question of a lender, answered or refused. `asked_for` is what the lender wrote; a refused question names no
    company to the lender, whether there is one or not (`enterprise_id` then serves the company's own list only).
    """

    __tablename__ = "credit_score_query"
    __table_args__ = (
        Index("ix_credit_score_query_lender_asked", "lender_id", "asked_at"),
        Index("ix_credit_score_query_enterprise_asked", "enterprise_id", "asked_at"),
    )

    id: Mapped[Id]
    lender_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    enterprise_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    asked_for: Mapped[str] = mapped_column(String(60))
    asked_at: Mapped[Moment]
    asked_by_kind: Mapped[str] = mapped_column(String(10))
    asked_by: Mapped[UUID | None]
    purpose: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(200), default="")
    outcome: Mapped[str] = mapped_column(String(10))
    reference: Mapped[str] = mapped_column(String(200), default="")
    consent_until: Mapped[MaybeMoment]
    legal_basis: Mapped[str] = mapped_column(LongText)
    score_id: Mapped[UUID | None] = mapped_column(ForeignKey("credit_score.id"))
