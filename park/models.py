"""Tables of the park: the place (park, building, unit), who holds it (lease, tenant), and what its meters show.

Meters, imports and readings use integer keys because there are many of them; a reading's day is the day's ordinal number
(date.toordinal), so that it is the same on both databases. Areas are integer square decimetres, energy is integer Wh.
Readings are never changed: they belong to one import, and an import counts while it is live. Undoing is one changed row.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy import Text as LongText
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, JsonDocument, MaybeMoment, Moment, Version


class Park(Base):
    """A park and the organisation that runs it."""

    __tablename__ = "park"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name_zh: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    division_code: Mapped[str] = mapped_column(String(12), default="")
    address_zh: Mapped[str] = mapped_column(String(200), default="")
    address_en: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[Moment]
    version: Mapped[Version]


class Building(Base):
    """A building with its outline on the site plan (points of 0..1000)."""

    __tablename__ = "park_building"
    __table_args__ = (UniqueConstraint("park_id", "code"),)

    id: Mapped[Id]
    park_id: Mapped[UUID] = mapped_column(ForeignKey("park.id"))
    code: Mapped[str] = mapped_column(String(40))
    name_zh: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    floors: Mapped[int]
    shape: Mapped[JsonDocument]
    created_at: Mapped[Moment]
    version: Mapped[Version]


class Unit(Base):
    """A unit of a building. `lease_count` rises with every lease signed on it: the write that makes two signers wait in line."""

    __tablename__ = "park_unit"
    __table_args__ = (UniqueConstraint("park_id", "code"), CheckConstraint("area_dm2 > 0", name="area_positive"))

    id: Mapped[Id]
    park_id: Mapped[UUID] = mapped_column(ForeignKey("park.id"))
    building_id: Mapped[UUID] = mapped_column(ForeignKey("park_building.id"), index=True)
    code: Mapped[str] = mapped_column(String(40))
    floor: Mapped[int]
    area_dm2: Mapped[int] = mapped_column(BigInteger)
    use: Mapped[str] = mapped_column(String(20))
    lease_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment]
    version: Mapped[Version]


class Lease(Base):
    """A lease contract. `end_on` is its last day as it stands now, `agreed_end_on` as it was signed."""

    __tablename__ = "park_lease"
    __table_args__ = (
        UniqueConstraint("park_id", "number"),
        CheckConstraint("state IN ('signed', 'closed', 'cancelled')", name="state_known"),
        Index("ix_park_lease_state_end", "state", "end_on"),
    )

    id: Mapped[Id]
    park_id: Mapped[UUID] = mapped_column(ForeignKey("park.id"))
    number: Mapped[str] = mapped_column(String(40))
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    start_on: Mapped[date]
    end_on: Mapped[date]
    agreed_end_on: Mapped[date]
    rent_fen_per_m2_month: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="signed")
    end_reason: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[Moment]
    closed_at: Mapped[MaybeMoment]
    version: Mapped[Version]


class LeaseUnit(Base):
    """A unit held under a lease, with the area as it was signed."""

    __tablename__ = "park_lease_unit"

    lease_id: Mapped[UUID] = mapped_column(ForeignKey("park_lease.id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("park_unit.id"), primary_key=True, index=True)
    area_dm2: Mapped[int] = mapped_column(BigInteger)


class ParkTenant(Base):
    """A company in a park as lists show it: a copy of its identity, and sums that leases and the watch keep up to date."""

    __tablename__ = "park_tenant"
    __table_args__ = (
        UniqueConstraint("park_id", "enterprise_id"),
        Index("ix_park_tenant_enterprise", "enterprise_id"),
    )

    id: Mapped[Id]
    park_id: Mapped[UUID] = mapped_column(ForeignKey("park.id"))
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    is_current: Mapped[bool]
    name_zh: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200), default="")
    uscc: Mapped[str] = mapped_column(String(18), default="")
    industry_code: Mapped[str] = mapped_column(String(8), default="", index=True)
    unit_codes: Mapped[str] = mapped_column(String(400), default="")
    area_dm2: Mapped[int] = mapped_column(BigInteger, default=0)
    rent_fen_month: Mapped[int] = mapped_column(BigInteger, default=0)
    since_on: Mapped[date | None]
    ends_on: Mapped[date | None] = mapped_column(index=True)
    wh_30: Mapped[int | None] = mapped_column(BigInteger)
    expected_wh_30: Mapped[int | None] = mapped_column(BigInteger)
    change_30: Mapped[float | None]
    path_value: Mapped[float | None]
    measured_to: Mapped[date | None]
    signal_on: Mapped[date | None]
    updated_at: Mapped[Moment]


class Meter(Base):
    """An electricity meter; it measures one unit."""

    __tablename__ = "park_meter"
    __table_args__ = (UniqueConstraint("park_id", "code"),)

    key: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    park_id: Mapped[UUID] = mapped_column(ForeignKey("park.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("park_unit.id"), index=True)
    code: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[Moment]


class ReadingImport(Base):
    """One file, or one delivery of data, with readings; its readings count while `state` is "live".

    The partial unique index makes the same content live (or on its way) only once in a park.
    """

    __tablename__ = "park_import"
    __table_args__ = (
        Index(
            "uq_park_import_content", "park_id", "sha256", unique=True,
            sqlite_where=text("state IN ('staging', 'live')"), postgresql_where=text("state IN ('staging', 'live')"),
        ),
        Index("ix_park_import_park", "park_id", "created_at"),
    )  # fmt: skip

    key: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    park_id: Mapped[UUID] = mapped_column(ForeignKey("park.id"))
    source: Mapped[str] = mapped_column(String(200))
    file_id: Mapped[UUID | None]
    sha256: Mapped[str] = mapped_column(String(64))
    hourly: Mapped[bool]
    state: Mapped[str] = mapped_column(String(10))
    rows_good: Mapped[int] = mapped_column(default=0)
    rows_bad: Mapped[int] = mapped_column(default=0)
    rows_done: Mapped[int] = mapped_column(default=0)
    meter_count: Mapped[int] = mapped_column(default=0)
    total_wh: Mapped[int] = mapped_column(BigInteger, default=0)
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    faults: Mapped[JsonDocument]
    job_id: Mapped[UUID | None]
    note: Mapped[str] = mapped_column(LongText, default="")
    created_by: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[Moment]
    live_at: Mapped[MaybeMoment]
    undone_at: Mapped[MaybeMoment]
    version: Mapped[Version]


class DayReading(Base):
    """Electricity of one meter on one day, as one import tells it. Pages read these sums."""

    __tablename__ = "park_reading_day"
    __table_args__ = (Index("ix_park_reading_day_meter", "meter_key", "day"),)

    import_key: Mapped[int] = mapped_column(ForeignKey("park_import.key"), primary_key=True, autoincrement=False)
    meter_key: Mapped[int] = mapped_column(ForeignKey("park_meter.key"), primary_key=True, autoincrement=False)
    day: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    wh: Mapped[int] = mapped_column(BigInteger)


class HourReading(Base):
    """Electricity of one meter in one hour; `hour` is the day's ordinal times 24 plus the hour of the day in Shanghai."""

    __tablename__ = "park_reading_hour"
    __table_args__ = (Index("ix_park_reading_hour_meter", "meter_key", "hour"),)

    import_key: Mapped[int] = mapped_column(ForeignKey("park_import.key"), primary_key=True, autoincrement=False)
    meter_key: Mapped[int] = mapped_column(ForeignKey("park_meter.key"), primary_key=True, autoincrement=False)
    hour: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    wh: Mapped[int] = mapped_column(BigInteger)


class WatchSignal(Base):
    """A stretch in which a company's meters showed less than expected, with its evidence and what the operator made of it."""

    __tablename__ = "park_signal"
    __table_args__ = (UniqueConstraint("park_id", "enterprise_id", "raised_on"),)

    id: Mapped[Id]
    park_id: Mapped[UUID] = mapped_column(ForeignKey("park.id"))
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    since: Mapped[date]
    raised_on: Mapped[date]
    last_on: Mapped[date]
    days: Mapped[int]
    actual_wh: Mapped[int] = mapped_column(BigInteger)
    expected_wh: Mapped[int] = mapped_column(BigInteger)
    slack: Mapped[float]
    threshold: Mapped[float]
    state: Mapped[str] = mapped_column(String(10), default="open")
    note: Mapped[str] = mapped_column(String(500), default="")
    reviewed_by: Mapped[str] = mapped_column(String(120), default="")
    reviewed_at: Mapped[MaybeMoment]
    created_at: Mapped[Moment]
    version: Mapped[Version]
