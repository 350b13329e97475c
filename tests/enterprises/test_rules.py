"""Which values a fact takes, which of several counts, what a park operator may see."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enterprises import VOCABULARY, FactValue, WrongFact, check_value, size_class
from enterprises.rules import AUTHORITY_RANK, check_period, mask_phone, order_values, read_stored

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def value(content: object, **more: object) -> FactValue:
    given = {
        "unit": "",
        "period_start": None,
        "period_end": None,
        "source": "s",
        "authority": "declared",
        "seen_at": T0,
        "recorded_at": T0,
    }
    return FactValue(value=content, **(given | more))


@pytest.mark.parametrize(
    ("name", "raw", "kept"),
    [
        ("staff", 35, 35),
        ("revenue", "12000000.5", Decimal("12000000.50")),
        ("revenue", 12, Decimal("12.00")),
        ("revenue", Decimal("0.01"), Decimal("0.01")),
        ("net_profit", "-5", Decimal("-5.00")),
        ("layoff_rate", "0.055", Decimal("0.055")),
        ("listed_abnormal", False, False),
        ("registered_on", "2019-02-28", date(2019, 2, 28)),
        ("industry_code", " 6513 ", "6513"),
        ("division_code", "330106", "330106"),
        ("ownership", "private", "private"),
        ("loan_purposes", ["research", "research"], ("research",)),
        ("recognitions", [], ()),
    ],
)
def test_values_of_the_right_kind_are_taken(name, raw, kept):
    checked = check_value(VOCABULARY[name], raw)
    assert checked == kept
    assert type(checked) is type(kept)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("staff", "35"),
        ("staff", 35.0),
        ("staff", True),
        ("staff", -1),
        ("staff", 10**16),
        ("unemployment_premium_months", 13),
        ("revenue", "abc"),
        ("revenue", "NaN"),
        ("revenue", "1e400"),
        ("revenue", "-0.01"),
        ("revenue", "0.001"),
        ("revenue", True),
        ("revenue", None),
        ("layoff_rate", "1.01"),
        ("listed_abnormal", "false"),
        ("listed_abnormal", 0),
        ("registered_on", "2019-02-29"),
        ("registered_on", "28.2.2019"),
        ("registered_on", datetime(2019, 2, 28, tzinfo=UTC)),
        ("industry_code", "6598"),
        ("division_code", "330100"),
        ("ownership", "somebody"),
        ("loan_purposes", "research"),
        ("loan_purposes", ["research@2026-13-01"]),
        ("loan_purposes", [1]),
    ],
)
def test_values_of_a_wrong_kind_are_refused_with_a_sentence_in_both_languages(name, raw):
    with pytest.raises(WrongFact) as caught:
        check_value(VOCABULARY[name], raw)
    assert caught.value.field == "value"
    assert caught.value.zh and caught.value.en


@pytest.mark.parametrize("definition", VOCABULARY.values(), ids=lambda one: one.name)
def test_every_fact_has_a_period_that_fits_and_others_that_do_not(definition):
    none, year, month = (None, None), (date(2025, 1, 1), date(2025, 12, 31)), (date(2025, 2, 1), date(2025, 2, 28))
    fitting = {"none": none, "year": year, "month": month}
    check_period(definition, *fitting.pop(definition.period))
    for start, end in (*fitting.values(), (date(2025, 1, 1), None), (date(2025, 1, 2), date(2025, 12, 31))):
        with pytest.raises(WrongFact) as caught:
            check_period(definition, start, end)
        assert caught.value.field == "period"


values = st.builds(
    lambda content, year, authority, seen, recorded: value(
        content,
        period_start=None if year is None else date(year, 1, 1),
        period_end=None if year is None else date(year, 12, 31),
        authority=authority,
        seen_at=T0 + timedelta(days=seen),
        recorded_at=T0 + timedelta(days=seen + recorded),
    ),
    st.integers(0, 9),
    st.sampled_from([None, 2023, 2024, 2025]),
    st.sampled_from(["authoritative", "declared", "derived"]),
    st.integers(0, 500),
    st.integers(0, 9),
)


@given(st.lists(values, max_size=12))
def test_what_counts_is_the_weightiest_of_the_latest_period(known):
    ordered = order_values(known)
    assert len({one.period_end for one in ordered}) == len(ordered) == len({one.period_end for one in known})
    ends = [one.period_end or date.max for one in ordered]
    assert ends == sorted(ends, reverse=True)
    for chosen in ordered:
        rivals = [one for one in known if one.period_end == chosen.period_end]
        assert AUTHORITY_RANK[chosen.authority] == max(AUTHORITY_RANK[one.authority] for one in rivals)
        same = [one for one in rivals if one.authority == chosen.authority]
        assert chosen.seen_at == max(one.seen_at for one in same)
    assert ordered == order_values(reversed(known)) or any(
        (a.authority, a.seen_at, a.recorded_at, a.period_end) == (b.authority, b.seen_at, b.recorded_at, b.period_end)
        for i, a in enumerate(known)
        for b in known[i + 1 :]
    )


def test_size_class_takes_a_stated_one_and_computes_otherwise():
    facts = {"industry_code": value("6513"), "staff": value(35), "revenue": value(Decimal(12_000_000))}
    assert size_class(facts) == "small"
    assert size_class(facts | {"staff": value(9)}) == "micro"
    assert size_class(facts | {"size_class": value("medium", authority="authoritative")}) == "medium"
    assert size_class({"industry_code": value("6513"), "staff": value(35)}) is None
    assert size_class({}) is None


@pytest.mark.parametrize(
    ("kind", "stored", "content"),
    [
        ("money", "12.50", Decimal("12.50")),
        ("date", "2026-01-02", date(2026, 1, 2)),
        ("codes", ["a"], ("a",)),
        ("bool", False, False),
        ("integer", 3, 3),
    ],
)
def test_stored_values_come_back_as_they_were(kind, stored, content):
    assert read_stored(kind, stored) == content


def test_phones_are_masked():
    assert mask_phone("13812345678") == "138****5678"
    assert mask_phone("0571") == "****"
    assert mask_phone("") == ""
