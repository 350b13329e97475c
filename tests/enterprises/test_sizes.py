"""Size classes by 国统字〔2017〕213号: every boundary of the table, and what an unknown figure may and may not decide."""

import json
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enterprises.codes import industry_section, size_class_of
from enterprises.codes.tables import rows

UNIT = {"staff": Decimal(1), "revenue": Decimal(10_000), "assets": Decimal(10_000)}
STEP = {"staff": Decimal(1), "revenue": Decimal("0.01"), "assets": Decimal("0.01")}
CLASSES = ("large", "medium", "small", "micro")
EXAMPLES = {
    "A": "0111",
    "B": "0610",
    "C": "3963",
    "D": "4411",
    "E": "4710",
    "L": "7211",
    "M": "7310",
    "N": "7620",
    "O": "8111",
    "R": "8810",
}
codes = st.sampled_from([row[0] for row in rows("industries.tsv")])
figures = st.none() | st.integers(0, 3000)
amounts = st.none() | st.decimals(0, 3_000_000_000, places=2)


def classify(code: str, values: dict[str, Decimal | None]) -> str | None:
    staff = values.get("staff")
    return size_class_of(code, None if staff is None else int(staff), values.get("revenue"), values.get("assets"))


def test_every_boundary_of_the_measure(shared_data: Path):
    told = json.loads((shared_data / "cn_size_standard_2017.json").read_text(encoding="utf-8"))
    tried = 0
    for row in told["rows"]:
        bounds = row["lower_bounds"]
        for code, level in product(row["codes"], range(3)):
            industry = EXAMPLES.get(code, code)
            if "社会工作" in row["industry"] and code == "84":
                industry = "85"  # the transcription counts by the edition of 2011; in that of 2017, 84 is health
            at = {name: Decimal(limits[CLASSES[level]]) * UNIT[name] for name, limits in bounds.items()}
            assert classify(industry, at) == CLASSES[level], (industry, at)
            for name in bounds:
                below = at | {name: at[name] - STEP[name]}
                assert classify(industry, below) == CLASSES[level + 1], (industry, below)
                tried += 1
    assert tried > 100, tried


@pytest.mark.parametrize(
    ("industry", "staff", "revenue", "assets", "expected"),
    [
        ("3963", 1000, "400000000", None, "large"),
        ("3963", 1000, "399999999.99", None, "medium"),
        ("3963", 999, "400000000", None, "medium"),
        ("3963", 19, None, None, "micro"),
        ("3963", None, "2999999.99", None, "micro"),
        ("3963", 500, None, None, None),
        ("3963", None, None, None, None),
        ("6513", 100, "10000000", None, "medium"),
        ("6513", 99, "10000000", None, "small"),
        ("7010", None, "2000000000", "100000000", "large"),
        ("701", None, "1000000", "20000000", "small"),
        ("7211", 300, None, "1200000000", "large"),
        ("591", 1000, "300000000", None, "large"),
        ("5911", 20, "2000000", None, "small"),
        ("5921", 20, "1000000", None, "small"),
        ("8521", 300, None, None, "large"),
        ("8411", 300, None, None, None),
        ("703", 9, None, None, "micro"),
        ("59", 5000, "99999999999", None, None),
        ("70", 5000, "99999999999", "99999999999", None),
        ("5310", 5000, "99999999999", None, None),
        ("6621", 5000, "99999999999", None, None),
        ("8311", 5000, None, None, None),
        ("8310", 300, None, None, None),
        ("7040", 300, "99999999999", "99999999999", None),
        ("9999", 300, "99999999999", "99999999999", None),
        (None, 300, "99999999999", "99999999999", None),
    ],
)
def test_golden_cases(industry, staff, revenue, assets, expected):
    money = [None if amount is None else Decimal(amount) for amount in (revenue, assets)]
    assert size_class_of(industry, staff, *money) == expected


@given(codes, figures, amounts, amounts)
def test_what_was_told_with_an_unknown_stays_true_when_it_becomes_known(code, staff, revenue, assets):
    told = size_class_of(code, staff, revenue, assets)
    if told is None:
        return
    for known_staff in [staff] if staff is not None else [0, 500, 100_000]:
        for known_revenue in [revenue] if revenue is not None else [Decimal(0), Decimal(10**12)]:
            for known_assets in [assets] if assets is not None else [Decimal(0), Decimal(10**12)]:
                assert size_class_of(code, known_staff, known_revenue, known_assets) == told


@given(codes)
def test_finance_education_health_and_the_state_are_not_covered(code):
    if industry_section(code) in {"J", "P", "S", "T"} or code.startswith(("83", "84", "53")):
        assert size_class_of(code, 100, Decimal(10**9), Decimal(10**9)) is None
