"""Buildings and units: the stacking plan, the table, and how to add them."""

from decimal import Decimal
from typing import Annotated, Any

from litestar import Response, get, post
from msgspec import Meta, Struct

from kernel.clock import local_date
from kernel.problems import BadInput, FieldProblem
from kernel.texts import gettext as _
from kernel.web import ActDep, Db, Listed, ReadDb, StrictRequest, Within, page, read_form, redirect
from park.contracts import BuildingIn, UnitIn, UnitUse
from park.pages.common import NOT_FILTERS, UNPROCESSABLE, Export, ParkCode, attempt, download, show_empty
from park.service import lists, overview, places
from park.service.lists import unit_cells
from park.store.places import UNIT_USES, unit_listing


class BuildingForm(Struct):
    """A building; the outline as "x,y x,y x,y"."""

    code: str
    name_zh: str
    name_en: str
    floors: Annotated[int, Meta(ge=1, le=200)]
    shape: Annotated[str, Meta(max_length=400)]


class UnitForm(Struct):
    """A unit of a building."""

    building_code: str
    unit_code: str
    floor: Annotated[int, Meta(ge=-10, le=200)]
    area_m2: Annotated[Decimal, Within(gt=0, le=1_000_000)]
    use: UnitUse = "office"


@get("/park/units", opt={"policy": "park.pages", "not_filters": NOT_FILTERS}, include_in_schema=False)
async def show_units(
    request: StrictRequest, read_db: ReadDb, act: ActDep, listed: Listed, park: ParkCode = "", export: Export = ""
) -> Response[Any]:
    """Show the units with who holds them, or give them as a file."""
    here = await lists.choose_park(read_db, act, park)
    if here is None:
        return show_empty(request)
    if export:
        return download(await lists.export_units(read_db, act, here.id, listed, export), export, f"units-{here.code}")
    return await _units(request, read_db, act, listed, here.code)


async def _units(
    request: StrictRequest, db: ReadDb, act: ActDep, listed: Listed, code: str, forms: dict[str, Any] | None = None
) -> Response[Any]:
    here = await lists.choose_park(db, act, code)
    if here is None:
        return show_empty(request)
    found = await lists.units(db, act, here.id, listed)
    view = await overview.overview(db, act, here.id)
    context = {
        "park": here, "found": found.map(unit_cells), "columns": unit_listing(local_date(act.now)).columns, "overview": view,
        "uses": [(use, _(text)) for use, text in UNIT_USES.items()],
        "stacks": await overview.stacks(db, act, here.id),
        "building_choices": [(one.code, f"{one.code} {one.name.local()}") for one in view.buildings],
        "building_form": None, "unit_form": None, "unit_uses": UNIT_USES,
    }  # fmt: skip
    return page(request, "park/units.html", context | (forms or {}), status=UNPROCESSABLE if forms else 200)


@post("/park/buildings", opt={"policy": "park.pages", "not_filters": NOT_FILTERS}, include_in_schema=False)
async def submit_building(
    request: StrictRequest, db: Db, act: ActDep, listed: Listed, park: ParkCode = ""
) -> Response[Any]:
    """Add a building, or bring it up to date."""
    here = await lists.choose_park(db, act, park)
    form = await read_form(request, BuildingForm)
    entry = form.value
    if here is not None and entry is not None:

        async def effect() -> str:
            given = BuildingIn(
                park_code=here.code, code=entry.code, name_zh=entry.name_zh, name_en=entry.name_en, floors=entry.floors,
                shape=read_outline(entry.shape),
            )  # fmt: skip
            await places.register_building(db, act, given)
            return f"/park/units?park={here.code}"

        if goal := await attempt(db, form, effect, {}):
            return redirect(request, goal, notice=_("Building %(code)s is saved.", code=entry.code))
    return await _units(request, db, act, listed, park, {"building_form": form})


def read_outline(text: str) -> tuple[tuple[int, int], ...]:
    """Read "x,y x,y x,y"; raises BadInput naming the field."""
    points: list[tuple[int, int]] = []
    for part in text.split():
        x, comma, y = part.partition(",")
        if not (comma and x.isascii() and x.isdigit() and y.isascii() and y.isdigit() and len(part) <= 9):
            raise BadInput(
                fields=[
                    FieldProblem("shape", _("Write points as x,y with a space between them: 80,60 300,60 300,150."))
                ]
            )
        points.append((int(x), int(y)))
    return tuple(points)


@post("/park/units", opt={"policy": "park.pages", "not_filters": NOT_FILTERS}, include_in_schema=False)
async def submit_unit(
    request: StrictRequest, db: Db, act: ActDep, listed: Listed, park: ParkCode = ""
) -> Response[Any]:
    """Add a unit, or bring it up to date."""
    here = await lists.choose_park(db, act, park)
    form = await read_form(request, UnitForm)
    entry = form.value
    if here is not None and entry is not None:

        async def effect() -> str:
            given = UnitIn(
                park_code=here.code, building_code=entry.building_code, code=entry.unit_code, floor=entry.floor,
                area_m2=entry.area_m2, use=entry.use,
            )  # fmt: skip
            await places.register_unit(db, act, given)
            return f"/park/units?park={here.code}"

        if goal := await attempt(db, form, effect, {"code": "unit_code"}):
            return redirect(request, goal, notice=_("Unit %(code)s is saved.", code=entry.unit_code))
    return await _units(request, db, act, listed, park, {"unit_form": form})


UNIT_PAGES = (show_units, submit_building, submit_unit)
