"""An exported list opens in a spreadsheet with its Chinese intact, and runs nothing."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from openpyxl import load_workbook
from sqlalchemy import column

from kernel.export import export_rows
from kernel.paging import Column, Listing
from kernel.texts import use_locale

LISTING = Listing(
    columns=(
        Column("name", column("name"), "Name"),
        Column("state", column("state"), "State", kind="enum", choices={"open": "Open", "shut": "Shut"}),
        Column("fen", column("fen"), "Amount", kind="money"),
        Column("at", column("at"), "At", kind="moment"),
        Column("day", column("day"), "Day", kind="date"),
        Column("share", column("share"), "Share", kind="percent"),
        Column("tags", column("tags"), "Tags"),
    ),
    default_sort="name",
)
AT = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)  # 23 November, 02:30 in Shanghai
ROW = SimpleNamespace(name="园区, “甲”", state="open", fen=123456, at=AT, day=AT, share=0.125, tags=["a", "b"])
TRICKS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")']


def row(**more: object) -> SimpleNamespace:
    return SimpleNamespace(**{**vars(ROW), **more})


def read_csv(data: bytes) -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def read_xlsx(data: bytes) -> list[tuple[object, ...]]:
    return [tuple(cell.value for cell in line) for line in load_workbook(io.BytesIO(data)).active.iter_rows()]


def test_csv_holds_plain_values_in_units_a_reader_expects():
    with use_locale("en"):
        lines = read_csv(export_rows(LISTING, [ROW], "csv"))
    assert lines[0] == ["Name", "State", "Amount", "At", "Day", "Share", "Tags"]
    assert lines[1] == ["园区, “甲”", "Open", "1234.56", "2026-11-23 02:30:00", "2026-11-23", "0.125", "a, b"]


def test_xlsx_holds_typed_values():
    with use_locale("en"):
        lines = read_xlsx(export_rows(LISTING, [ROW], "xlsx"))
    assert lines[1] == (
        "园区, “甲”",
        "Open",
        1234.56,
        datetime(2026, 11, 23, 2, 30),  # noqa: DTZ001
        datetime(2026, 11, 23),  # noqa: DTZ001
        0.125,
        "a, b",
    )


@pytest.mark.parametrize("trick", TRICKS)
def test_a_name_that_looks_like_a_formula_stays_a_name(trick):
    assert read_csv(export_rows(LISTING, [row(name=trick)], "csv"))[1][0] == f"'{trick}"
    sheet = load_workbook(io.BytesIO(export_rows(LISTING, [row(name=trick)], "xlsx"))).active
    assert sheet["A2"].data_type == "s"
    assert sheet["A2"].value.replace("_x000D_", "\r").strip() == trick.strip()


def test_a_negative_amount_stays_a_number():
    assert read_csv(export_rows(LISTING, [row(fen=-5)], "csv"))[1][2] == "-0.05"
    assert read_csv(export_rows(LISTING, [row(fen=Decimal("1E+3"))], "csv"))[1][2] == "1000"


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_what_is_not_known_is_an_empty_cell_and_controls_break_nothing(format):
    empty = row(name="a\x00\x0bb", state=None, fen=None, at=None, day=None, share=None, tags=None)
    read = read_csv if format == "csv" else read_xlsx
    line = read(export_rows(LISTING, [empty], format))[1]
    assert [cell or None for cell in line[1:]] == [None] * 6
    assert str(line[0]).startswith("a")


def test_rows_may_be_mappings_and_truth_values_are_words():
    listing = Listing((Column("name", column("name"), "Name"),), default_sort="name")
    with use_locale("en"):
        assert read_csv(export_rows(listing, [{"name": True}, {"name": date(2026, 1, 2)}], "csv"))[1:] == [
            ["yes"],
            ["2026-01-02"],
        ]


def test_another_format_is_refused():
    with pytest.raises(ValueError, match="pdf"):
        export_rows(LISTING, [], "pdf")  # type: ignore[arg-type]
