"""Reads a meter file (CSV or xlsx) and names every fault by line and column. Pure: bytes in, rows and faults out.

Two layouts are understood, with Chinese or English headings: one reading a line (meter, day or hour, kWh), and one column per
meter with the day or hour in the first column. An hour is named by its beginning, in Asia/Shanghai. Days of an hourly file
count only when all 24 hours are there, because a half day would look like a fall in use.
"""

import csv
import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from msgspec import Struct
from python_calamine import CalamineError, CalamineWorkbook

from park.rules import to_wh

MOST_BYTES = 10 * 1024 * 1024
MOST_UNPACKED_BYTES = 200_000_000
MOST_ROWS = 600_000
EARLIEST_DAY = date(2000, 1, 1)  # before it a day is a slip of the pen
MOST_KWH = Decimal(10_000_000)  # a day of a 400 MW plant; beyond it the column is surely not kWh
KEPT_FAULTS = 200
WHOLE_DAY = -1
MIDNIGHT_OR_DAY = -2  # xlsx readers give both as a plain date; which one it is depends on the rest of the file

METER_HEADINGS = {"meter", "meter_code", "meter code", "表号", "电表", "电表编号", "表计编号"}
TIME_HEADINGS = {"day", "date", "time", "timestamp", "hour", "日期", "时间", "时刻", "抄表日期", "抄表时间"}
KWH_HEADINGS = {"kwh", "electricity kwh", "energy", "energy kwh", "电量", "用电量", "电量kwh", "用电量kwh"}
NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,9})?")
DAY_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")
HOUR_FORMATS = tuple(
    f"{day}{gap}{clock}" for day in DAY_FORMATS[:4] for gap in (" ", "T") for clock in ("%H:%M", "%H:%M:%S")
)

FaultCode = Literal[
    "empty", "unreadable", "too_large", "too_many_rows", "no_heading", "unknown_meter", "bad_time", "not_on_the_hour",
    "mixed", "future", "no_number", "negative", "too_much", "twice", "part_of_day",
]  # fmt: skip


class Fault(Struct, frozen=True):
    """One thing that is wrong: the line as a spreadsheet counts it (1 = heading), the column's heading, and what stands there."""

    line: int
    column: str
    code: FaultCode
    value: str = ""


class ReadingRow(Struct, frozen=True):
    """One good reading; `hour` is 0..23, or WHOLE_DAY."""

    meter_code: str
    day: date
    hour: int
    wh: int


class ReadingFile(Struct, frozen=True):
    """What a file holds. `faults` keeps the first 200, `bad` counts all lines and cells that are left out."""

    hourly: bool
    rows: tuple[ReadingRow, ...]
    faults: tuple[Fault, ...]
    bad: int

    @property
    def total(self) -> int:
        return len(self.rows) + self.bad


class _Refused(Exception):
    """The file as a whole cannot be read."""

    def __init__(self, code: FaultCode, value: str = "", line: int = 1) -> None:
        super().__init__(code)
        self.fault = Fault(line, "", code, value)


class _Cell(Struct, frozen=True):
    line: int
    column: str
    time_column: str
    meter: str
    meter_column: str
    when: Any
    kwh: Any


def read_file(name: str, content: bytes, meter_codes: Collection[str], today: date) -> ReadingFile:
    """Read a file whose name ends in .csv or .xlsx. Never raises for bad content: a hopeless file is one fault and no rows."""
    try:
        return _collect(_cells(_table(name, content)), set(meter_codes), today)
    except _Refused as refused:
        return ReadingFile(hourly=False, rows=(), faults=(refused.fault,), bad=1)


def _table(name: str, content: bytes) -> Iterator[tuple[int, Sequence[Any]]]:
    if not content.strip():
        raise _Refused("empty")
    if len(content) > MOST_BYTES:
        raise _Refused("too_large", str(len(content)))
    return _xlsx(content) if content.startswith(b"PK") or name.lower().endswith(".xlsx") else _csv(content)


