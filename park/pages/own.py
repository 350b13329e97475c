"""The company's own side: its lease, units and electricity, and what the park sees of it."""

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from kernel.clock import local_date
from kernel.web import ActDep, ReadDb, StrictRequest, page
from park import charts
from park.pages.cockpit import CHART_DAYS, Days
from park.pages.common import NOT_FILTERS
from park.schemas import ChartOut
from park.service import tenants
from park.store.leases import LEASE_STATES
from park.store.places import UNIT_USES
from park.store.tenants import SIGNAL_STATES
from park.texts import energy_text, signal_text


@get("/park/my-lease", opt={"policy": "park.own_page", "not_filters": NOT_FILTERS}, include_in_schema=False)
async def show_own_lease(
    request: StrictRequest, read_db: ReadDb, act: ActDep, days: Days = CHART_DAYS
) -> Response[Any]:
    """Show the acting company's own place in each park."""
    found = await tenants.own_leases(read_db, act, days)
    context = {
        "places": [{"own": own, "table": charts.energy_table(own.energy)} for own in found], "days": days,
        "today": local_date(act.now), "lease_states": LEASE_STATES, "unit_uses": UNIT_USES,
        "signal_states": SIGNAL_STATES, "signal_text": signal_text, "signed_percent": charts.signed_percent, "energy_text": energy_text,
    }  # fmt: skip
    return page(request, "park/my_lease.html", context)


@get("/park/charts/{park_id:uuid}/own", opt={"policy": "park.own_chart"}, include_in_schema=False)
async def chart_own(read_db: ReadDb, act: ActDep, park_id: FromPath[UUID], days: Days = CHART_DAYS) -> ChartOut:
    """The acting company's own electricity against expectation."""
    return charts.energy_chart(await tenants.own_energy(read_db, act, park_id, days))


OWN_PAGES = (show_own_lease, chart_own)
