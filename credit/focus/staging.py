"""Turns the text cells of an opened bill into typed charges, and marks each cell that breaks a rule.

One pass writes the table `staged`: row, typed columns (names of the specification), month, effective, billed, the
content hash of the row, and one boolean per rule and column. Amounts are DECIMAL(38,12), never floats.
"""
# ruff: noqa: S608 - the SQL is made of our own names; texts of a file enter it quoted or not at all

from msgspec import Struct

from credit.focus.building import Builder, Flag, text_of
from credit.focus.columns import BY_NAME, Column
from credit.focus.deriving import add_money, add_month
from credit.focus.reading import ABSURD, NUMBER, YEAR_LAST, define_macros
from credit.focus.table import Table, identifier, quoted

PRODUCTION = ("prod", "production", "prd", "live", "生产", "正式", "线上")
ENVIRONMENT_KEYS = ("environment", "Environment", "env", "Env", "ENV", "stage", "环境")
DERIVED = ("environment", "effective", "billed", "egress", "requests", "month")


class Staged(Struct):
    """What staging wrote: the flags, and which typed columns exist."""

    flags: list[Flag]
    typed: list[str]


def stage(table: Table) -> Staged:
    """Write `staged` and return its flags and typed columns."""
    builder = Builder(table)
    define_macros(table.connection)
    builder.clean += [f"tidy({cell}) AS {text_of(name)}" for name, cell in table.cells.items()]
    literal = " OR ".join(f"({text_of(name)} IS NULL AND {cell} <> '')" for name, cell in table.cells.items())
    builder.clean += dict.fromkeys([*table.cells.values(), *table.unknown.values()])
    builder.values.append(f"({literal}) AS literal_null")
    builder.flag("value.literal_null", "", "literal_null")
    for name in table.cells:
        _add_column(builder, BY_NAME[name])
    if "Tags" not in table.cells:
        builder.values.append("CAST(NULL AS VARCHAR) AS environment")
    add_money(builder)
    add_month(builder)
    kept = ["row", *(identifier(name) for name in builder.typed), *table.unknown.values(), *DERIVED]
    layers = f"(SELECT {', '.join(builder.clean)} FROM raw)"
    layers = f"(SELECT *, {', '.join(builder.values)} FROM {layers})"
    layers = f"(SELECT *, {', '.join(builder.derived)} FROM {layers})"
    marked = f"{', '.join(kept)}, {_row_hash(builder)} AS row_hash, {', '.join(builder.marks)}"
    statement = f"CREATE TEMP TABLE staged AS SELECT {marked} FROM {layers}"
    # `row` keeps the order from here on, so both threads may write.
    table.connection.execute("SET preserve_insertion_order = false")
    table.connection.execute(statement)
    table.connection.execute("DROP TABLE raw")
    return Staged(builder.flags, builder.typed)


def _row_hash(builder: Builder) -> str:
    """Return the expression of a row's content hash: the same charge has the same hash in CSV and in Parquet."""
    parts = [f"'{name}=' || CAST({identifier(name)} AS VARCHAR)" for name in sorted(builder.typed)]
    parts += [f"{quoted(name + '=')} || {cell}" for name, cell in sorted(builder.table.unknown.items())]
    return f"unhex(md5(concat_ws(chr(31), {', '.join(parts)})))"


def _add_column(builder: Builder, column: Column) -> None:
    name, text = column.name, text_of(column.name)
    adders = {
        "amount": _add_number,
        "quantity": _add_number,
        "moment": _add_moment,
        "choice": _add_choice,
        "currency": _add_currency,
        "tags": _add_tags,
        "text": _add_text,
    }
    adders[column.kind](builder, column)
    if not column.nullable and name != "EffectiveCost":
        builder.flag("value.null", name, f"{text} IS NULL")


def _add_text(builder: Builder, column: Column) -> None:
    text = text_of(column.name)
    builder.type(column.name, text)
    if column.name == "AvailabilityZone":
        builder.flag("value.shape", column.name, f"TRY_CAST({text} AS DOUBLE) IS NOT NULL", text)


