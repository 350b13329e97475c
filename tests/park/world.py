"""A small park for tests: two buildings, a few units, companies, and readings with a known shape."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import park
from enterprises import EnterpriseIn, complete_uscc, register_enterprise
from kernel.act import Act, Actor
from kernel.ground import Ground
from park import BuildingIn, LeaseIn, MeterSeries, ParkIn, ReadingsIn, UnitIn
from tests.make import Make

TODAY = date(2026, 11, 23)
UNITS = (
    ("A", "A-101", 1, "420", "office"),
    ("A", "A-102", 1, "380.5", "office"),
    ("A", "A-201", 2, "400", "laboratory"),
    ("A", "A-001", 1, "60", "common"),
    ("B", "B-101", 1, "1900", "workshop"),
    ("B", "B-102", 1, "2100", "workshop"),
)


class World:
    """One park with its operator, made through the front door."""

    def __init__(self, ground: Ground, operator_id: UUID, park_id: UUID, code: str) -> None:
        self.ground, self.operator_id, self.park_id, self.code = ground, operator_id, park_id, code
        self.make = Make(ground)
        self._companies = 0

    @property
    def act(self) -> Act:
        """The system's deed."""
        return self.make.act()

    @property
    def operator(self) -> Act:
        """A deed of the operator, as a person."""
        return self.make.act(
            Actor(
                kind="person", id=self.operator_id, name="运营员", organisation_id=self.operator_id, organisation_kind="park",
                roles=frozenset({"park_operator"}), epoch=1,
            )
        )  # fmt: skip

    async def company(self, name: str = "滨海测试", industry: str = "6513") -> UUID:
        """A registered company with a valid credit code."""
        self._companies += 1
        serial = sum(self.code.encode()) % 90 * 1000 + self._companies
        uscc = complete_uscc(f"91120116MA0{serial:05d}")
        async with self.ground.database.write() as db:
            return await register_enterprise(
                db, self.act,
                EnterpriseIn(
                    uscc=uscc, name_zh=f"{name}{self._companies}有限公司", name_en=f"Binhai Test {self._companies} Co., Ltd.",
                    industry_code=industry, division_code="120116", registered_on=date(2018, 5, 1),
                ),
            )  # fmt: skip

    def lease(
        self, company: UUID, *units: str, number: str = "L-1", start: date = date(2025, 1, 1), end: date = date(2027, 12, 31),
        rent: int = 5800,
    ) -> LeaseIn:  # fmt: skip
        return LeaseIn(self.code, number, company, units or ("A-101",), start, end, rent)

    async def sign(self, given: LeaseIn) -> UUID:
        async with self.ground.database.write() as db:
            return await park.sign_lease(db, self.act, given)

    async def read(self, *series: MeterSeries, source: str = "test") -> UUID:
        return await park.import_readings(self.ground, self.act, ReadingsIn(self.code, source, series))


def series(unit: str, values: Sequence[float | None], *, last: date = TODAY, meter: str = "") -> MeterSeries:
    """A meter on a unit with daily values that end on a day."""
    first = last - timedelta(days=len(values) - 1)
    return MeterSeries(
        meter or f"M-{unit}",
        unit,
        first,
        tuple(None if value is None else Decimal(str(round(value, 3))) for value in values),
    )


def weekly(days: int, base: float = 100.0, *, last: date = TODAY) -> list[float]:
    """A steady use with a weekend dip."""
    first = last - timedelta(days=days - 1)
    return [base * (0.4 if (first + timedelta(days=step)).weekday() >= 5 else 1.0) for step in range(days)]


def winding_down(days: int, ramp: int = 75, floor: float = 0.25) -> list[float]:
    """A steady use that falls to a quarter over the last days."""
    values = weekly(days)
    for step in range(ramp):
        values[days - ramp + step] *= 1 - (1 - floor) * step / (ramp - 1)
    return values


async def build_world(ground: Ground, code: str = "binhai") -> World:
    """A park with buildings and units."""
    make = Make(ground)
    operator = await make.organisation("park", name_zh="滨海园区运营", name_en="Binhai Operations")
    act = make.act()
    async with ground.database.write() as db:
        park_id = await park.register_park(
            db, act, ParkIn(code, "滨海数字产业园", "Binhai Digital Park", operator, division_code="120116")
        )
        await park.register_building(
            db, act, BuildingIn(code, "A", "研发一号楼", "Research 1", 6, ((80, 60), (300, 60), (300, 150), (80, 150)))
        )
        await park.register_building(
            db, act, BuildingIn(code, "B", "标准厂房一", "Hall 1", 2, ((80, 230), (380, 230), (380, 380), (80, 380)))
        )
        for building, unit, floor, area, use in UNITS:
            await park.register_unit(db, act, UnitIn(code, building, unit, floor, Decimal(area), use))  # type: ignore[arg-type]
    return World(ground, operator, park_id, code)
