"""`--real-data`: real shapes and a real bill beside the generated ones, each marked with where it comes from.

The files stay where they are; nothing of them ships with the product. Load shapes keep their weekdays: a year is moved by
whole weeks to end before today.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import park
from kernel.texts import Text
from portal.demo.loading.money import import_bill
from portal.demo.loading.place import PARK_CODE, operator_act
from portal.demo.loading.sequence import Work
from portal.demo.loading.stage import Stage
from portal.operations.errors import OperationError

FOCUS = "focus_sample.csv"
SIMBENCH = "simbench_business_load_2016_hourly.parquet"
STEEL = "steel_industry_energy_kr_2018_15min.parquet"
FOCUS_COMPANY, STEEL_COMPANY = "beichuan", "guangfu"
# A SimBench shape (scaled to its own peak) and the kW it is scaled to, for a second meter of a company of that kind.
SHAPES = {
    "yunji": ("G1-A", 42), "anquan": ("G1-B", 38), "jicheng": ("G1-C", 55), "yunwei": ("G6-A", 40), "hanxing": ("BL-H", 410),
    "shengwu": ("G3-A", 95), "jiance": ("G3-M", 60), "mianbao": ("G5-A", 28), "chaoshi": ("G4-A", 46), "canyin": ("G2-A", 33),
}  # fmt: skip


def real_steps(folder: Path) -> list[Work]:
    """The steps for the files that are in the folder; OperationError when none of them is."""
    steps: list[tuple[str, str, Text, Callable[[Stage, Path], Awaitable[None]]]] = [
        (FOCUS, "real-focus", Text("真实 FOCUS 账单", "A real FOCUS bill"), load_focus),
        (SIMBENCH, "real-simbench", Text("SimBench 负荷曲线", "SimBench load shapes"), load_simbench),
        (STEEL, "real-steel", Text("真实钢厂用电", "A real steel factory's electricity"), load_steel),
    ]
    found = [
        Work(key, title, _bound(load, folder / name)) for name, key, title, load in steps if (folder / name).is_file()
    ]
    if not found:
        names = ", ".join(name for name, _key, _title, _load in steps)
        raise OperationError(f"{folder} 中没有 {names}。", f"None of {names} is in {folder}.")
    return found


def _bound(load: Callable[[Stage, Path], Awaitable[None]], path: Path) -> Callable[[Stage], Awaitable[None]]:
    async def run(stage: Stage) -> None:
        await load(stage, path)

    return run


async def load_focus(stage: Stage, path: Path) -> None:
    """The FinOps Foundation's own sample (CC BY 4.0): a real anonymised bill, in dollars, with the defects real bills have."""
    content = await asyncio.to_thread(path.read_bytes)
    await import_bill(
        stage, FOCUS_COMPANY, content, pulled=False, name=path.name, source="demo:FinOps FOCUS sample, CC BY 4.0"
    )


async def load_simbench(stage: Stage, path: Path) -> None:
    """Ten business load shapes of SimBench (ODbL 1.0) as second meters of ten companies."""
    days = await asyncio.to_thread(read_daily, path, "time", [shape for shape, _peak in SHAPES.values()], 1.0)
    series = tuple(
        _series(stage, key, "S", {day: value * peak for day, value in days[shape].items()})
        for key, (shape, peak) in SHAPES.items()
    )
    await _import(stage, series, "demo:shapes SimBench 2016, ODbL 1.0")


async def load_steel(stage: Stage, path: Path) -> None:
    """One real factory (Gwangyang, 2018; UCI 851, CC BY 4.0) as a second meter of one company."""
    days = await asyncio.to_thread(read_daily, path, "date", ["Usage_kWh"], 1.0)
    await _import(
        stage, (_series(stage, STEEL_COMPANY, "R", days["Usage_kWh"]),), "demo:UCI 851 steel factory 2018, CC BY 4.0"
    )


def read_daily(path: Path, moments: str, columns: list[str], hours_per_row: float) -> dict[str, dict[date, float]]:
    """Daily sums of some columns of a Parquet file of readings (kWh a row, or kW by the hour)."""
    from pyarrow import parquet

    table = parquet.read_table(path, columns=[moments, *columns])
    stamps: list[datetime] = table.column(moments).to_pylist()
    sums: dict[str, dict[date, float]] = {}
    for name in columns:
        daily: dict[date, float] = {}
        for stamp, value in zip(stamps, table.column(name).to_pylist(), strict=True):
            day = (
                stamp.date()
            )  # both files write a day's readings under its own date, the steel factory's last one as 00:00
            daily[day] = daily.get(day, 0.0) + float(value or 0) * hours_per_row
        sums[name] = daily
    return sums


def _series(stage: Stage, key: str, prefix: str, daily: dict[date, float]) -> park.MeterSeries:
    """A year moved by whole weeks to end before today, as one more meter of the company's first unit."""
    tenant = stage.tenant(key)
    unit = tenant.lease.units[0]
    last = max(daily)
    weeks = (stage.world.today - last).days // 7
    moved = {day + timedelta(weeks=weeks): value for day, value in daily.items()}
    first = max(min(moved), tenant.lease.start)
    span = range((max(moved) - first).days + 1)
    values = (moved.get(first + timedelta(days=number)) for number in span)
    return park.MeterSeries(
        meter_code=f"{prefix}-{unit}",
        unit_code=unit,
        first_day=first,
        daily_kwh=tuple(None if value is None else Decimal(str(round(value, 1))) for value in values),
    )


async def _import(stage: Stage, series: tuple[park.MeterSeries, ...], source: str) -> None:
    act = await operator_act(stage, 0, hour=0)
    await park.import_readings(stage.ground, act, park.ReadingsIn(park_code=PARK_CODE, source=source, series=series))
