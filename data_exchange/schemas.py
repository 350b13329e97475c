"""What data_exchange says and takes on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

Fact = Annotated[str, Meta(min_length=1, max_length=60)]
LongText = Annotated[str, Meta(max_length=2000)]
Level = Literal["general_1", "general_2", "general_3", "general_4", "important", "core"]
Masking = Literal["plain", "band", "prefix", "year", "hash"]
Value = bool | int | Annotated[str, Meta(max_length=200)] | list[Annotated[str, Meta(max_length=80)]]


class GrantIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """A consent to grant: who, for which purpose, to which facts, until when."""

    recipient_id: UUID
    purpose: Annotated[str, Meta(min_length=1, max_length=40)]
    scope: Annotated[list[Fact], Meta(min_length=1, max_length=200)]
    expires_at: Annotated[datetime, Meta(tz=True)]
    starts_at: Annotated[datetime, Meta(tz=True)] | None = None
    note: Annotated[str, Meta(max_length=500)] = ""


class ConsentOut(Struct, frozen=True, kw_only=True):
    """A consent with the state that counts now."""

    id: UUID
    subject_id: UUID
    subject_name_zh: str
    subject_name_en: str
    recipient_id: UUID
    recipient_name_zh: str
    recipient_name_en: str
    purpose: str
    scope: list[str]
    starts_at: datetime
    expires_at: datetime
    granted_at: datetime
    withdrawn_at: datetime | None
    note: str
    state: str
    version: int


class ReadIn(Struct, forbid_unknown_fields=True):
    """Which facts to read under a consent; without names, all it covers."""

    names: Annotated[list[Fact], Meta(min_length=1, max_length=200)] | None = None


class ReadFact(Struct, frozen=True, kw_only=True):
    """A fact read under a consent; unknown stays unknown."""

    name: str
    known: bool
    value: Any = None
    unit: str = ""
    period_end: str | None = None
    source: str = ""
    authority: str = ""
    seen_at: datetime | None = None


class ReadOut(Struct, frozen=True):
    """Facts read under a consent, and the reference of the recorded use."""

    subject_id: UUID
    reference: str
    facts: list[ReadFact]


class FieldItem(Struct, forbid_unknown_fields=True, kw_only=True):
    """A field of a product: the fact, its grade by GB/T 43697-2024, how much of it is shown."""

    fact: Fact
    level: Level
    masking: Masking = "plain"


class FilterItem(Struct, forbid_unknown_fields=True, kw_only=True):
    """A condition on the companies in a product."""

    fact: Fact
    operator: Literal["equal", "at_least", "at_most", "one_of", "starts_with"]
    value: Value


class PublishIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """A data product to publish; it needs an impact assessment and a grade for each field."""

    title_zh: Annotated[str, Meta(min_length=1, max_length=120)]
    title_en: Annotated[str, Meta(min_length=1, max_length=120)]
    description_zh: Annotated[str, Meta(min_length=1, max_length=2000)]
    description_en: LongText = ""
    fields: Annotated[list[FieldItem], Meta(min_length=1, max_length=60)]
    filters: Annotated[list[FilterItem], Meta(max_length=10)] = []
    identity: Literal["named", "pseudonym"] = "pseudonym"
    subject_ids: Annotated[list[UUID], Meta(max_length=500)] = []
    assessment: Annotated[str, Meta(min_length=1, max_length=200)]


class OfferItemIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """Terms for a product of one's own; the price is CNY in fen for the whole agreement."""

    product_id: UUID
    purpose: Annotated[str, Meta(min_length=1, max_length=40)]
    allowed_uses: Annotated[int, Meta(ge=1, le=10_000)]
    valid_days: Annotated[int, Meta(ge=1, le=731)]
    price_fen: Annotated[int, Meta(ge=0, le=10_000_000_000_000)] = 0
    terms_zh: LongText = ""
    terms_en: LongText = ""


class OfferOut(Struct, frozen=True, kw_only=True):
    """Standing terms."""

    id: UUID
    product_id: UUID
    purpose: str
    allowed_uses: int
    valid_days: int
    price_fen: int
    terms_zh: str
    terms_en: str
    state: str
    version: int


class ProductOut(Struct, frozen=True, kw_only=True):
    """A product on the market place."""

    id: UUID
    owner_id: UUID
    owner_name_zh: str
    owner_name_en: str
    title_zh: str
    title_en: str
    description_zh: str
    description_en: str
    fields: list[dict[str, Any]]
    filters: list[dict[str, Any]]
    identity: str
    level: str
    state: str
    created_at: datetime
    version: int


class ProductDetailOut(Struct, frozen=True):
    """A product with its open offers."""

    product: ProductOut
    offers: list[OfferOut]


class RequestIn(Struct, forbid_unknown_fields=True):
    """A request for an agreement under an open offer."""

    offer_id: UUID
    message: Annotated[str, Meta(max_length=1000)] = ""


class DecideIn(Struct, forbid_unknown_fields=True):
    """A word to the other party."""

    reason: Annotated[str, Meta(max_length=1000)] = ""


class SignIn(Struct, forbid_unknown_fields=True):
    """The hash of the terms the person has read and signs."""

    terms_hash: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


class DeliverIn(Struct, forbid_unknown_fields=True):
    """The agreement to take a use of, and the format of the file."""

    agreement_id: UUID
    format: Literal["csv", "json"] = "csv"


class AgreementOut(Struct, frozen=True, kw_only=True):
    """An agreement with the state that counts now; `version` goes into If-Match."""

    id: UUID
    product_id: UUID
    title_zh: str
    title_en: str
    owner_id: UUID
    owner_name_zh: str
    owner_name_en: str
    buyer_id: UUID
    buyer_name_zh: str
    buyer_name_en: str
    state: str
    purpose: str
    allowed_uses: int
    uses_taken: int
    valid_days: int
    price_fen: int
    terms: str
    terms_hash: str
    message: str
    reason: str
    requested_at: datetime
    active_at: datetime | None
    expires_at: datetime | None
    ended_at: datetime | None
    version: int


class DeliveryOut(Struct, frozen=True, kw_only=True):
    """One counted use; its content is fetched once from `content`."""

    id: UUID
    agreement_id: UUID
    number: int
    format: str
    at: datetime
    row_count: int
    byte_count: int
    sha256: str
    subject_count: int
    content: str


class CreatedOut(Struct, frozen=True):
    """The id of what was made."""

    id: UUID
