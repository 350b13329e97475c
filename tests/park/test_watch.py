"""The watch: what it calls expected, when it raises a signal, and the measured rate of false alarms."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.workdays import is_workday
from park.contracts import WatchSettings
from park.watch import expectation, unusual_days, watch
from tests.park.world import TODAY, weekly, winding_down

MONDAY = date(2026, 1, 5)


def test_the_expectation_is_the_median_of_the_same_weekday_five_to_twelve_weeks_back() -> None:
    values = np.array([float(day % 7) * 100 + day // 7 for day in range(7 * 14)])
    expected = expectation(values)
    day = 7 * 13 + 2
    assert expected[day] == np.median([values[day - 7 * weeks] for weeks in range(5, 13)])
    assert np.isnan(expected[: 7 * 13]).all()


def test_a_day_in_the_last_four_weeks_never_moves_its_own_expectation() -> None:
    values = np.array(weekly(300))
    changed = values.copy()
    changed[-29:] *= 0.1
    assert np.array_equal(expectation(values)[-29:], expectation(changed)[-29:], equal_nan=True)


def test_holidays_and_make_up_days_are_left_out_on_both_sides() -> None:
    first = date(2025, 9, 1)
    mask = unusual_days(first, 60, is_workday)
    unusual = {first + timedelta(days=int(position)) for position in np.flatnonzero(mask)}
    # State Council calendar 2025: 1-8 October free, Sunday 28 September and Saturday 11 October worked.
    assert {date(2025, 10, 1), date(2025, 10, 8), date(2025, 9, 28), date(2025, 10, 11)} <= unusual
    assert date(2025, 10, 4) not in unusual  # a Saturday that would be free anyway
    assert date(2025, 9, 15) not in unusual
    values = np.array(weekly(200, last=first + timedelta(days=199)))
    long_mask = unusual_days(first, 200, is_workday)
    spoilt = values.copy()
    spoilt[long_mask] = 0.0
    assert np.array_equal(expectation(values, long_mask), expectation(spoilt, long_mask), equal_nan=True)
    assert np.isnan(expectation(values, long_mask)[long_mask]).all()


def test_the_weeks_around_spring_festival_are_not_compared() -> None:
    first = date(2026, 1, 1)
    mask = unusual_days(first, 90, is_workday)
    unusual = {first + timedelta(days=int(position)) for position in np.flatnonzero(mask)}
    # Spring Festival break 2026: 15-23 February.
    assert {date(2026, 2, 10), date(2026, 2, 17), date(2026, 2, 28)} <= unusual
    assert date(2026, 3, 9) not in unusual and date(2026, 1, 20) not in unusual


def test_spring_festival_alone_raises_no_signal_and_would_without_the_calendar() -> None:
    first = TODAY - timedelta(days=479)
    values = weekly(480)
    for step in range(480):
        day = first + timedelta(days=step)
        if date(2026, 2, 8) <= day <= date(2026, 3, 1):
            values[step] *= 0.12
    mask = unusual_days(first, 480, is_workday)
    assert watch(first, values, mask).signals == ()
    assert watch(first, values).signals != ()


def test_steady_use_raises_nothing_and_a_wind_down_raises_one_signal_with_its_evidence() -> None:
    first = TODAY - timedelta(days=299)
    assert watch(first, weekly(300)).signals == ()
    signals = watch(first, winding_down(300)).signals
    assert len(signals) == 1
    signal = signals[0]
    assert TODAY - timedelta(days=75) < signal.since < signal.raised_on <= signal.last_on <= TODAY
    assert 0.2 < signal.shortfall < 0.75
    assert signal.actual < signal.expected


def test_a_step_down_of_half_is_seen_within_three_weeks() -> None:
    first = TODAY - timedelta(days=299)
    values = weekly(300)
    for step in range(250, 300):
        values[step] *= 0.5
    signal = watch(first, values).signals[0]
    assert (signal.raised_on - (first + timedelta(days=250))).days <= 21


def test_days_without_a_reading_leave_the_sum_where_it_is() -> None:
    first = TODAY - timedelta(days=299)
    values: list[float | None] = list(winding_down(300))
    values[280:290] = [None] * 10
    path = watch(first, values).path
    assert len(set(path[280:290].tolist())) == 1


def test_growth_never_raises_a_signal() -> None:
    values = weekly(400)
    grown = [value * (1 + step / 200) for step, value in enumerate(values)]
    assert watch(TODAY - timedelta(days=399), grown).signals == ()


@given(
    scale=st.floats(0.01, 1e6),
    noise=st.lists(st.floats(0.2, 3.0), min_size=220, max_size=220),
)
def test_the_unit_of_measurement_does_not_matter(scale: float, noise: list[float]) -> None:
    base = [value * 50 for value in noise]
    one, other = watch(MONDAY, base), watch(MONDAY, [value * scale for value in base])
    assert [(signal.since, signal.raised_on) for signal in one.signals] == [
        (signal.since, signal.raised_on) for signal in other.signals
    ] or np.allclose(one.path, other.path, atol=1e-3)


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e7)), max_size=260))
def test_any_series_is_watched_without_an_accident(values: list[float | None]) -> None:
    watched = watch(MONDAY, values)
    assert len(watched.path) == len(values)
    assert not np.isnan(watched.path).any() and (watched.path >= 0).all()


def daily_shapes(shared_data: Path) -> tuple[date, dict[str, list[float]]]:
    """The 49 business meters of SimBench as daily sums: farms, trade, industry; without car charging and sums of others."""
    from pyarrow import parquet

    table = parquet.read_table(shared_data / "simbench_business_load_2016_hourly.parquet")
    moments = table.column("time").to_pylist()
    found: dict[str, list[float]] = {}
    for name in table.column_names:
        if name == "time" or name.startswith(("APLS", "HSexp", "mv_comm")):
            continue
        hours = np.nan_to_num(np.array(table.column(name).to_pylist(), dtype=float))
        days = hours[: len(hours) // 24 * 24].reshape(-1, 24).sum(axis=1)
        if days.mean() > 0:
            found[name] = days.tolist()
    return moments[0].date(), found


def test_simbench_false_alarms_and_delay_are_what_the_reference_measured(shared_data: Path) -> None:
    first, shapes = daily_shapes(shared_data)
    assert len(shapes) == 49
    days = len(next(iter(shapes.values())))
    years = len(shapes) * (days - 98) / 365
    alarms = sum(len(watch(first, values).signals) for values in shapes.values())
    assert alarms / years == pytest.approx(0.22, abs=0.03)

    random = np.random.default_rng(0)
    delays: list[int] = []
    tried = 0
    for values in shapes.values():
        for _ in range(4):
            start = int(random.integers(150, 270))
            ramp = np.ones(days)
            ramp[start : start + 75], ramp[start + 75 :] = np.linspace(1, 0.25, 75), 0.25
            tried += 1
            raised = [
                (signal.raised_on - first).days for signal in watch(first, (np.array(values) * ramp).tolist()).signals
            ]
            delays += [day - start for day in raised if start <= day < start + 75][:1]
    assert len(delays) / tried > 0.97
    assert float(np.median(delays)) == pytest.approx(48, abs=3)


def test_a_stricter_threshold_raises_fewer_alarms(shared_data: Path) -> None:
    first, shapes = daily_shapes(shared_data)
    count = [
        sum(
            len(watch(first, values, settings=WatchSettings(slack=k, threshold=h)).signals)
            for values in shapes.values()
        )
        for k, h in ((0.1, 3.0), (0.15, 4.0), (0.2, 5.0), (0.3, 8.0))
    ]
    assert count == sorted(count, reverse=True) and count[0] > count[-1]


def test_the_real_steel_factory_is_watched(shared_data: Path) -> None:
    from pyarrow import parquet

    table = parquet.read_table(shared_data / "steel_industry_energy_kr_2018_15min.parquet")
    name = next(column for column in table.column_names if "kwh" in column.lower())
    quarter_hours = np.array(table.column(name).to_pylist(), dtype=float)
    days = quarter_hours[: len(quarter_hours) // 96 * 96].reshape(-1, 96).sum(axis=1)
    watched = watch(date(2018, 1, 1), days.tolist())
    assert len(days) == 365 and days.sum() > 500_000
    assert np.count_nonzero(~np.isnan(watched.expected)) == 365 - 91
