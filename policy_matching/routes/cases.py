"""Cases over the API: the company's verbs, the office's verbs, and the payments."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Response, get, patch, post
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.act import Act
from kernel.web import ActDep, Db, Listed, Once, PageOut, ReadDb, StrictRequest, expected_version, page_out, problems
from kernel.web.once import OnceOnly
from policy_matching import service
from policy_matching.schemas import (
    ApplicationOut,
    ApplicationPatch,
    ApplicationRowOut,
    ApproveIn,
    PaymentOut,
    ReasonIn,
    ReceiptIn,
    ReturnIn,
    StartIn,
    SubmitIn,
)
from policy_matching.wire import application_out, application_row_out, payment_out

CASE = "/api/v1/applications/{application_id:uuid}"
ANSWERS = problems(409, 412, 428)


async def _then_view(
    once: OnceOnly, db: AsyncSession, act: Act, application_id: UUID, verb: Callable[[], Awaitable[Any]]
) -> Response[ApplicationOut]:
    """Run a verb once and answer with the case as it then stands."""

    async def effect() -> ApplicationOut:
        await verb()
        return application_out(await service.view_case(db, act, application_id))

    return await once(effect, ApplicationOut)


@get("/api/v1/applications", opt={"policy": "application.read"}, responses=problems())
async def list_applications(read_db: ReadDb, act: ActDep, listed: Listed) -> PageOut[ApplicationRowOut]:
    """The cases the caller may see: a company's own, or those of the caller's office."""
    return page_out(await service.page_of_cases(read_db, act.actor, listed), application_row_out)


@get(CASE, opt={"policy": "application.read"}, responses=problems())
async def get_application(read_db: ReadDb, act: ActDep, application_id: FromPath[UUID]) -> ApplicationOut:
    """One case: who has it, until when, its history, every read of the company's data."""
    return application_out(await service.view_case(read_db, act, application_id))


@post("/api/v1/applications", opt={"policy": "application.submit"}, status_code=201, responses=problems(409, 428))
async def start_application(db: Db, act: ActDep, once: Once, data: JSONBody[StartIn]) -> Response[ApplicationOut]:
    """Begin a case with what is known filled in; a draft that is open already is given back."""

    async def effect() -> ApplicationOut:
        row = await service.start_application(db, act, data.code)
        return application_out(await service.view_case(db, act, row.id))

    return await once(effect, ApplicationOut)


@patch(CASE, opt={"policy": "application.submit"}, responses=ANSWERS)
async def save_draft(
    request: StrictRequest, db: Db, act: ActDep, application_id: FromPath[UUID], data: JSONBody[ApplicationPatch]
) -> ApplicationOut:
    """Keep what is filled in so far; needs If-Match with the version seen."""
    draft = service.Draft(
        requested=data.requested_yuan,
        payee_name=data.payee_name,
        payee_bank=data.payee_bank,
        payee_account=data.payee_account,
        note=data.note,
    )
    await service.save_draft(db, act, application_id, draft, expected_version(request))
    return application_out(await service.view_case(db, act, application_id))


@post(CASE + "/submit", opt={"policy": "application.submit"}, status_code=200, responses=ANSWERS)
async def submit_application(
    request: StrictRequest, db: Db, act: ActDep, once: Once, application_id: FromPath[UUID], data: JSONBody[SubmitIn]
) -> Response[ApplicationOut]:
    """Submit a case; everything that is missing is named at once."""
    version = expected_version(request)
    return await _then_view(
        once,
        db,
        act,
        application_id,
        lambda: service.submit_application(db, act, application_id, version=version, promise=data.promise),
    )


@post(CASE + "/withdraw", opt={"policy": "application.submit"}, status_code=200, responses=ANSWERS)
async def withdraw_application(
    request: StrictRequest, db: Db, act: ActDep, once: Once, application_id: FromPath[UUID]
) -> Response[ApplicationOut]:
    """Take a case back before it is decided."""
    version = expected_version(request)
    return await _then_view(
        once,
        db,
        act,
        application_id,
        lambda: service.withdraw_application(db, act, application_id, version=version),
    )


