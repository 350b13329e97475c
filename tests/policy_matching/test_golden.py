"""Golden cases: what the documents fix to the day and to the fen."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from kernel.clock import local_date
from policy_matching.engine import Period, availability
from tests.policy_matching.books import ITEMS, assessed, outcome

HIGH_TECH: dict[str, Any] = {
    "registered_on": date(2019, 5, 6),
    "science_staff": 10,
    "staff": 100,
    "total_income": "50000000",
    "high_tech_revenue": "30000000",
    "rd_expense_domestic": ["2500000", "2000000", "1500000"],
    "in_key_high_tech_field": True,
    "high_tech_score": 71,
    "owns_core_ip": True,
    "major_accident_last_year": False,
}
SPECIALISED: dict[str, Any] = {
    "recognitions": ("innovative_sme",),
    "size_class": "small",
    "market_years": "2.5",
    "rd_expense": ["1200000", "1100000"],
    "revenue": ["12000000", "11000000"],
    "specialized_sme_score": 60,
    "main_business_revenue": "11000000",
    "total_liabilities": "5000000",
    "total_assets": "10000000",
    "ip_class1_count": 1,
}


def test_vat_of_exactly_100000_is_exempt_on_the_last_day_of_2025() -> None:
    old = assessed("cn-vat-small-scale", date(2025, 12, 31), vat_taxpayer_type="small_scale", monthly_sales="100000.00")
    assert old.verdict == "eligible"
    item = ITEMS["cn-vat-small-scale"]
    assert availability(item.valid, item.windows, date(2025, 12, 31)).state == "closing_soon"
    assert availability(item.valid, item.windows, date(2026, 1, 1)).state == "closed"


@pytest.mark.parametrize(("sales", "verdict"), [("99999.99", "eligible"), ("100000.00", "not_eligible")])
def test_vat_of_exactly_100000_is_taxed_from_2026(sales: str, verdict: str) -> None:
    new = assessed("cn-vat-threshold-2026", date(2026, 1, 1), vat_taxpayer_type="small_scale", monthly_sales=sales)
    assert new.verdict == verdict
    item = ITEMS["cn-vat-threshold-2026"]
    assert availability(item.valid, item.windows, date(2025, 12, 31)).state == "not_open_yet"
    assert availability(item.valid, item.windows, date(2026, 1, 1)).state == "open"


@pytest.mark.parametrize(
    ("revenue", "rd_three_years", "tier", "verdict"),
    [
        # Exactly 50 million is in the first tier: 5 % of 120 million over three years is 6 million.
        ("50000000", ["3000000", "2000000", "1000000"], "rd-share-small", "eligible"),
        ("50000000", ["3000000", "2000000", "999999.99"], "rd-share-small", "not_eligible"),
        ("50000000.01", ["2500000", "1500000", "800000.01"], "rd-share-medium", "eligible"),
        ("200000000", ["5000000", "3000000", "2800000"], "rd-share-medium", "eligible"),
        ("200000000.01", ["4100000", "2500000", "1500000.01"], "rd-share-large", "eligible"),
    ],
)
def test_high_tech_share_of_research_follows_the_revenue_tier(
    revenue: str, rd_three_years: list[str], tier: str, verdict: str
) -> None:
    case = assessed(
        "cn-hnte",
        **{**HIGH_TECH, "rd_expense_domestic": rd_three_years},
        revenue=[revenue, "40000000", "30000000"],
        rd_expense=rd_three_years,
    )
    assert case.verdict == verdict
    tiers = [found for found in case.criteria if found.criterion.id.startswith("rd-share")]
    assert [found.criterion.id for found in tiers if found.outcome != "not_applicable"] == [tier]


def test_high_tech_score_must_be_above_70_and_a_year_is_365_days() -> None:
    facts = {**HIGH_TECH, "revenue": ["50000000", "0", "0"], "rd_expense": ["2500000", "0", "0"]}
    assert outcome(assessed("cn-hnte", **{**facts, "high_tech_score": 70}), "innovation-score") == "unmet"
    young = {**facts, "registered_on": date(2025, 11, 23)}
    assert outcome(assessed("cn-hnte", **young), "registered-one-year") == "met"
    younger = {**facts, "registered_on": date(2025, 11, 24)}
    assert outcome(assessed("cn-hnte", **younger), "registered-one-year") == "unmet"


def test_a_company_younger_than_three_years_counts_the_years_it_has() -> None:
    facts = {**HIGH_TECH, "registered_on": date(2025, 3, 1), "rd_expense_domestic": "2500000"}
    case = assessed("cn-hnte", **facts, revenue="50000000", rd_expense="2500000")
    assert outcome(case, "rd-share-small") == "met"
    older = assessed(
        "cn-hnte", **{**facts, "registered_on": date(2024, 3, 1)}, revenue="50000000", rd_expense="2500000"
    )
    assert outcome(older, "rd-share-small") == "unknown"


def test_technology_sme_is_closed_today_and_never_ends_in_a_no_for_its_score() -> None:
    item = ITEMS["cn-tech-sme"]
    assert availability(item.valid, item.windows, date(2026, 11, 23)).state == "closed"
    assert availability(item.valid, item.windows, date(2026, 8, 31)).state == "closing_soon"
    assert availability(item.valid, item.windows, date(2026, 6, 1)).state == "open"
    assert availability(item.valid, item.windows, date(2026, 5, 31)).state == "not_open_yet"
    case = assessed(
        "cn-tech-sme",
        resident_enterprise=True,
        staff=40,
        revenue="9000000",
        total_assets="8000000",
        listed_abnormal=False,
        serious_dishonest=False,
        technology_sme_score=40,
        technology_sme_staff_score=16,
    )
    assert (case.verdict, outcome(case, "score")) == ("depends", "manual_review")
    assert set(case.because) == {"manual_review", "rules_incomplete"}


@pytest.mark.parametrize(
    ("moment", "old", "new"),
    [
        (datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC), "closing_soon", "not_open_yet"),
        (datetime(2026, 3, 31, 16, 0, 0, tzinfo=UTC), "closed", "open"),
    ],
)
def test_both_specialised_rules_change_at_midnight_in_shanghai(moment: datetime, old: str, new: str) -> None:
    day = local_date(moment)
    states = [
        availability(ITEMS[name].valid, ITEMS[name].windows, day).state
        for name in ("cn-specialized-sme", "cn-specialized-sme-2026")
    ]
    assert states == [old, new]


def test_the_same_company_meets_the_old_specialised_rules_and_not_the_new() -> None:
    before = assessed("cn-specialized-sme", date(2026, 3, 31), **SPECIALISED)
    after = assessed("cn-specialized-sme-2026", date(2026, 4, 1), **SPECIALISED)
    assert before.verdict == "eligible"
    assert after.verdict == "not_eligible"
    unmet = {found.criterion.id for found in after.criteria if found.outcome == "unmet"}
    assert unmet == {"niche-years", "revenue"} | ({"equity"} & unmet)
    assert outcome(after, "equity") == "unknown"


def test_an_old_certificate_counts_until_its_last_day() -> None:
    facts = {"listed_abnormal": False, "serious_dishonest": False, "recognitions": ("specialized_sme@2026-11-23",)}
    assert assessed("sample-specialised-award", date(2026, 11, 23), **facts).verdict == "eligible"
    assert assessed("sample-specialised-award", date(2026, 11, 24), **facts).verdict == "not_eligible"


@pytest.mark.parametrize("item_id", sorted(name for name, item in ITEMS.items() if not item.complete))
def test_incomplete_rules_never_say_eligible(item_id: str) -> None:
    everything: dict[str, Any] = {
        "recognitions": tuple(choice for choice in _all_recognitions()),
        "industry_code": "3562",
        "loan_purposes": ("fixed_assets", "service_capacity"),
        **SPECIALISED_RICH,
    }
    case = assessed(item_id, **everything)
    assert "rules_incomplete" in case.because
    assert case.verdict == "depends"
    assert not case.questions


def _all_recognitions() -> list[str]:
    from enterprises import RECOGNITIONS

    return [choice.code for choice in RECOGNITIONS]


SPECIALISED_RICH: dict[str, Any] = {
    "resident_enterprise": True,
    "staff": 100,
    "science_staff": 60,
    "rd_staff": 60,
    "college_staff": 60,
    "revenue": ["100000000", "90000000", "80000000"],
    "total_income": "100000000",
    "main_business_revenue": ["99000000", "89000000", "79000000"],
    "rd_expense": ["10000000", "9000000", "8000000"],
    "tech_service_revenue": "80000000",
    "offshore_service_revenue": "60000000",
    "total_assets": "100000000",
    "total_liabilities": "10000000",
    "listed_abnormal": False,
    "serious_dishonest": False,
    "technology_sme_score": 80,
    "technology_sme_staff_score": 16,
    "innovative_sme_score": 80,
    "specialized_sme_score": 80,
    "little_giant_score": 80,
    "size_class": "small",
    "market_years": 8,
    "market_share_national": "0.2",
    "ip_class1_count": 6,
    "ip_class1_in_use": True,
    "vat_taxpayer_type": "general",
    "sells_own_software": True,
    "software_test_report": True,
    "software_registration": True,
    "key_group_hires": 2,
    "veteran_hires": 2,
    "graduate_hires": 2,
    "hires_one_year_insured": True,
    "hires_unemployment_insured": True,
    "ownership": "private",
    "service_business": True,
}


def test_a_programme_on_its_last_day_before_it_opens_and_while_suspended() -> None:
    valid = Period(date(2026, 1, 10), date(2026, 12, 31))
    assert availability(valid, (), date(2026, 1, 9)).state == "not_open_yet"
    assert availability(valid, (), date(2026, 1, 10)).state == "open"
    assert availability(valid, (), date(2026, 12, 31)).state == "closing_soon"
    assert availability(valid, (), date(2027, 1, 1)).state == "closed"
    assert availability(valid, (), date(2026, 6, 1), suspended=True).state == "suspended"
    assert availability(valid, (), date(2026, 6, 1), money_left=0).state == "budget_exhausted"
    assert availability(valid, (), date(2026, 6, 1), money_left=1).state == "open"


@pytest.mark.parametrize(
    ("division", "result"),
    [
        ("433101", "met"),  # a county of the prefecture 4331 that the list names inside a province it does not name
        ("430100", "unmet"),  # another prefecture of the same province
        ("430000", "unknown"),  # the province only: may lie on either side
        ("150000", "met"),
        ("330106", "unmet"),
    ],
)
def test_a_prefecture_is_not_widened_to_its_province(division: str, result: str) -> None:
    assert outcome(assessed("cn-western-15", division_code=division), "region") == result


@pytest.mark.parametrize(
    ("industry", "main", "result"),
    [
        ("6513", "90", "met"),
        ("7011", "50", "met"),  # exactly half is not over half
        ("7011", "50.01", "unmet"),
        ("I", "90", "met"),
        ("1610", "90", "unmet"),
    ],
)
def test_super_deduction_excludes_industries_by_their_share(industry: str, main: str, result: str) -> None:
    case = assessed("cn-rd-super-deduction", industry_code=industry, main_business_revenue=main, revenue="100")
    assert outcome(case, "not-excluded-industry") == result


def test_a_share_without_a_base_is_left_to_a_person() -> None:
    case = assessed("cn-hnte", **HIGH_TECH, revenue=["0", "0", "0"], rd_expense=["0", "0", "0"])
    assert outcome(case, "rd-share-small") == "manual_review"
    assert case.verdict == "depends"
