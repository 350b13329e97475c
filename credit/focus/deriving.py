"""What follows from several cells of a charge: the costs that count, the company's own demand, the billing month."""

from credit.focus.building import Builder, column_of, text_of
from credit.focus.reading import AMOUNT
from credit.focus.table import identifier, quoted

VOLUMES = {
    "kb": "0.000001",
    "mb": "0.001",
    "gb": "1",
    "tb": "1000",
    "gib": "1.073741824",
    "mib": "0.001048576",
    "tib": "1099.511627776",
    "gigabyte": "1",
    "gigabytes": "1",
    "1 gb": "1",
}
REQUESTS = ("request", "requests", "api request", "api requests", "calls", "api calls", "次", "请求", "请求数")
OUTBOUND = "data transfer out|data transfer to internet|egress|outbound|-out-bytes|internet out|cdn|下行|出网|公网|外网"


def add_money(builder: Builder) -> None:
    """Add the two costs the room counts with, and the rules across columns."""
    effective, billed = column_of(builder, "EffectiveCost", AMOUNT), column_of(builder, "BilledCost", AMOUNT)
    builder.derived.append(f"coalesce({effective}, {billed}) AS effective")
    builder.derived.append(f"coalesce({billed}, {effective}) AS billed")
    has_both = {"EffectiveCost", "BilledCost"} <= builder.table.cells.keys()
    texts = [text_of(name) for name in ("EffectiveCost", "BilledCost") if name in builder.table.cells]
    builder.flag("amount.missing", "EffectiveCost", " AND ".join(f"{text} IS NULL" for text in texts))
    if has_both:
        gap = f"{text_of('EffectiveCost')} IS NULL AND {billed} IS NOT NULL"
        builder.flag("amount.stand_in", "EffectiveCost", gap)
        builder.flag("cost.unbilled", "EffectiveCost", f"{effective} = 0 AND {billed} <> 0")
    category, charge_class = column_of(builder, "ChargeCategory"), column_of(builder, "ChargeClass")
    builder.flag(
        "cost.negative",
        "BilledCost",
        f"billed < 0 AND {category} = 'Usage' AND {charge_class} IS DISTINCT FROM 'Correction'",
    )
    builder.flag("credit.positive", "BilledCost", f"billed > 0 AND {category} = 'Credit'")
    if {"ConsumedQuantity", "ConsumedUnit"} <= builder.table.cells.keys():
        builder.flag("quantity.unit", "ConsumedUnit", '"ConsumedQuantity" IS NOT NULL AND "ConsumedUnit" IS NULL')
    if {"CommitmentDiscountId", "CommitmentDiscountStatus"} <= builder.table.cells.keys():
        half = f'"CommitmentDiscountId" IS NOT NULL AND "CommitmentDiscountStatus" IS NULL AND {category} = \'Usage\''
        builder.flag("commitment.half", "CommitmentDiscountStatus", half)
    for name, expression in _demand(builder).items():
        builder.derived.append(f"{expression} AS {name}")


def _demand(builder: Builder) -> dict[str, str]:
    """Return the proxies of the company's own demand: volume sent out (GB) and requests served."""
    unit = f"lower({column_of(builder, 'ConsumedUnit')})"
    quantity = column_of(builder, "ConsumedQuantity", AMOUNT)
    words = " || ' ' || ".join(
        f"coalesce({column_of(builder, name)}, '')" for name in ("ChargeDescription", "SkuMeter", "ServiceSubcategory")
    )
    factor = " ".join(f"WHEN '{name}' THEN {size}" for name, size in VOLUMES.items())
    requests = ", ".join(quoted(name) for name in REQUESTS)
    return {
        "egress": f"CASE WHEN CASE {unit} {factor} END IS NOT NULL AND regexp_matches(lower({words}), '{OUTBOUND}') "
        f"THEN TRY(CAST({quantity} * CASE {unit} {factor} END AS {AMOUNT})) END",
        "requests": f"CASE WHEN {unit} IN ({requests}) THEN {quantity} END",
    }


def add_month(builder: Builder) -> None:
    """Add the billing month: that of the middle of the billing period, so that a period kept in another zone
    (31 August 16:00 UTC is 1 September in Shanghai) still falls into its own month."""
    start, end = (
        column_of(builder, "BillingPeriodStart", "TIMESTAMP"),
        column_of(builder, "BillingPeriodEnd", "TIMESTAMP"),
    )
    charge = column_of(builder, "ChargePeriodStart", "TIMESTAMP")
    middle = f"CASE WHEN {end} > {start} THEN {start} + ({end} - {start}) / 2 ELSE {start} + INTERVAL 12 HOURS END"
    builder.derived.append(f"CAST(date_trunc('month', coalesce({middle}, {charge})) AS DATE) AS month")
    builder.flag("month.unknown", "BillingPeriodStart", "month IS NULL")
    for first, last in (("BillingPeriodStart", "BillingPeriodEnd"), ("ChargePeriodStart", "ChargePeriodEnd")):
        if {first, last} <= builder.table.cells.keys():
            builder.flag("period.order", last, f"{identifier(last)} <= {identifier(first)}")
