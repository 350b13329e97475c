"""API of the place: parks, buildings with occupancy, units."""

from uuid import UUID

from litestar import get, post, put
from litestar.params import FromPath, JSONBody

from kernel.problems import BadInput, FieldProblem
from kernel.texts import gettext as _
from kernel.web import ActDep, Db, Listed, PageOut, ReadDb, page_out, problems
from park.contracts import BuildingIn, ParkIn, UnitIn
from park.schemas import (
    BuildingOut,
    IdOut,
    OccupancyOut,
    ParkOut,
    RegisterBuildingIn,
    RegisterParkIn,
    RegisterUnitIn,
    UnitOut,
)
from park.service import lists, overview, places
from park.wire import building_out, occupancy_out, park_out, unit_out

TAGS = ["park"]


@get("/api/v1/parks", opt={"policy": "park.read"}, tags=TAGS, responses=problems())
async def list_parks(read_db: ReadDb, act: ActDep) -> list[ParkOut]:
    """Parks the acting organisation runs."""
    return [park_out(park) for park in await lists.parks(read_db, act)]


@get("/api/v1/parks/{park_id:uuid}", opt={"policy": "park.read"}, tags=TAGS, responses=problems())
async def show_park(read_db: ReadDb, act: ActDep, park_id: FromPath[UUID]) -> ParkOut:
    """One park."""
    return park_out(await lists.find_park(read_db, act, park_id))


@put("/api/v1/parks", opt={"policy": "park.manage"}, tags=TAGS, responses=problems(409))
async def register_park(db: Db, act: ActDep, data: JSONBody[RegisterParkIn]) -> IdOut:
    """Register a park, or bring it up to date: the code is the key."""
    operator = data.operator_id or act.actor.organisation_id
    if operator is None:
        raise BadInput(fields=[FieldProblem("operator_id", _("Please fill in this field."))])
    given = ParkIn(
        code=data.code, name_zh=data.name_zh, name_en=data.name_en, operator_id=operator, division_code=data.division_code,
        address_zh=data.address_zh, address_en=data.address_en,
    )  # fmt: skip
    return IdOut(await places.register_park(db, act, given))


@get("/api/v1/parks/{park_id:uuid}/buildings", opt={"policy": "park.read"}, tags=TAGS, responses=problems())
async def list_buildings(read_db: ReadDb, act: ActDep, park_id: FromPath[UUID]) -> list[BuildingOut]:
    """Buildings of a park with their outline on the site plan and their occupancy today."""
    found = await overview.overview(read_db, act, park_id)
    return [building_out(building) for building in found.buildings]


@put("/api/v1/parks/{park_id:uuid}/buildings", opt={"policy": "park.manage"}, tags=TAGS, responses=problems(409))
async def register_building(db: Db, act: ActDep, park_id: FromPath[UUID], data: JSONBody[RegisterBuildingIn]) -> IdOut:
    """Register a building, or bring it up to date: the code is the key."""
    park = await lists.find_park(db, act, park_id)
    given = BuildingIn(
        park_code=park.code, code=data.code, name_zh=data.name_zh, name_en=data.name_en, floors=data.floors,
        shape=tuple(data.shape),
    )  # fmt: skip
    return IdOut(await places.register_building(db, act, given))


@get("/api/v1/parks/{park_id:uuid}/units", opt={"policy": "park.read"}, tags=TAGS, responses=problems())
async def list_units(read_db: ReadDb, act: ActDep, listed: Listed, park_id: FromPath[UUID]) -> PageOut[UnitOut]:
    """Units with who holds them today. Filters: building, use, floor, state (let or vacant)."""
    return page_out(await lists.units(read_db, act, park_id, listed), unit_out)


@put("/api/v1/parks/{park_id:uuid}/units", opt={"policy": "park.manage"}, tags=TAGS, responses=problems(409))
async def register_unit(db: Db, act: ActDep, park_id: FromPath[UUID], data: JSONBody[RegisterUnitIn]) -> IdOut:
    """Register a unit, or bring it up to date: the code is the key."""
    park = await lists.find_park(db, act, park_id)
    given = UnitIn(
        park_code=park.code, building_code=data.building_code, code=data.code, floor=data.floor, area_m2=data.area_m2,
        use=data.use,
    )  # fmt: skip
    return IdOut(await places.register_unit(db, act, given))


@get("/api/v1/parks/{park_id:uuid}/occupancy", opt={"policy": "park.read"}, tags=TAGS, responses=problems())
async def show_occupancy(read_db: ReadDb, act: ActDep, park_id: FromPath[UUID]) -> OccupancyOut:
    """Let over lettable area today, for the park and each building."""
    return occupancy_out(await overview.overview(read_db, act, park_id))


@post(
    "/api/v1/parks/{park_id:uuid}/units/bulk",
    opt={"policy": "park.manage"},
    status_code=200,
    tags=TAGS,
    responses=problems(409),
)
async def register_units(
    db: Db, act: ActDep, park_id: FromPath[UUID], data: JSONBody[list[RegisterUnitIn]]
) -> list[IdOut]:
    """Register up to 500 units in one transaction: all of them or none."""
    if not 1 <= len(data) <= 500:
        raise BadInput(fields=[FieldProblem("$", _("Give 1 to %(limit)s entries.", limit=500))])
    park = await lists.find_park(db, act, park_id)
    made: list[IdOut] = []
    for number, one in enumerate(data):
        given = UnitIn(
            park_code=park.code, building_code=one.building_code, code=one.code, floor=one.floor, area_m2=one.area_m2,
            use=one.use,
        )  # fmt: skip
        try:
            made.append(IdOut(await places.register_unit(db, act, given)))
        except BadInput as problem:
            raise BadInput(
                fields=[FieldProblem(f"[{number}].{field.name}", field.message) for field in problem.fields]
            ) from None
    return made


PLACE_ROUTES = (
    list_parks, show_park, register_park, list_buildings, register_building, list_units, register_unit, register_units,
    show_occupancy,
)  # fmt: skip
