"""Tables of data_exchange. Signatures and deliveries are evidence: they are added and never changed."""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy import Text as LongText
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, JsonDocument, MaybeMoment, Moment, append_only


class ConsentRow(Base):
    """A company's permission to use named facts; the epochs are those of both sides when it was given."""

    __tablename__ = "consent"
    __table_args__ = (
        Index("ix_consent_recipient_subject", "recipient_id", "subject_id", "purpose"),
        CheckConstraint("expires_at > starts_at", name="period"),
    )

    id: Mapped[Id]
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    recipient_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    purpose: Mapped[str] = mapped_column(String(40))
    scope: Mapped[JsonDocument]
    starts_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    note: Mapped[str] = mapped_column(LongText, default="")
    subject_epoch: Mapped[int]
    recipient_epoch: Mapped[int]
    granted_at: Mapped[Moment]
    granted_by: Mapped[UUID | None]
    withdrawn_at: Mapped[MaybeMoment]
    withdrawn_by: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class ProductRow(Base):
    """A data product: what it shows of which companies, and how much of it."""

    __tablename__ = "data_product"

    id: Mapped[Id]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    title_zh: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(120))
    description_zh: Mapped[str] = mapped_column(LongText)
    description_en: Mapped[str] = mapped_column(LongText, default="")
    fields: Mapped[JsonDocument]
    filters: Mapped[JsonDocument]
    identity: Mapped[str] = mapped_column(String(10))
    level: Mapped[str] = mapped_column(String(12))
    assessment: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class ProductSubjectRow(Base):
    """A company a product is limited to; a product without any holds every company that consented."""

    __tablename__ = "data_product_subject"

    product_id: Mapped[UUID] = mapped_column(ForeignKey("data_product.id"), primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True, index=True)


class OfferRow(Base):
    """Standing terms for a product."""

    __tablename__ = "data_offer"

    id: Mapped[Id]
    product_id: Mapped[UUID] = mapped_column(ForeignKey("data_product.id"), index=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(40))
    allowed_uses: Mapped[int]
    valid_days: Mapped[int]
    price_fen: Mapped[int] = mapped_column(BigInteger)
    terms_zh: Mapped[str] = mapped_column(LongText, default="")
    terms_en: Mapped[str] = mapped_column(LongText, default="")
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class AgreementRow(Base):
    """One buyer's agreement: the terms as they stood when it was asked for, and how far it has come."""

    __tablename__ = "data_agreement"
    __table_args__ = (
        CheckConstraint("uses_taken >= 0 AND uses_taken <= allowed_uses", name="uses"),
        CheckConstraint("owner_id <> buyer_id", name="parties"),
        Index("ix_data_agreement_state_expires_at", "state", "expires_at"),
    )

    id: Mapped[Id]
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("data_offer.id"))
    product_id: Mapped[UUID] = mapped_column(ForeignKey("data_product.id"), index=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    terms: Mapped[str] = mapped_column(LongText)
    terms_hash: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(40))
    allowed_uses: Mapped[int]
    uses_taken: Mapped[int] = mapped_column(default=0)
    valid_days: Mapped[int]
    price_fen: Mapped[int] = mapped_column(BigInteger)
    message: Mapped[str] = mapped_column(LongText, default="")
    reason: Mapped[str] = mapped_column(LongText, default="")
    owner_epoch: Mapped[int]
    buyer_epoch: Mapped[int]
    requested_at: Mapped[Moment]
    active_at: Mapped[MaybeMoment]
    expires_at: Mapped[MaybeMoment]
    ended_at: Mapped[MaybeMoment]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class SignatureRow(Base):
    """One party's signature under the terms: the exact bytes that were signed, and with which key."""

    __tablename__ = "data_signature"
    __table_args__ = (UniqueConstraint("agreement_id", "party"),)

    id: Mapped[Id]
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("data_agreement.id"))
    party: Mapped[str] = mapped_column(String(10))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[UUID]
    signed_at: Mapped[Moment]
    terms_hash: Mapped[str] = mapped_column(String(64))
    statement: Mapped[str] = mapped_column(LongText)
    signature: Mapped[str] = mapped_column(String(120))
    key_id: Mapped[str] = mapped_column(String(80))


class DeliveryRow(Base):
    """One use of an agreement: what was handed over, as a hash, and of how many companies."""

    __tablename__ = "data_delivery"
    __table_args__ = (UniqueConstraint("agreement_id", "number"),)

    id: Mapped[Id]
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("data_agreement.id"))
    number: Mapped[int]
    format: Mapped[str] = mapped_column(String(4))
    at: Mapped[Moment]
    delivered_by: Mapped[UUID | None]
    row_count: Mapped[int]
    byte_count: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    subject_ids: Mapped[JsonDocument]


class DeliveryContentRow(Base):
    """The governed result, kept only until it has been fetched or its time is over."""

    __tablename__ = "data_delivery_content"

    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("data_delivery.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    keep_until: Mapped[Moment]


class FetchRow(Base):
    """One fetch of a delivery's content; finished when the last byte was sent."""

    __tablename__ = "data_delivery_fetch"
    __table_args__ = (UniqueConstraint("delivery_id", "attempt"),)

    id: Mapped[Id]
    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("data_delivery.id"))
    attempt: Mapped[int]
    begun_at: Mapped[Moment]
    finished_at: Mapped[MaybeMoment]


for _table in (SignatureRow, DeliveryRow):
    append_only(_table.__table__)  # type: ignore[arg-type]
