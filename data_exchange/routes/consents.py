"""The API of consents: granted and withdrawn by the company, read and used by the recipient."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

import enterprises
from data_exchange import service, store
from data_exchange.contracts import ConsentIn
from data_exchange.schemas import ConsentOut, GrantIn, ReadFact, ReadIn, ReadOut
from data_exchange.store import ConsentView
from enterprises import Facts
from kernel.problems import BadInput, FieldProblem
from kernel.texts import gettext as _
from kernel.web import ActDep, Db, Listed, Once, PageOut, ReadDb, page_out, problems


def consent_out(view: ConsentView) -> ConsentOut:
    """Return a consent for the wire."""
    values = {name: getattr(view, name) for name in ConsentOut.__struct_fields__}
    return ConsentOut(**(values | {"scope": list(view.scope)}))


@get("/api/v1/consents", opt={"policy": "consent.read", "not_filters": ("side",)}, responses=problems())
async def list_consents(
    read_db: ReadDb,
    act: ActDep,
    listed: Listed,
    side: Annotated[str, QueryParameter(max_length=10, description="given, received, or nothing for both.")] = "",
) -> PageOut[ConsentOut]:
    """Consents the caller's organisation gave or received."""
    if side not in ("", *store.SIDES):
        raise BadInput(fields=[FieldProblem("side", _("One of given, received."))])
    return page_out(await store.consent_page(read_db, act, side, listed), consent_out)


@post("/api/v1/consents", opt={"policy": "consent.grant"}, status_code=201, responses=problems(409, 428))
async def grant_consent(db: Db, act: ActDep, once: Once, data: JSONBody[GrantIn]) -> Response[ConsentOut]:
    """Grant a consent of the caller's company: one recipient, one purpose, named facts, an end."""
    taken = ConsentIn(
        recipient_id=data.recipient_id,
        purpose=data.purpose,
        scope=frozenset(data.scope),
        expires_at=data.expires_at,
        starts_at=data.starts_at,
        note=data.note,
    )

    async def effect() -> ConsentOut:
        return consent_out(await service.grant_consent(db, act, taken))

    return await once(effect, ConsentOut)


@get("/api/v1/consents/{consent_id:uuid}", opt={"policy": "consent.read"}, responses=problems())
async def get_consent(read_db: ReadDb, act: ActDep, consent_id: FromPath[UUID]) -> ConsentOut:
    """One consent the caller's organisation gave or received."""
    _row, view = await store.find_consent(read_db, act, consent_id)
    return consent_out(view)


@post(
    "/api/v1/consents/{consent_id:uuid}/withdraw",
    opt={"policy": "consent.grant"},
    status_code=200,
    responses=problems(),
)
async def withdraw_consent(db: Db, act: ActDep, consent_id: FromPath[UUID]) -> ConsentOut:
    """Withdraw a consent; the next use is refused. Withdrawing twice changes nothing, so no key is needed."""
    return consent_out(await service.withdraw_consent(db, act, consent_id))


@post("/api/v1/consents/{consent_id:uuid}/facts", opt={"policy": "consent.use"}, status_code=200, responses=problems())
async def read_under_consent(db: Db, act: ActDep, consent_id: FromPath[UUID], data: JSONBody[ReadIn]) -> ReadOut:
    """Read facts under a consent the caller received. It is a POST because each read is recorded for the company."""
    _row, view = await store.find_consent(db, act, consent_id, side="received")
    names = data.names or [name for name in view.scope if name in enterprises.VOCABULARY]
    basis = await service.issue_basis(db, act, view.subject_id, view.purpose, names)
    facts = await enterprises.read_facts(db, act, basis, names)
    return ReadOut(view.subject_id, basis.reference, [_fact(facts, name) for name in names])


def _fact(facts: Facts, name: str) -> ReadFact:
    value = facts[name]
    if value is None:
        return ReadFact(name=name, known=False)
    return ReadFact(
        name=name,
        known=True,
        value=value.value,
        unit=value.unit,
        period_end=value.period_end.isoformat() if value.period_end else None,
        source=value.source,
        authority=value.authority,
        seen_at=value.seen_at,
    )
