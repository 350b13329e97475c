"""The API of agreements: each step carries the version it saw (If-Match) and a key that makes it happen once."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from data_exchange import service, store
from data_exchange.schemas import AgreementOut, CreatedOut, DecideIn, RequestIn, SignIn
from data_exchange.service.signing import Evidence
from data_exchange.service.view import agreement_view
from kernel.act import Act
from kernel.problems import BadInput, FieldProblem
from kernel.texts import gettext as _
from kernel.web import (
    ActDep,
    Db,
    GroundDep,
    Listed,
    Once,
    PageOut,
    ReadDb,
    StrictRequest,
    expected_version,
    page_out,
    problems,
)

STEP_PROBLEMS = problems(409, 412, 428)


@get("/api/v1/agreements", opt={"policy": "agreement.read", "not_filters": ("side",)}, responses=problems())
async def list_agreements(
    read_db: ReadDb,
    act: ActDep,
    listed: Listed,
    side: Annotated[str, QueryParameter(max_length=10, description="owner, buyer, or nothing for both.")] = "",
) -> PageOut[AgreementOut]:
    """Agreements of the caller's organisation."""
    if side not in ("", "owner", "buyer"):
        raise BadInput(fields=[FieldProblem("side", _("One of owner, buyer."))])
    found = await store.agreement_page(read_db, act.actor, side, listed)
    return page_out(found, lambda row: agreement_view(row[0], row[1], row[2], row[3], act.now))


@post("/api/v1/agreements", opt={"policy": "agreement.request"}, status_code=201, responses=problems(409, 428))
async def request_agreement(db: Db, act: ActDep, once: Once, data: JSONBody[RequestIn]) -> Response[CreatedOut]:
    """Ask for an agreement under an open offer."""

    async def effect() -> CreatedOut:
        return CreatedOut(await service.request_agreement(db, act, data.offer_id, data.message))

    return await once(effect, CreatedOut)


@get("/api/v1/agreements/{agreement_id:uuid}", opt={"policy": "agreement.read"}, responses=problems())
async def get_agreement(read_db: ReadDb, act: ActDep, agreement_id: FromPath[UUID]) -> AgreementOut:
    """One agreement of the caller's organisation."""
    return await _view(read_db, act, agreement_id)


@post(
    "/api/v1/agreements/{agreement_id:uuid}/agree",
    opt={"policy": "agreement.act"},
    status_code=200,
    responses=STEP_PROBLEMS,
)
async def agree_to_request(
    request: StrictRequest, db: Db, act: ActDep, once: Once, agreement_id: FromPath[UUID], data: JSONBody[DecideIn]
) -> Response[AgreementOut]:
    """The owner agrees to a request."""
    return await _decide(request, db, act, once, agreement_id, "agree", data.reason)


@post(
    "/api/v1/agreements/{agreement_id:uuid}/decline",
    opt={"policy": "agreement.act"},
    status_code=200,
    responses=STEP_PROBLEMS,
)
async def decline_request(
    request: StrictRequest, db: Db, act: ActDep, once: Once, agreement_id: FromPath[UUID], data: JSONBody[DecideIn]
) -> Response[AgreementOut]:
    """Either party lets it be, before it is active."""
    return await _decide(request, db, act, once, agreement_id, "decline", data.reason)


@post(
    "/api/v1/agreements/{agreement_id:uuid}/sign",
    opt={"policy": "agreement.sign"},
    status_code=200,
    responses=STEP_PROBLEMS,
)
async def sign_agreement(
    request: StrictRequest,
    db: Db,
    ground: GroundDep,
    act: ActDep,
    once: Once,
    agreement_id: FromPath[UUID],
    data: JSONBody[SignIn],
) -> Response[AgreementOut]:
    """A person signs the terms whose hash is given: first the owner, then the buyer, whose signature activates them."""
    version = expected_version(request)

    async def effect() -> AgreementOut:
        await service.sign_agreement(db, act, ground.keys, agreement_id, version, data.terms_hash)
        return await _view(db, act, agreement_id)

    return await once(effect, AgreementOut)


@post(
    "/api/v1/agreements/{agreement_id:uuid}/revoke",
    opt={"policy": "agreement.act"},
    status_code=200,
    responses=STEP_PROBLEMS,
)
async def revoke_agreement(
    request: StrictRequest, db: Db, act: ActDep, once: Once, agreement_id: FromPath[UUID], data: JSONBody[DecideIn]
) -> Response[AgreementOut]:
    """Either party ends it, at once."""
    version = expected_version(request)

    async def effect() -> AgreementOut:
        await service.revoke_agreement(db, act, agreement_id, version, data.reason)
        return await _view(db, act, agreement_id)

    return await once(effect, AgreementOut)


@get("/api/v1/agreements/{agreement_id:uuid}/evidence", opt={"policy": "agreement.read"}, responses=problems())
async def get_evidence(read_db: ReadDb, ground: GroundDep, act: ActDep, agreement_id: FromPath[UUID]) -> Evidence:
    """Terms, signed statements and public keys: enough to check the agreement without this system (Ed25519, RFC 8785)."""
    return await service.gather_evidence(read_db, act.actor, ground.keys, agreement_id)


async def _decide(
    request: StrictRequest,
    db: AsyncSession,
    act: Act,
    once: Any,
    agreement_id: UUID,
    verdict: Literal["agree", "decline"],
    reason: str,
) -> Response[AgreementOut]:
    version = expected_version(request)

    async def effect() -> AgreementOut:
        await service.decide_request(db, act, agreement_id, version, verdict, reason)
        return await _view(db, act, agreement_id)

    answer: Response[AgreementOut] = await once(effect, AgreementOut)
    return answer


async def _view(db: AsyncSession, act: Act, agreement_id: UUID) -> AgreementOut:
    row, product, owner, buyer = await store.find_agreement(db, act.actor, agreement_id)
    return agreement_view(row, product, owner, buyer, act.now)
