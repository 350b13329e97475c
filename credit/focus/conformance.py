"""Holds a staged bill against the rules: which were not met, in how many rows, in which ones, with a value to see."""
# ruff: noqa: S608 - the SQL is made of our own names; texts of a file enter it quoted or not at all

from datetime import date, timedelta

import duckdb

from credit.contracts import Finding, Report, Severity
from credit.focus.building import Flag
from credit.focus.columns import guess_version
from credit.focus.staging import Staged
from credit.focus.table import Table
from credit.focus.wording import RULES, finding

EXAMPLES = 20
BILLED_AHEAD = timedelta(days=62)
ORDER: dict[Severity, int] = {"error": 0, "defect": 1, "note": 2}


def examine(table: Table, staged: Staged, today: date) -> list[Finding]:
    """Return every finding about the rows; errors among them mean that the file cannot be counted."""
    connection = table.connection
    counts = connection.execute(
        f"SELECT {', '.join(f'count_if({flag.name})' for flag in staged.flags)} FROM staged"
    ).fetchone()
    hits = [(flag, int(count)) for flag, count in zip(staged.flags, counts or (), strict=True) if count]
    found = [_describe(connection, flag, count) for flag, count in hits]
    absurd = connection.execute(
        "SELECT count(*), min(row, 20), min(CAST(month AS VARCHAR)) FROM staged "
        "WHERE month < DATE '2006-01-01' OR month > ?",
        [today + BILLED_AHEAD],
    ).fetchone()
    if absurd and absurd[0]:
        found.append(finding("month.absurd", rows=absurd[0], examples=tuple(absurd[1]), value=str(absurd[2])))
    return found


def _describe(connection: duckdb.DuckDBPyConnection, flag: Flag, count: int) -> Finding:
    value = f"arg_min({flag.value}, row)" if flag.value else "''"
    shown = connection.execute(f"SELECT min(row, {EXAMPLES}), {value} FROM staged WHERE {flag.name}").fetchone()
    rows, text = shown or ([], "")
    return finding(flag.rule, column=flag.column, rows=count, examples=tuple(rows), value=str(text or ""))


def report(table: Table, findings: list[Finding], rows: int) -> Report:
    """Put the findings together into the report of the file, worst first."""
    ordered = tuple(sorted(findings, key=lambda found: (ORDER[found.severity], found.rule, found.column)))
    worst = ordered[0].severity if ordered else None
    return Report(
        verdict="refused" if worst == "error" else "usable" if worst else "conformant",
        rules=len(RULES),
        findings=ordered,
        rows=rows,
        version=guess_version(set(table.cells)),
        encoding=table.encoding,
        unknown_columns=tuple(table.unknown),
    )
