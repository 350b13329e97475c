"""Meter files: what is read, and how every fault is named by line and column."""

import io
import zipfile
from datetime import date, datetime, timedelta

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from park.reading_file import WHOLE_DAY, read_file

TODAY = date(2026, 11, 23)
METERS = {"M-1", "M-2", "7"}


def xlsx(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def faults(content: bytes, name: str = "a.csv") -> list[tuple[int, str, str, str]]:
    return [(one.line, one.column, one.code, one.value) for one in read_file(name, content, METERS, TODAY).faults]


def test_a_long_table_in_english_and_a_wide_one_in_chinese_say_the_same() -> None:
    long = b"meter,date,kWh\nM-1,2026-11-01,12.5\nM-2,2026-11-01,3\nM-1,2026-11-02,13\nM-2,2026-11-02,4\n"
    wide = "日期;M-1;M-2\n2026/11/1;12.5;3\n2026年11月2日;13;4\n".encode("gb18030")
    assert read_file("a.csv", long, METERS, TODAY).rows == read_file("b.csv", wide, METERS, TODAY).rows
    assert [(row.meter_code, row.day.day, row.hour, row.wh) for row in read_file("a.csv", long, METERS, TODAY).rows] == [
        ("M-1", 1, WHOLE_DAY, 12500), ("M-1", 2, WHOLE_DAY, 13000), ("M-2", 1, WHOLE_DAY, 3000), ("M-2", 2, WHOLE_DAY, 4000),
    ]  # fmt: skip


def test_every_fault_names_line_and_column() -> None:
    content = (
        "表号,日期,用电量(kWh)\n"
        "M-1,2026-11-01,1\n"
        "M-9,2026-11-01,1\n"
        "M-1,2026-13-01,1\n"
        "M-1,2026-11-24,1\n"
        "M-1,2026-11-02,-1\n"
        "M-1,2026-11-03,1e5\n"
        "M-1,2026-11-04,\n"
        "M-1,2026-11-05,99999999\n"
        "M-1,2026-11-01,2\n"
        "M-1,2026-11-06 10:00,2\n"
    ).encode()
    assert faults(content) == [
        (3, "表号", "unknown_meter", "M-9"),
        (4, "日期", "bad_time", "2026-13-01"),
        (5, "日期", "future", "2026-11-24"),
        (6, "用电量(kWh)", "negative", "-1"),
        (7, "用电量(kWh)", "no_number", "1e5"),
        (8, "用电量(kWh)", "no_number", ""),
        (9, "用电量(kWh)", "too_much", "99999999"),
        (10, "日期", "twice", "2026-11-01"),
        (11, "日期", "mixed", "2026-11-06 10:00"),
    ]


def test_a_wide_table_names_the_meter_of_the_column() -> None:
    assert faults(b"date,M-1,M-9\n2026-11-01,1,2\n2026-11-02,x,\n") == [
        (2, "M-9", "unknown_meter", "M-9"),
        (3, "M-1", "no_number", "x"),
    ]


def test_hours_count_only_as_whole_days() -> None:
    lines = [("meter", "time", "kwh")]
    begin = datetime(2026, 11, 1)  # noqa: DTZ001 - spreadsheets know no zones
    lines += [("M-1", begin + timedelta(hours=hour), 1.5) for hour in range(24 + 23)]
    found = read_file("a.xlsx", xlsx(*lines), METERS, TODAY)
    assert found.hourly and len(found.rows) == 24 and found.bad == 23
    assert sum(row.wh for row in found.rows) == 36000
    assert {fault.code for fault in found.faults} == {"part_of_day"}


def test_a_spreadsheet_may_hold_real_dates_numbers_and_numeric_meter_codes() -> None:
    found = read_file(
        "a.xlsx", xlsx(("表号", "日期", "电量"), (7, date(2026, 11, 1), 2.1), ("7", "2026-11-02", "3")), METERS, TODAY
    )
    assert [(row.day.day, row.hour, row.wh) for row in found.rows] == [(1, WHOLE_DAY, 2100), (2, WHOLE_DAY, 3000)]


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 210_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"meter,date,kwh\n", "empty"),
        (b"a,b,c\n1,2,3\n", "no_heading"),
        (b"meter,date\nM-1,2026-11-01\n", "no_heading"),
        (b"meter,kwh\nM-1,3\n", "no_heading"),
        (b"\xff\xfe\x00\x00", "unreadable"),
        (b"meter,date,kwh\nM-1,2026-11-01,\x00\n", "unreadable"),
        (b'meter,date,kwh\n"M-1,2026-11-01,1', "unreadable"),
        (b"PK\x03\x04 not a zip", "unreadable"),
        (b"x" * (10 * 1024 * 1024 + 1), "too_large"),
    ],
    ids=range(11),
)
def test_a_hopeless_file_is_one_fault_and_no_rows(content: bytes, code: str) -> None:
    found = read_file("a.csv", content, METERS, TODAY)
    assert [fault.code for fault in found.faults] == [code] and not found.rows


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    assert [fault.code for fault in read_file("a.xlsx", bomb(), METERS, TODAY).faults] == ["too_large"]


def test_two_hundred_faults_are_kept_and_all_are_counted() -> None:
    content = "meter,date,kwh\n" + "".join(f"M-1,2026-01-01,bad{number}\n" for number in range(500))
    found = read_file("a.csv", content.encode(), METERS, TODAY)
    assert len(found.faults) == 200 and found.bad == 500


@pytest.mark.parametrize("value", ["1,5", "１２", "0x10", "1_000", "NaN", "inf", "TRUE", "'1", "=1+1", "1.2.3", "--1"])
def test_only_plain_numbers_are_numbers(value: str) -> None:
    content = f'meter,date,kwh\nM-1,2026-11-01,"{value}"\n'.encode()
    assert [fault[2] for fault in faults(content)] == ["no_number"]


@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.xlsx"]))
def test_any_bytes_are_read_without_an_accident(content: bytes, name: str) -> None:
    found = read_file(name, content, METERS, TODAY)
    assert found.rows or found.faults


@given(st.lists(st.tuples(st.sampled_from(["M-1", "M-9", ""]), st.text(max_size=12), st.text(max_size=8)), max_size=20))
def test_any_table_is_read_without_an_accident(rows: list[tuple[str, str, str]]) -> None:
    quoted = "\n".join(",".join('"' + cell.replace('"', "") + '"' for cell in row) for row in rows)
    found = read_file("a.csv", f"meter,date,kwh\n{quoted}".encode("utf-8", "replace"), METERS, TODAY)
    assert found.bad >= len(found.faults)


def test_the_newest_allowed_day_is_today() -> None:
    content = f"meter,date,kwh\nM-1,{TODAY},1\nM-2,{TODAY + timedelta(days=1)},1\n".encode()
    found = read_file("a.csv", content, METERS, TODAY)
    assert len(found.rows) == 1 and found.faults[0].code == "future"
