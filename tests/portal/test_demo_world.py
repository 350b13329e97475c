"""The generated demo world: the same every time, valid, consistent with itself, and plainly invented."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from stdnum.cn import uscc

from enterprises.codes.uscc import complete_uscc
from enterprises.vocabulary import VOCABULARY
from kernel.workdays import is_workday
from portal.demo.cloudbills import COLUMNS, MONTHS
from portal.demo.generate import DemoTenant, DemoWorld, generate_world
from portal.demo.worldfile import read_world

TODAY = date(2026, 11, 23)


def make_world(today: date = TODAY) -> DemoWorld:
    return generate_world(read_world(), today, is_workday=is_workday, complete_code=complete_uscc)


@pytest.fixture(scope="module")
def world() -> DemoWorld:
    return make_world()


def by_key(world: DemoWorld, key: str) -> DemoTenant:
    return next(tenant for tenant in world.tenants if tenant.entry.key == key)


def yearly(tenant: DemoTenant, name: str) -> dict[int, Decimal]:
    return {
        fact.period_end.year: fact.value
        for fact in tenant.facts
        if fact.name == name and fact.period_end is not None and isinstance(fact.value, Decimal)
    }


def test_the_same_day_gives_the_same_world_to_the_last_digit(world: DemoWorld) -> None:
    assert make_world() == world


def test_another_seed_gives_other_figures(world: DemoWorld) -> None:
    other = generate_world(read_world(), TODAY, is_workday=is_workday, complete_code=complete_uscc, seed="another")
    assert other.tenants[0].facts != world.tenants[0].facts


@pytest.mark.parametrize("today", [date(2027, 1, 1), date(2027, 2, 28), date(2028, 2, 29), date(2026, 12, 31)])
def test_a_world_can_be_made_on_any_day_and_knows_nothing_of_its_future(today: date) -> None:
    made = make_world(today)
    assert all(fact.seen_on < today for tenant in made.tenants for fact in tenant.facts)
    assert all(
        meter.first_day + timedelta(days=len(meter.kwh)) == today for tenant in made.tenants for meter in tenant.meters
    )


def test_every_credit_code_is_valid_by_an_independent_check_and_no_two_are_equal(world: DemoWorld) -> None:
    codes = [tenant.uscc for tenant in world.tenants]
    assert len(set(codes)) == 60
    assert all(uscc.is_valid(code) for code in codes)


def test_every_name_says_that_the_company_is_invented(world: DemoWorld) -> None:
    assert all(tenant.name_zh.endswith("(示例)") and tenant.name_en.endswith("(demo)") for tenant in world.tenants)


def test_every_fact_is_in_the_vocabulary_with_its_kind_and_period_and_a_demo_source(world: DemoWorld) -> None:
    kinds = {
        "bool": bool, "integer": int, "money": Decimal, "decimal": Decimal, "ratio": Decimal,
        "code": str, "codes": tuple, "date": date, "text": str,
    }  # fmt: skip
    for tenant in world.tenants:
        for fact in tenant.facts:
            definition = VOCABULARY[fact.name]
            assert isinstance(fact.value, kinds[definition.kind]), (tenant.entry.key, fact)
            assert (fact.period_start is None) == (definition.period == "none"), fact
            assert fact.source.startswith("demo:")
            if definition.minimum is not None and isinstance(fact.value, Decimal):
                assert fact.value >= definition.minimum, (tenant.entry.key, fact)
            if definition.maximum is not None and isinstance(fact.value, Decimal):
                assert fact.value <= definition.maximum, (tenant.entry.key, fact)
            if definition.choices:
                allowed = {choice.code for choice in definition.choices}
                named = fact.value if isinstance(fact.value, tuple) else (fact.value,)
                assert {str(code).partition("@")[0] for code in named} <= allowed


def test_no_fact_is_stated_twice_for_one_period(world: DemoWorld) -> None:
    for tenant in world.tenants:
        places = [(fact.name, fact.period_start) for fact in tenant.facts]
        assert len(places) == len(set(places)), tenant.entry.key


def test_the_accounts_of_a_year_agree_with_each_other(world: DemoWorld) -> None:
    for tenant in world.tenants:
        revenue, assets = yearly(tenant, "revenue"), yearly(tenant, "total_assets")
        assert revenue.keys() == assets.keys()
        for year, research in yearly(tenant, "rd_expense").items():
            assert yearly(tenant, "rd_expense_domestic")[year] <= research <= revenue[year]
        for name in ("main_business_revenue", "high_tech_revenue"):
            for year, part in yearly(tenant, name).items():
                assert part <= revenue[year], (tenant.entry.key, name)
        for year, liabilities in yearly(tenant, "total_liabilities").items():
            assert liabilities <= assets[year]


def test_people_of_a_kind_are_never_more_than_the_staff(world: DemoWorld) -> None:
    for tenant in world.tenants:
        people = {fact.name: fact.value for fact in tenant.facts if fact.name.endswith("staff")}
        staff = people["staff"]
        assert all(isinstance(number, int) and isinstance(staff, int) and number <= staff for number in people.values())


def test_the_cloud_spend_of_a_year_is_what_the_bill_says(world: DemoWorld) -> None:
    tenant = by_key(world, "yunji")
    assert tenant.bill is not None
    rows = csv.DictReader(io.StringIO(tenant.bill.content.decode()))
    billed = sum(
        (Decimal(row["EffectiveCost"]) for row in rows if row["BillingPeriodStart"].startswith("2025")), Decimal(0)
    )
    assert yearly(tenant, "cloud_spend") == {2025: billed.quantize(Decimal("0.01"))}


def test_the_electricity_of_a_year_is_what_the_meters_counted(world: DemoWorld) -> None:
    with_year = [tenant for tenant in world.tenants if yearly(tenant, "electricity_use")]
    assert len(with_year) >= 45
    for tenant in with_year:
        assert tenant.lease.start <= date(2025, 1, 1)


def test_some_profiles_sit_exactly_on_the_boundary_of_a_rule(world: DemoWorld) -> None:
    def last(key: str, name: str) -> object:
        found = [fact for fact in by_key(world, key).facts if fact.name == name]
        return max(found, key=lambda fact: fact.period_end or date.min).value

    assert last("boundary_small", "taxable_income") == 3_000_000
    assert (last("boundary_small", "staff"), last("boundary_small_over", "staff")) == (300, 301)
    assert last("boundary_small", "total_assets") == 50_000_000
    assert yearly(by_key(world, "boundary_hnte"), "rd_expense") == dict.fromkeys(range(2022, 2026), Decimal(2_500_000))
    assert last("boundary_hnte", "revenue") == 50_000_000 and last("boundary_hnte", "science_staff") == 10
    assert last("boundary_vat", "monthly_sales") == 100_000
    assert last("boundary_layoff", "layoff_rate") == Decimal("0.055")


def test_some_facts_are_unknown_to_the_platform(world: DemoWorld) -> None:
    for name in ("science_staff", "college_staff", "high_tech_score", "owns_core_ip", "veteran_hires", "recognitions"):
        knowing = sum(any(fact.name == name for fact in tenant.facts) for tenant in world.tenants)
        assert 0 < knowing < 60, name


def test_about_seven_units_in_eight_are_let_and_no_unit_twice(world: DemoWorld) -> None:
    let = [unit for tenant in world.tenants for unit in tenant.lease.units]
    assert len(let) == len(set(let))
    assert len(world.units) == 111
    assert 0.85 <= len(let) / len(world.units) <= 0.90


def test_leases_run_today_and_some_end_within_30_90_and_180_days(world: DemoWorld) -> None:
    days = sorted((tenant.lease.end - TODAY).days for tenant in world.tenants)
    assert all(tenant.lease.start < TODAY <= tenant.lease.end for tenant in world.tenants)
    assert [sum(1 for left in days if left <= limit) for limit in (30, 90, 180)] == [3, 7, 13]


def test_offices_rest_on_holidays_and_data_centres_do_not(world: DemoWorld) -> None:
    def share(key: str, day: date, other: date) -> float:
        meter = by_key(world, key).meters[0]
        assert meter.first_day < min(day, other)
        values = [meter.kwh[(each - meter.first_day).days] for each in (day, other)]
        assert values[0] is not None and values[1] is not None
        return float(values[0] / values[1])

    spring_festival, working_day = date(2026, 2, 18), date(2026, 3, 4)
    assert share("jinrong", spring_festival, working_day) < 0.5
    assert share("hanxing", spring_festival, working_day) > 0.7


@pytest.mark.parametrize(
    ("key", "least", "most"), [("jinghua", 0.0, 0.5), ("hengzhou", 1.3, 2.5), ("mujian", 0.75, 1.25)]
)
def test_stories_show_in_the_last_weeks_of_electricity(world: DemoWorld, key: str, least: float, most: float) -> None:
    meter = by_key(world, key).meters[0]

    def month(back: int) -> float:
        days = meter.kwh[len(meter.kwh) - back - 28 : len(meter.kwh) - back]
        return float(sum((value for value in days if value is not None), Decimal(0)))

    assert least < month(0) / month(196) < most


def test_a_bill_has_24_months_of_focus_columns_in_yuan(world: DemoWorld) -> None:
    bills = [tenant.bill for tenant in world.tenants if tenant.bill is not None]
    assert 38 <= len(bills) <= 46
    for bill in bills:
        reader = csv.DictReader(io.StringIO(bill.content.decode()))
        rows = list(reader)
        assert reader.fieldnames == list(COLUMNS) and len(COLUMNS) == 43
        assert {row["BillingCurrency"] for row in rows} == {"CNY"}
        assert len({row["BillingPeriodStart"] for row in rows}) == MONTHS
        assert all("(demo)" in row["BillingAccountName"] and "demo" in row["Tags"] for row in rows)


def test_behaviours_of_cloud_use_can_be_told_apart(world: DemoWorld) -> None:
    def months(key: str, category: str = "") -> list[Decimal]:
        bill = by_key(world, key).bill
        assert bill is not None
        sums: dict[str, Decimal] = {}
        for row in csv.DictReader(io.StringIO(bill.content.decode())):
            if not category or row["ChargeCategory"] == category:
                start = row["BillingPeriodStart"]
                sums[start] = sums.get(start, Decimal(0)) + Decimal(row["EffectiveCost"])
        return [sums[start] for start in sorted(sums)]

    assert months("yunji")[-1] > months("yunji")[0] * Decimal("1.4")
    assert months("youxi")[-1] < months("youxi")[0] * Decimal("0.6")
    assert months("luoxing")[-1] > months("luoxing")[-3] * Decimal("2.5")
    assert -months("yuyin", "Credit")[-1] > months("yuyin", "Usage")[-1] * Decimal("0.6")
