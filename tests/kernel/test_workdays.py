"""Time limits count Chinese working days; what no calendar covers yet is marked."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.workdays import LAST_PUBLISHED_YEAR, Deadline, add_workdays, count_workdays, is_workday

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 10, 1), False),  # National Day, a Thursday
        (date(2026, 10, 10), True),  # a Saturday worked in exchange
        (date(2026, 2, 14), True),  # a Saturday before the Spring Festival
        (date(2026, 2, 16), False),
        (date(2026, 11, 21), False),  # an ordinary Saturday
        (date(2026, 11, 23), True),
        (date(2025, 10, 8), False),
    ],
)
def test_the_calendar_of_the_state_council_decides(day, working):
    assert is_workday(day) is working


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # seven days of holiday between
        (date(2026, 9, 30), 3, date(2026, 10, 10)),  # the exchanged Saturday counts
        (date(2026, 11, 23), 5, date(2026, 11, 30)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 21), 0, date(2026, 11, 21)),
    ],
)
def test_the_day_a_limit_begins_on_is_not_counted(start, count, end):
    assert add_workdays(start, count) == Deadline(end, provisional=False)


def test_past_the_last_published_year_a_deadline_is_provisional():
    last = date(LAST_PUBLISHED_YEAR, 12, 31)
    assert add_workdays(last, 1).provisional
    assert add_workdays(date(LAST_PUBLISHED_YEAR + 1, 3, 1), 1).provisional
    assert not add_workdays(last - timedelta(days=10), 1).provisional


def test_a_limit_does_not_run_backwards():
    with pytest.raises(ValueError):
        add_workdays(date(2026, 1, 1), -1)


@given(DAYS, st.integers(0, 90))
def test_counting_and_adding_agree(day, count):
    end = add_workdays(day, count).day
    assert count_workdays(day, end) == count
    assert count_workdays(end, day) == -count
    assert count == 0 or is_workday(end)
