"""The park's pure decisions."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from park import rules
from park.rules import Period

DAY = date(2026, 11, 23)
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
periods = st.tuples(days, days).map(lambda pair: Period(min(pair), max(pair)))


@given(periods, periods)
def test_two_periods_overlap_exactly_when_a_day_is_in_both(one: Period, other: Period) -> None:
    shared = max(one.start, other.start) <= min(one.end, other.end)
    assert one.overlaps(other) == other.overlaps(one) == shared


@pytest.mark.parametrize(
    ("start", "end", "cancelled", "closed", "state"),
    [
        (DAY, DAY, False, False, "running"),
        (DAY + timedelta(days=1), DAY + timedelta(days=9), False, False, "upcoming"),
        (DAY - timedelta(days=9), DAY - timedelta(days=1), False, False, "ended"),
        (DAY, DAY + timedelta(days=9), False, True, "ended"),
        (DAY, DAY + timedelta(days=9), True, False, "cancelled"),
    ],
)
def test_a_lease_is_where_its_days_say(start: date, end: date, cancelled: bool, closed: bool, state: str) -> None:
    assert rules.lease_state(start, end, cancelled=cancelled, closed=closed, today=DAY) == state


@pytest.mark.parametrize(
    ("left", "step"), [(-1, None), (0, 30), (30, 30), (31, 90), (90, 90), (91, 180), (180, 180), (181, None)]
)
def test_the_notice_step_is_the_smallest_that_holds_the_end(left: int, step: int | None) -> None:
    assert rules.ending_step(DAY + timedelta(days=left), DAY) == step


def test_a_lease_lasts_at_most_twenty_years() -> None:
    assert rules.lease_period_fault(DAY, DAY) is None
    assert rules.lease_period_fault(DAY, DAY - timedelta(days=1)) == "order"
    assert rules.lease_period_fault(date(2026, 1, 1), date(2046, 1, 1)) is None
    assert rules.lease_period_fault(date(2026, 1, 1), date(2046, 1, 2)) == "too_long"
    assert rules.lease_period_fault(date(2024, 2, 29), date(2044, 2, 29)) is None


def test_occupancy_is_let_over_lettable_and_unknown_without_any() -> None:
    found = rules.occupancy([(100_00, True), (300_00, False)])
    assert (found.let_dm2, found.total_dm2, found.share) == (100_00, 400_00, 0.25)
    assert rules.occupancy([]).share is None


@pytest.mark.parametrize("text", ["A-101", "研发1号楼", "a", "L/2026#3", "x" * 40])
def test_usable_codes(text: str) -> None:
    assert rules.is_code(text)


@pytest.mark.parametrize("text", ["", " A", "A 1", "-A", "x" * 41, "A\n", "A;B", "<b>", "A\u202e"])
def test_unusable_codes(text: str) -> None:
    assert not rules.is_code(text)


@given(st.decimals("0.01", "1000000", places=2))
def test_areas_keep_their_two_decimals(area: Decimal) -> None:
    assert rules.to_m2(rules.to_dm2(area)) == area


@pytest.mark.parametrize("area", ["0", "-1", "1.234"])
def test_areas_that_are_none(area: str) -> None:
    with pytest.raises(ValueError):
        rules.to_dm2(Decimal(area))


def test_rent_rounds_half_up_once() -> None:
    assert rules.monthly_rent_fen(380_50, 5801) == 2207281  # 380.5 m² x 58.01 = 22072.805 yuan
    assert rules.monthly_rent_fen(100, 0) == 0


@pytest.mark.parametrize(
    ("points", "fits"),
    [
        (((0, 0), (10, 0), (10, 10)), True),
        (((0, 0), (10, 0)), False),
        (((0, 0), (5, 5), (10, 10)), False),  # a line encloses nothing
        (((0, 0), (1001, 0), (10, 10)), False),
        (((0, 0), (10, 0), (10, -1)), False),
    ],
)
def test_outlines(points: tuple[tuple[int, int], ...], fits: bool) -> None:
    assert rules.is_outline(points) is fits


def test_a_following_lease_carries_a_tenancy_on() -> None:
    running = Period(DAY - timedelta(days=300), DAY + timedelta(days=20))
    after = Period(DAY + timedelta(days=21), DAY + timedelta(days=400))
    later = Period(DAY + timedelta(days=30), DAY + timedelta(days=500))
    assert rules.tenancy_end({"A": [running]}, DAY) == running.end
    assert rules.tenancy_end({"A": [running, after]}, DAY) == after.end
    assert rules.tenancy_end({"A": [running, later]}, DAY) == running.end  # a gap is an end
    assert rules.tenancy_end({"A": [running, after], "B": [running]}, DAY) == running.end
    assert rules.tenancy_end({"A": [later]}, DAY) == later.end
    assert rules.tenancy_end({}, DAY) is None
    assert rules.is_renewed(running, [running, after]) and not rules.is_renewed(running, [running, later])


def test_meters_are_summed_only_where_every_one_that_owes_a_reading_gave_it() -> None:
    always = [Period(DAY - timedelta(days=99), DAY + timedelta(days=99))]
    first = DAY - timedelta(days=4)
    known = {first + timedelta(days=step): 10 for step in range(5)}
    holed = {day: 5 for day in known if day != first + timedelta(days=2)}
    assert rules.combine_meters([(always, known), (always, holed)], first, DAY) == [15, 15, None, 15, 15]
    begun_late = {DAY: 7, DAY - timedelta(days=1): 7}
    assert rules.combine_meters([(always, known), (always, begun_late)], first, DAY) == [10, 10, 10, 17, 17]
    only_before = [Period(first, first + timedelta(days=1))]
    assert rules.combine_meters([(only_before, known)], first, DAY) == [10, 10, None, None, None]


def test_a_meter_that_was_taken_away_owes_nothing_but_a_late_one_does() -> None:
    always = [Period(DAY - timedelta(days=99), DAY)]
    first = DAY - timedelta(days=50)
    going_on = dict.fromkeys(rules.days_between(first, DAY), 10)
    gone = dict.fromkeys(rules.days_between(first, DAY - timedelta(days=40)), 5)
    late = dict.fromkeys(rules.days_between(first, DAY - timedelta(days=3)), 5)
    assert rules.combine_meters([(always, going_on), (always, gone)], first, DAY)[-1] == 10
    assert rules.combine_meters([(always, going_on), (always, late)], first, DAY)[-3:] == [None, None, None]


@pytest.mark.parametrize(
    ("use", "ends_in", "state"),
    [("common", None, "common"), ("office", None, "vacant"), ("office", 90, "ending"), ("office", 91, "let")],
)
def test_how_a_unit_stands(use: str, ends_in: int | None, state: str) -> None:
    ends_on = None if ends_in is None else DAY + timedelta(days=ends_in)
    assert rules.unit_state(use, ends_on, DAY) == state


def test_only_the_listed_moves_of_an_import_exist() -> None:
    assert (
        rules.may_move("checked", "staging")
        and rules.may_move("live", "undone")
        and rules.may_move("failed", "staging")
    )
    for current, target in (("undone", "live"), ("refused", "staging"), ("live", "staging"), ("cancelled", "staging")):
        assert not rules.may_move(current, target)  # type: ignore[arg-type]


@given(
    st.sampled_from(
        [
            ((620, 60), (780, 60), (780, 180), (700, 180), (700, 130), (620, 130)),
            ((700, 260), (920, 260), (920, 340), (790, 340), (790, 560), (700, 560)),
            ((0, 0), (10, 0), (10, 10), (0, 10)),
        ]
    )
)
def test_a_name_is_written_inside_its_building_even_of_an_l_shape(shape: tuple[tuple[int, int], ...]) -> None:
    x, y = rules.label_point(shape)
    assert (
        rules._distance_inside(shape, x, y)
        > 0.2 * min(max(point[0] for point in shape) - min(point[0] for point in shape), 100) / 2
    )
