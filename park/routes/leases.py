"""API of leases: list, sign once, end once, what ends soon, and the same as a calendar."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from kernel.clock import local_date
from kernel.web import ActDep, Db, Listed, Once, PageOut, ReadDb, StrictRequest, expected_version, page_out, problems
from park.calendar import lease_calendar
from park.contracts import LeaseIn
from park.schemas import EndingLeaseOut, EndLeaseIn, LeaseOut, SignLeaseIn
from park.service import leases, lists, overview
from park.wire import ending_out, lease_row_out

TAGS = ["park"]


@get("/api/v1/parks/{park_id:uuid}/leases", opt={"policy": "park.read"}, tags=TAGS, responses=problems())
async def list_leases(read_db: ReadDb, act: ActDep, listed: Listed, park_id: FromPath[UUID]) -> PageOut[LeaseOut]:
    """Leases of a park. Filters: state (upcoming, running, ended, cancelled), ending (30, 90, 180 days)."""
    found = await lists.leases(read_db, act, park_id, listed)
    units = await lists.unit_codes(read_db, [row.id for row in found.items])
    today = local_date(act.now)
    return page_out(found, lambda row: lease_row_out(row, units[row.id], today))


@post("/api/v1/parks/{park_id:uuid}/leases", opt={"policy": "park.lease"}, tags=TAGS, responses=problems(409, 428))
async def sign_lease(
    db: Db, act: ActDep, once: Once, park_id: FromPath[UUID], data: JSONBody[SignLeaseIn]
) -> Response[LeaseOut]:
    """Sign a lease. A unit held by another lease on some day of the period is a conflict that names both."""

    async def effect() -> LeaseOut:
        park = await lists.find_park(db, act, park_id)
        given = LeaseIn(
            park_code=park.code, number=data.number, enterprise_id=data.enterprise_id, unit_codes=tuple(data.unit_codes),
            start_on=data.start_on, end_on=data.end_on, rent_fen_per_m2_month=data.rent_fen_per_m2_month,
        )  # fmt: skip
        return await _shown(db, act, await leases.sign_lease(db, act, given), local_date(act.now))

    return await once(effect, LeaseOut)


@post(
    "/api/v1/parks/{park_id:uuid}/leases/{lease_id:uuid}/end", opt={"policy": "park.lease"}, status_code=200, tags=TAGS,
    responses=problems(409, 412, 428),
)  # fmt: skip
async def end_lease(
    request: StrictRequest,
    db: Db,
    act: ActDep,
    once: Once,
    park_id: FromPath[UUID],
    lease_id: FromPath[UUID],
    data: JSONBody[EndLeaseIn],
) -> Response[LeaseOut]:
    """End a lease on a day; needs If-Match. With its last lease over, the company is no longer visible to the operator."""
    version = expected_version(request)

    async def effect() -> LeaseOut:
        await lists.find_lease(db, act, park_id, lease_id)
        await leases.end_lease(db, act, lease_id, last_day=data.last_day, reason=data.reason, version=version)
        return await _shown(db, act, lease_id, local_date(act.now))

    return await once(effect, LeaseOut)


async def _shown(db: Db, act: ActDep, lease_id: UUID, today: date) -> LeaseOut:
    row = await lists.lease_row(db, act, lease_id)
    units = await lists.unit_codes(db, [lease_id])
    return lease_row_out(row, units[lease_id], today)


@get("/api/v1/parks/{park_id:uuid}/leases/ending", opt={"policy": "park.read"}, tags=TAGS, responses=problems())
async def list_ending(
    read_db: ReadDb,
    act: ActDep,
    park_id: FromPath[UUID],
    within: Annotated[int, QueryParameter(ge=1, le=730, description="Days from today.")] = 180,
) -> list[EndingLeaseOut]:
    """Leases whose last day lies within so many days, the next first, with whether a following lease is signed."""
    park = await lists.find_park(read_db, act, park_id)
    found = await overview.leases_ending(read_db, park.id, local_date(act.now), within)
    return [ending_out(lease) for lease in found]


@get(
    "/api/v1/parks/{park_id:uuid}/leases/calendar", opt={"policy": "park.read"}, tags=TAGS, media_type="text/calendar",
    responses=problems(),
)  # fmt: skip
async def lease_calendar_file(read_db: ReadDb, act: ActDep, park_id: FromPath[UUID]) -> Response[bytes]:
    """Lease ends of the next two years as iCalendar."""
    park = await lists.find_park(read_db, act, park_id)
    found = await overview.leases_ending(read_db, park.id, local_date(act.now), 730)
    return Response(
        content=lease_calendar(park, found, act.now), media_type="text/calendar",
        headers={"Content-Disposition": 'attachment; filename="leases.ics"'},
    )  # fmt: skip


LEASE_ROUTES = (list_leases, sign_lease, end_lease, list_ending, lease_calendar_file)
