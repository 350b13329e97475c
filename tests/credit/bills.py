"""Small FOCUS bills for tests: a header, rows with sensible defaults, and their exact sums."""

import csv
import io
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path

COLUMNS = (
    "BilledCost",
    "EffectiveCost",
    "ListCost",
    "ContractedCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodStart",
    "BillingPeriodEnd",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ConsumedQuantity",
    "ConsumedUnit",
    "InvoiceIssuerName",
    "PricingCategory",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "ServiceCategory",
    "ServiceName",
    "ResourceId",
    "Tags",
)


def month_bounds(month: str) -> tuple[str, str]:
    """Return the ISO moments at which a month ("2026-09") begins and ends."""
    year, number = (int(part) for part in month.split("-"))
    after = f"{year + number // 12}-{number % 12 + 1:02}"
    return f"{month}-01T00:00:00Z", f"{after}-01T00:00:00Z"


def row(month: str = "2026-09", cost: str = "100", **changes: str) -> dict[str, str]:
    """Return a conformant charge row; `changes` replace cells by column name."""
    start, end = month_bounds(month)
    cells = {
        "BilledCost": cost,
        "EffectiveCost": cost,
        "ListCost": cost,
        "ContractedCost": cost,
        "BillingAccountId": "100001",
        "BillingAccountName": "demo",
        "BillingCurrency": "CNY",
        "BillingPeriodStart": start,
        "BillingPeriodEnd": end,
        "ChargePeriodStart": start,
        "ChargePeriodEnd": end,
        "ChargeCategory": "Usage",
        "ChargeClass": "",
        "ChargeDescription": "CVM S5 instance",
        "ChargeFrequency": "Usage-Based",
        "ConsumedQuantity": "720",
        "ConsumedUnit": "Hours",
        "InvoiceIssuerName": "Tencent Cloud",
        "PricingCategory": "Standard",
        "PricingQuantity": "720",
        "PricingUnit": "Hours",
        "ProviderName": "Tencent Cloud",
        "PublisherName": "Tencent Cloud",
        "ServiceCategory": "Compute",
        "ServiceName": "Cloud Virtual Machine",
        "ResourceId": "ins-1",
        "Tags": '{"environment": "production"}',
    }
    return cells | changes


def months_back(count: int, last: str = "2026-10") -> list[str]:
    """Return `count` months that end with `last`, oldest first."""
    year, number = (int(part) for part in last.split("-"))
    position = year * 12 + number - 1
    return [f"{p // 12}-{p % 12 + 1:02}" for p in range(position - count + 1, position + 1)]


def steady(count: int = 24, cost: str = "8000.123456789012", last: str = "2026-10") -> list[dict[str, str]]:
    """Return one charge a month of the same size."""
    return [row(month, cost, ResourceId=f"ins-{month}") for month in months_back(count, last)]


def text(rows: Iterable[Mapping[str, str]], columns: Iterable[str] = COLUMNS, delimiter: str = ",") -> str:
    """Return rows as CSV text."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(columns), extrasaction="ignore", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def content(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Return rows as the bytes of a CSV file."""
    return text(rows).encode()


def save(folder: Path, body: bytes | str, name: str = "bill.csv") -> Path:
    """Write a bill into a folder and return its path."""
    path = folder / name
    path.write_bytes(body.encode() if isinstance(body, str) else body)
    return path


def total(rows: Iterable[Mapping[str, str]], column: str = "EffectiveCost") -> Decimal:
    """Return the exact sum of a column."""
    return sum((Decimal(cells[column]) for cells in rows), Decimal(0))
