"""What handlers may ask for by name: sessions, the act, the ground, the list query, once-only."""

from collections.abc import AsyncGenerator
from typing import Annotated, Any, TypeAlias

from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from kernel import audit
from kernel.act import Act
from kernel.ground import Ground
from kernel.paging import MAXIMUM_PAGE, MAXIMUM_SIZE, PAGE_SIZE, ListQuery
from kernel.web.once import OnceOnly
from kernel.web.requests import StrictRequest

Db: TypeAlias = NamedDependency[AsyncSession]
ReadDb: TypeAlias = NamedDependency[AsyncSession]
ActDep: TypeAlias = NamedDependency[Act]
GroundDep: TypeAlias = NamedDependency[Ground]
Once: TypeAlias = NamedDependency[OnceOnly]
Listed: TypeAlias = NamedDependency[ListQuery]

NOT_FILTERS = frozenset({"q", "sort", "page", "size", "export", "lang"})


# The sessions ask for the act only to be resolved after everything that can be refused: Litestar never closes a generator
# when another dependency of the same batch fails.
async def provide_db(request: StrictRequest, act: ActDep) -> AsyncGenerator[AsyncSession, None]:
    """Provide the write session; it commits before the answer is sent, so a failed commit is a failed request."""
    ground: Ground = request.app.state.ground
    await audit.require_sealed(ground.database, ground.clock.now())
    async with ground.database.write() as session:
        yield session


async def provide_read_db(request: StrictRequest, act: ActDep) -> AsyncGenerator[AsyncSession, None]:
    """Provide the read session."""
    ground: Ground = request.app.state.ground
    async with ground.database.read() as session:
        yield session


def provide_act(request: StrictRequest) -> Act:
    """Provide who acts, when, from where."""
    act: Act = request.scope["state"]["act"]
    return act


def provide_ground(request: StrictRequest) -> Ground:
    """Provide the process's ground."""
    ground: Ground = request.app.state.ground
    return ground


def provide_once(request: StrictRequest, db: Db, act: ActDep) -> OnceOnly:
    """Provide the runner of effects that must happen once."""
    return OnceOnly(request, db, act)


def provide_listed(
    request: StrictRequest,
    q: Annotated[str, QueryParameter(max_length=200, description="Search words.")] = "",
    sort: Annotated[str, QueryParameter(max_length=100, description="Column, with - in front for descending.")] = "",
    page: Annotated[int, QueryParameter(ge=1, le=MAXIMUM_PAGE)] = 1,
    size: Annotated[int, QueryParameter(ge=1, le=MAXIMUM_SIZE)] = PAGE_SIZE,
) -> ListQuery:
    """Provide what is asked of a list; any other parameter is taken as a filter, which the list knows or refuses."""
    ignored = NOT_FILTERS | frozenset(request.route_handler.opt.get("not_filters", ()))
    filters = {name: value for name, value in request.query_params.items() if name not in ignored and value}
    return ListQuery(q=q, sort=sort, page=page, size=size, filters=filters)


DEPENDENCIES: dict[str, Any] = {
    "db": Provide(provide_db),
    "read_db": Provide(provide_read_db),
    "act": Provide(provide_act, sync_to_thread=False),
    "ground": Provide(provide_ground, sync_to_thread=False),
    "once": Provide(provide_once, sync_to_thread=False),
    "listed": Provide(provide_listed, sync_to_thread=False),
}
