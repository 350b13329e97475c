"""Cloud bills of the demo tenants: two years, month by month, in the columns of FOCUS 1.0, in CNY.

The provider is invented. Behaviours differ, so that scores do: steady growth, a step up just before a loan would be asked
for, spending that vouchers pay for. Amounts are exact decimals with at most four places.
"""

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from msgspec import Struct

from portal.demo.worldfile import Cloud, Kind

MONTHS = 24
PROVIDER = "Example Cloud (demo)"
COLUMNS = (
    "AvailabilityZone", "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
    "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd",
    "ChargePeriodStart", "CommitmentDiscountCategory", "CommitmentDiscountId", "CommitmentDiscountName",
    "CommitmentDiscountStatus", "CommitmentDiscountType", "ConsumedQuantity", "ConsumedUnit", "ContractedCost",
    "ContractedUnitPrice", "EffectiveCost", "InvoiceIssuerName", "ListCost", "ListUnitPrice", "PricingCategory",
    "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "RegionId", "RegionName", "ResourceId",
    "ResourceName", "ResourceType", "ServiceCategory", "ServiceName", "SkuId", "SkuPriceId", "SubAccountId",
    "SubAccountName", "Tags",
)  # fmt: skip
SPEND_PER_REVENUE = {"office": 0.021, "factory": 0.0025, "lab": 0.006, "data": 0.085, "retail": 0.004}
CREDIT_SHARE = Decimal("0.72")
VAT = Decimal("0.06")


class Service(Struct, frozen=True):
    """One service of the invented provider; price in yuan per unit."""

    name: str
    category: str
    unit: str
    price: Decimal
    weight: float
    description: str


SERVICES = (
    Service("Elastic Compute", "Compute", "Hours", Decimal("0.52"), 0.40, "Virtual machine hours"),
    Service("Relational Database", "Databases", "Hours", Decimal("1.35"), 0.18, "Database instance hours"),
    Service("Object Storage", "Storage", "GB-Months", Decimal("0.12"), 0.12, "Stored data"),
    Service("Content Delivery", "Networking", "GB", Decimal("0.24"), 0.14, "Data transfer out to the internet"),
    Service("Interface Gateway", "Integration", "Requests", Decimal("0.000004"), 0.05, "Gateway requests"),
    Service("Host Security", "Security", "Instance-Months", Decimal(45), 0.04, "Protected hosts"),
    Service("Model Training", "AI and Machine Learning", "GPU-Hours", Decimal("11.80"), 0.07, "Accelerator hours"),
)


class Bill(Struct, frozen=True):
    """A bill as a FOCUS 1.0 CSV file, and the exact effective cost of each calendar year that it covers wholly."""

    content: bytes
    rows: int
    spend_of_year: dict[int, Decimal]


def make_bill(
    *, key: str, name: str, kind: Kind, behaviour: Cloud, yearly_revenue: int, today: date, random: Random
) -> Bill:
    """Twenty-four months that end with the last full month before `today`."""
    last = _month_back(today.replace(day=1), 1)
    months = [_month_back(last, MONTHS - 1 - number) for number in range(MONTHS)]
    base = max(900.0, yearly_revenue * SPEND_PER_REVENUE[kind] / 12 * random.uniform(0.7, 1.3))
    used = SERVICES if kind in {"office", "data", "lab"} else SERVICES[:4]
    tilt = {service.name: random.uniform(0.6, 1.4) for service in used}
    account = f"demo-{random.randrange(10**9, 10**10)}"
    rows: list[dict[str, str]] = []
    spend: dict[date, Decimal] = {}
    for number, month in enumerate(months):
        level = base * _level(behaviour, number, random)
        month_rows = list(_month_rows(month, level, used, tilt, behaviour, number, account, name, random))
        spend[month] = sum((Decimal(row["EffectiveCost"]) for row in month_rows), Decimal(0))
        rows += month_rows
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    whole_years = {month.year for month in months if sum(other.year == month.year for other in months) == 12}
    return Bill(
        content=text.getvalue().encode(),
        rows=len(rows),
        spend_of_year={
            year: sum((cost for month, cost in spend.items() if month.year == year), Decimal(0)).quantize(
                Decimal("0.01"), ROUND_HALF_UP
            )
            for year in whole_years
        },
    )


def _level(behaviour: Cloud, month: int, random: Random) -> float:
    noise = random.uniform(0.94, 1.06)
    if behaviour == "growing":
        return noise * 1.028**month
    if behaviour == "shrinking":
        return noise * 0.955**month
    if behaviour == "step_up":
        return noise * (3.4 if month >= MONTHS - 2 else 1.0)
    if behaviour == "credits":
        return noise * 1.015**month
    return noise * (1 + 0.05 * (month % 12 in {10, 11}))


