"""Pictures of the park as data: the energy charts with their tables, and the site plan that pages draw as SVG.

The plan is drawn on the server, not by a script: its buildings are links that a keyboard reaches, it follows the theme by
itself, and it is there without JavaScript.
"""

from collections.abc import Sequence
from typing import Any

from kernel.texts import day as day_text
from kernel.texts import gettext as _
from kernel.texts import number, percent
from park.rules import change, label_point
from park.schemas import ChartOut, SeriesOut
from park.service.energy import Energy
from park.service.overview import BuildingOccupancy

MARGIN = 30
TABLE_DAYS = 31


def energy_chart(energy: Energy) -> ChartOut:
    """Actual use as a filled line, the expectation dashed."""
    return ChartOut(
        kind="line",
        x=[day.isoformat()[5:] if len(energy.days) <= 200 else day.isoformat() for day in energy.days],
        unit=_("kWh"),
        series=[
            SeriesOut(name=_("Measured"), values=energy.actual, style="area"),
            SeriesOut(name=_("Expected"), values=energy.expected, style="muted"),
        ],
    )


def path_chart(energy: Energy, threshold: float) -> ChartOut:
    """The evidence of the watch: summed shortfall, and the line at which a signal is raised."""
    return ChartOut(
        kind="line",
        x=[day.isoformat()[5:] if len(energy.days) <= 200 else day.isoformat() for day in energy.days],
        unit="",
        series=[
            SeriesOut(name=_("Summed shortfall"), values=energy.path, style="area", tone="warn"),
            SeriesOut(name=_("Signal line"), values=[threshold] * len(energy.days), style="muted"),
        ],
    )


def energy_table(energy: Energy) -> dict[str, Any]:
    """The newest days of the energy chart as a table, for readers without pictures."""
    rows = []
    for day, actual, expected in list(zip(energy.days, energy.actual, energy.expected, strict=True))[
        : -TABLE_DAYS - 1 : -1
    ]:
        both = actual is not None and expected is not None
        share = change(round((actual or 0) * 1000), round((expected or 0) * 1000)) if both else None
        rows.append([day_text(day), number(actual, 0), number(expected, 0), signed_percent(share)])
    return {"head": [_("Day"), _("Measured kWh"), _("Expected kWh"), _("Difference")], "rows": rows}


def path_table(energy: Energy) -> dict[str, Any]:
    """The newest days of the summed shortfall as a table."""
    rows = [
        [day_text(day), number(value, 2)]
        for day, value in list(zip(energy.days, energy.path, strict=True))[: -TABLE_DAYS - 1 : -1]
    ]
    return {"head": [_("Day"), _("Summed shortfall")], "rows": rows}


def signed_percent(share: float | None) -> str:
    """A difference with its sign: +4.1%, -38.0%."""
    return ("+" if share is not None and share > 0 else "") + percent(share)


def plan_box(buildings: Sequence[BuildingOccupancy]) -> tuple[int, int, int, int]:
    """The part of the site plan that holds all outlines: x, y, width, height."""
    points = [point for building in buildings for point in building.shape]
    if not points:
        return 0, 0, 1000, 640
    left, top = min(point[0] for point in points) - MARGIN, min(point[1] for point in points) - MARGIN
    right, bottom = max(point[0] for point in points) + MARGIN, max(point[1] for point in points) + MARGIN
    return left, top, right - left, bottom - top


def site_plan(buildings: Sequence[BuildingOccupancy]) -> dict[str, Any]:
    """What the site plan needs to be drawn: its view box, and each building's points and the place of its name."""
    return {
        "box": " ".join(str(value) for value in plan_box(buildings)),
        "shapes": [
            {"building": one, "points": outline(one.shape), "middle": label_point(one.shape)} for one in buildings
        ],
    }


def outline(shape: Sequence[Sequence[int]]) -> str:
    """Points as SVG writes them."""
    return " ".join(f"{x},{y}" for x, y in shape)
