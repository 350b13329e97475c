"""The office's pages: the review desk, one case with facts beside each other, and the items the office looks after."""

from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct, structs
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.act import Act
from kernel.clock import local_date
from kernel.export import export_rows
from kernel.texts import gettext as _
from kernel.web import ActDep, Db, Form, Listed, Once, ReadDb, StrictRequest, page, read_form, redirect
from kernel.web.once import OnceOnly
from policy_matching import display, service
from policy_matching.pages.applications import EmptyForm, case_context
from policy_matching.pages.common import UNPROCESSABLE, check_format, columns_of, download, submit
from policy_matching.store.cases import APPLICATIONS, STATE_LABELS
from policy_matching.store.items import ROUTE_LABELS

S = TypeVar("S", bound=Struct)
Export = Annotated[str, QueryParameter(max_length=4)]
DESK_COLUMNS = ("number", "title_zh", "enterprise_zh", "route", "state", "due_on", "requested_fen", "approved_fen")
UNDER_REVIEW = frozenset({"submitted", "accepted"})
CASE = "/review/{application_id:uuid}"


class ReturnForm(Struct):
    """Everything that is missing, a line each."""

    gaps: Annotated[str, Meta(min_length=1, max_length=5000)]


class ApproveForm(Struct):
    """The amount that is granted."""

    amount: Annotated[Decimal, Meta(gt=0, le=10_000_000_000)]
    note: Annotated[str, Meta(max_length=2000)] = ""


class ReasonForm(Struct):
    """A reason that the company will read."""

    reason: Annotated[str, Meta(min_length=1, max_length=300)]


class ReceiptForm(Struct):
    """The receipt of the treasury or bank."""

    receipt_number: Annotated[str, Meta(min_length=1, max_length=80)]
    receipt_on: date
    receipt_amount: Annotated[Decimal, Meta(gt=0, le=10_000_000_000)]
    receipt_from: Literal["treasury", "bank"]


@get("/review", opt={"policy": "review.page"}, include_in_schema=False)
async def show_desk(
    request: StrictRequest, read_db: ReadDb, act: ActDep, listed: Listed, export: Export = ""
) -> Response[Any]:
    """Show the cases of the office."""
    if export:
        file_format = check_format(export)
        rows = await service.rows_of_cases(read_db, act.actor, listed)
        return download(export_rows(APPLICATIONS, rows, file_format), file_format, "cases")  # type: ignore[arg-type]
    today = local_date(act.now)
    context = {
        # What is due first stands first, unless the officer wants another order.
        "found": await service.page_of_cases(read_db, act.actor, structs.replace(listed, sort=listed.sort or "due_on")),
        "columns": columns_of(APPLICATIONS, DESK_COLUMNS),
        "waiting": await service.count_waiting(read_db, act.actor, today),
        "states": STATE_LABELS,
        "choices": {
            "state": [choice for choice in display.choices_of(STATE_LABELS) if choice[0] != "draft"],
            "route": display.choices_of(ROUTE_LABELS),
        },
        "today": today,
    }
    return page(request, "policy_matching/desk.html", context)


@get(CASE, opt={"policy": "review.page"}, include_in_schema=False)
async def show_case(request: StrictRequest, db: Db, act: ActDep, application_id: FromPath[UUID]) -> Response[Any]:
    """Show a case for review; reading the company's facts for it is recorded, and the company sees it."""
    return await _case(request, db, act, application_id, None, "")


@post(CASE + "/accept", opt={"policy": "application.review"}, include_in_schema=False)
async def accept(
    request: StrictRequest, db: Db, act: ActDep, once: Once, application_id: FromPath[UUID]
) -> Response[Any]:
    """Take the case on."""
    form = await read_form(request, EmptyForm)
    return await _do(
        request,
        db,
        act,
        once,
        application_id,
        form,
        lambda _sent: service.accept_application(db, act, application_id, version=form.version),
        _("The case was accepted for review."),
    )


@post(CASE + "/return", opt={"policy": "application.review"}, include_in_schema=False)
async def send_back(
    request: StrictRequest, db: Db, act: ActDep, once: Once, application_id: FromPath[UUID]
) -> Response[Any]:
    """Send the case back with everything that is missing."""
    form = await read_form(request, ReturnForm)
    return await _do(
        request,
        db,
        act,
        once,
        application_id,
        form,
        lambda sent: service.return_application(db, act, application_id, sent.gaps.splitlines(), version=form.version),
        _("The case was returned with everything that is missing."),
    )


