"""Sentences of the park that depend on a value: what is wrong with a row, what a signal shows."""

from kernel.texts import NOTHING, number, percent
from kernel.texts import day as day_text
from kernel.texts import gettext as _
from park.models import WatchSignal
from park.reading_file import MOST_KWH, MOST_ROWS, Fault


def fault_text(fault: Fault) -> str:
    """Say what is wrong with a row of a meter file, and what would be right."""
    texts = {
        "empty": _("The file holds no readings."),
        "unreadable": _("This is no table we can read: use CSV (UTF-8 or GB18030) or xlsx."),
        "too_large": _("The file is too large, or unpacks to too much."),
        "too_many_rows": _("More than %(limit)s readings: split the file.", limit=number(MOST_ROWS)),
        "no_heading": _(
            "The first line must name the columns: meter, day (or time) and kWh; or day and one column per meter."
        ),
        "unknown_meter": _("There is no meter with this number in the park."),
        "bad_time": _("Not a day or time: write 2026-11-23 or 2026-11-23 10:00."),
        "not_on_the_hour": _("Hourly readings begin on the full hour."),
        "mixed": _("Days and hours are mixed in one file."),
        "future": _("This day lies in the future."),
        "no_number": _("Not a number: digits and one decimal point only."),
        "negative": _("Electricity used cannot be negative."),
        "too_much": _("More than %(limit)s kWh: is the column in kWh?", limit=number(MOST_KWH)),
        "twice": _("This meter already has a reading for this time in the file."),
        "part_of_day": _("The day does not have all 24 hours; it is left out."),
    }
    return texts[fault.code]


def signal_text(signal: WatchSignal) -> str:
    """Say what the meters showed, in figures and without judging the company."""
    share = 1 - signal.actual_wh / signal.expected_wh if signal.expected_wh else 0.0
    return _(
        "%(share)s less than expected on %(days)s compared days from %(since)s to %(last)s: %(actual)s instead of %(expected)s kWh.",
        share=percent(share), days=signal.days, since=day_text(signal.since), last=day_text(signal.last_on),
        actual=number(round(signal.actual_wh / 1000)), expected=number(round(signal.expected_wh / 1000)),
    )  # fmt: skip


def energy_text(wh: int | None) -> str:
    """An amount of electricity in the unit that keeps it short: 12,345 kWh, 2.81 GWh."""
    if wh is None:
        return NOTHING
    giga = 1_000_000_000
    return f"{number(wh / giga, 2)} GWh" if wh >= giga else f"{number(wh / 1000, 0)} kWh"
