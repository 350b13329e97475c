"""The figures of the demo companies: invented, but consistent with each other over the years.

Every statement says where it is supposed to come from; each source begins with "demo:", so that no page can pass it off as
a real record. What a company would not have told anybody stays out, so that verdicts can depend on it.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Literal

import msgspec
from msgspec import Struct

from portal.demo.worldfile import TenantEntry

Value = bool | int | Decimal | str | date | tuple[str, ...]
TAX, REGISTRY, SOCIAL, PATENTS, COMPANY = (
    "demo:tax", "demo:registry", "demo:social-security", "demo:patent-office", "demo:company",
)  # fmt: skip
YEARS_KNOWN = 4
INSURED_DAYS_AGO = 80  # the last statement of staff and insured people
SMALL_SCALE_LIMIT = 5_000_000  # yuan a year: limit of a VAT small-scale taxpayer (财税〔2018〕33号)
ASSETS_PER_REVENUE = {"office": 0.7, "factory": 1.05, "lab": 1.25, "data": 1.5, "retail": 0.45}
DEBT = {"office": 0.38, "factory": 0.52, "lab": 0.41, "data": 0.56, "retail": 0.47}
MONTHLY_WAGE = {"office": 13_500, "factory": 7_800, "lab": 11_000, "data": 12_800, "retail": 5_200}
UNEMPLOYMENT_RATE = Decimal("0.01")  # employer and employee together, of wages
TONNES_OF_COAL_PER_KWH = Decimal("0.0001229")  # GB/T 2589-2020, equivalent value


class Statement(Struct, frozen=True):
    """One dated value of one fact; the period is empty for facts that simply hold."""

    name: str
    value: Value
    source: str
    authority: Literal["authoritative", "declared"]
    seen_on: date
    period_start: date | None = None
    period_end: date | None = None


class Premises(Struct, frozen=True):
    """What the place and the bills tell about a tenant: rent in yuan a year, by year kWh and yuan of cloud services."""

    tenant_since: date
    yearly_rent: Decimal
    electricity: dict[int, Decimal]
    cloud_spend: dict[int, Decimal]


def state_facts(
    entry: TenantEntry, division: str, premises: Premises, today: date, random: Random
) -> tuple[Statement, ...]:
    """All that is known about a company on `today`, the last full year last; deterministic for a given `random`."""
    last_year = last_settled_year(today)
    statements: list[Statement] = [*_registered(entry, division, premises, today, random)]
    for year in range(max(entry.founded.year + 1, last_year - YEARS_KNOWN + 1), last_year + 1):
        statements += _accounts(entry, premises, year, last_year, random)
    statements += _people(entry, today, random)
    statements += _monthly(entry, today, random)
    statements += _innovation(entry, today, random)
    return tuple(
        _made_exact(entry, statement, last_year) for statement in statements if statement.name not in entry.unknown
    ) + tuple(_only_exact(entry, statements, today))


def last_settled_year(today: date) -> int:
    """The last year whose accounts are known: annual income tax settlement (汇算清缴) ends on 31 May."""
    return today.year - (1 if today > date(today.year, 5, 31) else 2)


def _registered(
    entry: TenantEntry, division: str, premises: Premises, today: date, random: Random
) -> Iterator[Statement]:
    seen = _last_day(today, month=6, day=30)

    def registry(name: str, value: Value) -> Statement:
        return Statement(name, value, REGISTRY, "authoritative", seen)

    capital = _yuan(max(500_000, entry.revenue * random.uniform(0.08, 0.3)), 100_000)
    yield registry("registered_on", entry.founded)
    yield registry("industry_code", entry.industry)
    yield registry("division_code", division)
    yield registry("organisation_form", "company")
    yield registry("ownership", random.choices(("private", "mixed", "state", "foreign"), (86, 6, 4, 4))[0])
    yield registry("resident_enterprise", True)
    yield registry("registered_capital", capital)
    yield registry("paid_in_capital", _yuan(float(capital) * random.choice((0.5, 0.8, 1.0, 1.0))))
    yield registry("listed_abnormal", entry.key == "baozhuang")
    yield registry("serious_dishonest", False)
    yield registry("restricted_industry", False)
    yield Statement("park_tenant", True, "demo:park", "authoritative", premises.tenant_since)
    yield Statement("service_business", entry.industry >= "51", COMPANY, "declared", seen)
    kind = "small_scale" if entry.revenue < SMALL_SCALE_LIMIT else "general"
    yield Statement("vat_taxpayer_type", kind, TAX, "authoritative", seen)
    rating = random.choices(("A", "B", "M", "C"), (30, 50, 15, 5))[0]
    yield Statement("tax_rating", rating, TAX, "authoritative", _last_day(today, month=4, day=30))
    if entry.portfolio != "thin":
        yield Statement("rd_accounts_kept", entry.research > 0, TAX, "authoritative", seen)
    if random.random() < 0.7:
        yield Statement("major_accident_last_year", False, COMPANY, "declared", seen)
    if random.random() < 0.8:
        yield Statement("court_enforcement", entry.key == "jinghua", "demo:courts", "authoritative", seen)


def _accounts(entry: TenantEntry, premises: Premises, year: int, last_year: int, random: Random) -> Iterator[Statement]:
    settled = date(year + 1, 5, 31)
    start, end = date(year, 1, 1), date(year, 12, 31)

    def tax(name: str, value: Decimal) -> Statement:
        return Statement(name, value, TAX, "authoritative", settled, start, end)

    def told(name: str, value: Decimal) -> Statement:
        return Statement(name, value, COMPANY, "declared", settled, start, end)

    revenue = _revenue_of(entry, year, last_year, random)
    income = revenue * Decimal(str(entry.margin)) * _around(random, 0.0 if entry.growth == 0 else 0.05)
    research = revenue * Decimal(str(entry.research))
    assets = _yuan(float(revenue) * ASSETS_PER_REVENUE[entry.kind] * random.uniform(0.9, 1.15))
    if "total_assets" in entry.exact and year == last_year:
        assets = Decimal(str(entry.exact["total_assets"]))
    debt = Decimal(str(entry.debt if entry.debt is not None else DEBT[entry.kind] * random.uniform(0.8, 1.2)))
    rate = Decimal("0.15") if entry.portfolio == "strong" else Decimal("0.25")
    income_tax = max(Decimal(0), income) * rate
    vat = revenue * (Decimal("0.01") if entry.revenue < SMALL_SCALE_LIMIT else Decimal("0.034"))
    wages = Decimal(entry.staff * MONTHLY_WAGE[entry.kind] * 12) * revenue / max(Decimal(entry.revenue), Decimal(1))
    yield tax("revenue", revenue)
    yield tax("total_income", _cents(revenue * (Decimal("1.0") if entry.growth == 0 else Decimal("1.01"))))
    yield tax("taxable_income", _cents(income))
    yield tax("net_profit", _cents(income - income_tax))
    yield tax("total_assets", assets)
    yield tax("total_liabilities", _cents(assets * debt))
    yield tax("tax_paid", _cents(income_tax + vat))
    yield told("main_business_revenue", _cents(revenue * Decimal(str(round(random.uniform(0.82, 1.0), 3)))))
    yield told("value_added", _cents(wages + income + vat))
    if entry.research > 0:
        yield told("rd_expense", _cents(research))
        yield told("rd_expense_domestic", _cents(research * Decimal(str(round(random.uniform(0.86, 1.0), 3)))))
    if entry.portfolio == "strong" or (entry.portfolio == "average" and random.random() < 0.4):
        yield told("high_tech_revenue", _cents(revenue * Decimal(str(round(random.uniform(0.55, 0.92), 3)))))
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
    yield social("unemployment_premium_paid", _cents(wages * UNEMPLOYMENT_RATE))
    shrinking = entry.growth < 0
    yield social(
        "layoff_rate", Decimal(str(round(random.uniform(0.04, 0.16) if shrinking else random.uniform(0, 0.05), 4)))
    )


def _people(entry: TenantEntry, today: date, random: Random) -> Iterator[Statement]:
    insured_on = today - timedelta(days=INSURED_DAYS_AGO)
    yield Statement("staff", entry.staff, TAX, "authoritative", insured_on)
    yield Statement(
        "insured_staff", max(1, entry.staff - random.randint(0, entry.staff // 25)), SOCIAL, "authoritative", insured_on
    )
    told_on = _last_day(today, month=3, day=15)
    share = min(0.75, entry.research * 2.2 + random.uniform(0.02, 0.12)) if entry.research else 0.0
    if entry.portfolio != "thin" or random.random() < 0.3:
        scientists = int(entry.exact.get("science_staff", round(entry.staff * share)))
        yield Statement("science_staff", scientists, COMPANY, "declared", told_on)
        yield Statement("rd_staff", round(scientists * 0.85), COMPANY, "declared", told_on)
    if random.random() < 0.75:
        graduates = {"office": 0.82, "lab": 0.7, "data": 0.66, "factory": 0.28, "retail": 0.12}[entry.kind]
        yield Statement("college_staff", round(entry.staff * graduates), COMPANY, "declared", told_on)
    if random.random() < 0.5:
        hired = random.randint(0, max(1, entry.staff // 30))
        yield Statement("graduate_hires", hired, SOCIAL, "authoritative", insured_on)
        yield Statement("hires_unemployment_insured", True, SOCIAL, "authoritative", insured_on)
    if random.random() < 0.35:
        yield Statement("key_group_hires", random.choice((0, 0, 1, 2)), COMPANY, "declared", told_on)
    if random.random() < 0.35:
        yield Statement("veteran_hires", random.choice((0, 0, 1)), COMPANY, "declared", told_on)


def _monthly(entry: TenantEntry, today: date, random: Random) -> Iterator[Statement]:
    revenue = entry.revenue * (1 + entry.growth)
    end = date(today.year, today.month, 1) - timedelta(days=1)
    for _ in range(3):
        start = end.replace(day=1)
        sales = _cents(Decimal(str(revenue / 12 * random.uniform(0.85, 1.15))))
        filed = min(end + timedelta(days=15), today - timedelta(days=1))
        yield Statement("monthly_sales", sales, TAX, "authoritative", filed, start, end)
        end = start - timedelta(days=1)


def _innovation(entry: TenantEntry, today: date, random: Random) -> Iterator[Statement]:
    told_on = _last_day(today, month=3, day=15)

    def told(name: str, value: Value) -> Statement:
        return Statement(name, value, COMPANY, "declared", told_on)

    yield told("market_years", Decimal(max(0, today.year - entry.founded.year - random.randint(0, 2))))
    recognitions = _recognitions(entry, today, random)
    if recognitions or random.random() < 0.6:
        yield Statement(
            "recognitions", recognitions, "demo:recognitions", "authoritative", _last_day(today, month=9, day=1)
        )
    if entry.portfolio == "thin":
        return
    items = random.randint(2, 9) if entry.portfolio == "strong" else random.randint(0, 2)
    yield Statement("ip_class1_count", items, PATENTS, "authoritative", told_on)
    yield told("owns_core_ip", items > 0)
    if random.random() < 0.7:
        yield told("in_key_high_tech_field", entry.portfolio == "strong" or random.random() < 0.4)
    if entry.portfolio == "strong" and random.random() < 0.6:
        yield told("high_tech_score", Decimal(random.randint(62, 91)))
        yield told("technology_sme_score", Decimal(random.randint(55, 92)))
        yield told("technology_sme_staff_score", Decimal(random.randint(4, 20)))
        yield told("ip_class1_in_use", True)
    if entry.industry.startswith("65") and random.random() < 0.7:
        yield told("sells_own_software", entry.industry in {"6511", "6512", "6513", "6519"})
        yield told("software_registration", True)
    if entry.growth > 0.25 and random.random() < 0.8:
        raised = _yuan(entry.revenue * random.uniform(0.3, 1.4), 1_000_000)
        yield told("equity_financing_2y", raised)
        yield told("equity_financing_3y", raised)
    if entry.kind in {"factory", "lab", "data"} and random.random() < 0.6:
        yield told("new_equipment", True)
        yield told("new_equipment_unit_value", _yuan(random.uniform(80_000, 6_200_000), 1_000))
    if random.random() < 0.4:
        yield told("loans_outstanding", _yuan(entry.revenue * random.uniform(0.02, 0.2), 10_000))
        yield told(
            "loan_purposes", (random.choice(("fixed_assets", "working_capital", "research", "service_capacity")),)
        )
        yield told("overdue_loans", False)


def _recognitions(entry: TenantEntry, today: date, random: Random) -> tuple[str, ...]:
    """Certificates are valid three years; some end soon, some ended."""
    chances = {"strong": (0.75, 0.8, 0.7, 0.4), "average": (0.2, 0.3, 0.3, 0.0), "thin": (0.0, 0.0, 0.03, 0.0)}
    names = ("high_tech_enterprise", "technology_sme", "innovative_sme", "specialized_sme")
    held = []
    for name, chance in zip(names, chances[entry.portfolio], strict=True):
        until = today + timedelta(days=random.randint(-60, 1000))
        if random.random() < chance:
            held.append(f"{name}@{until.isoformat()}")
    return tuple(held)


def _made_exact(entry: TenantEntry, statement: Statement, last_year: int) -> Statement:
    """The boundary value of a fact, for its last year; earlier years keep the same where growth is nought."""
    wanted = entry.exact.get(statement.name)
    of_last_year = statement.period_end is None or statement.period_end.year >= last_year or entry.growth == 0
    if wanted is None or not of_last_year:
        return statement
    return msgspec.structs.replace(statement, value=_counted(statement.name, wanted))


def _only_exact(entry: TenantEntry, made: list[Statement], today: date) -> Iterator[Statement]:
    """Boundary facts that the generator had left out for this company."""
    known = {statement.name for statement in made}
    for name, wanted in entry.exact.items():
        if name not in known:
            yield Statement(name, _counted(name, wanted), COMPANY, "declared", _last_day(today, month=3, day=15))


def _counted(name: str, wanted: float) -> int | Decimal:
    """People and things are counted; everything else is an exact decimal."""
    return int(wanted) if name.endswith(("staff", "count")) else Decimal(str(wanted))


def _revenue_of(entry: TenantEntry, year: int, last_year: int, random: Random) -> Decimal:
    if entry.growth == 0 or year == last_year:
        return Decimal(entry.revenue)
    years_back = last_year - year
    return _yuan(entry.revenue / (1 + entry.growth) ** years_back * random.uniform(0.96, 1.04))


def _around(random: Random, spread: float) -> Decimal:
    return Decimal(str(round(1 + random.uniform(-spread, spread), 4)))


def _yuan(amount: float, step: int = 1) -> Decimal:
    return Decimal(round(amount / step) * step)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _last_day(today: date, *, month: int, day: int) -> date:
    """The last 'day of month' that lies before today."""
    this_year = date(today.year, month, day)
    return this_year if this_year < today else date(today.year - 1, month, day)
