"""The JSON API of enterprises."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from enterprises import codes, contracts, service, store
from enterprises.schemas import (
    CodeHit,
    CodeHits,
    CodeOut,
    CreatedOut,
    EnterpriseOut,
    FactHistoryOut,
    FactOut,
    FactsIn,
    FactsOut,
    LicenceItemIn,
    LicenceOut,
    RecordedOut,
    RegisterIn,
    TimelineOut,
)
from kernel.problems import BadInput, FieldProblem
from kernel.texts import gettext as _
from kernel.web import ActDep, Db, GroundDep, Listed, Once, PageOut, ReadDb, page_out, problems

CHECKS = {"uscc": codes.check_uscc, "industry": codes.check_industry, "division": codes.check_division}


def enterprise_out(row: Any) -> EnterpriseOut:
    """Return a company for the wire."""
    return EnterpriseOut(
        id=row.id,
        uscc=row.uscc,
        name_zh=row.name_zh,
        name_en=row.name_en,
        industry_code=row.industry_code,
        industry_name=codes.industry_name(row.industry_code),
        division_code=row.division_code,
        division_path=list(codes.division_path(row.division_code)),
        registered_on=row.registered_on,
        address_zh=row.address_zh,
        address_en=row.address_en,
        created_at=row.created_at,
        version=row.version,
    )


def fact_out(name: str, value: contracts.FactValue | None) -> FactOut:
    """Return a fact for the wire; unknown stays unknown."""
    if value is None:
        return FactOut(name=name, known=False)
    return FactOut(
        name=name,
        known=True,
        value=value.value,
        unit=value.unit,
        period_start=value.period_start,
        period_end=value.period_end,
        source=value.source,
        authority=value.authority,
        seen_at=value.seen_at,
        recorded_at=value.recorded_at,
    )


def _copy(type_: Any) -> Any:
    names = type_.__struct_fields__
    return lambda row: type_(**{name: getattr(row, name) for name in names})


@get("/api/v1/enterprises", opt={"policy": "enterprise.read"}, responses=problems())
async def list_enterprises(read_db: ReadDb, act: ActDep, listed: Listed) -> PageOut[EnterpriseOut]:
    """Companies the caller may see."""
    return page_out(await store.list_enterprises(read_db, act.actor, listed), enterprise_out)


@post("/api/v1/enterprises", opt={"policy": "enterprise.register"}, status_code=201, responses=problems(409, 428))
async def register_enterprise(db: Db, act: ActDep, once: Once, data: JSONBody[RegisterIn]) -> Response[CreatedOut]:
    """Register a company; a wrong credit code, industry or division is named with its wrong place."""
    taken = contracts.EnterpriseIn(**{name: getattr(data, name) for name in RegisterIn.__struct_fields__})

    async def effect() -> CreatedOut:
        return CreatedOut(await service.register_enterprise(db, act, taken))

    return await once(effect, CreatedOut)


@get("/api/v1/enterprises/{enterprise_id:uuid}", opt={"policy": "enterprise.read"}, responses=problems())
async def get_enterprise(read_db: ReadDb, act: ActDep, enterprise_id: FromPath[UUID]) -> EnterpriseOut:
    """One company's register entry."""
    return enterprise_out(await service.find_enterprise(read_db, act.actor, enterprise_id))


@get("/api/v1/enterprises/{enterprise_id:uuid}/facts", opt={"policy": "fact.read"}, responses=problems())
async def get_facts(
    ground: GroundDep,
    act: ActDep,
    enterprise_id: FromPath[UUID],
    names: Annotated[str | None, QueryParameter(max_length=2000, description="Names of facts, by comma.")] = None,
    as_of: Annotated[str | None, QueryParameter(max_length=40, description="RFC 3339 moment with zone.")] = None,
) -> FactsOut:
    """The caller's own facts, now or as they were known at a past moment. Anybody else's are refused, on record."""
    wanted = [name.strip() for name in names.split(",")] if names else None
    facts = await service.view_own_facts(ground, act, enterprise_id, wanted, _moment(as_of))
    return FactsOut(enterprise_id, facts.as_of, [fact_out(name, value) for name, value in facts.items()])


@post(
    "/api/v1/enterprises/{enterprise_id:uuid}/facts",
    opt={"policy": "fact.record"},
    status_code=200,
    responses=problems(409, 428),
)
async def record_facts(
    db: Db, act: ActDep, once: Once, enterprise_id: FromPath[UUID], data: JSONBody[FactsIn]
) -> Response[RecordedOut]:
    """Record values of a company: its own word, or what an office saw. All of them, or none."""
    facts = [contracts.FactIn(**{name: getattr(fact, name) for name in fact.__struct_fields__}) for fact in data.facts]

    async def effect() -> RecordedOut:
        ids = await service.record_facts(db, act, enterprise_id, facts)
        return RecordedOut(len(ids), ids)

    return await once(effect, RecordedOut)


