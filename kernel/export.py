"""Lists as files: CSV that Excel opens with Chinese intact, and xlsx, both with headers in the reader's language.

A cell that begins like a formula is shown, never run: what a company typed as its name must not become code on the
desk of the officer who opens the file (CWE-1236).
"""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal

from kernel.clock import SHANGHAI
from kernel.paging import Column, Listing
from kernel.texts import gettext as _

Format = Literal["csv", "xlsx"]
MEDIA_TYPES: dict[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
NUMBER_FORMATS = {"money": "#,##0.00", "date": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm", "percent": "0.0%"}

Cell = str | int | float | Decimal | date | datetime | None


def export_rows(listing: Listing, rows: Sequence[Any], format: Format) -> bytes:
    """Return the rows as a file. A row is anything with the columns' names as attributes or keys.

    Money in integer fen becomes yuan, Decimal money stays yuan; moments are given in Asia/Shanghai without a zone
    (spreadsheets know none); values of a choice appear as its text. Raises ValueError for another format.
    """
    heads = [_(column.label) for column in listing.columns]
    lines = ([cell_value(column, row) for column in listing.columns] for row in rows)
    if format == "csv":
        return _write_csv(heads, [[_csv_text(cell) for cell in line] for line in lines])
    if format == "xlsx":
        return _write_xlsx(heads, list(lines), listing.columns)
    raise ValueError(f"unknown export format {format!r}")


def cell_value(column: Column, row: Any) -> Cell:
    """Return what a cell holds: the plain value in the unit a reader expects."""
    value = row[column.name] if isinstance(row, dict) else getattr(row, column.name)
    if isinstance(value, Enum):
        value = value.value
    if value is None:
        return None
    if column.choices is not None and value in column.choices:
        return _(column.choices[value])
    if column.kind == "money" and isinstance(value, int):
        return Decimal(value) / 100
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        local = value.astimezone(SHANGHAI).replace(tzinfo=None)
        return local.date() if column.kind == "date" else local
    if isinstance(value, int | float | Decimal | date):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(str(part) for part in value)
    return str(value)


def _csv_text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        text = cell.replace("\x00", "")
        return f"'{text}" if text.startswith(FORMULA_STARTS) else text
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, Decimal):
        return format(cell, "f")  # never 1E+3
    return str(cell)


def _write_csv(heads: list[str], lines: list[list[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows(lines)
    return out.getvalue().encode("utf-8-sig")


def _write_xlsx(heads: list[str], lines: list[list[Cell]], columns: tuple[Column, ...]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"

    def cell(value: Cell, number_format: str | None = None, *, bold: bool = False) -> object:
        made = WriteOnlyCell(sheet)
        if isinstance(value, str):
            made.value = ILLEGAL_CHARACTERS_RE.sub("", value)
            made.data_type = "s"  # even "=1+1" is a text
        else:
            made.value = value
        if number_format and value is not None and not isinstance(value, str):
            made.number_format = number_format
        if bold:
            made.font = Font(bold=True)
        return made

    sheet.append([cell(head, bold=True) for head in heads])
    formats = [NUMBER_FORMATS.get(column.kind) for column in columns]
    for line in lines:
        sheet.append([cell(value, number_format) for value, number_format in zip(line, formats, strict=True)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
