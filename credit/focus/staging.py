"""Turns the text cells of an opened bill into typed charges, and marks each cell that breaks a rule.

One pass writes the table `staged`: row, typed columns (names of the specification), month, effective, billed, the
content hash of the row, and one boolean per rule and column. Amounts are DECIMAL(38,12), never floats.
"""
# ruff: noqa: S608 - the SQL is made of our own names; texts of a file enter it quoted or not at all

from msgspec import Struct

from credit.focus.columns import BY_NAME, Column
from credit.focus.reading import ABSURD, AMOUNT, NUMBER, YEAR_LAST, define_macros
from credit.focus.table import Table, identifier, quoted

VOLUMES = {"kb": "0.000001", "mb": "0.001", "gb": "1", "tb": "1000", "gib": "1.073741824", "mib": "0.001048576",
           "tib": "1099.511627776", "gigabyte": "1", "gigabytes": "1", "1 gb": "1"}
REQUESTS = ("request", "requests", "api request", "api requests", "calls", "api calls", "次", "请求", "请求数")
OUTBOUND = "data transfer out|data transfer to internet|egress|outbound|-out-bytes|internet out|cdn|下行|出网|公网|外网"
PRODUCTION = ("prod", "production", "prd", "live", "生产", "正式", "线上")
ENVIRONMENT_KEYS = ("environment", "Environment", "env", "Env", "ENV", "stage", "环境")


DERIVED = ("environment", "effective", "billed", "egress", "requests", "month")


class Flag(Struct, frozen=True):
    """A boolean column of `staged`: a rule, the column concerned, and the column that keeps the offending text."""

    name: str
    rule: str
    column: str
    value: str


class Staged(Struct):
    """What staging wrote: the flags, and which typed columns exist."""

    flags: list[Flag]
    typed: list[str]


class _Builder:
    """Collects the layers of the staging statement; each reads the columns of the one below, so nothing is computed twice."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.clean: list[str] = ["row"]  # layer 1: trimmed text, NULL where empty
        self.values: list[str] = []  # layer 2: typed values of layer 1
        self.derived: list[str] = []  # layer 3: values of layer 2
        self.marks: list[str] = []  # layer 4: flags
        self.flags: list[Flag] = []
        self.typed: list[str] = []

    def flag(self, rule: str, column: str, condition: str, value: str = "") -> None:
        name = f"f{len(self.flags)}"
        kept = f"v{len(self.flags)}"
        self.flags.append(Flag(name, rule, column, kept if value else ""))
        self.marks.append(f"coalesce({condition}, false) AS {name}")
        if value:
            self.marks.append(f"CASE WHEN {condition} THEN left({value}, 80) END AS {kept}")

    def type(self, column: str, expression: str) -> None:
        self.typed.append(column)
        self.values.append(f"{expression} AS {identifier(column)}")


def stage(table: Table) -> Staged:
    """Write `staged` and return its flags and typed columns."""
    builder = _Builder(table)
    define_macros(table.connection)
    builder.clean += [f"tidy({cell}) AS {_text(name)}" for name, cell in table.cells.items()]
    literal = " OR ".join(f"({_text(name)} IS NULL AND {cell} <> '')" for name, cell in table.cells.items())
    builder.clean += dict.fromkeys([*table.cells.values(), *table.unknown.values()])
    builder.values.append(f"({literal}) AS literal_null")
    builder.flag("value.literal_null", "", "literal_null")
    for name in table.cells:
        _add_column(builder, BY_NAME[name])
    if "Tags" not in table.cells:
        builder.values.append("CAST(NULL AS VARCHAR) AS environment")
    _add_money(builder)
    _add_month(builder)
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


def _text(name: str) -> str:
    return f"t_{name}"


def _row_hash(builder: _Builder) -> str:
    """Return the expression of a row's content hash: the same charge has the same hash in CSV and in Parquet."""
    parts = [f"'{name}=' || CAST({identifier(name)} AS VARCHAR)" for name in sorted(builder.typed)]
    parts += [f"{builder.table.unknown[name]} || chr(30)" for name in sorted(builder.table.unknown)]
    return f"unhex(md5(concat_ws(chr(31), {', '.join(parts)})))"


