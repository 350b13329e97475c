"""What the park's JSON API takes and gives. Areas in m² and energy in kWh are decimals written as text, money is integer fen."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from park.contracts import ImportState, LeaseState, MeterSeries, UnitUse

Code = Annotated[str, Meta(min_length=1, max_length=40)]
Name = Annotated[str, Meta(min_length=1, max_length=120)]
Place = Annotated[int, Meta(ge=0, le=1000)]
LARGEST_AREA = Decimal(1_000_000)
Fen = Annotated[int, Meta(ge=0, le=10_000_000)]


class RegisterParkIn(Struct, forbid_unknown_fields=True):
    """A park to register or bring up to date; `code` is the key. Without `operator_id` the acting organisation runs it."""

    code: Code
    name_zh: Name
    name_en: Name
    operator_id: UUID | None = None
    division_code: Annotated[str, Meta(max_length=12)] = ""
    address_zh: Annotated[str, Meta(max_length=200)] = ""
    address_en: Annotated[str, Meta(max_length=200)] = ""


class RegisterBuildingIn(Struct, forbid_unknown_fields=True):
    """A building; `shape` is its outline on the site plan, points [x, y] from 0 to 1000."""

    code: Code
    name_zh: Name
    name_en: Name
    floors: Annotated[int, Meta(ge=1, le=200)]
    shape: Annotated[list[tuple[Place, Place]], Meta(min_length=3, max_length=40)]


class RegisterUnitIn(Struct, forbid_unknown_fields=True):
    building_code: Code
    code: Code
    floor: Annotated[int, Meta(ge=-10, le=200)]
    area_m2: Decimal
    use: UnitUse = "office"

    def __post_init__(self) -> None:
        """Refuse an area that no unit has; the decoder has no bounds for decimals."""
        if not 0 < self.area_m2 <= LARGEST_AREA:
            raise ValueError(f"area_m2 must be more than 0 and at most {LARGEST_AREA}")


class SignLeaseIn(Struct, forbid_unknown_fields=True):
    """A lease to sign; `number` is the contract number, the last day is included."""

    number: Code
    enterprise_id: UUID
    unit_codes: Annotated[list[Code], Meta(min_length=1, max_length=50)]
    start_on: date
    end_on: date
    rent_fen_per_m2_month: Fen


class EndLeaseIn(Struct, forbid_unknown_fields=True):
    last_day: date
    reason: Annotated[str, Meta(max_length=200)] = ""


class DeliverReadingsIn(Struct, forbid_unknown_fields=True):
    """Daily kWh as data; `source` is shown in the list of imports."""

    source: Annotated[str, Meta(min_length=1, max_length=200)]
    series: Annotated[list[MeterSeries], Meta(min_length=1, max_length=500)]


class ReviewSignalIn(Struct, forbid_unknown_fields=True):
    note: Annotated[str, Meta(min_length=1, max_length=500)]


class IdOut(Struct):
    id: UUID


class ParkOut(Struct):
    id: UUID
    code: str
    name_zh: str
    name_en: str
    operator_id: UUID
    division_code: str
    address_zh: str
    address_en: str
    version: int


class BuildingOut(Struct):
    """A building with its occupancy today: `share` is let over lettable area, null where nothing can be let."""

    id: UUID
    code: str
    name_zh: str
    name_en: str
    floors: int
    shape: list[list[int]]
    units: int
    units_let: int
    total_m2: Decimal
    let_m2: Decimal
    share: float | None


class OccupancyOut(Struct):
    day: date
    total_m2: Decimal
    let_m2: Decimal
    share: float | None
    buildings: list[BuildingOut]


class UnitOut(Struct):
    id: UUID
    code: str
    building_code: str
    floor: int
    use: UnitUse
    area_m2: Decimal
    enterprise_id: UUID | None
    tenant_zh: str | None
    tenant_en: str | None
    lease_number: str | None
    lease_ends_on: date | None


class LeaseOut(Struct):
    id: UUID
    number: str
    enterprise_id: UUID
    state: LeaseState
    start_on: date
    end_on: date
    agreed_end_on: date
    rent_fen_per_m2_month: int
    version: int
    unit_codes: list[str]


class EndingLeaseOut(Struct):
    """`step` is the notice step the end falls in: 30, 90 or 180 days."""

    id: UUID
    number: str
    enterprise_id: UUID
    company_zh: str
    company_en: str
    unit_codes: list[str]
    area_m2: Decimal
    end_on: date
    days_left: int
    step: int
    is_renewed: bool


class TenantRowOut(Struct):
    """A tenant in the list. `change_30` is the share above (+) or below (-) the expectation of the last 30 measured days."""

    enterprise_id: UUID
    name_zh: str
    name_en: str
    uscc: str
    industry_code: str
    unit_codes: str
    area_m2: Decimal
    lease_ends_on: date | None
    kwh_30: Decimal | None
    change_30: float | None
    signal_on: date | None
    measured_to: date | None


class FactOut(Struct):
    """A fact with where it comes from; null value means unknown."""

    name: str
    value: Any
    unit: str = ""
    period_end: date | None = None
    source: str = ""
    authority: str = ""
    seen_at: datetime | None = None


class SignalOut(Struct):
    """The meters showed less than expected; the evidence, and no verdict about the company."""

    id: UUID
    enterprise_id: UUID
    state: str
    since: date
    raised_on: date
    last_on: date
    days: int
    actual_kwh: Decimal
    expected_kwh: Decimal
    slack: float
    threshold: float
    note: str
    version: int


class TimelineOut(Struct):
    at: datetime
    event: str
    text_zh: str
    text_en: str
    link: str


class TenantOut(Struct):
    enterprise_id: UUID
    name_zh: str
    name_en: str
    uscc: str
    industry_code: str
    division_code: str
    legal_basis: str
    facts: list[FactOut]
    leases: list[LeaseOut]
    signals: list[SignalOut]
    timeline: list[TimelineOut]


class EnergyOut(Struct):
    """kWh per day, actual against expected; `path` is the summed shortfall that raises a signal at `threshold`."""

    days: Sequence[date]
    actual: Sequence[float | None]
    expected: Sequence[float | None]
    path: Sequence[float | None]
    threshold: float
    change_30: float | None


class FaultOut(Struct):
    line: int
    column: str
    code: str
    value: str
    message: str


class ImportOut(Struct):
    id: UUID
    source: str
    state: ImportState
    hourly: bool
    rows_good: int
    rows_bad: int
    meter_count: int
    total_kwh: Decimal
    first_day: date | None
    last_day: date | None
    job_id: UUID | None
    created_at: datetime
    live_at: datetime | None
    undone_at: datetime | None
    version: int
    faults: list[FaultOut]


class OwnLeaseOut(Struct):
    """A company's own place in a park."""

    park_id: UUID
    park_code: str
    park_zh: str
    park_en: str
    leases: list[LeaseOut]
    signals: list[SignalOut]
    change_30: float | None


class SeriesOut(Struct, omit_defaults=True):
    """One line of a chart."""

    name: str
    values: Sequence[float | None]
    style: str = ""
    tone: str = ""


class ChartOut(Struct):
    """A chart for the portal's own pages, in the words of the reader."""

    kind: str
    x: Sequence[str]
    unit: str
    series: list[SeriesOut]
