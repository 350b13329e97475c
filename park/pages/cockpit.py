"""The cockpit: what is let, what ends, what the meters say; and the pictures of it."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from msgspec import Struct

from kernel.problems import Forbidden
from kernel.texts import gettext as _
from kernel.web import ActDep, Db, ReadDb, StrictRequest, page, read_form, redirect
from park import charts
from park.contracts import ParkIn
from park.pages.common import NOT_FILTERS, ParkCode, attempt, show_empty
from park.schemas import ChartOut
from park.service import energy, lists, overview, places
from park.texts import energy_text, signal_text

CHART_DAYS = 90
Days = Annotated[int, QueryParameter(ge=30, le=366)]


class RegisterParkForm(Struct):
    """A park to begin with."""

    code: str
    name_zh: str
    name_en: str
    division_code: str = ""
    address_zh: str = ""
    address_en: str = ""


@get("/park", opt={"policy": "park.pages", "not_filters": NOT_FILTERS}, include_in_schema=False)
async def show_cockpit(
    request: StrictRequest, read_db: ReadDb, act: ActDep, park: ParkCode = "", days: Days = CHART_DAYS
) -> Response[Any]:
    """Show the cockpit of the operator's park."""
    here = await lists.choose_park(read_db, act, park)
    if here is None:
        return show_empty(request)
    found = await overview.overview(read_db, act, here.id)
    power = await energy.park_energy(read_db, here.id, days)
    context = {
        "park": here, "parks": await lists.parks(read_db, act), "overview": found, "energy": power, "days": days,
        "energy_table": charts.energy_table(power),
        "plan": charts.site_plan(found.buildings), "signal_text": signal_text, "signed_percent": charts.signed_percent, "energy_text": energy_text,
    }  # fmt: skip
    return page(request, "park/cockpit.html", context)


@post("/park/register", opt={"policy": "park.pages"}, include_in_schema=False)
async def submit_park(request: StrictRequest, db: Db, act: ActDep) -> Response[Any]:
    """Register the operator's first park."""
    form = await read_form(request, RegisterParkForm)
    entry, operator = form.value, act.actor.organisation_id
    if operator is None:
        raise Forbidden
    if entry is not None:

        async def effect() -> str:
            given = ParkIn(
                code=entry.code, name_zh=entry.name_zh, name_en=entry.name_en, operator_id=operator,
                division_code=entry.division_code, address_zh=entry.address_zh, address_en=entry.address_en,
            )  # fmt: skip
            await places.register_park(db, act, given)
            return "/park/units"

        if goal := await attempt(db, form, effect, {}):
            return redirect(request, goal, notice=_("The park is registered. Now add its buildings."))
    return show_empty(request, form)


@get("/park/charts/{park_id:uuid}/energy", opt={"policy": "park.chart"}, include_in_schema=False)
async def chart_energy(read_db: ReadDb, act: ActDep, park_id: FromPath[UUID], days: Days = CHART_DAYS) -> ChartOut:
    """The park's electricity against expectation."""
    park = await lists.find_park(read_db, act, park_id)
    return charts.energy_chart(await energy.park_energy(read_db, park.id, days))


COCKPIT_PAGES = (show_cockpit, submit_park, chart_energy)