def _add_column(builder: _Builder, column: Column) -> None:
    name, text = column.name, _text(column.name)
    adders = {
        "amount": _add_number, "quantity": _add_number, "moment": _add_moment, "choice": _add_choice,
        "currency": _add_currency, "tags": _add_tags, "text": _add_text,
    }
    adders[column.kind](builder, column)
    if not column.nullable and name != "EffectiveCost":
        builder.flag("value.null", name, f"{text} IS NULL")


def _add_text(builder: _Builder, column: Column) -> None:
    text = _text(column.name)
    builder.type(column.name, text)
    if column.name == "AvailabilityZone":
        builder.flag("value.shape", column.name, f"TRY_CAST({text} AS DOUBLE) IS NOT NULL", text)


def _add_number(builder: _Builder, column: Column) -> None:
    """Read a decimal; CASE keeps the costly tests to the few cells that a plain cast cannot read."""
    text = _text(column.name)
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


def _add_moment(builder: _Builder, column: Column) -> None:
    """Read a moment as UTC. Forms: ISO, a space for the T, slashes, a bare day, a bare month, 2024年9月1日."""
    text = _text(column.name)
    builder.type(column.name, f"read_moment({text})")
    typed = identifier(column.name)
    ambiguous = f"regexp_full_match({text}, '{YEAR_LAST}')"
    unread = f"({text} IS NOT NULL AND {typed} IS NULL)"
    builder.flag("moment.ambiguous", column.name, f"{unread} AND {ambiguous}", text)
    builder.flag("moment.unreadable", column.name, f"{unread} AND NOT {ambiguous}", text)
    if builder.table.encoding != "Parquet":
        iso = f"(length({text}) >= 20 AND {text}[11] = 'T' AND {text}[-1] = 'Z')"
        builder.flag("moment.form", column.name, f"{typed} IS NOT NULL AND NOT {iso}", text)


def _add_choice(builder: _Builder, column: Column) -> None:
    text = _text(column.name)
    allowed = ", ".join(quoted(choice) for choice in column.choices)
    key = f"replace(replace(replace(lower({text}), ' ', ''), '-', ''), '_', '')"
    branches = " ".join(f"WHEN {quoted(_fold(choice))} THEN {quoted(choice)}" for choice in column.choices)
    builder.type(
        column.name, f"CASE WHEN {text} IS NULL OR {text} IN ({allowed}) THEN {text} "
        f"ELSE CASE {key} {branches} ELSE {text} END END",
    )
    typed = identifier(column.name)
    builder.flag("choice.case", column.name, f"{text} <> {typed}", text)
    builder.flag("choice.unknown", column.name, f"{typed} NOT IN ({allowed})", text)


def _fold(choice: str) -> str:
    return choice.lower().replace(" ", "").replace("-", "").replace("_", "")


def _add_currency(builder: _Builder, column: Column) -> None:
    text = _text(column.name)
    builder.type(column.name, f"upper({text})")
    builder.flag("choice.case", column.name, f"upper({text}) <> {text}", text)
    if column.name == "BillingCurrency":
        wrong = f"({text} IS NULL OR NOT regexp_full_match(upper({text}), '[A-Z]{{3}}'))"
        builder.flag("currency.unreadable", column.name, wrong, f"coalesce({text}, '')")


def _add_tags(builder: _Builder, column: Column) -> None:
    text = _text(column.name)
    builder.type(column.name, text)
    good = f"(starts_with({text}, '{{') AND json_valid({text}))"
    builder.flag("tags.unreadable", column.name, f"{text} IS NOT NULL AND NOT {good}", text)
    found = ", ".join(f"json_extract_string({text}, '$.\"{key}\"')" for key in ENVIRONMENT_KEYS)
    builder.values.append(f"CASE WHEN {good} THEN lower(coalesce({found})) END AS environment")


def _column(builder: _Builder, name: str, kind: str = "VARCHAR") -> str:
    return identifier(name) if name in builder.table.cells else f"CAST(NULL AS {kind})"


