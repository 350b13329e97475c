"""What crosses the front door of the park room.

Other rooms and the demo loader speak to the park in these frozen shapes only; none of them knows a table.
Units: areas are square metres with at most two decimals, rent is integer fen per square metre and month, electricity is kWh,
days are days of Asia/Shanghai and every period includes its last day.
"""

from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from msgspec import Struct

UnitUse = Literal["office", "workshop", "laboratory", "warehouse", "shop", "common"]
"""What a unit is for. "common" (公共配套) belongs to the building but is never let and never counts in occupancy."""

LeaseState = Literal["upcoming", "running", "ended", "cancelled"]
"""Where a lease is on a given day. "cancelled" never held a unit."""

ImportState = Literal["checked", "refused", "staging", "live", "undone", "cancelled", "failed"]
"""The life of one meter file: checked (dry run done) → staging → live → undone; refused, cancelled and failed hold no readings."""


class ParkIn(Struct, frozen=True, forbid_unknown_fields=True):
    """A park and the organisation that runs it. `code` is the key: registering twice changes the row, never adds one."""

    code: str
    name_zh: str
    name_en: str
    operator_id: UUID
    division_code: str = ""  # GB/T 2260
    address_zh: str = ""
    address_en: str = ""


class BuildingIn(Struct, frozen=True, forbid_unknown_fields=True):
    """A building; `shape` is its outline on the site plan: at least three points, x and y from 0 to 1000, y growing downwards."""

    park_code: str
    code: str
    name_zh: str
    name_en: str
    floors: int
    shape: tuple[tuple[int, int], ...]


class UnitIn(Struct, frozen=True, forbid_unknown_fields=True):
    """One lettable (or common) unit of a building. The code is unique in the park, for example "A-301"."""

    park_code: str
    building_code: str
    code: str
    floor: int
    area_m2: Decimal
    use: UnitUse = "office"


class LeaseIn(Struct, frozen=True, forbid_unknown_fields=True):
    """A lease (租赁合同) of one or more units to one company. `number` is the contract number: the same number signs only once."""

    park_code: str
    number: str
    enterprise_id: UUID
    unit_codes: tuple[str, ...]
    start_on: date
    end_on: date
    rent_fen_per_m2_month: int


class MeterSeries(Struct, frozen=True, forbid_unknown_fields=True):
    """Daily electricity of one meter from `first_day` on, one value a day; None is a day without a reading.

    The meter is registered when it is new: it measures `unit_code`.
    """

    meter_code: str
    unit_code: str
    first_day: date
    daily_kwh: tuple[Decimal | None, ...]


class ReadingsIn(Struct, frozen=True, forbid_unknown_fields=True):
    """Readings that another program hands over as data instead of a file. The same content is stored once."""

    park_code: str
    source: str  # shown in the list of imports, for example "demo:electricity 2025-2026"
    series: tuple[MeterSeries, ...]


class Tenant(Struct, frozen=True):
    """A company with a lease in a park, as other rooms may see it."""

    park_id: UUID
    park_code: str
    park_name_zh: str
    park_name_en: str
    enterprise_id: UUID
    unit_codes: str
    area_m2: Decimal
    lease_ends_on: date | None


class WatchSettings(Struct, frozen=True):
    """The two numbers of the CUSUM and its window. Defaults were measured: reference rule k 0.2, h 5 (0.22 false alarms a meter-year)."""

    slack: float = 0.2  # k: daily log shortfall that is taken as normal; exp(-0.2) is about 18 % below expectation
    threshold: float = 5.0  # h: summed shortfall beyond the slack that raises a signal
    clip: float = 1.0  # one day counts at most this log ratio
    smoothing_days: int = 7
    merge_days: int = 30  # alarms closer than this belong to one signal
