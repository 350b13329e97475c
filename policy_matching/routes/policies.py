"""Support items over the API: the public catalogue, and what an office does with its items."""

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from kernel.clock import local_date
from kernel.problems import BadInput, FieldProblem
from kernel.texts import gettext as _
from kernel.web import ActDep, Db, Listed, Once, PageOut, ReadDb, StrictRequest, expected_version, problems
from policy_matching import service
from policy_matching.schemas import BudgetIn, PolicyDetailOut, PolicyOut, ReasonIn
from policy_matching.wire import policy_detail_out, policy_out

FILTERS = ("route", "kind", "state")


@get("/api/v1/policies", opt={"policy": "policy.read"}, responses=problems())
async def list_policies(read_db: ReadDb, act: ActDep, listed: Listed) -> PageOut[PolicyOut]:
    """Support items as they stand today; filters: route, kind, state; q searches titles, codes and documents."""
    today = local_date(act.now)
    unknown = next((name for name in listed.filters if name not in FILTERS), None)
    if unknown is not None:
        message = _("This list has no such filter. It has: %(allowed)s.", allowed=", ".join(FILTERS))
        raise BadInput(fields=[FieldProblem(unknown[:40], message)])
    if listed.sort not in {"", "code"}:
        raise BadInput(fields=[FieldProblem("sort", _("This list is sorted by code."))])
    found = [policy_out(item, today) for item in await service.live_items(read_db)]
    for name, wanted in listed.filters.items():
        found = [item for item in found if getattr(item, name) == wanted]
    for word in listed.q.lower().split():
        found = [
            item for item in found if word in f"{item.code} {item.title_zh} {item.title_en} {item.document}".lower()
        ]
    start = (listed.page - 1) * listed.size
    return PageOut(found[start : start + listed.size], len(found), listed.page, listed.size)


@get("/api/v1/policies/{code:str}", opt={"policy": "policy.read"}, responses=problems())
async def get_policy(read_db: ReadDb, act: ActDep, code: FromPath[str]) -> PolicyDetailOut:
    """One support item with its criteria."""
    return policy_detail_out(await service.find_live(read_db, code), local_date(act.now))


@post(
    "/api/v1/policies/{code:str}/suspend",
    opt={"policy": "policy.manage"},
    status_code=200,
    responses=problems(409, 412, 428),
)
async def suspend_policy(
    request: StrictRequest, db: Db, act: ActDep, once: Once, code: FromPath[str], data: JSONBody[ReasonIn]
) -> Response[PolicyOut]:
    """Suspend an item; needs If-Match with the version seen."""
    version = expected_version(request)

    async def effect() -> PolicyOut:
        return policy_out(await service.suspend_item(db, act, code, data.reason, version), local_date(act.now))

    return await once(effect, PolicyOut)


@post(
    "/api/v1/policies/{code:str}/resume",
    opt={"policy": "policy.manage"},
    status_code=200,
    responses=problems(409, 412, 428),
)
async def resume_policy(
    request: StrictRequest, db: Db, act: ActDep, once: Once, code: FromPath[str]
) -> Response[PolicyOut]:
    """Publish a suspended item again; needs If-Match with the version seen."""
    version = expected_version(request)

    async def effect() -> PolicyOut:
        return policy_out(await service.resume_item(db, act, code, version), local_date(act.now))

    return await once(effect, PolicyOut)


@post(
    "/api/v1/policies/{code:str}/budget", opt={"policy": "policy.manage"}, status_code=200, responses=problems(409, 428)
)
async def grant_budget(
    db: Db, act: ActDep, once: Once, code: FromPath[str], data: JSONBody[BudgetIn]
) -> Response[PolicyOut]:
    """Add money to the budget of an item that is paid here."""

    async def effect() -> PolicyOut:
        return policy_out(await service.grant_budget(db, act, code, data.amount_yuan), local_date(act.now))

    return await once(effect, PolicyOut)


POLICY_ROUTES = (list_policies, get_policy, suspend_policy, resume_policy, grant_budget)
