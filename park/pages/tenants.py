"""The tenant table, the page of one tenant, and the operator's answer to a signal."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec import Struct

from enterprises import find_definition
from kernel.clock import local_date
from kernel.texts import gettext as _
from kernel.texts import local
from kernel.web import ActDep, Db, Listed, ReadDb, StrictRequest, page, read_form, redirect
from park import charts
from park.facts import fact_rows
from park.industries import industry_text
from park.pages.cockpit import CHART_DAYS, Days
from park.pages.common import NOT_FILTERS, UNPROCESSABLE, Export, ParkCode, attempt, download, park_of
from park.schemas import ChartOut
from park.service import lists, tenants, watching
from park.service.lists import tenant_cells
from park.store.leases import LEASE_STATES
from park.store.places import UNIT_USES
from park.store.tenants import SIGNAL_STATES, tenant_listing
from park.texts import energy_text, signal_text


class ReviewForm(Struct):
    """What the operator found out."""

    note: str


@get("/park/tenants", opt={"policy": "park.pages", "not_filters": NOT_FILTERS}, include_in_schema=False)
async def show_tenants(
    request: StrictRequest, read_db: ReadDb, act: ActDep, listed: Listed, park: ParkCode = "", export: Export = ""
) -> Response[Any]:
    """Show the tenant table, or give it as a file."""
    here = await park_of(read_db, act, park)
    if export:
        content = await lists.export_tenants(read_db, act, here.id, listed, export)
        return download(content, export, f"tenants-{here.code}")
    found = await lists.tenants(read_db, act, here.id, listed)
    columns = [
        column
        for column in tenant_listing(here.id, local_date(act.now)).columns
        if column.name not in ("name_en", "uscc", "signal_on")
    ]
    context = {
        "park": here, "found": found.map(tenant_cells), "columns": columns, "today": local_date(act.now),
        "choices": await lists.choices(read_db, act, here.id), "signed_percent": charts.signed_percent, "energy_text": energy_text,
    }  # fmt: skip
    return page(request, "park/tenants.html", context)


@get(
    "/park/tenants/{enterprise_id:uuid}",
    opt={"policy": "park.tenant", "not_filters": NOT_FILTERS},
    include_in_schema=False,
)
async def show_tenant(
    request: StrictRequest,
    db: Db,
    act: ActDep,
    enterprise_id: FromPath[UUID],
    park: ParkCode = "",
    days: Days = CHART_DAYS,
) -> Response[Any]:
    """Show everything about one tenant; the look is recorded."""
    return await _tenant(request, db, act, enterprise_id, park, days, None)


async def _tenant(
    request: StrictRequest, db: Db, act: ActDep, enterprise_id: UUID, code: str, days: int, form: Any
) -> Response[Any]:
    here = await park_of(db, act, code)
    view = await tenants.tenant_page(db, act, here.id, enterprise_id, days)
    context = {
        "view": view, "days": days, "form": form, "today": local_date(act.now),
        "facts": fact_rows(view.facts, find_definition), "industry": industry_text(view.company.industry_code),
        "energy_table": charts.energy_table(view.energy), "path_table": charts.path_table(view.energy),
        "signed_percent": charts.signed_percent, "energy_text": energy_text, "signal_text": signal_text, "signal_states": SIGNAL_STATES,
        "lease_states": LEASE_STATES, "unit_uses": UNIT_USES, "settings": watching.SETTINGS,
        "timeline": [
            {"at": entry.at, "title": local(entry, "text"), "icon": TIMELINE_ICONS.get(entry.room, "point")} for entry in view.timeline
        ],
    }  # fmt: skip
    return page(request, "park/tenant.html", context, status=UNPROCESSABLE if form is not None and form.errors else 200)


# icons: building-skyscraper rosette-discount-check building cloud-computing share point
TIMELINE_ICONS = {
    "park": "building-skyscraper",
    "policy_matching": "rosette-discount-check",
    "enterprises": "building",
    "credit": "cloud-computing",
    "data_exchange": "share",
}


@post(
    "/park/tenants/{enterprise_id:uuid}/signals/{signal_id:uuid}", opt={"policy": "park.watch"}, include_in_schema=False
)
async def submit_review(
    request: StrictRequest,
    db: Db,
    act: ActDep,
    enterprise_id: FromPath[UUID],
    signal_id: FromPath[UUID],
    park: ParkCode = "",
) -> Response[Any]:
    """Close a signal with what was found out."""
    here = await park_of(db, act, park)
    form = await read_form(request, ReviewForm)
    entry = form.value
    if entry is not None:

        async def effect() -> str:
            await watching.review_signal(db, act, here.id, signal_id, note=entry.note, version=form.version)
            return f"/park/tenants/{enterprise_id}?park={here.code}"

        if goal := await attempt(db, form, effect, {}):
            return redirect(request, goal, notice=_("The signal is closed with your note."))
    return await _tenant(request, db, act, enterprise_id, here.code, CHART_DAYS, form)


@get(
    "/park/charts/{park_id:uuid}/tenants/{enterprise_id:uuid}/{kind:str}", opt={"policy": "park.tenant_chart"},
    include_in_schema=False,
)  # fmt: skip
async def chart_tenant(
    db: Db,
    act: ActDep,
    park_id: FromPath[UUID],
    enterprise_id: FromPath[UUID],
    kind: FromPath[str],
    days: Days = CHART_DAYS,
) -> ChartOut:
    """A tenant's electricity against expectation ("energy") or the summed shortfall ("path")."""
    power = await tenants.tenant_chart(db, act, park_id, enterprise_id, days)
    return charts.path_chart(power, watching.SETTINGS.threshold) if kind == "path" else charts.energy_chart(power)


TENANT_PAGES = (show_tenants, show_tenant, submit_review, chart_tenant)
