"""Opens a bill file of unknown manners as a table of text cells, or says why it cannot.

The header is read here, by us: names from a file never reach SQL. Inside, columns are c0, c1, …; row numbers are
spreadsheet rows (the header is row 1).
"""
# ruff: noqa: S608 - the SQL is made of our own names; texts of a file enter it quoted or not at all

import csv
import io
from pathlib import Path

import duckdb
from msgspec import Struct

from credit.contracts import Finding
from credit.focus.columns import BY_NAME, STAND_INS, canonical_name
from credit.focus.wording import finding

MAX_ROWS = 5_000_000
MAX_COLUMNS = 400
MAX_HEADER = 64_000
MEMORY = "1GB"
DELIMITERS = ",;\t|"
NULLS = ("", "NULL", "Null", "null", "(null)", "(NULL)", "\\N", "N/A", "n/a")


class BillRefusedError(Exception):
    """The file cannot be counted; the findings say why."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(findings[0].en)
        self.findings = findings


class Table(Struct):
    """An opened bill: a connection in which `raw` has the columns row, c0, c1, … as text."""

    connection: duckdb.DuckDBPyConnection
    header: list[str]
    cells: dict[str, str]  # canonical name -> c<n>
    unknown: dict[str, str]  # other names -> c<n>
    encoding: str
    findings: list[Finding]


def open_table(path: Path, folder: Path) -> Table:
    """Open a bill file; `folder` is scratch space of this import.

    Raises BillRefusedError when the file is not a table, when its header is unusable or when a row has another shape.
    """
    connection = connect(folder)
    try:
        with path.open("rb") as stream:
            magic = stream.read(4)
        return _open_parquet(connection, path) if magic == b"PAR1" else _open_csv(connection, path, folder)
    except BaseException:
        connection.close()
        raise


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """Return an in-memory engine that can reach this folder only, loads no extensions and keeps the order of rows."""
    connection = duckdb.connect(
        config={
            "threads": 2,
            "memory_limit": MEMORY,
            "temp_directory": str(folder),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    connection.execute(f"SET allowed_directories = [{quoted(str(folder))}]")
    connection.execute("SET enable_external_access = false")
    # Our many short IN lists are faster left alone: turning them into joins costs a second of planning.
    connection.execute("SET disabled_optimizers = 'in_clause'")
    return connection


def quoted(text: str) -> str:
    """Return text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(text: str) -> str:
    """Return text as a quoted SQL identifier."""
    return '"' + text.replace('"', '""') + '"'


def _refuse(rule: str, **detail: object) -> BillRefusedError:
    return BillRefusedError([finding(rule, **detail)])  # type: ignore[arg-type]


def _name_columns(header: list[str]) -> tuple[dict[str, str], dict[str, str], list[Finding]]:
    findings: list[Finding] = []
    cells: dict[str, str] = {}
    unknown: dict[str, str] = {}
    names = [name.strip() for name in header]
    seen: set[str] = set()
    for position, name in enumerate(names):
        known = canonical_name(name)
        key = known or name
        if not name or key.casefold() in seen or not name.isprintable():
            raise _refuse("file.header", column=name, value=f"{position + 1}")
        seen.add(key.casefold())
        if known:
            cells[known] = f"c{position}"
            if known != name:
                findings.append(finding("column.name", column=known, value=name))
        else:
            unknown[name] = f"c{position}"
            findings.append(finding("column.unknown", column=name))
    for old, new in STAND_INS.items():
        if old not in cells and new in cells:
            cells[old] = cells[new]
    findings += [
        finding("column.missing", column=column.name)
        for column in BY_NAME.values()
        if column.need == "must" and column.name not in cells
    ]
    _demand(cells)
    return cells, unknown, findings


def _demand(cells: dict[str, str]) -> None:
    """Refuse a file without the columns that amount, month and currency come from."""
    gaps = [
        " / ".join(choice)
        for choice in (
            ("EffectiveCost", "BilledCost"),
            ("BillingCurrency",),
            ("BillingPeriodStart", "ChargePeriodStart"),
        )
        if not any(name in cells for name in choice)
    ]
    if gaps:
        raise BillRefusedError([finding("file.columns_needed", column=gap) for gap in gaps])


