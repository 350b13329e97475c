"""Features: exact, dated, unknown where the bills do not say."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.contracts import BillMonth
from credit.features import ALLOWED, FEATURES, FeatureSet, compute_features
from credit.focus import read_bill
from tests.credit import bills

TODAY = date(2026, 11, 23)


def months(*spend: str | int, last: str = "2026-10", **more: object) -> list[BillMonth]:
    """Return one month per amount, the last of them `last`."""
    days = [date.fromisoformat(f"{name}-01") for name in bills.months_back(len(spend), last)]
    return [
        BillMonth(day, "Tencent Cloud", "CNY", 1, Decimal(cost), Decimal(cost), **more)  # type: ignore[arg-type]
        for day, cost in zip(days, spend, strict=True)
    ]


def values(*spend: str | int, as_of: date = TODAY, **more: object) -> dict[str, Decimal | None]:
    return compute_features(months(*spend, **more), as_of).values


def test_every_feature_of_the_allow_list_is_computed_and_nothing_else() -> None:
    assert list(values(*range(100, 124))) == [feature.name for feature in FEATURES]
    assert all(f.definition_zh and f.definition_en and f.purpose_zh and f.purpose_en for f in ALLOWED.values())


class TestGolden:
    def test_level_is_the_exact_mean(self) -> None:
        found = values(*["0.000000000001"] * 9, "100", "100.000000000001", "100")
        assert found["monthly_spend_3"] == Decimal("100.000000000000")
        assert found["monthly_spend_6"] == Decimal("50.000000000001")

    def test_trend_is_the_median_slope_over_the_median_month(self) -> None:
        assert values(100, 110, 120, 130, 140, 150)["spend_trend_12"] == Decimal("0.080000")
        assert values(100, 110, 120, 130, 140, 5000)["spend_trend_12"] == Decimal("0.080000")
        assert values(100, 100, 100, 100, 100)["spend_trend_12"] is None

    def test_volatility(self) -> None:
        assert values(*[100] * 12)["spend_volatility_12"] == Decimal("0.000000")
        assert values(*[50, 150] * 6)["spend_volatility_12"] == Decimal("0.500000")

    def test_growth_over_the_year(self) -> None:
        assert values(*[100] * 12, *[130] * 12)["yearly_growth"] == Decimal("0.300000")
        assert values(*[100] * 23)["yearly_growth"] is None

    def test_a_month_without_a_bill_is_zero(self) -> None:
        gap = [month for month in months(*[100] * 12) if month.month != date(2026, 5, 1)]
        found = compute_features(gap, TODAY).values
        assert found["active_share_12"] == Decimal("0.916667")
        assert found["tenure_months"] == 12

    def test_shares(self) -> None:
        parts = {
            "committed": Decimal(25),
            "production": Decimal(60),
            "other_environment": Decimal(20),
            "credit": Decimal(-300),
        }
        found = values(*[100] * 6, **parts)
        assert found["commitment_share"] == Decimal("0.250000")
        assert found["production_share"] == Decimal("0.750000")
        assert found["cash_paid_share"] == Decimal("0.250000")
        assert values(*[100] * 6)["production_share"] is None

    def test_step_up_before_an_application_shows(self) -> None:
        assert values(*[100] * 6, 300, 300)["step_up"] == Decimal("3.000000")
        assert values(*[100] * 7)["step_up"] is None

    def test_demand_proxies(self) -> None:
        bought = months(*[100] * 6)
        grown = [
            BillMonth(m.month, m.provider, m.currency, 1, m.billed, m.effective, egress=Decimal(10 if n < 3 else 12))
            for n, m in enumerate(bought)
        ]
        found = compute_features(grown, TODAY).values
        assert (found["egress_growth"], found["requests_growth"]) == (Decimal("0.200000"), None)

    def test_breadth_counts_categories_with_spend(self) -> None:
        found = values(*[100] * 3, categories={"Compute": "90", "Storage": "10", "Other": "-5"})
        assert found["service_breadth"] == 2

    def test_data_age_counts_from_the_end_of_the_last_month(self) -> None:
        assert values(*[100] * 3)["data_age_days"] == 23
        assert values(*[100] * 3, last="2026-07")["data_age_days"] == 115

    def test_sources_that_can_be_verified(self) -> None:
        mixed = months(*[100] * 3, grade="A") + months(*[100] * 3, grade="C")
        found = compute_features(mixed, TODAY)
        assert found.values["verified_share_12"] == Decimal("0.500000")
        assert found.grade == "C"


class TestCurrency:
    def test_a_bill_in_another_currency_has_no_level_but_ratios(self) -> None:
        found = compute_features(
            [BillMonth(m.month, m.provider, "USD", 1, m.billed, m.effective) for m in months(*[100] * 6)], TODAY
        )
        assert found.currency == "USD"
        assert found.values["monthly_spend_6"] is None
        assert found.values["spend_volatility_12"] == 0

    def test_currencies_are_never_added_up(self) -> None:
        both = [*months(*[100] * 6), BillMonth(date(2026, 10, 1), "AWS", "USD", 7, Decimal(9), Decimal(9))]
        found = compute_features(both, TODAY)
        assert found.values["monthly_spend_3"] == 100
        assert {currency: total.effective for currency, total in found.totals.items()} == {
            "CNY": Decimal(600),
            "USD": Decimal(9),
        }


class TestTime:
    def test_a_month_is_complete_when_it_is_over(self) -> None:
        series = months(*[100] * 6, 900, last="2026-11")
        assert compute_features(series, date(2026, 11, 30)).values["monthly_spend_3"] == 100
        after = compute_features(series, date(2026, 12, 1))
        assert after.data_until == date(2026, 11, 30)
        assert after.values["monthly_spend_3"] == Decimal("366.666666666667")

    def test_nothing_known_means_unknown(self) -> None:
        found = compute_features([], TODAY)
        assert found.data_until is None
        assert set(found.values.values()) == {None}

    @given(
        spend=st.lists(st.integers(0, 10**9), min_size=1, max_size=30),
        later=st.lists(st.integers(0, 10**9), max_size=5),
    )
    def test_the_future_changes_no_feature(self, spend: list[int], later: list[int]) -> None:
        past = months(*spend)
        future = [
            BillMonth(date(2027, number + 1, 1), "x", "CNY", 1, Decimal(cost), Decimal(cost))
            for number, cost in enumerate(later)
        ]
        assert compute_features([*past, *future], TODAY) == compute_features(past, TODAY)


def test_totals_of_the_real_sample_are_the_sum_of_its_rows(shared_data: Path, tmp_path: Path) -> None:
    import csv

    body = (shared_data / "focus_sample.csv").read_bytes()
    rows = list(csv.DictReader(body.decode().splitlines()))
    bill = read_bill(bills.save(tmp_path, body), tmp_path, today=TODAY)
    found: FeatureSet = compute_features(bill.months, TODAY)
    total = found.totals["USD"]
    assert (total.rows, total.effective, total.billed) == (1000, bills.total(rows), bills.total(rows, "BilledCost"))


@pytest.mark.parametrize("day", [TODAY - timedelta(days=number) for number in (0, 31, 200)])
def test_the_order_of_bills_does_not_matter(day: date) -> None:
    series = months(*range(100, 130), categories={"Compute": "1"})
    assert compute_features(series[::-1], day) == compute_features(series, day)
