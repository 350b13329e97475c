"""What crosses the front door of enterprises: companies, facts with their provenance, timeline entries."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

Authority = Literal["authoritative", "declared", "derived"]
"""authoritative: a state source; declared: the company said so; derived: computed from other facts."""

FactContent = bool | int | Decimal | str | tuple[str, ...] | date
"""Money and other decimals are Decimal (CNY in yuan), `codes` a tuple of text, dates are dates."""


class EnterpriseIn(Struct, frozen=True, kw_only=True):
    """A company to register. `source` and `authority` say where its registration data comes from."""

    uscc: str
    name_zh: str
    name_en: str = ""
    industry_code: str
    division_code: str
    registered_on: date | None = None
    address_zh: str = ""
    address_en: str = ""
    source: str = "registration"
    authority: Authority = "declared"


class Enterprise(Struct, frozen=True, kw_only=True):
    """A company as other rooms see it: public register data only, no facts."""

    id: UUID
    uscc: str
    name_zh: str
    name_en: str
    industry_code: str
    division_code: str
    registered_on: date | None
    address_zh: str
    address_en: str
    created_at: datetime
    version: int


class FactIn(Struct, frozen=True, kw_only=True):
    """A value to record. `seen_at` is when the source showed it (now, if not given); facts of a year or month name
    the first and last day of it. `value` may be JSON text for decimals and dates."""

    name: str
    value: Any
    period_start: date | None = None
    period_end: date | None = None
    source: str = ""
    authority: Authority = "declared"
    seen_at: datetime | None = None
    note: str = ""


class FactValue(Struct, frozen=True, kw_only=True):
    """One value with its provenance."""

    value: Any
    unit: str
    period_start: date | None
    period_end: date | None
    source: str
    authority: Authority
    seen_at: datetime
    recorded_at: datetime
    note: str = ""

    @property
    def is_demo(self) -> bool:
        """Tell whether this value belongs to the demo world and to no real company."""
        return self.source.startswith("demo:")


class Facts(Mapping[str, FactValue | None]):
    """The facts of one company that were read under one basis.

    `facts["staff"]` is the value that counts, or None when it is unknown; `series` gives one value per period, the
    latest first. A name that was not read is a KeyError: it must not look like an unknown fact.
    """

    def __init__(
        self,
        enterprise_id: UUID,
        as_of: datetime,
        names: Sequence[str],
        series: Mapping[str, Sequence[FactValue]],
    ) -> None:
        self.enterprise_id = enterprise_id
        self.as_of = as_of
        self._series = {name: tuple(series.get(name, ())) for name in names}

    def __getitem__(self, name: str) -> FactValue | None:
        values = self._series[name]
        return values[0] if values else None

    def __iter__(self) -> Any:
        return iter(self._series)

    def __len__(self) -> int:
        return len(self._series)

    def series(self, name: str) -> tuple[FactValue, ...]:
        """Return the value of each known period of a fact, the latest period first."""
        return self._series[name]

    def of_year(self, name: str, year: int) -> FactValue | None:
        """Return the value of the period that ends in a year, or None when it is unknown."""
        return next((v for v in self._series[name] if v.period_end is not None and v.period_end.year == year), None)

    def value(self, name: str) -> Any:
        """Return the bare value that counts, or None when it is unknown."""
        found = self[name]
        return None if found is None else found.value


class RunBasis(Struct, frozen=True, kw_only=True):
    """The right under which a batch reads many companies at once; kept with the run and its population."""

    purpose: str
    kind: Literal["own", "consent", "agreement", "statutory", "contract"]
    reference: str


class TimelineEntry(Struct, frozen=True, kw_only=True):
    """Something that happened to a company, in both languages."""

    id: UUID
    enterprise_id: UUID
    at: datetime
    room: str
    event: str
    text_zh: str
    text_en: str
    link: str


class LicenceIn(Struct, frozen=True, kw_only=True):
    """A licence or certificate of a company."""

    kind: str
    number: str
    name_zh: str
    name_en: str = ""
    issuer_zh: str = ""
    issued_on: date | None = None
    valid_until: date | None = None
    source: str = ""
    authority: Authority = "declared"


class ContactIn(Struct, frozen=True, kw_only=True):
    """Somebody to turn to at a company: as little about the person as the work needs."""

    duty: Literal["legal_representative", "policy", "finance", "data", "other"]
    name: str
    phone: str = ""