def _add_number(builder: Builder, column: Column) -> None:
    """Read a decimal; CASE keeps the costly tests to the few cells that a plain cast cannot read."""
    text = text_of(column.name)
    value = f"read_number({text})"
    if column.kind == "quantity":
        value = f"read_quantity({text})"
    builder.type(column.name, value)
    typed = identifier(column.name)
    unread = f"({text} IS NOT NULL AND {typed} IS NULL)"
    builder.flag("amount.grouped", column.name, f"{typed} IS NOT NULL AND contains({text}, ',')", text)
    if column.kind == "quantity":
        builder.flag("quantity.unreadable", column.name, unread, text)
        return
    huge = f"({unread} AND regexp_full_match(replace({text}, ',', ''), '{NUMBER}'))"
    builder.flag("amount.unreadable", column.name, f"{unread} AND NOT {huge}", text)
    builder.flag("amount.absurd", column.name, f"abs({typed}) >= {ABSURD} OR {huge}", text)
    builder.flag("amount.precision", column.name, f"is_finer({text}, {typed})", text)


def _add_moment(builder: Builder, column: Column) -> None:
    """Read a moment as UTC. Forms: ISO, a space for the T, slashes, a bare day, a bare month, 2024年9月1日."""
    text = text_of(column.name)
    builder.type(column.name, f"read_moment({text})")
    typed = identifier(column.name)
    ambiguous = f"regexp_full_match({text}, '{YEAR_LAST}')"
    unread = f"({text} IS NOT NULL AND {typed} IS NULL)"
    builder.flag("moment.ambiguous", column.name, f"{unread} AND {ambiguous}", text)
    builder.flag("moment.unreadable", column.name, f"{unread} AND NOT {ambiguous}", text)
    if builder.table.encoding != "Parquet":
        iso = f"(length({text}) >= 20 AND {text}[11] = 'T' AND {text}[-1] = 'Z')"
        builder.flag("moment.form", column.name, f"{typed} IS NOT NULL AND NOT {iso}", text)


def _add_choice(builder: Builder, column: Column) -> None:
    text = text_of(column.name)
    allowed = ", ".join(quoted(choice) for choice in column.choices)
    key = f"replace(replace(replace(lower({text}), ' ', ''), '-', ''), '_', '')"
    branches = " ".join(f"WHEN {quoted(_fold(choice))} THEN {quoted(choice)}" for choice in column.choices)
    builder.type(
        column.name,
        f"CASE WHEN {text} IS NULL OR {text} IN ({allowed}) THEN {text} ELSE CASE {key} {branches} ELSE {text} END END",
    )
    typed = identifier(column.name)
    builder.flag("choice.case", column.name, f"{text} <> {typed}", text)
    builder.flag("choice.unknown", column.name, f"{typed} NOT IN ({allowed})", text)


def _fold(choice: str) -> str:
    return choice.lower().replace(" ", "").replace("-", "").replace("_", "")


def _add_currency(builder: Builder, column: Column) -> None:
    text = text_of(column.name)
    builder.type(column.name, f"upper({text})")
    builder.flag("choice.case", column.name, f"upper({text}) <> {text}", text)
    if column.name == "BillingCurrency":
        wrong = f"({text} IS NULL OR NOT regexp_full_match(upper({text}), '[A-Z]{{3}}'))"
        builder.flag("currency.unreadable", column.name, wrong, f"coalesce({text}, '')")


def _add_tags(builder: Builder, column: Column) -> None:
    text = text_of(column.name)
    builder.type(column.name, text)
    good = f"(starts_with({text}, '{{') AND json_valid({text}))"
    builder.flag("tags.unreadable", column.name, f"{text} IS NOT NULL AND NOT {good}", text)
    found = ", ".join(f"json_extract_string({text}, '$.\"{key}\"')" for key in ENVIRONMENT_KEYS)
    builder.values.append(f"CASE WHEN {good} THEN lower(coalesce({found})) END AS environment")
