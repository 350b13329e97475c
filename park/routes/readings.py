"""API of meter readings: check a file, import it, undo it; or deliver readings as data."""

from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from kernel.problems import BadInput, FieldProblem
from kernel.web import (
    ActDep,
    Db,
    GroundDep,
    Listed,
    Once,
    PageOut,
    ReadDb,
    StrictRequest,
    page_out,
    problems,
    read_form,
)
from park.contracts import ReadingsIn
from park.schemas import DeliverReadingsIn, ImportOut
from park.service import imports, lists
from park.wire import import_out

TAGS = ["park"]


class UploadForm(Struct):
    """A meter file."""

    file: UploadFile


@get("/api/v1/parks/{park_id:uuid}/imports", opt={"policy": "park.read"}, tags=TAGS, responses=problems())
async def list_imports(read_db: ReadDb, act: ActDep, listed: Listed, park_id: FromPath[UUID]) -> PageOut[ImportOut]:
    """Meter files and deliveries of a park. Filter: state."""
    return page_out(await lists.imports(read_db, act, park_id, listed), import_out)


@get(
    "/api/v1/parks/{park_id:uuid}/imports/{import_id:uuid}",
    opt={"policy": "park.read"},
    tags=TAGS,
    responses=problems(),
)
async def show_import(read_db: ReadDb, act: ActDep, park_id: FromPath[UUID], import_id: FromPath[UUID]) -> ImportOut:
    """One import with its faults by line and column; progress stands in its job."""
    return import_out(await lists.find_import(read_db, act, park_id, import_id))


@post("/api/v1/parks/{park_id:uuid}/imports", opt={"policy": "park.readings"}, tags=TAGS, responses=problems())
async def check_file(request: StrictRequest, ground: GroundDep, act: ActDep, park_id: FromPath[UUID]) -> ImportOut:
    """Dry run of a CSV or xlsx file (multipart field `file`): what it holds and what is wrong. Nothing counts yet."""
    form = await read_form(request, UploadForm)
    if form.value is None:
        raise BadInput(fields=[FieldProblem(name, message) for name, message in form.errors.items()])
    upload = form.value.file
    import_id = await imports.check_file(ground, act, park_id, upload.filename, await upload.read())
    async with ground.database.read() as db:
        return import_out(await lists.find_import(db, act, park_id, import_id))


@post(
    "/api/v1/parks/{park_id:uuid}/imports/{import_id:uuid}/start", opt={"policy": "park.readings"}, status_code=202, tags=TAGS,
    responses=problems(409, 428),
)  # fmt: skip
async def start_import(
    db: Db, act: ActDep, once: Once, park_id: FromPath[UUID], import_id: FromPath[UUID]
) -> Response[ImportOut]:
    """Import the good rows of a checked file; `job_id` tells the progress."""

    async def effect() -> ImportOut:
        return import_out(await imports.start_import(db, act, park_id, import_id))

    return await once(effect, ImportOut)


@post(
    "/api/v1/parks/{park_id:uuid}/imports/{import_id:uuid}/undo", opt={"policy": "park.readings"}, status_code=200, tags=TAGS,
    responses=problems(409, 428),
)  # fmt: skip
async def undo_import(
    db: Db, act: ActDep, once: Once, park_id: FromPath[UUID], import_id: FromPath[UUID]
) -> Response[ImportOut]:
    """Take a live import back: what counted before it counts again."""

    async def effect() -> ImportOut:
        return import_out(await imports.undo_import(db, act, park_id, import_id))

    return await once(effect, ImportOut)


@post(
    "/api/v1/parks/{park_id:uuid}/imports/{import_id:uuid}/cancel", opt={"policy": "park.readings"}, status_code=200,
    tags=TAGS, responses=problems(409),
)  # fmt: skip
async def cancel_import(db: Db, act: ActDep, park_id: FromPath[UUID], import_id: FromPath[UUID]) -> ImportOut:
    """Drop a checked file or stop an import on its way."""
    return import_out(await imports.cancel_import(db, act, park_id, import_id))


@post(
    "/api/v1/parks/{park_id:uuid}/readings",
    opt={"policy": "park.readings"},
    status_code=200,
    tags=TAGS,
    responses=problems(409),
)
async def deliver_readings(
    ground: GroundDep, act: ActDep, park_id: FromPath[UUID], data: JSONBody[DeliverReadingsIn]
) -> ImportOut:
    """Deliver daily kWh as data, at most 1 MB; the same content counts once. New meters are registered."""
    async with ground.database.read() as db:
        park = await lists.find_park(db, act, park_id)
    given = ReadingsIn(park_code=park.code, source=data.source, series=tuple(data.series))
    import_id = await imports.import_readings(ground, act, given)
    async with ground.database.read() as db:
        return import_out(await lists.find_import(db, act, park_id, import_id))


READING_ROUTES = (list_imports, show_import, check_file, start_import, undo_import, cancel_import, deliver_readings)
