"""Reads one bill file from end to end: open, stage, examine, count, keep."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct

from credit.contracts import BillMonth, Report
from credit.focus.conformance import examine, report
from credit.focus.counting import count_months, drop_repeated, write_parquet
from credit.focus.staging import stage
from credit.focus.table import BillRefusedError, open_table
from credit.focus.wording import RULES

STEPS = 5
Progress = Callable[[int], None]


class Bill(Struct, frozen=True):
    """A bill that was read. A refused one has no months and no Parquet file."""

    report: Report
    months: tuple[BillMonth, ...]
    rows: int
    rows_new: int
    rows_repeated: int
    rows_known: int
    parquet: Path | None


def read_bill(
    path: Path, folder: Path, *, today: date, earlier: Sequence[Path] = (), progress: Progress = lambda step: None
) -> Bill:
    """Read a FOCUS bill (CSV or Parquet) that lies in `folder`, exactly; never raises for bad content.

    `earlier` are Parquet files of earlier imports, in the same folder, whose rows are not to be counted again. A file
    with one row whose amount, month or currency cannot be known is refused as a whole: a sum with holes is no sum.
    `today` bounds the months a bill may have. `progress` is told each of the STEPS as it is reached.
    """
    try:
        table = open_table(path, folder)
    except BillRefusedError as refusal:
        found = tuple(refusal.findings)
        return Bill(Report("refused", len(RULES), found), (), 0, 0, 0, 0, None)
    with table.connection:
        progress(1)
        staged = stage(table)
        progress(2)
        findings = table.findings + examine(table, staged, today)
        rows = int((table.connection.execute("SELECT count(*) FROM staged").fetchone() or (0,))[0])
        progress(3)
        if any(found.severity == "error" for found in findings):
            return Bill(report(table, findings, rows), (), rows, 0, 0, 0, None)
        repeats, repeated, known = drop_repeated(table, earlier)
        months = count_months(table)
        progress(4)
        parquet = folder / "charges.parquet"
        write_parquet(table, staged, parquet)
        progress(STEPS)
        return Bill(
            report(table, findings + repeats, rows),
            tuple(months),
            rows,
            rows - repeated - known,
            repeated,
            known,
            parquet,
        )
