"""How one cell is read: SQL macros for tidy text, numbers and moments, so that every column is read the same way.

CASE keeps the costly tests to the few cells that a plain cast cannot read.
"""

import duckdb

from credit.focus.table import NULLS, quoted

AMOUNT = "DECIMAL(38,12)"
ABSURD = "1000000000000000"
NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?"
GROUPED = r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?"
YEAR_LAST = r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d{4}.*"


def define_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Define tidy, read_number, read_quantity, is_finer and read_moment in a connection."""
    nulls = ", ".join(quoted(null) for null in NULLS)
    edges = " OR ".join(f"starts_with(c, {edge}) OR ends_with(c, {edge})" for edge in ("' '", "chr(9)"))
    rewritten = (
        "regexp_replace(regexp_replace(replace(t, '/', '-'), '(\\d{4})年(\\d{1,2})月(\\d{1,2})日', '\\1-\\2-\\3'), "
        "'^(\\d{4})-?(\\d{2})$', '\\1-\\2-01')"
    )
    finer = "length(rtrim(split_part(CAST(TRY_CAST(t AS DECIMAL(38,24)) AS VARCHAR), '.', 2), '0')) > 12"
    macros = {
        # Text without spaces around it; NULL for an empty cell and for the words that mean one.
        "tidy(c)": f"CASE WHEN c IN ({nulls}) THEN NULL WHEN {edges} THEN CASE WHEN trim(c, ' ' || chr(9)) IN ({nulls}) "
        "THEN NULL ELSE trim(c, ' ' || chr(9)) END ELSE c END",
        # A decimal, with or without thousands separators; NULL for anything else, NaN and infinities among it.
        "read_number(t)": f"CASE WHEN contains(t, '_') THEN NULL ELSE coalesce(TRY_CAST(t AS {AMOUNT}), CASE WHEN "
        f"contains(t, ',') AND regexp_full_match(t, '{GROUPED}') THEN TRY_CAST(replace(t, ',', '') AS {AMOUNT}) END) END",
        "read_quantity(t)": f"CASE WHEN abs(read_number(t)) < {ABSURD} THEN read_number(t) END",
        # Whether a number has more decimals than we keep.
        "is_finer(t, v)": "CASE WHEN length(t) < 4 THEN false WHEN contains(lower(t), 'e') THEN "
        f"coalesce({finer}, false) OR (v = 0 AND regexp_matches(t, '[1-9].*[eE]')) WHEN length(t) > 13 THEN "
        "length(rtrim(split_part(t, '.', 2), '0')) > 12 ELSE false END",
        # A moment as UTC: ISO, a space for the T, slashes, a bare day, a bare month, 2024年9月1日; never day or month first.
        "read_moment(t)": f"coalesce(TRY_CAST(t AS TIMESTAMP), CASE WHEN regexp_full_match(t, '{YEAR_LAST}') THEN NULL "
        "WHEN regexp_full_match(t, '\\d{8}') THEN try_strptime(t, '%Y%m%d') "
        f"ELSE TRY_CAST({rewritten} AS TIMESTAMP) END)",
    }
    for signature, body in macros.items():
        connection.execute(f"CREATE TEMP MACRO {signature} AS {body}")
