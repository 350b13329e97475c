"""Leases: the table, signing, ending, and the calendar of their ends."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct

from enterprises import check_uscc
from kernel.clock import local_date
from kernel.texts import gettext as _
from kernel.texts import local
from kernel.web import ActDep, Db, Form, Listed, Once, ReadDb, StrictRequest, Within, page, read_form, redirect
from park.calendar import lease_calendar
from park.contracts import LeaseIn
from park.models import Park
from park.pages.common import NOT_FILTERS, UNPROCESSABLE, Export, ParkCode, attempt, download, park_of
from park.service import leases, lists, overview
from park.service.lists import lease_cells
from park.store.leases import LEASE_STATES, lease_listing

FIELDS = {"unit_codes": "units", "enterprise_id": "uscc", "rent_fen_per_m2_month": "rent"}
CALENDAR_DAYS = 730


class LeaseForm(Struct):
    """A lease to sign; rent in yuan per square metre and month."""

    number: Annotated[str, Meta(max_length=40)]
    uscc: Annotated[str, Meta(max_length=40)]
    units: list[str]
    start_on: date
    end_on: date
    rent: Annotated[Decimal, Within(ge=0, le=100_000)]


class EndForm(Struct):
    """How a lease ends."""

    last_day: date
    reason: Annotated[str, Meta(max_length=200)] = ""


@get("/park/leases", opt={"policy": "park.pages", "not_filters": NOT_FILTERS}, include_in_schema=False)
async def show_leases(
    request: StrictRequest, read_db: ReadDb, act: ActDep, listed: Listed, park: ParkCode = "", export: Export = ""
) -> Response[Any]:
    """Show the leases, or give them as a file."""
    here = await park_of(read_db, act, park)
    if export:
        return download(await lists.export_leases(read_db, act, here.id, listed, export), export, f"leases-{here.code}")
    today = local_date(act.now)
    found = await lists.leases(read_db, act, here.id, listed)
    context = {
        "park": here, "found": found.map(lambda row: lease_cells(row, today)),
        "columns": [column for column in lease_listing(today).columns if column.name != "tenant_en"],
        "units": await lists.unit_codes(read_db, [row.id for row in found.items]), "today": today,
        "states": [(state, _(text)) for state, text in LEASE_STATES.items()], "lease_states": LEASE_STATES,
    }  # fmt: skip
    return page(request, "park/leases.html", context)


@get("/park/leases/new", opt={"policy": "park.lease", "not_filters": NOT_FILTERS}, include_in_schema=False)
async def show_lease_form(
    request: StrictRequest,
    read_db: ReadDb,
    act: ActDep,
    park: ParkCode = "",
    unit: Annotated[str, QueryParameter(max_length=40)] = "",
) -> Response[Any]:
    """Show the form for a lease; `unit` is chosen already."""
    return await _lease_form(request, read_db, act, await park_of(read_db, act, park), None, unit)


async def _lease_form(
    request: StrictRequest, db: ReadDb, act: ActDep, here: Park, form: Form[LeaseForm] | None, unit: str = ""
) -> Response[Any]:
    units = await lists.units_to_let(db, act, here.id)
    context = {"park": here, "form": form, "units": units, "unit": unit}
    return page(request, "park/lease_new.html", context, status=UNPROCESSABLE if form else 200)


@post("/park/leases", opt={"policy": "park.lease"}, include_in_schema=False)
async def submit_lease(request: StrictRequest, db: Db, act: ActDep, once: Once, park: ParkCode = "") -> Response[Any]:
    """Sign a lease."""
    here = await park_of(db, act, park)
    form = await read_form(request, LeaseForm)
    entry = form.value
    company = None
    if entry is not None:
        checked = check_uscc(entry.uscc)
        company = await lists.find_company(db, act, checked.code) if checked.ok else None
        if not checked.ok:
            form.errors["uscc"] = local(checked)
        elif company is None:
            form.errors["uscc"] = _("No company with this credit code is registered here.")
        if entry.rent * 100 != (entry.rent * 100).to_integral_value():
            form.errors["rent"] = _("Use at most two decimals.")
    if entry is not None and company is not None and not form.errors:

        async def effect() -> str:
            given = LeaseIn(
                park_code=here.code, number=entry.number, enterprise_id=company.id, unit_codes=tuple(entry.units),
                start_on=entry.start_on, end_on=entry.end_on, rent_fen_per_m2_month=int(entry.rent * 100),
            )  # fmt: skip
            await leases.sign_lease(db, act, given)
            return f"/park/tenants/{company.id}?park={here.code}"

        if goal := await attempt(db, form, lambda: once.to_page(effect), FIELDS):
            return redirect(request, goal, notice=_("Lease %(number)s is signed.", number=entry.number))
    return await _lease_form(request, db, act, await park_of(db, act, park), form)


@get(
    "/park/leases/{lease_id:uuid}/end",
    opt={"policy": "park.lease", "not_filters": NOT_FILTERS},
    include_in_schema=False,
)
async def show_end_form(
    request: StrictRequest, read_db: ReadDb, act: ActDep, lease_id: FromPath[UUID], park: ParkCode = ""
) -> Response[Any]:
    """Show the form for ending a lease."""
    here = await park_of(read_db, act, park)
    return await _end_form(request, read_db, act, here, lease_id, None)


async def _end_form(
    request: StrictRequest, db: ReadDb, act: ActDep, here: Park, lease_id: UUID, form: Form[EndForm] | None
) -> Response[Any]:
    lease = await lists.find_lease(db, act, here.id, lease_id)
    context = {
        "park": here, "form": form, "lease": lease, "today": local_date(act.now),
        "company": await lists.company_name(db, act, lease),
        "units": (await lists.unit_codes(db, [lease.id]))[lease.id],
    }  # fmt: skip
    return page(request, "park/lease_end.html", context, status=UNPROCESSABLE if form else 200)


@post("/park/leases/{lease_id:uuid}/end", opt={"policy": "park.lease"}, include_in_schema=False)
async def submit_end(
    request: StrictRequest, db: Db, act: ActDep, once: Once, lease_id: FromPath[UUID], park: ParkCode = ""
) -> Response[Any]:
    """End a lease."""
    here = await park_of(db, act, park)
    await lists.find_lease(db, act, here.id, lease_id)
    form = await read_form(request, EndForm)
    entry = form.value
    if entry is not None:

        async def effect() -> str:
            await leases.end_lease(
                db, act, lease_id, last_day=entry.last_day, reason=entry.reason, version=form.version or 0
            )
            return f"/park/leases?park={here.code}"

        if goal := await attempt(db, form, lambda: once.to_page(effect), {}):
            return redirect(request, goal, notice=_("The lease is ended."))
    return await _end_form(request, db, act, await park_of(db, act, park), lease_id, form)


@get("/park/leases.ics", opt={"policy": "park.pages", "not_filters": NOT_FILTERS}, include_in_schema=False)
async def show_calendar(read_db: ReadDb, act: ActDep, park: ParkCode = "") -> Response[bytes]:
    """Give lease ends as a calendar file."""
    here = await park_of(read_db, act, park)
    found = await overview.leases_ending(read_db, here.id, local_date(act.now), CALENDAR_DAYS)
    return Response(
        content=lease_calendar(here, found, act.now), media_type="text/calendar",
        headers={"Content-Disposition": 'attachment; filename="leases.ics"'},
    )  # fmt: skip


LEASE_PAGES = (show_leases, show_lease_form, submit_lease, show_end_form, submit_end, show_calendar)