def _open_csv(connection: duckdb.DuckDBPyConnection, path: Path, folder: Path) -> Table:
    path, encoding = _as_utf8(path, folder)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        head = stream.read(MAX_HEADER)
    first = head.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        header = next(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        raise _refuse("file.format") from error
    if not 2 <= len(header) <= MAX_COLUMNS:
        raise _refuse("file.format", value=first[:80].strip())
    cells, unknown, findings = _name_columns(header)
    if encoding != "UTF-8":
        findings.insert(0, finding("file.encoding", value=encoding))
    columns = ", ".join(f"'c{position}': 'VARCHAR'" for position in range(len(header)))
    # No sniffing: what a cell means is decided by our rules, not by the first rows. `nullstr` never occurs: an empty
    # cell stays an empty text here.
    statement = (
        f"CREATE TEMP TABLE raw AS SELECT row_number() OVER () + 1 AS row, * FROM read_csv({quoted(str(path))}, "
        f"auto_detect=false, delim={quoted(delimiter)}, quote='\"', escape='\"', header=true, strict_mode=true, "
        f"columns={{{columns}}}, nullstr='\x01', store_rejects=true, rejects_limit=1000, max_line_size=4000000)"
    )
    _load(connection, statement)
    rejected = connection.execute(
        "SELECT line, any_value(left(csv_line, 120)) FROM reject_errors GROUP BY line ORDER BY line"
    ).fetchall()
    if rejected:
        examples = tuple(int(line) for line, _text in rejected[:20])
        raise _refuse("row.shape", rows=len(rejected), examples=examples, value=str(rejected[0][1] or ""))
    return _checked(Table(connection, header, cells, unknown, encoding, findings))


def _open_parquet(connection: duckdb.DuckDBPyConnection, path: Path) -> Table:
    source = f"read_parquet({quoted(str(path))})"
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    except duckdb.Error as error:
        raise _refuse("file.format", value=str(error).splitlines()[0][:120]) from error
    header = [str(name) for name, *_rest in described]
    if len(header) > MAX_COLUMNS:
        raise _refuse("file.format")
    cells, unknown, findings = _name_columns(header)
    texts = []
    for position, (name, kind, *_rest) in enumerate(described):
        nested = any(mark in str(kind) for mark in ("MAP", "STRUCT", "[]"))
        value = f"to_json({identifier(name)})" if nested else identifier(name)
        texts.append(f"coalesce(CAST({value} AS VARCHAR), '') AS c{position}")
    _load(
        connection,
        f"CREATE TEMP TABLE raw AS SELECT row_number() OVER () + 1 AS row, {', '.join(texts)} FROM {source}",
    )
    return _checked(Table(connection, header, cells, unknown, "Parquet", findings))


def _load(connection: duckdb.DuckDBPyConnection, statement: str) -> None:
    try:
        connection.execute(statement)
    except duckdb.Error as error:
        rule = "row.shape" if "quote" in str(error) else "file.format"
        raise _refuse(rule, value=str(error).splitlines()[0][:120]) from error


def _checked(table: Table) -> Table:
    found = table.connection.execute("SELECT count(*) FROM raw").fetchone()
    rows = int(found[0]) if found else 0
    if rows == 0:
        raise _refuse("file.empty")
    if rows > MAX_ROWS:
        raise _refuse("file.rows", rows=rows, value=f"{MAX_ROWS}")
    return table


def _as_utf8(path: Path, folder: Path) -> tuple[Path, str]:
    """Return a UTF-8 file of the same text; GB18030 (Excel in China) is rewritten, anything else refused."""
    encoding = "UTF-8" if _decodes(path, "utf-8-sig") else "GB18030"
    if encoding == "UTF-8":
        return path, encoding
    if not _decodes(path, "gb18030"):
        raise _refuse("file.format")
    copy = folder / "utf8.csv"
    with path.open(encoding="gb18030", newline="") as source, copy.open("w", encoding="utf-8", newline="") as target:
        while chunk := source.read(1 << 20):
            target.write(chunk)
    return copy, encoding


def _decodes(path: Path, encoding: str) -> bool:
    """Tell whether the whole file is text of that encoding; a NUL character is no text."""
    try:
        with path.open(encoding=encoding, newline="") as stream:
            return all("\0" not in chunk for chunk in iter(lambda: stream.read(1 << 20), ""))
    except UnicodeDecodeError:
        return False
