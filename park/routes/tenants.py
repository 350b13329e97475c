"""API of tenants: the list, one company under the lease, its electricity, signals; and the company's own view."""

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from kernel.web import ActDep, Db, Listed, PageOut, ReadDb, StrictRequest, expected_version, page_out, problems
from park.schemas import EnergyOut, OwnLeaseOut, ReviewSignalIn, SignalOut, TenantOut, TenantRowOut
from park.service import energy, lists, tenants, watching
from park.wire import all_out, energy_out, own_lease_out, signal_out, tenant_out, tenant_row_out

TAGS = ["park"]
Days = Annotated[int, QueryParameter(ge=7, le=400, description="Days up to the newest reading.")]


@get("/api/v1/parks/{park_id:uuid}/tenants", opt={"policy": "park.read"}, tags=TAGS, responses=problems())
async def list_tenants(read_db: ReadDb, act: ActDep, listed: Listed, park_id: FromPath[UUID]) -> PageOut[TenantRowOut]:
    """Present tenants. Filters: industry (GB/T 4754 prefix), building, ending (30, 90, 180 days), signal (open, none)."""
    return page_out(await lists.tenants(read_db, act, park_id, listed), tenant_row_out)


@get(
    "/api/v1/parks/{park_id:uuid}/tenants/{enterprise_id:uuid}", opt={"policy": "park.tenant"}, tags=TAGS,
    responses=problems(),
)  # fmt: skip
async def show_tenant(db: Db, act: ActDep, park_id: FromPath[UUID], enterprise_id: FromPath[UUID]) -> TenantOut:
    """One tenant: facts under the lease contract, leases, signals, timeline. The look is recorded and visible to the company."""
    return tenant_out(await tenants.tenant_page(db, act, park_id, enterprise_id))


@get(
    "/api/v1/parks/{park_id:uuid}/tenants/{enterprise_id:uuid}/energy", opt={"policy": "park.tenant"}, tags=TAGS,
    responses=problems(),
)  # fmt: skip
async def show_tenant_energy(
    db: Db, act: ActDep, park_id: FromPath[UUID], enterprise_id: FromPath[UUID], days: Days = 90
) -> EnergyOut:
    """Daily kWh of a tenant against expectation. The look is recorded and visible to the company."""
    basis = await tenants.lease_basis(db, act, park_id, enterprise_id)
    return energy_out(await tenants.tenant_energy(db, act, basis, park_id, days))


@get("/api/v1/parks/{park_id:uuid}/energy", opt={"policy": "park.read"}, tags=TAGS, responses=problems())
async def show_park_energy(read_db: ReadDb, act: ActDep, park_id: FromPath[UUID], days: Days = 90) -> EnergyOut:
    """Daily kWh of the park against expectation, summed over companies that have one."""
    park = await lists.find_park(read_db, act, park_id)
    return energy_out(await energy.park_energy(read_db, park.id, days))


@get("/api/v1/parks/{park_id:uuid}/signals", opt={"policy": "park.read"}, tags=TAGS, responses=problems())
async def list_signals(read_db: ReadDb, act: ActDep, park_id: FromPath[UUID]) -> list[SignalOut]:
    """Open signals of the electricity watch with their evidence."""
    return all_out([signal for signal, _tenant in await lists.signals(read_db, act, park_id)])


@post(
    "/api/v1/parks/{park_id:uuid}/signals/{signal_id:uuid}/review", opt={"policy": "park.watch"}, status_code=200, tags=TAGS,
    responses=problems(409, 412, 428),
)  # fmt: skip
async def review_signal(
    request: StrictRequest,
    db: Db,
    act: ActDep,
    park_id: FromPath[UUID],
    signal_id: FromPath[UUID],
    data: JSONBody[ReviewSignalIn],
) -> SignalOut:
    """Close a signal with what was found out; needs If-Match."""
    version = expected_version(request)
    return signal_out(await watching.review_signal(db, act, park_id, signal_id, note=data.note, version=version))


@get("/api/v1/parks/my-lease", opt={"policy": "park.own"}, tags=TAGS, responses=problems())
async def show_own_lease(read_db: ReadDb, act: ActDep) -> list[OwnLeaseOut]:
    """The acting company's own leases, units and signals, park by park."""
    return [own_lease_out(own) for own in await tenants.own_leases(read_db, act)]


@get("/api/v1/parks/{park_id:uuid}/my-energy", opt={"policy": "park.own"}, tags=TAGS, responses=problems())
async def show_own_energy(read_db: ReadDb, act: ActDep, park_id: FromPath[UUID], days: Days = 90) -> EnergyOut:
    """The acting company's own daily kWh against expectation."""
    return energy_out(await tenants.own_energy(read_db, act, park_id, days))


TENANT_ROUTES = (
    list_tenants, show_tenant, show_tenant_energy, show_park_energy, list_signals, review_signal, show_own_lease,
    show_own_energy,
)  # fmt: skip
