"""Meter readings: upload with a dry run, the faults by line and column, import with progress, undo."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from msgspec import Struct

from kernel.problems import Problem
from kernel.texts import gettext as _
from kernel.web import ActDep, Db, GroundDep, Listed, ReadDb, StrictRequest, page, read_form, redirect
from park.pages.common import NOT_FILTERS, UNPROCESSABLE, ParkCode, park_of
from park.rules import to_kwh
from park.service import imports, lists
from park.store.readings import IMPORT_LISTING, IMPORT_STATES
from park.texts import energy_text, fault_text


class UploadForm(Struct):
    """A meter file."""

    file: UploadFile


class EmptyForm(Struct):
    """A form with only a button."""


@get("/park/imports", opt={"policy": "park.pages", "not_filters": NOT_FILTERS}, include_in_schema=False)
async def show_imports(
    request: StrictRequest, read_db: ReadDb, act: ActDep, listed: Listed, park: ParkCode = ""
) -> Response[Any]:
    """Show the imports and where to upload."""
    return await _imports(request, read_db, act, listed, park, None)


async def _imports(
    request: StrictRequest, db: ReadDb, act: ActDep, listed: Listed, code: str, form: Any
) -> Response[Any]:
    here = await park_of(db, act, code)
    found = await lists.imports(db, act, here.id, listed)
    context = {
        "park": here, "form": form, "import_states": IMPORT_STATES, "columns": [one for one in IMPORT_LISTING.columns if one.name not in ("last_day", "rows_bad", "total_kwh")],
        "states": [(state, _(text)) for state, text in IMPORT_STATES.items()],
        "found": found.map(
            lambda row: {
                "id": row.id, "source": row.source, "state": row.state, "first_day": row.first_day, "last_day": row.last_day,
                "rows_good": row.rows_good, "rows_bad": row.rows_bad, "total_kwh": round(to_kwh(row.total_wh)),
                "created_at": row.created_at,
            }
        ),
    }  # fmt: skip
    return page(request, "park/imports.html", context, status=UNPROCESSABLE if form else 200)


@post("/park/imports", opt={"policy": "park.readings", "not_filters": NOT_FILTERS}, include_in_schema=False)
async def submit_file(
    request: StrictRequest, ground: GroundDep, act: ActDep, listed: Listed, park: ParkCode = ""
) -> Response[Any]:
    """Check an uploaded file and show what it holds."""
    form = await read_form(request, UploadForm)
    async with ground.database.read() as db:
        here = await park_of(db, act, park)
    if form.value is not None:
        try:
            content = await form.value.file.read()
            import_id = await imports.check_file(ground, act, here.id, form.value.file.filename, content)
        except Problem as problem:
            if problem.status in (403, 404):
                raise
            form.errors["file"] = problem.fields[0].message if problem.fields else problem.detail
        else:
            return redirect(request, f"/park/imports/{import_id}?park={here.code}")
    async with ground.database.read() as db:
        return await _imports(request, db, act, listed, park, form)


@get(
    "/park/imports/{import_id:uuid}", opt={"policy": "park.pages", "not_filters": NOT_FILTERS}, include_in_schema=False
)
async def show_import(
    request: StrictRequest, read_db: ReadDb, act: ActDep, import_id: FromPath[UUID], park: ParkCode = ""
) -> Response[Any]:
    """Show one import: what it holds, what is wrong, how far it is."""
    here = await park_of(read_db, act, park)
    row = await lists.find_import(read_db, act, here.id, import_id)
    context = {
        "park": here, "row": row, "total": energy_text(row.total_wh), "faults": imports.faults_of(row),
        "fault_text": fault_text, "import_states": IMPORT_STATES, "job": await lists.job_of(read_db, act, row),
        "steps": steps_of(row.state),
    }  # fmt: skip
    return page(request, "park/import.html", context)


def steps_of(state: str) -> list[dict[str, str]]:
    """The stepper of an import: checked, imported, counted."""
    order = {"checked": 0, "refused": 0, "staging": 1, "live": 3, "undone": 3, "failed": 1, "cancelled": 0}
    labels = (_("Checked"), _("Being imported"), _("Counts on every page"))
    reached = order[state]
    steps = [
        {"label": label, "state": "done" if at < reached else "current" if at == reached else "todo"}
        for at, label in enumerate(labels)
    ]
    if state in ("refused", "failed", "cancelled"):
        steps[reached]["state"] = "failed"
    if state == "undone":
        steps[2] = {"label": _("Undone"), "state": "failed"}
    return steps


@post("/park/imports/{import_id:uuid}/{deed:str}", opt={"policy": "park.readings"}, include_in_schema=False)
async def submit_deed(
    request: StrictRequest, db: Db, act: ActDep, import_id: FromPath[UUID], deed: FromPath[str], park: ParkCode = ""
) -> Response[Any]:
    """Start, undo or cancel an import. Doing it twice says so instead of doing it again."""
    here = await park_of(db, act, park)
    await read_form(request, EmptyForm)
    notice = await imports.do(db, act, here.id, import_id, deed)
    return redirect(request, f"/park/imports/{import_id}?park={here.code}", notice=notice)


@get("/park/imports/template.csv", opt={"policy": "park.pages", "not_filters": NOT_FILTERS}, include_in_schema=False)
async def show_template(read_db: ReadDb, act: ActDep, park: ParkCode = "") -> Response[bytes]:
    """Give a file to fill in, with every meter of the park."""
    here = await park_of(read_db, act, park)
    return Response(
        content=await lists.reading_template(read_db, act, here.id), media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="readings.csv"'},
    )  # fmt: skip


IMPORT_PAGES = (show_imports, submit_file, show_import, submit_deed, show_template)