@get("/api/v1/enterprises/{enterprise_id:uuid}/facts/history", opt={"policy": "fact.history"}, responses=problems())
async def get_fact_history(
    read_db: ReadDb, act: ActDep, enterprise_id: FromPath[UUID], listed: Listed
) -> PageOut[FactHistoryOut]:
    """Every value ever recorded of the caller's own company."""
    await service.find_own(read_db, act.actor, enterprise_id)
    return page_out(await store.fact_history(read_db, act.actor, enterprise_id, listed), _copy(FactHistoryOut))


@get("/api/v1/enterprises/{enterprise_id:uuid}/timeline", opt={"policy": "timeline.read"}, responses=problems())
async def get_timeline(
    read_db: ReadDb, act: ActDep, enterprise_id: FromPath[UUID], listed: Listed
) -> PageOut[TimelineOut]:
    """What happened to a company, the latest first."""
    return page_out(await service.timeline_of(read_db, act.actor, enterprise_id, listed), _copy(TimelineOut))


@get("/api/v1/enterprises/{enterprise_id:uuid}/licences", opt={"policy": "enterprise.read"}, responses=problems())
async def get_licences(read_db: ReadDb, act: ActDep, enterprise_id: FromPath[UUID]) -> list[LicenceOut]:
    """The licences of a company that stand."""
    await service.find_enterprise(read_db, act.actor, enterprise_id)
    convert = _copy(LicenceOut)
    return [convert(row) for row in await store.licences_of(read_db, act.actor, enterprise_id)]


@post(
    "/api/v1/enterprises/{enterprise_id:uuid}/licences",
    opt={"policy": "licence.write"},
    status_code=201,
    responses=problems(409, 428),
)
async def record_licence(
    db: Db, act: ActDep, once: Once, enterprise_id: FromPath[UUID], data: JSONBody[LicenceItemIn]
) -> Response[CreatedOut]:
    """Enter a licence of one's own company."""
    taken = contracts.LicenceIn(**{name: getattr(data, name) for name in LicenceItemIn.__struct_fields__})

    async def effect() -> CreatedOut:
        return CreatedOut(await service.record_licence(db, act, enterprise_id, taken))

    return await once(effect, CreatedOut)


@delete("/api/v1/enterprises/licences/{licence_id:uuid}", opt={"policy": "licence.write"}, responses=problems())
async def retire_licence(db: Db, act: ActDep, licence_id: FromPath[UUID]) -> None:
    """Take a licence of one's own company out of the list."""
    await service.retire_licence(db, act, licence_id)


@get("/api/v1/enterprises/codes/{kind:str}/{code:str}", opt={"policy": "code.check"}, responses=problems())
async def check_code(kind: FromPath[str], code: FromPath[str]) -> CodeOut:
    """Check a credit code (uscc), an industry or a division: the wrong place is named, near codes suggested."""
    if kind not in CHECKS:
        raise BadInput(fields=[FieldProblem("kind", _("One of uscc, industry, division."))])
    check = CHECKS[kind](code[:100])
    known = {"industry": codes.industry_name, "division": codes.division_name}.get(kind)
    return CodeOut(
        code=check.code,
        ok=check.ok,
        name=known(check.code) if known else None,
        position=check.position,
        message_zh=check.zh,
        message_en=check.en,
        suggestions=list(check.suggestions),
    )


@get(
    "/api/v1/enterprises/codes/{kind:str}", opt={"policy": "code.check", "not_filters": ("kind",)}, responses=problems()
)
async def find_codes(
    kind: FromPath[str],
    q: Annotated[str, QueryParameter(min_length=1, max_length=60, description="Part of a name, or the first digits.")],
) -> CodeHits:
    """Search industries or divisions by name or first digits."""
    search = {"industry": codes.find_industries, "division": codes.find_divisions}.get(kind)
    if search is None:
        raise BadInput(fields=[FieldProblem("kind", _("One of industry, division."))])
    return CodeHits([CodeHit(code, name) for code, name in search(q)])


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadInput(
            fields=[FieldProblem("as_of", _("Give a moment with its zone, such as 2026-11-23T10:00:00+08:00."))]
        )
    return moment


ROUTES = (
    list_enterprises,
    register_enterprise,
    get_enterprise,
    get_facts,
    record_facts,
    get_fact_history,
    get_timeline,
    get_licences,
    record_licence,
    retire_licence,
    check_code,
    find_codes,
)
