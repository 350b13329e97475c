"""Pictures of the park as data: the energy chart with its table, the site plan as SVG, and the map that colours it."""

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

from kernel.texts import day as day_text
from kernel.texts import gettext as _
from kernel.texts import local, number, percent
from park.rules import change
from park.schemas import ChartOut, MapOut, MapValueOut, SeriesOut
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


def outline(shape: Sequence[Sequence[int]]) -> str:
    """Points as SVG writes them."""
    return " ".join(f"{x},{y}" for x, y in shape)


def middle(shape: Sequence[Sequence[int]]) -> tuple[int, int]:
    """Where to write a building's name: the centroid of its outline (of the corners, where the outline encloses nothing)."""
    doubled = x_sum = y_sum = 0.0
    for (x1, y1), (x2, y2) in zip(shape, [*shape[1:], shape[0]], strict=True):
        cross = x1 * y2 - x2 * y1
        doubled += cross
        x_sum += (x1 + x2) * cross
        y_sum += (y1 + y2) * cross
    if not doubled:
        return sum(point[0] for point in shape) // len(shape), sum(point[1] for point in shape) // len(shape)
    return round(x_sum / (3 * doubled)), round(y_sum / (3 * doubled))


def plan_svg(buildings: Sequence[BuildingOccupancy]) -> str:
    """The site plan as an SVG whose shapes carry the buildings' codes as `name`, which the map colours."""
    shapes = "".join(
        f"<polygon name={quoteattr(building.code)} points={quoteattr(outline(building.shape))} "
        'fill="#e8f0fc" stroke="#8592a4" stroke-width="2"/>'
        for building in buildings
    )
    box = " ".join(str(value) for value in plan_box(buildings))
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{shapes}</svg>'


def plan_map(buildings: Sequence[BuildingOccupancy], svg: str) -> MapOut:
    """The map: each building coloured by let area over lettable area, linking to its units."""
    return MapOut(
        kind="map", svg=svg, format="percent", min=0.0, max=1.0,
        values=[
            MapValueOut(
                name=building.code, label=building.code, value=building.share, link=f"/park/units?building={building.code}"
            )
            for building in buildings
        ],
    )  # fmt: skip


def plan_table(buildings: Sequence[BuildingOccupancy]) -> dict[str, Any]:
    """Occupancy by building as a table."""
    return {
        "head": [_("Building"), _("Let m²"), _("Lettable m²"), _("Occupancy")],
        "rows": [
            [
                f"{building.code} {local(building.name)}",
                number(building.let_m2, 0),
                number(building.total_m2, 0),
                percent(building.share),
            ]
            for building in buildings
        ],
    }
