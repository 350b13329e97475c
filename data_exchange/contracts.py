"""What crosses the front door of data_exchange: consents, products, offers, agreements and what they promise."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

Masking = Literal["plain", "band", "prefix", "year", "hash"]
"""plain: as it is; band: numbers by order of magnitude; prefix: the first two signs of a code; year: only the year of
a date; hash: a keyed hash that joins within one agreement and nowhere else."""

Level = Literal["general_1", "general_2", "general_3", "general_4", "important", "core"]
"""Grade of the data by GB/T 43697-2024: general data in four grades, important data, core data."""

Identity = Literal["named", "pseudonym"]
Party = Literal["owner", "buyer"]


class ConsentIn(Struct, frozen=True, kw_only=True):
    """A company's permission (企业授权): who may use what, for which purpose, until when.

    `subject_id` is left out by a company that grants for itself.
    """

    recipient_id: UUID
    purpose: str
    scope: frozenset[str]
    expires_at: datetime
    starts_at: datetime | None = None
    subject_id: UUID | None = None
    note: str = ""


class FieldIn(Struct, frozen=True, kw_only=True):
    """One column of a product: the fact it shows, its grade, and how much of it is shown."""

    fact: str
    level: Level
    masking: Masking = "plain"


class RowFilter(Struct, frozen=True, kw_only=True):
    """A condition on the companies in a product: only those whose fact compares so; unknown is left out."""

    fact: str
    operator: Literal["equal", "at_least", "at_most", "one_of", "starts_with"]
    value: Any


class ProductIn(Struct, frozen=True, kw_only=True):
    """A data product to publish. Without `subject_ids` it holds every company that has consented to its owner.

    `assessment` names the owner's impact assessment (个人信息保护法 55, GB/T 43697): no product without one.
    """

    title_zh: str
    title_en: str
    description_zh: str
    description_en: str = ""
    fields: tuple[FieldIn, ...]
    filters: tuple[RowFilter, ...] = ()
    identity: Identity = "pseudonym"
    subject_ids: tuple[UUID, ...] = ()
    assessment: str


class OfferIn(Struct, frozen=True, kw_only=True):
    """Terms under which a product may be had. `price_fen` is CNY in fen for the whole agreement; 0 is free."""

    product_id: UUID
    purpose: str
    allowed_uses: int
    valid_days: int
    price_fen: int = 0
    terms_zh: str = ""
    terms_en: str = ""


class GovernedTable(Struct, frozen=True, kw_only=True):
    """The governed result of a product: columns, rows of plain texts, and the companies that are in it."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    subject_ids: tuple[UUID, ...]