@post(CASE + "/accept", opt={"policy": "application.review"}, status_code=200, responses=ANSWERS)
async def accept_application(
    request: StrictRequest, db: Db, act: ActDep, once: Once, application_id: FromPath[UUID]
) -> Response[ApplicationOut]:
    """Take a case on for review."""
    version = expected_version(request)
    return await _then_view(
        once, db, act, application_id, lambda: service.accept_application(db, act, application_id, version=version)
    )


@post(CASE + "/return", opt={"policy": "application.review"}, status_code=200, responses=ANSWERS)
async def return_application(
    request: StrictRequest, db: Db, act: ActDep, once: Once, application_id: FromPath[UUID], data: JSONBody[ReturnIn]
) -> Response[ApplicationOut]:
    """Send a case back, once, with everything that is missing."""
    version = expected_version(request)
    return await _then_view(
        once,
        db,
        act,
        application_id,
        lambda: service.return_application(db, act, application_id, data.gaps, version=version),
    )


@post(CASE + "/approve", opt={"policy": "application.review"}, status_code=200, responses=ANSWERS)
async def approve_application(
    request: StrictRequest, db: Db, act: ActDep, once: Once, application_id: FromPath[UUID], data: JSONBody[ApproveIn]
) -> Response[ApplicationOut]:
    """Approve a case with an amount within the policy, the request and the budget."""
    version = expected_version(request)
    return await _then_view(
        once,
        db,
        act,
        application_id,
        lambda: service.approve_application(db, act, application_id, data.amount_yuan, note=data.note, version=version),
    )


@post(CASE + "/reject", opt={"policy": "application.review"}, status_code=200, responses=ANSWERS)
async def reject_application(
    request: StrictRequest, db: Db, act: ActDep, once: Once, application_id: FromPath[UUID], data: JSONBody[ReasonIn]
) -> Response[ApplicationOut]:
    """Reject a case with the reason."""
    version = expected_version(request)
    return await _then_view(
        once,
        db,
        act,
        application_id,
        lambda: service.reject_application(db, act, application_id, data.reason, version=version),
    )


@post(CASE + "/hand-over", opt={"policy": "application.review"}, status_code=200, responses=ANSWERS)
async def hand_over_payment(
    request: StrictRequest, db: Db, act: ActDep, once: Once, application_id: FromPath[UUID]
) -> Response[ApplicationOut]:
    """Hand the payment over to the treasury under a unique reference."""
    version = expected_version(request)
    return await _then_view(
        once, db, act, application_id, lambda: service.hand_over_payment(db, act, application_id, version=version)
    )


@post(CASE + "/receipt", opt={"policy": "application.review"}, status_code=200, responses=ANSWERS)
async def record_receipt(
    request: StrictRequest, db: Db, act: ActDep, once: Once, application_id: FromPath[UUID], data: JSONBody[ReceiptIn]
) -> Response[ApplicationOut]:
    """Record the receipt of the treasury or bank: only this makes a case paid."""
    version = expected_version(request)
    return await _then_view(
        once,
        db,
        act,
        application_id,
        lambda: service.record_receipt(
            db,
            act,
            application_id,
            receipt_number=data.receipt_number,
            receipt_on=data.receipt_on,
            amount=data.amount_yuan,
            receipt_from=data.receipt_from,
            version=version,
        ),
    )


@post(CASE + "/close", opt={"policy": "application.review"}, status_code=200, responses=ANSWERS)
async def close_application(
    request: StrictRequest, db: Db, act: ActDep, once: Once, application_id: FromPath[UUID]
) -> Response[ApplicationOut]:
    """Close a case that was paid."""
    version = expected_version(request)
    return await _then_view(
        once, db, act, application_id, lambda: service.close_application(db, act, application_id, version=version)
    )


@get("/api/v1/payments", opt={"policy": "application.read"}, responses=problems())
async def list_payments(read_db: ReadDb, act: ActDep, listed: Listed) -> PageOut[PaymentOut]:
    """The payment orders of the cases the caller may see."""
    return page_out(await service.page_of_payments(read_db, act.actor, listed), payment_out)


CASE_ROUTES = (
    list_applications,
    get_application,
    start_application,
    save_draft,
    submit_application,
    withdraw_application,
    accept_application,
    return_application,
    approve_application,
    reject_application,
    hand_over_payment,
    record_receipt,
    close_application,
    list_payments,
)
