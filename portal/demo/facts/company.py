"""What a company is and has today: register, people, monthly sales, recognitions, rights, loans."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from portal.demo.facts.statement import (
    COMPANY,
    PATENTS,
    REGISTRY,
    SMALL_SCALE_LIMIT,
    SOCIAL,
    TAX,
    Premises,
    Statement,
    Value,
    cents,
    last_day,
    yuan,
)
from portal.demo.worldfile import TenantEntry

INSURED_DAYS_AGO = 80  # the last statement of staff and insured people


def registered(
    entry: TenantEntry, division: str, premises: Premises, today: date, random: Random
) -> Iterator[Statement]:
    """The registers: who the company is and how it stands."""
    seen = last_day(today, month=6, day=30)

    def registry(name: str, value: Value) -> Statement:
        return Statement(name, value, REGISTRY, "authoritative", seen)

    capital = yuan(max(500_000, entry.revenue * random.uniform(0.08, 0.3)), 100_000)
    yield registry("registered_on", entry.founded)
    yield registry("industry_code", entry.industry)
    yield registry("division_code", division)
    yield registry("organisation_form", "company")
    yield registry("ownership", random.choices(("private", "mixed", "state", "foreign"), (86, 6, 4, 4))[0])
    yield registry("resident_enterprise", True)
    yield registry("registered_capital", capital)
    yield registry("paid_in_capital", yuan(float(capital) * random.choice((0.5, 0.8, 1.0, 1.0))))
    yield registry("listed_abnormal", entry.key == "baozhuang")
    yield registry("serious_dishonest", False)
    yield registry("restricted_industry", False)
    yield Statement("park_tenant", True, "demo:park", "authoritative", premises.tenant_since)
    yield Statement("service_business", entry.industry >= "51", COMPANY, "declared", seen)
    kind = "small_scale" if entry.revenue < SMALL_SCALE_LIMIT else "general"
    yield Statement("vat_taxpayer_type", kind, TAX, "authoritative", seen)
    rating = random.choices(("A", "B", "M", "C"), (30, 50, 15, 5))[0]
    yield Statement("tax_rating", rating, TAX, "authoritative", last_day(today, month=4, day=30))
    if entry.portfolio != "thin":
        yield Statement("rd_accounts_kept", entry.research > 0, TAX, "authoritative", seen)
    if random.random() < 0.7:
        yield Statement("major_accident_last_year", False, COMPANY, "declared", seen)
    if random.random() < 0.8:
        yield Statement("court_enforcement", entry.key == "jinghua", "demo:courts", "authoritative", seen)


def people(entry: TenantEntry, today: date, random: Random) -> Iterator[Statement]:
    """Who works there."""
    insured_on = today - timedelta(days=INSURED_DAYS_AGO)
    yield Statement("staff", entry.staff, TAX, "authoritative", insured_on)
    yield Statement(
        "insured_staff", max(1, entry.staff - random.randint(0, entry.staff // 25)), SOCIAL, "authoritative", insured_on
    )
    told_on = last_day(today, month=3, day=15)
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


def monthly(entry: TenantEntry, today: date, random: Random) -> Iterator[Statement]:
    """Sales of the last three months."""
    revenue = entry.revenue * (1 + entry.growth)
    end = date(today.year, today.month, 1) - timedelta(days=1)
    for _ in range(3):
        start = end.replace(day=1)
        sales = cents(Decimal(str(revenue / 12 * random.uniform(0.85, 1.15))))
        filed = min(end + timedelta(days=15), today - timedelta(days=1))
        yield Statement("monthly_sales", sales, TAX, "authoritative", filed, start, end)
        end = start - timedelta(days=1)


def innovation(entry: TenantEntry, today: date, random: Random) -> Iterator[Statement]:
    """Recognitions, rights, scores, equity, equipment, loans."""
    told_on = last_day(today, month=3, day=15)

    def told(name: str, value: Value) -> Statement:
        return Statement(name, value, COMPANY, "declared", told_on)

    yield told("market_years", Decimal(max(0, today.year - entry.founded.year - random.randint(0, 2))))
    recognitions = _recognitions(entry, today, random)
    if recognitions or random.random() < 0.6:
        yield Statement(
            "recognitions", recognitions, "demo:recognitions", "authoritative", last_day(today, month=9, day=1)
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
        raised = yuan(entry.revenue * random.uniform(0.3, 1.4), 1_000_000)
        yield told("equity_financing_2y", raised)
        yield told("equity_financing_3y", raised)
    if entry.kind in {"factory", "lab", "data"} and random.random() < 0.6:
        yield told("new_equipment", True)
        yield told("new_equipment_unit_value", yuan(random.uniform(80_000, 6_200_000), 1_000))
    if random.random() < 0.4:
        yield told("loans_outstanding", yuan(entry.revenue * random.uniform(0.02, 0.2), 10_000))
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
    if entry.kind == "factory" and "high_tech_enterprise" in {code.partition("@")[0] for code in held}:
        held.append(f"advanced_manufacturing@{date(today.year, 12, 31).isoformat()}")
    return tuple(held)