def _add_money(builder: _Builder) -> None:
    """Add the two costs the room counts with, and the rules across columns."""
    effective, billed = _column(builder, "EffectiveCost", AMOUNT), _column(builder, "BilledCost", AMOUNT)
    builder.derived.append(f"coalesce({effective}, {billed}) AS effective")
    builder.derived.append(f"coalesce({billed}, {effective}) AS billed")
    has_both = {"EffectiveCost", "BilledCost"} <= builder.table.cells.keys()
    texts = [_text(name) for name in ("EffectiveCost", "BilledCost") if name in builder.table.cells]
    builder.flag("amount.missing", "EffectiveCost", " AND ".join(f"{text} IS NULL" for text in texts))
    if has_both:
        gap = f"{_text('EffectiveCost')} IS NULL AND {billed} IS NOT NULL"
        builder.flag("amount.stand_in", "EffectiveCost", gap)
        builder.flag("cost.unbilled", "EffectiveCost", f"{effective} = 0 AND {billed} <> 0")
    category, charge_class = _column(builder, "ChargeCategory"), _column(builder, "ChargeClass")
    builder.flag(
        "cost.negative", "BilledCost", f"billed < 0 AND {category} = 'Usage' AND {charge_class} IS DISTINCT FROM 'Correction'"
    )
    builder.flag("credit.positive", "BilledCost", f"billed > 0 AND {category} = 'Credit'")
    if {"ConsumedQuantity", "ConsumedUnit"} <= builder.table.cells.keys():
        builder.flag("quantity.unit", "ConsumedUnit", '"ConsumedQuantity" IS NOT NULL AND "ConsumedUnit" IS NULL')
    if {"CommitmentDiscountId", "CommitmentDiscountStatus"} <= builder.table.cells.keys():
        half = f"\"CommitmentDiscountId\" IS NOT NULL AND \"CommitmentDiscountStatus\" IS NULL AND {category} = 'Usage'"
        builder.flag("commitment.half", "CommitmentDiscountStatus", half)
    for name, expression in _demand(builder).items():
        builder.derived.append(f"{expression} AS {name}")


def _demand(builder: _Builder) -> dict[str, str]:
    """Return the proxies of the company's own demand: volume sent out (GB) and requests served."""
    unit = f"lower({_column(builder, 'ConsumedUnit')})"
    quantity = _column(builder, "ConsumedQuantity", AMOUNT)
    words = " || ' ' || ".join(
        f"coalesce({_column(builder, name)}, '')" for name in ("ChargeDescription", "SkuMeter", "ServiceSubcategory")
    )
    factor = " ".join(f"WHEN '{name}' THEN {size}" for name, size in VOLUMES.items())
    requests = ", ".join(quoted(name) for name in REQUESTS)
    return {
        "egress": f"CASE WHEN CASE {unit} {factor} END IS NOT NULL AND regexp_matches(lower({words}), '{OUTBOUND}') "
        f"THEN TRY(CAST({quantity} * CASE {unit} {factor} END AS {AMOUNT})) END",
        "requests": f"CASE WHEN {unit} IN ({requests}) THEN {quantity} END",
    }


def _add_month(builder: _Builder) -> None:
    """Add the billing month: that of the middle of the billing period, so that a period kept in another zone
    (31 August 16:00 UTC is 1 September in Shanghai) still falls into its own month."""
    start, end = _column(builder, "BillingPeriodStart", "TIMESTAMP"), _column(builder, "BillingPeriodEnd", "TIMESTAMP")
    charge = _column(builder, "ChargePeriodStart", "TIMESTAMP")
    middle = f"CASE WHEN {end} > {start} THEN {start} + ({end} - {start}) / 2 ELSE {start} + INTERVAL 12 HOURS END"
    builder.derived.append(f"CAST(date_trunc('month', coalesce({middle}, {charge})) AS DATE) AS month")
    builder.flag("month.unknown", "BillingPeriodStart", "month IS NULL")
    for first, last in (("BillingPeriodStart", "BillingPeriodEnd"), ("ChargePeriodStart", "ChargePeriodEnd")):
        if {first, last} <= builder.table.cells.keys():
            builder.flag("period.order", last, f"{identifier(last)} <= {identifier(first)}")


