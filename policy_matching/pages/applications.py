"""The company's pages of its applications: the list, the form, the case with every step."""

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct

from enterprises import fact_label
from kernel.clock import local_date
from kernel.export import export_rows
from kernel.problems import NotFound
from kernel.texts import day
from kernel.texts import gettext as _
from kernel.web import ActDep, Db, Form, Listed, Once, ReadDb, StrictRequest, page, read_form, redirect
from policy_matching import display, service
from policy_matching.pages.common import UNPROCESSABLE, check_format, columns_of, download, submit
from policy_matching.store.cases import APPLICATIONS, STATE_LABELS
from policy_matching.store.items import ROUTE_LABELS

Export = Annotated[str, QueryParameter(max_length=4)]
COMPANY_COLUMNS = ("number", "title_zh", "state", "due_on", "requested_fen", "approved_fen", "created_at")


class ApplicationForm(Struct):
    """An application as a person fills it in; `deed` is the button that was pressed."""

    deed: Literal["save", "submit"]
    requested: Annotated[Decimal, Meta(gt=0, le=10_000_000_000)] | None = None
    payee_name: Annotated[str, Meta(max_length=200)] = ""
    payee_bank: Annotated[str, Meta(max_length=200)] = ""
    payee_account: Annotated[str, Meta(max_length=40, pattern=r"^[0-9A-Za-z -]*$")] = ""
    note: Annotated[str, Meta(max_length=2000)] = ""
    promise: bool = False


@get("/applications", opt={"policy": "policy.page"}, include_in_schema=False)
async def show_applications(
    request: StrictRequest, read_db: ReadDb, act: ActDep, listed: Listed, export: Export = ""
) -> Response[Any]:
    """Show the company's applications."""
    if export:
        file_format = check_format(export)
        rows = await service.rows_of_cases(read_db, act.actor, listed)
        return download(export_rows(APPLICATIONS, rows, file_format), file_format, "applications")  # type: ignore[arg-type]
    context = {
        "found": await service.page_of_cases(read_db, act.actor, listed),
        "columns": columns_of(APPLICATIONS, COMPANY_COLUMNS),
        "states": STATE_LABELS,
        "choices": {"state": display.choices_of(STATE_LABELS), "route": display.choices_of(ROUTE_LABELS)},
        "today": local_date(act.now),
    }
    return page(request, "policy_matching/application_list.html", context)


@get("/applications/{application_id:uuid}", opt={"policy": "policy.page"}, include_in_schema=False)
async def show_application(
    request: StrictRequest, read_db: ReadDb, act: ActDep, application_id: FromPath[UUID]
) -> Response[Any]:
    """Show a case: where it stands, who has it, until when, every step and every read of the company's data."""
    return await _case(request, read_db, act, application_id)


@get("/applications/{application_id:uuid}/edit", opt={"policy": "application.submit"}, include_in_schema=False)
async def show_form(
    request: StrictRequest, read_db: ReadDb, act: ActDep, application_id: FromPath[UUID]
) -> Response[Any]:
    """Show the application form with what is known filled in."""
    return await _form(request, read_db, act, application_id, None)


@post("/applications/{application_id:uuid}/edit", opt={"policy": "application.submit"}, include_in_schema=False)
async def send_form(
    request: StrictRequest, db: Db, act: ActDep, once: Once, application_id: FromPath[UUID]
) -> Response[Any]:
    """Keep the form, or submit it."""
    form = await read_form(request, ApplicationForm)
    sent = form.value
    if sent is not None and form.is_valid:
        draft = service.Draft(
            requested=sent.requested,
            payee_name=sent.payee_name,
            payee_bank=sent.payee_bank,
            payee_account=sent.payee_account,
            note=sent.note,
        )

        async def effect() -> str:
            await service.save_draft(db, act, application_id, draft, form.version or 0)
            if sent.deed == "submit":
                await service.submit_application(db, act, application_id, promise=sent.promise)
                return f"/applications/{application_id}"
            return f"/applications/{application_id}/edit"

        if path := await submit(db, once, form, effect):
            notice = _("The application was submitted.") if sent.deed == "submit" else _("Your entries were kept.")
            return redirect(request, path, notice=notice)
        if sent.deed == "submit" and not {name for name in form.errors if name in {"", "requested"}}:
            # What is missing is named; what was entered is not lost.
            await service.save_draft(db, act, application_id, draft, form.version or 0)
    return await _form(request, db, act, application_id, form)