@post(CASE + "/approve", opt={"policy": "application.review"}, include_in_schema=False)
async def approve(
    request: StrictRequest, db: Db, act: ActDep, once: Once, application_id: FromPath[UUID]
) -> Response[Any]:
    """Approve the case with an amount."""
    form = await read_form(request, ApproveForm)
    return await _do(
        request,
        db,
        act,
        once,
        application_id,
        form,
        lambda sent: service.approve_application(
            db, act, application_id, sent.amount, note=sent.note, version=form.version
        ),
        _("The case was approved and the money committed."),
    )


@post(CASE + "/reject", opt={"policy": "application.review"}, include_in_schema=False)
async def reject(
    request: StrictRequest, db: Db, act: ActDep, once: Once, application_id: FromPath[UUID]
) -> Response[Any]:
    """Reject the case."""
    form = await read_form(request, ReasonForm)
    return await _do(
        request,
        db,
        act,
        once,
        application_id,
        form,
        lambda sent: service.reject_application(db, act, application_id, sent.reason, version=form.version),
        _("The case was rejected."),
    )


@post(CASE + "/hand-over", opt={"policy": "application.review"}, include_in_schema=False)
async def hand_over(
    request: StrictRequest, db: Db, act: ActDep, once: Once, application_id: FromPath[UUID]
) -> Response[Any]:
    """Hand the payment over."""
    form = await read_form(request, EmptyForm)
    return await _do(
        request,
        db,
        act,
        once,
        application_id,
        form,
        lambda _sent: service.hand_over_payment(db, act, application_id, version=form.version),
        _("The payment was handed over."),
    )


@post(CASE + "/receipt", opt={"policy": "application.review"}, include_in_schema=False)
async def receipt(
    request: StrictRequest, db: Db, act: ActDep, once: Once, application_id: FromPath[UUID]
) -> Response[Any]:
    """Record the receipt."""
    form = await read_form(request, ReceiptForm)
    return await _do(
        request,
        db,
        act,
        once,
        application_id,
        form,
        lambda sent: service.record_receipt(
            db,
            act,
            application_id,
            receipt_number=sent.receipt_number,
            receipt_on=sent.receipt_on,
            amount=sent.receipt_amount,
            receipt_from=sent.receipt_from,
            version=form.version,
        ),
        _("The receipt was recorded; the case is paid."),
        {"amount": "receipt_amount"},
    )


@post(CASE + "/close", opt={"policy": "application.review"}, include_in_schema=False)
async def close(
    request: StrictRequest, db: Db, act: ActDep, once: Once, application_id: FromPath[UUID]
) -> Response[Any]:
    """Close the case."""
    form = await read_form(request, EmptyForm)
    return await _do(
        request,
        db,
        act,
        once,
        application_id,
        form,
        lambda _sent: service.close_application(db, act, application_id, version=form.version),
        _("The case was closed."),
    )


async def _do(
    request: StrictRequest,
    db: AsyncSession,
    act: Act,
    once: OnceOnly,
    application_id: UUID,
    form: Form[S],
    verb: Callable[[S], Awaitable[Any]],
    notice: str,
    names: dict[str, str] | None = None,
) -> Response[Any]:
    sent = form.value
    if sent is not None and form.is_valid:

        async def effect() -> str:
            await verb(sent)
            return f"/review/{application_id}"

        if path := await submit(db, once, form, effect, names):
            return redirect(request, path, notice=notice)
    return await _case(request, db, act, application_id, form, request.scope["path"].rsplit("/", 1)[-1])


async def _case(
    request: StrictRequest, db: AsyncSession, act: Act, application_id: UUID, form: Form[Any] | None, deed: str
) -> Response[Any]:
    case = await service.open_for_office(db, act, application_id)
    now: list[display.Row] = []
    if case.row.state in UNDER_REVIEW:
        _book, assessment = await service.review_facts(db, act, case)
        await db.flush()
        now = display.rows_of(assessment)
    view = await service.view_case(db, act, application_id)
    context = case_context(view) | {
        "now": {row.result.criterion.id: row for row in now if row.result is not None},
        "form": form,
        "deed": deed,
        "today": local_date(act.now),
        "amount": None if view.row.requested_fen is None else Decimal(view.row.requested_fen) / 100,
    }
    wrong = form is not None and bool(form.errors)
    return page(request, "policy_matching/case.html", context, status=UNPROCESSABLE if wrong else 200)


CASE_PAGES = (show_desk, show_case, accept, send_back, approve, reject, hand_over, receipt, close)
