"""What enterprises says and takes on the wire. Money and other decimals travel as text, never as floats."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Authority = Literal["authoritative", "declared", "derived"]


class EnterpriseOut(Struct, frozen=True, kw_only=True):
    """A company's public register entry."""

    id: UUID
    uscc: str
    name_zh: str
    name_en: str
    industry_code: str
    industry_name: str | None
    division_code: str
    division_path: list[str]
    registered_on: date | None
    address_zh: str
    address_en: str
    created_at: datetime
    version: int


class RegisterIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """A company to register."""

    uscc: Annotated[str, Meta(min_length=1, max_length=40)]
    name_zh: Name
    name_en: Annotated[str, Meta(max_length=200)] = ""
    industry_code: Annotated[str, Meta(min_length=1, max_length=10)]
    division_code: Annotated[str, Meta(min_length=1, max_length=12)]
    registered_on: date | None = None
    address_zh: Annotated[str, Meta(max_length=300)] = ""
    address_en: Annotated[str, Meta(max_length=300)] = ""


class FactItemIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """A value of a fact. Decimals as text ("12.5"), dates as YYYY-MM-DD; a year or month by its first and last day."""

    name: Annotated[str, Meta(min_length=1, max_length=60)]
    value: bool | int | Annotated[str, Meta(max_length=500)] | list[Annotated[str, Meta(max_length=80)]]
    period_start: date | None = None
    period_end: date | None = None
    source: Annotated[str, Meta(max_length=200)] = ""
    authority: Authority = "declared"
    seen_at: Annotated[datetime, Meta(tz=True)] | None = None
    note: Annotated[str, Meta(max_length=500)] = ""


class FactsIn(Struct, forbid_unknown_fields=True):
    """Values to record, all or none."""

    facts: Annotated[list[FactItemIn], Meta(min_length=1, max_length=200)]


class RecordedOut(Struct, frozen=True):
    """How many values were new; one that was known already adds none."""

    recorded: int
    ids: list[UUID]


class FactOut(Struct, frozen=True, kw_only=True):
    """A value with its provenance; `known` is false where nothing is known, never a guess."""

    name: str
    known: bool
    value: Any = None
    unit: str = ""
    period_start: date | None = None
    period_end: date | None = None
    source: str = ""
    authority: str = ""
    seen_at: datetime | None = None
    recorded_at: datetime | None = None


class FactsOut(Struct, frozen=True):
    """A company's facts as they were known at a moment."""

    enterprise_id: UUID
    as_of: datetime
    facts: list[FactOut]


class FactHistoryOut(Struct, frozen=True, kw_only=True):
    """One value ever recorded; superseded ones name when and by which."""

    id: UUID
    name: str
    value: Any
    unit: str
    period_start: date | None
    period_end: date | None
    source: str
    authority: str
    note: str
    seen_at: datetime
    recorded_at: datetime
    superseded_by: UUID | None
    superseded_at: datetime | None


class TimelineOut(Struct, frozen=True, kw_only=True):
    """An entry of a company's timeline."""

    id: UUID
    at: datetime
    room: str
    event: str
    text_zh: str
    text_en: str
    link: str


class LicenceItemIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """A licence of one's own company."""

    kind: Annotated[str, Meta(min_length=1, max_length=40)]
    number: Annotated[str, Meta(min_length=1, max_length=80)]
    name_zh: Name
    name_en: Annotated[str, Meta(max_length=200)] = ""
    issuer_zh: Annotated[str, Meta(max_length=200)] = ""
    issued_on: date | None = None
    valid_until: date | None = None


class LicenceOut(Struct, frozen=True, kw_only=True):
    """A licence that stands."""

    id: UUID
    kind: str
    number: str
    name_zh: str
    name_en: str
    issuer_zh: str
    issued_on: date | None
    valid_until: date | None
    source: str
    authority: str


class CreatedOut(Struct, frozen=True):
    """The id of what was made."""

    id: UUID


class CodeOut(Struct, frozen=True, kw_only=True):
    """What a check of a code found; `position` counts characters from 1."""

    code: str
    ok: bool
    name: str | None
    position: int | None
    message_zh: str
    message_en: str
    suggestions: list[str]


class CodeHit(Struct, frozen=True):
    """A code with its name."""

    code: str
    name: str


class CodeHits(Struct, frozen=True):
    """Codes that fit a search."""

    items: list[CodeHit]