@post("/applications/{application_id:uuid}/account", opt={"policy": "application.submit"}, include_in_schema=False)
async def send_account(
    request: StrictRequest, db: Db, act: ActDep, once: Once, application_id: FromPath[UUID]
) -> Response[Any]:
    """Say where the money of a case goes that nobody applied for."""
    form = await read_form(request, AccountForm)
    sent = form.value
    if sent is not None and form.is_valid:
        draft = service.Draft(payee_name=sent.payee_name, payee_bank=sent.payee_bank, payee_account=sent.payee_account)

        async def effect() -> str:
            await service.save_draft(db, act, application_id, draft, form.version or 0)
            return f"/applications/{application_id}"

        if path := await submit(db, once, form, effect):
            return redirect(request, path, notice=_("The account was recorded."))
    return await _case(request, db, act, application_id, form)


class AccountForm(Struct):
    """Where the money goes."""

    payee_name: Annotated[str, Meta(min_length=1, max_length=200)]
    payee_bank: Annotated[str, Meta(min_length=1, max_length=200)]
    payee_account: Annotated[str, Meta(min_length=4, max_length=40, pattern=r"^[0-9A-Za-z -]*$")]


@post("/applications/{application_id:uuid}/withdraw", opt={"policy": "application.submit"}, include_in_schema=False)
async def withdraw(
    request: StrictRequest, db: Db, act: ActDep, once: Once, application_id: FromPath[UUID]
) -> Response[Any]:
    """Take a case back."""
    form: Form[Any] = await read_form(request, EmptyForm)

    async def effect() -> str:
        await service.withdraw_application(db, act, application_id, version=form.version)
        return f"/applications/{application_id}"

    if path := await submit(db, once, form, effect):
        return redirect(request, path, notice=_("The application was withdrawn."))
    return await _case(request, db, act, application_id, form)


class EmptyForm(Struct):
    """A form with one button."""


async def _case(
    request: StrictRequest, db: Any, act: ActDep, application_id: UUID, form: Form[Any] | None = None
) -> Response[Any]:
    view = await service.view_case(db, act, application_id)
    context = case_context(view) | {"form": form, "today": local_date(act.now)}
    return page(
        request,
        "policy_matching/application.html",
        context,
        status=UNPROCESSABLE if form is not None and form.errors else 200,
    )


def case_context(view: service.CaseView) -> dict[str, Any]:
    """Return what both sides' pages of a case show."""
    return {
        "view": view,
        "row": view.row,
        "item": view.item,
        "display": display,
        "fact_label": fact_label,
        "states": STATE_LABELS,
        "routes": ROUTE_LABELS,
        "steps": _stepper(view),
        "history": [
            {
                "at": step.at,
                "title": _(display.VERBS.get(step.verb, step.verb)),
                "text": step.note,
                "icon": display.STEP_ICONS.get(step.verb, "point"),
                "tone": display.STEP_TONES.get(step.verb, "neutral"),
                "by": "",
            }
            for step in reversed(view.steps)
        ],
        "rows": display.rows_of(view.assessment) if view.assessment is not None else [],
    }


def _stepper(view: service.CaseView) -> list[dict[str, str]]:
    state, path = view.row.state, list(view.path)
    position = path.index(state) if state in path else -1
    reached = {step.state for step in view.steps}
    if state == "returned":
        position = path.index("submitted")
    steps = []
    for number, name in enumerate(path):
        if position >= 0:
            mark = "done" if number < position or state == "closed" else "current" if number == position else "todo"
        else:
            mark = "done" if name in reached else "todo"
        note = day(view.row.due_on) if mark == "current" and view.row.due_on else ""
        label = _("Correction") if name == state == "returned" else _(STATE_LABELS[name])
        steps.append({"label": label, "state": mark, "note": _("due %(day)s", day=note) if note else ""})
    if state in {"rejected", "withdrawn"}:
        steps.append({"label": _(STATE_LABELS[state]), "state": "failed", "note": ""})
    return steps


async def _form(
    request: StrictRequest, db: Any, act: ActDep, application_id: UUID, form: Form[Any] | None
) -> Response[Any]:
    view = await service.view_case(db, act, application_id)
    if view.row.state not in {"draft", "returned"}:
        raise NotFound
    explained = await service.explain(db, act, view.item.id)
    context = {
        "view": view,
        "row": view.row,
        "item": view.item,
        "explained": explained,
        "rows": display.rows_of(explained.assessment),
        "display": display,
        "form": form,
        "requested": None if view.row.requested_fen is None else Decimal(view.row.requested_fen) / 100,
        "labels": {
            "requested": _("Amount asked for"),
            "payee_name": _("Account holder"),
            "payee_bank": _("Bank"),
            "payee_account": _("Account number"),
            "promise": _("Promise"),
            "criteria": _("Criteria"),
        },
    }
    return page(
        request,
        "policy_matching/application_form.html",
        context,
        status=UNPROCESSABLE if form is not None and form.errors else 200,
    )


APPLICATION_PAGES = (show_applications, show_application, show_form, send_form, send_account, withdraw)
