"""Small decisions: the life of an import, how points are written."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.rules import IMPORT_STEPS, may_become, show_points


@given(st.integers(-(10**9), 10**9))
def test_points_are_written_exactly(points: int) -> None:
    text = show_points(points)
    assert Decimal(text) * 1000 == points
    assert not text.endswith(".")
    assert "." not in text or not text.endswith("0")


@pytest.mark.parametrize(
    ("points", "text"), [(760_000, "760"), (-2_500, "-2.5"), (0, "0"), (1, "0.001"), (100_000, "100")]
)
def test_points_without_needless_zeros(points: int, text: str) -> None:
    assert show_points(points) == text


def test_what_may_become_of_an_import() -> None:
    allowed = {(before, after) for before in IMPORT_STEPS for after in IMPORT_STEPS if may_become(before, after)}
    assert allowed == {("waiting", "loaded"), ("waiting", "refused"), ("waiting", "withdrawn"), ("loaded", "withdrawn")}