def _csv(content: bytes) -> Iterator[tuple[int, Sequence[Any]]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _Refused("unreadable")
    if "\x00" in text:
        raise _Refused("unreadable")
    first_line = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise _Refused("unreadable", line=reader.line_num) from error


def _xlsx(content: bytes) -> Iterator[tuple[int, Sequence[Any]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED_BYTES:
                raise _Refused("too_large")
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (zipfile.BadZipFile, CalamineError, OSError, ValueError, IndexError) as error:
        raise _Refused("unreadable") from error
    yield from enumerate(rows, start=1)


def _heading(value: Any) -> str:
    return re.sub(r"[\s()（）_/]+", " ", str(value or "")).strip().lower()


def _cells(table: Iterable[tuple[int, Sequence[Any]]]) -> Iterator[_Cell]:
    lines = ((number, row) for number, row in table if any(str(cell).strip() for cell in row if cell is not None))
    number, heading = next(lines, (1, ()))
    names = [_heading(cell) for cell in heading]
    shown = [str(cell or "").strip() for cell in heading]
    meter = next((at for at, name in enumerate(names) if name in METER_HEADINGS), None)
    moment = next((at for at, name in enumerate(names) if name in TIME_HEADINGS), None)
    kwh = next(
        (at for at, name in enumerate(names) if name.replace(" ", "") in {h.replace(" ", "") for h in KWH_HEADINGS}),
        None,
    )
    if moment is None or (meter is None) != (kwh is None) or len(names) < 2:
        raise _Refused("no_heading", ", ".join(shown)[:120], number)
    for line, row in lines:

        def at(position: int, row: Sequence[Any] = row) -> Any:
            return row[position] if position < len(row) else None

        if meter is not None and kwh is not None:
            code = at(meter)
            text = str(int(code)) if isinstance(code, float) and code.is_integer() else str(code or "").strip()
            yield _Cell(line, shown[kwh], shown[moment], text, shown[meter], at(moment), at(kwh))
            continue
        for position, code in enumerate(shown):
            value = at(position)
            if position != moment and code and value is not None and str(value).strip():
                yield _Cell(line, code, shown[moment], code, code, at(moment), value)


def _collect(cells: Iterable[_Cell], meters: set[str], today: date) -> ReadingFile:
    rows: dict[tuple[str, date, int], tuple[int, _Cell]] = {}
    faults = _Faults()
    timed: list[tuple[_Cell, _Moment | None]] = []
    for cell in cells:
        if len(timed) == MOST_ROWS:
            raise _Refused("too_many_rows", str(MOST_ROWS), cell.line)
        timed.append((cell, _moment(cell.when)))
    if not timed:
        raise _Refused("empty")
    hours = sum(1 for _cell, moment in timed if moment is not None and moment.hour >= 0)
    whole_days = sum(1 for _cell, moment in timed if moment is not None and moment.hour == WHOLE_DAY)
    hourly = hours > whole_days  # what most lines say; the others are named as mixed in
    for cell, moment in timed:
        slot = _slot(cell, moment, meters, today, hourly=hourly)
        if isinstance(slot, _Refusal):
            faults.add(cell, slot.code, slot.column, slot.value)
        elif slot in rows:
            faults.add(cell, "twice", cell.time_column, cell.when)
        elif isinstance(wh := _wh(cell.kwh), str):
            faults.add(cell, wh, cell.column, cell.kwh)
        else:
            rows[slot] = (wh, cell)
    if hourly:
        for key in _part_days(rows):
            _wh_left_out, cell = rows.pop(key)
            faults.add(cell, "part_of_day", cell.time_column, cell.when)
    good = tuple(
        ReadingRow(meter, day, hour, wh) for (meter, day, hour), (wh, _cell) in sorted(rows.items(), key=_by_key)
    )
    return ReadingFile(hourly=hourly, rows=good, faults=faults.in_order(), bad=faults.count)


class _Refusal(Struct, frozen=True):
    code: FaultCode
    column: str
    value: Any


def _slot(
    cell: _Cell, moment: "_Moment | None", meters: set[str], today: date, *, hourly: bool
) -> tuple[str, date, int] | _Refusal:
    """Return whose reading of when a cell is, or why it is none."""
    if cell.meter not in meters:
        return _Refusal("unknown_meter", cell.meter_column, cell.meter)
    if moment is None or moment.day < EARLIEST_DAY:
        return _Refusal("bad_time", cell.time_column, cell.when)
    hour = (0 if hourly else WHOLE_DAY) if moment.hour == MIDNIGHT_OR_DAY else moment.hour
    code: FaultCode | None = None
    if moment.off_the_hour:
        code = "not_on_the_hour"
    elif hourly != (hour != WHOLE_DAY):
        code = "mixed"
    elif moment.day > today:
        code = "future"
    return (cell.meter, moment.day, hour) if code is None else _Refusal(code, cell.time_column, cell.when)


def _by_key(item: tuple[tuple[str, date, int], Any]) -> tuple[str, date, int]:
    return item[0]


class _Faults:
    """Counts every fault and keeps the first ones."""

    def __init__(self) -> None:
        self.count = 0
        self._kept: list[Fault] = []

    def add(self, cell: _Cell, code: FaultCode, column: str, value: Any) -> None:
        self.count += 1
        if len(self._kept) < KEPT_FAULTS:
            self._kept.append(Fault(cell.line, column, code, str("" if value is None else value)[:60]))

    def in_order(self) -> tuple[Fault, ...]:
        return tuple(sorted(self._kept, key=lambda fault: fault.line))


def _part_days(rows: Iterable[tuple[str, date, int]]) -> list[tuple[str, date, int]]:
    by_day: dict[tuple[str, date], list[tuple[str, date, int]]] = defaultdict(list)
    for key in rows:
        by_day[key[0], key[1]].append(key)
    return [key for keys in by_day.values() if len(keys) != 24 for key in keys]


class _Moment(Struct, frozen=True):
    day: date
    hour: int
    off_the_hour: bool = False


def _moment(value: Any) -> _Moment | None:
    """Return what a time cell says; None when it is no time at all."""
    if isinstance(value, datetime):
        return _Moment(value.date(), value.hour, bool(value.minute or value.second))
    if isinstance(value, date):
        return _Moment(value, MIDNIGHT_OR_DAY)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _moment_of_text(str(value or "").strip())


@lru_cache(maxsize=20_000)
def _moment_of_text(text: str) -> _Moment | None:
    if not text or len(text) > 30 or (not text.isascii() and "年" not in text):
        return None
    for pattern in DAY_FORMATS:
        try:
            return _Moment(datetime.strptime(text, pattern).date(), WHOLE_DAY)  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    for pattern in HOUR_FORMATS:
        try:
            moment = datetime.strptime(text, pattern)  # noqa: DTZ007 - by definition the wall clock of Shanghai
        except ValueError:
            continue
        return _Moment(moment.date(), moment.hour, bool(moment.minute or moment.second))
    return None


def _wh(value: Any) -> int | FaultCode:
    if isinstance(value, bool) or value is None:
        return "no_number"
    # A float is what a spreadsheet stores; nine decimals drop its noise, a microwatt-hour is beyond any meter.
    text = f"{value:.9f}" if isinstance(value, float) else str(value).strip()
    if NUMBER.fullmatch(text) is None:
        return "no_number"
    kwh = Decimal(text)
    if kwh < 0:
        return "negative"
    return "too_much" if kwh > MOST_KWH else to_wh(kwh)
