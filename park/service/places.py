"""Registering the place: park, building, unit, meter. The code is the key, so a list can be loaded again and again."""

from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from enterprises import check_division
from kernel import audit
from kernel.act import Act, Actor
from kernel.ids import new_id
from kernel.problems import BadInput, Conflict, FieldProblem, Forbidden, NotFound
from kernel.texts import gettext as _
from kernel.texts import local
from park import rules, store
from park.contracts import BuildingIn, ParkIn, UnitIn
from park.models import Building, Meter, Park, Unit

HIGHEST_FLOOR = 200
LOWEST_FLOOR = -10
LARGEST_UNIT_DM2 = 100_000_000  # one square kilometre
LONGEST_NAME = 120


def may_run(actor: Actor, park: Park) -> bool:
    """Whether the actor may change things in a park: its operator, an administrator, or the system."""
    if actor.kind == "system" or actor.has("administrator"):
        return True
    return actor.has("park_operator") and actor.organisation_id == park.operator_id


async def park_to_run(db: AsyncSession, act: Act, park_id: UUID) -> Park:
    """The park, for somebody who runs it; NotFound for anybody else, Forbidden for those who may only look."""
    park = await store.places.find_park(db, act.actor, park_id)
    if not may_run(act.actor, park):
        raise Forbidden
    return park


async def park_to_run_by_code(db: AsyncSession, act: Act, code: str) -> Park:
    park = await store.places.find_park_by_code(db, act.actor, code)
    if park is None:
        raise NotFound(_("There is no park with the code %(code)s.", code=code))
    if not may_run(act.actor, park):
        raise Forbidden
    return park


def check_code(name: str, code: str, faults: list[FieldProblem]) -> None:
    if not rules.is_code(code):
        faults.append(
            FieldProblem(name, _("Use 1 to 40 letters, digits, Chinese characters or . _ # / -, without spaces."))
        )


def _check_names(name_zh: str, name_en: str, faults: list[FieldProblem]) -> None:
    for name, text in (("name_zh", name_zh), ("name_en", name_en)):
        if not text.strip():
            faults.append(FieldProblem(name, _("Please fill in this field.")))
        elif len(text) > LONGEST_NAME:
            faults.append(FieldProblem(name, _("Please use at most %(limit)s characters.", limit=LONGEST_NAME)))


def refuse_faults(faults: list[FieldProblem]) -> None:
    if faults:
        raise BadInput(fields=faults)


async def register_park(db: AsyncSession, act: Act, data: ParkIn) -> UUID:
    """Register a park, or bring its row up to date. Raises BadInput; Conflict when another operator has the code."""
    faults: list[FieldProblem] = []
    check_code("code", data.code, faults)
    _check_names(data.name_zh, data.name_en, faults)
    if data.division_code:
        checked = check_division(data.division_code)
        if not checked.ok:
            faults.append(FieldProblem("division_code", local(checked)))
    operator = await store.places.find_organisation(db, data.operator_id)
    if operator is None or operator.kind != "park":
        faults.append(FieldProblem("operator_id", _("There is no park operator with this id.")))
    refuse_faults(faults)
    actor = act.actor
    if not (actor.kind == "system" or actor.has("administrator") or actor.organisation_id == data.operator_id):
        raise Forbidden
    known = await store.places.find_park_by_code(db, actor, data.code)
    if known is None and await store.places.code_is_taken(db, data.code):
        raise Conflict(_("Another operator already uses the park code %(code)s.", code=data.code))
    values = {
        "name_zh": data.name_zh.strip(), "name_en": data.name_en.strip(), "operator_id": data.operator_id,
        "division_code": data.division_code, "address_zh": data.address_zh.strip(), "address_en": data.address_en.strip(),
    }  # fmt: skip
    if known is not None:
        if known.operator_id != data.operator_id:
            raise Conflict(_("Another operator already uses the park code %(code)s.", code=data.code))
        return await _bring_up_to_date(db, act, known, values, "park")
    park = Park(id=new_id(), code=data.code, created_at=act.now, **values)
    return await _add(db, act, park, "park", data.code)