def _month_rows(
    month: date,
    level: float,
    services: tuple[Service, ...],
    tilt: dict[str, float],
    behaviour: Cloud,
    number: int,
    account: str,
    name: str,
    random: Random,
) -> Iterator[dict[str, str]]:
    frame = _frame(month, account, name)
    billed = Decimal(0)
    for service in services:
        weight = service.weight * tilt[service.name]
        if behaviour == "step_up" and number >= MONTHS - 2:
            weight = 0.92 if service.name == "Elastic Compute" else weight * 0.1
        for environment, share in (("prod", 0.78), ("dev", 0.22)):
            quantity = Decimal(
                str(round(level * weight * share * random.uniform(0.93, 1.07) / float(service.price), 3))
            )
            if not quantity:
                continue
            row = frame | _usage(service, quantity, environment, behaviour, month)
            billed += Decimal(row["BilledCost"])
            yield row
    if behaviour == "credits":
        yield frame | _flat("Credit", "Voucher for young companies", -billed * CREDIT_SHARE, "One-Time")
    if random.random() < 0.05:
        correction = _flat("Usage", "Correction of an earlier month", -billed * Decimal("0.01"), "One-Time")
        yield frame | correction | {"ChargeClass": "Correction"}
    yield frame | _flat("Tax", "Value-added tax 6 %", billed * VAT, "Recurring")


def _frame(month: date, account: str, name: str) -> dict[str, str]:
    start, end = f"{month.isoformat()}T00:00:00Z", f"{_month_back(month, -1).isoformat()}T00:00:00Z"
    return {
        "BillingAccountId": account, "BillingAccountName": name, "BillingCurrency": "CNY",
        "BillingPeriodStart": start, "BillingPeriodEnd": end, "ChargePeriodStart": start, "ChargePeriodEnd": end,
        "InvoiceIssuerName": PROVIDER, "ProviderName": PROVIDER, "PublisherName": PROVIDER,
        "RegionId": "cn-demo-1", "RegionName": "Demo region 1",
    }  # fmt: skip


def _usage(service: Service, quantity: Decimal, environment: str, behaviour: Cloud, month: date) -> dict[str, str]:
    committed = (
        behaviour in {"stable", "growing"} and service.category in {"Compute", "Databases"} and environment == "prod"
    )
    listed = quantity * service.price
    paid = listed * (Decimal("0.78") if committed else Decimal("0.95"))
    sku = service.name.lower().replace(" ", "-")
    row = {
        "ChargeCategory": "Usage", "ChargeDescription": service.description, "ChargeFrequency": "Usage-Based",
        "ConsumedQuantity": f"{quantity:f}", "ConsumedUnit": service.unit, "PricingQuantity": f"{quantity:f}",
        "PricingUnit": service.unit, "ListUnitPrice": f"{service.price:f}", "ContractedUnitPrice": f"{service.price:f}",
        "ListCost": _four(listed), "ContractedCost": _four(listed), "BilledCost": _four(paid), "EffectiveCost": _four(paid),
        "PricingCategory": "Committed" if committed else "Standard", "ServiceCategory": service.category,
        "ServiceName": service.name, "SkuId": sku, "SkuPriceId": f"{sku}-cny", "ResourceId": f"{sku}/{environment}",
        "ResourceName": f"{sku}-{environment}", "ResourceType": service.category, "SubAccountId": f"demo-{environment}",
        "SubAccountName": environment, "Tags": f'{{"environment": "{environment}", "origin": "demo"}}',
        "AvailabilityZone": "cn-demo-1a",
    }  # fmt: skip
    if committed:
        row |= {
            "CommitmentDiscountCategory": "Usage", "CommitmentDiscountId": f"plan-{month.year}-{sku}",
            "CommitmentDiscountName": f"Yearly plan {month.year}", "CommitmentDiscountStatus": "Used",
            "CommitmentDiscountType": "Yearly plan",
        }  # fmt: skip
    return row


def _flat(category: str, description: str, amount: Decimal, frequency: str) -> dict[str, str]:
    cost = _four(amount)
    return {
        "ChargeCategory": category, "ChargeDescription": description, "ChargeFrequency": frequency,
        "BilledCost": cost, "EffectiveCost": cost, "ListCost": cost, "ContractedCost": cost,
        "ServiceCategory": "Other", "ServiceName": "Account", "PricingCategory": "Other" if category != "Tax" else "",
        "Tags": '{"origin": "demo"}',
    }  # fmt: skip


def _four(amount: Decimal) -> str:
    return f"{amount.quantize(Decimal('0.0001'), ROUND_HALF_UP):f}"


def _month_back(month: date, count: int) -> date:
    index = month.year * 12 + month.month - 1 - count
    return date(index // 12, index % 12 + 1, 1)
