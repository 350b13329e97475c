"""The accounts of a company, year by year: revenue, tax, research, wages, power, consistent with each other."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random

from portal.demo.facts.statement import (
    COMPANY,
    SMALL_SCALE_LIMIT,
    SOCIAL,
    TAX,
    Premises,
    Statement,
    Value,
    cents,
    yuan,
)
from portal.demo.worldfile import TenantEntry

ASSETS_PER_REVENUE = {"office": 0.7, "factory": 1.05, "lab": 1.25, "data": 1.5, "retail": 0.45}
DEBT = {"office": 0.38, "factory": 0.52, "lab": 0.41, "data": 0.56, "retail": 0.47}
MONTHLY_WAGE = {"office": 13_500, "factory": 7_800, "lab": 11_000, "data": 12_800, "retail": 5_200}
UNEMPLOYMENT_RATE = Decimal("0.01")  # employer and employee together, of wages
TONNES_OF_COAL_PER_KWH = Decimal("0.0001229")  # GB/T 2589-2020, equivalent value


def accounts(entry: TenantEntry, premises: Premises, year: int, last_year: int, random: Random) -> Iterator[Statement]:
    """What is known of one year after its settlement."""
    settled = date(year + 1, 5, 31)
    start, end = date(year, 1, 1), date(year, 12, 31)

    def tax(name: str, value: Decimal) -> Statement:
        return Statement(name, value, TAX, "authoritative", settled, start, end)

    def told(name: str, value: Decimal) -> Statement:
        return Statement(name, value, COMPANY, "declared", settled, start, end)

    revenue = _revenue_of(entry, year, last_year, random)
    income = revenue * Decimal(str(entry.margin)) * _around(random, 0.0 if entry.growth == 0 else 0.05)
    research = revenue * Decimal(str(entry.research))
    assets = yuan(float(revenue) * ASSETS_PER_REVENUE[entry.kind] * random.uniform(0.9, 1.15))
    if "total_assets" in entry.exact and year == last_year:
        assets = Decimal(str(entry.exact["total_assets"]))
    debt = Decimal(str(entry.debt if entry.debt is not None else DEBT[entry.kind] * random.uniform(0.8, 1.2)))
    rate = Decimal("0.15") if entry.portfolio == "strong" else Decimal("0.25")
    income_tax = max(Decimal(0), income) * rate
    vat = revenue * (Decimal("0.01") if entry.revenue < SMALL_SCALE_LIMIT else Decimal("0.034"))
    wages = Decimal(entry.staff * MONTHLY_WAGE[entry.kind] * 12) * revenue / max(Decimal(entry.revenue), Decimal(1))
    yield tax("revenue", revenue)
    yield tax("total_income", cents(revenue * (Decimal("1.0") if entry.growth == 0 else Decimal("1.01"))))
    yield tax("taxable_income", cents(income))
    yield tax("net_profit", cents(income - income_tax))
    yield tax("total_assets", assets)
    yield tax("total_liabilities", cents(assets * debt))
    yield tax("tax_paid", cents(income_tax + vat))
    yield told("main_business_revenue", cents(revenue * Decimal(str(round(random.uniform(0.82, 1.0), 3)))))
    yield told("value_added", cents(wages + income + vat))
    if entry.research > 0:
        yield told("rd_expense", cents(research))
        yield told("rd_expense_domestic", cents(research * Decimal(str(round(random.uniform(0.86, 1.0), 3)))))
    if entry.portfolio == "strong" or (entry.portfolio == "average" and random.random() < 0.4):
        yield told("high_tech_revenue", cents(revenue * Decimal(str(round(random.uniform(0.55, 0.92), 3)))))
    if entry.portfolio == "strong" and random.random() < 0.6:
        transferred = research * Decimal("0.2") if random.random() < 0.5 else Decimal(0)
        yield told("technology_transfer_income", cents(transferred))
    if year in premises.cloud_spend:
        yield told("cloud_spend", premises.cloud_spend[year])
    if year == last_year:
        yield told("rent_paid", premises.yearly_rent)
    if year in premises.electricity:
        used = premises.electricity[year]
        yield Statement("electricity_use", used, "demo:meters", "authoritative", date(year + 1, 1, 10), start, end)
        coal = (used * TONNES_OF_COAL_PER_KWH).quantize(Decimal("0.001"))
        yield Statement("energy_use", coal, "demo:meters", "authoritative", date(year + 1, 1, 10), start, end)
    yield from _employment(entry, year, wages, random)


def _employment(entry: TenantEntry, year: int, wages: Decimal, random: Random) -> Iterator[Statement]:
    seen, start, end = date(year + 1, 1, 20), date(year, 1, 1), date(year, 12, 31)

    def social(name: str, value: Value) -> Statement:
        return Statement(name, value, SOCIAL, "authoritative", seen, start, end)

    yield social("unemployment_premium_months", 12 if random.random() < 0.9 else random.randint(6, 11))
    yield social("unemployment_premium_paid", cents(wages * UNEMPLOYMENT_RATE))
    shrinking = entry.growth < 0
    yield social(
        "layoff_rate", Decimal(str(round(random.uniform(0.04, 0.16) if shrinking else random.uniform(0, 0.05), 4)))
    )


def _revenue_of(entry: TenantEntry, year: int, last_year: int, random: Random) -> Decimal:
    if entry.growth == 0 or year == last_year:
        return Decimal(entry.revenue)
    years_back = last_year - year
    return yuan(entry.revenue / (1 + entry.growth) ** years_back * random.uniform(0.96, 1.04))


def _around(random: Random, spread: float) -> Decimal:
    return Decimal(str(round(1 + random.uniform(-spread, spread), 4)))