async def register_building(db: AsyncSession, act: Act, data: BuildingIn) -> UUID:
    """Register a building with its outline, or bring its row up to date. Raises BadInput, NotFound."""
    park = await park_to_run_by_code(db, act, data.park_code)
    faults: list[FieldProblem] = []
    check_code("code", data.code, faults)
    _check_names(data.name_zh, data.name_en, faults)
    if not 1 <= data.floors <= HIGHEST_FLOOR:
        faults.append(FieldProblem("floors", _("Must be from 1 to %(limit)s.", limit=HIGHEST_FLOOR)))
    if not rules.is_outline(data.shape):
        faults.append(FieldProblem("shape", _("Give 3 to 40 points with x and y from 0 to 1000 that enclose an area.")))
    refuse_faults(faults)
    values = {
        "name_zh": data.name_zh.strip(), "name_en": data.name_en.strip(), "floors": data.floors,
        "shape": [list(point) for point in data.shape],
    }  # fmt: skip
    known = await store.places.find_building(db, park.id, data.code)
    if known is not None:
        return await _bring_up_to_date(db, act, known, values, "building")
    building = Building(id=new_id(), park_id=park.id, code=data.code, created_at=act.now, **values)
    return await _add(db, act, building, "building", data.code)


async def register_unit(db: AsyncSession, act: Act, data: UnitIn) -> UUID:
    """Register a unit, or bring its row up to date; leases keep the area they were signed for. Raises BadInput, NotFound."""
    park = await park_to_run_by_code(db, act, data.park_code)
    faults: list[FieldProblem] = []
    check_code("code", data.code, faults)
    building = await store.places.find_building(db, park.id, data.building_code)
    if building is None:
        faults.append(FieldProblem("building_code", _("There is no building with this code.")))
    elif not LOWEST_FLOOR <= data.floor <= building.floors:
        faults.append(
            FieldProblem(
                "floor", _("Building %(code)s has %(floors)s floors.", code=building.code, floors=building.floors)
            )
        )
    area_dm2 = 0
    try:
        area_dm2 = rules.to_dm2(data.area_m2)
    except (ValueError, ArithmeticError):
        faults.append(FieldProblem("area_m2", _("Give a positive area in m² with at most two decimals.")))
    if area_dm2 > LARGEST_UNIT_DM2:
        faults.append(FieldProblem("area_m2", _("A unit has at most 1,000,000 m².")))
    if data.use not in store.places.UNIT_USES:
        faults.append(FieldProblem("use", _("Please choose one of the options.")))
    refuse_faults(faults)
    assert building is not None  # noqa: S101 - refused above
    values = {"building_id": building.id, "floor": data.floor, "area_dm2": area_dm2, "use": data.use}
    known = await store.places.find_unit(db, park.id, data.code)
    if known is not None:
        return await _bring_up_to_date(db, act, known, values, "unit")
    unit = Unit(id=new_id(), park_id=park.id, code=data.code, created_at=act.now, **values)
    return await _add(db, act, unit, "unit", data.code)


async def register_meter(db: AsyncSession, act: Act, park_code: str, code: str, unit_code: str) -> int:
    """Register a meter on a unit and return its key. Raises BadInput; Conflict when the meter stands on another unit."""
    park = await park_to_run_by_code(db, act, park_code)
    faults: list[FieldProblem] = []
    check_code("meter_code", code, faults)
    unit = await store.places.find_unit(db, park.id, unit_code)
    if unit is None:
        faults.append(FieldProblem("unit_code", _("There is no unit %(code)s.", code=unit_code)))
    refuse_faults(faults)
    assert unit is not None  # noqa: S101 - refused above
    known = await store.places.find_meter(db, park.id, code)
    if known is not None:
        if known.unit_id != unit.id:
            raise Conflict(_("Meter %(code)s already measures another unit.", code=code))
        return known.key
    meter = Meter(park_id=park.id, unit_id=unit.id, code=code, created_at=act.now)
    await _flush_new(db, meter, code)
    audit.write(db, act, "meter.registered", "park_meter", str(meter.key), detail={"code": code})
    return meter.key


async def _bring_up_to_date(
    db: AsyncSession, act: Act, row: Park | Building | Unit, values: dict[str, object], kind: str
) -> UUID:
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.version += 1
        audit.write(db, act, f"{kind}.changed", f"park_{kind}", row.id, detail={"fields": sorted(changed)})
        await db.flush()
    return row.id


async def _add(db: AsyncSession, act: Act, row: Park | Building | Unit, kind: str, code: str) -> UUID:
    await _flush_new(db, row, code)
    audit.write(db, act, f"{kind}.registered", f"park_{kind}", row.id, detail={"code": code})
    return row.id


async def _flush_new(db: AsyncSession, row: Park | Building | Unit | Meter, code: str) -> None:
    """Add a row; a racer that registered the same code a moment earlier is a conflict, not an accident."""
    try:
        async with db.begin_nested():
            db.add(row)
    except IntegrityError:
        raise Conflict(_("%(code)s was registered by somebody else just now.", code=code)) from None
