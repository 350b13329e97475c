"""The office's pages of its items: the list, and one item with its state and its budget."""

from decimal import Decimal
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct

from kernel.clock import local_date
from kernel.export import export_rows
from kernel.texts import gettext as _
from kernel.web import ActDep, Db, Form, Listed, Once, ReadDb, StrictRequest, page, read_form, redirect
from policy_matching import display, service
from policy_matching.engine import criteria_of
from policy_matching.pages.applications import EmptyForm
from policy_matching.pages.common import UNPROCESSABLE, check_format, columns_of, download, submit
from policy_matching.store.items import ITEM_STATE_LABELS, ITEMS, KIND_LABELS, ROUTE_LABELS

Export = Annotated[str, QueryParameter(max_length=4)]
COLUMNS = ("title_zh", "document", "route", "valid_until", "state", "granted_fen", "free_fen")


class SuspendForm(Struct):
    """The reason that companies will read."""

    reason: Annotated[str, Meta(min_length=1, max_length=300)]


class BudgetForm(Struct):
    """Money to add."""

    amount: Annotated[Decimal, Meta(gt=0, le=10_000_000_000)]


@get("/review/policies", opt={"policy": "review.page"}, include_in_schema=False)
async def show_items(
    request: StrictRequest, read_db: ReadDb, act: ActDep, listed: Listed, export: Export = ""
) -> Response[Any]:
    """Show the items the office looks after."""
    if export:
        file_format = check_format(export)
        rows = await service.rows_of_items(read_db, act.actor, listed)
        return download(export_rows(ITEMS, rows, file_format), file_format, "policies")  # type: ignore[arg-type]
    context = {
        "found": await service.page_of_items(read_db, act.actor, listed),
        "columns": columns_of(ITEMS, COLUMNS),
        "states": ITEM_STATE_LABELS,
        "choices": {
            "route": display.choices_of(ROUTE_LABELS),
            "kind": display.choices_of(KIND_LABELS),
            "state": display.choices_of(ITEM_STATE_LABELS),
        },
    }
    return page(request, "policy_matching/item_list.html", context)


@get("/review/policies/{code:str}", opt={"policy": "review.page"}, include_in_schema=False)
async def show_item(request: StrictRequest, read_db: ReadDb, act: ActDep, code: FromPath[str]) -> Response[Any]:
    """Show one item of the office."""
    return await _item(request, read_db, act, code, None)


@post("/review/policies/{code:str}/suspend", opt={"policy": "policy.manage"}, include_in_schema=False)
async def suspend(request: StrictRequest, db: Db, act: ActDep, once: Once, code: FromPath[str]) -> Response[Any]:
    """Suspend the item."""
    form = await read_form(request, SuspendForm)
    sent = form.value
    if sent is not None and form.is_valid:

        async def effect() -> str:
            await service.suspend_item(db, act, code, sent.reason, form.version)
            return f"/review/policies/{code}"

        if path := await submit(db, once, form, effect):
            return redirect(request, path, notice=_("The policy was suspended."))
    return await _item(request, db, act, code, form)


@post("/review/policies/{code:str}/resume", opt={"policy": "policy.manage"}, include_in_schema=False)
async def resume(request: StrictRequest, db: Db, act: ActDep, once: Once, code: FromPath[str]) -> Response[Any]:
    """Publish the item again."""
    form = await read_form(request, EmptyForm)

    async def effect() -> str:
        await service.resume_item(db, act, code, form.version)
        return f"/review/policies/{code}"

    if form.is_valid and (path := await submit(db, once, form, effect)):
        return redirect(request, path, notice=_("The policy was published again."))
    return await _item(request, db, act, code, form)


@post("/review/policies/{code:str}/budget", opt={"policy": "policy.manage"}, include_in_schema=False)
async def add_budget(request: StrictRequest, db: Db, act: ActDep, once: Once, code: FromPath[str]) -> Response[Any]:
    """Add money to the budget."""
    form = await read_form(request, BudgetForm)
    sent = form.value
    if sent is not None and form.is_valid:

        async def effect() -> str:
            await service.grant_budget(db, act, code, sent.amount)
            return f"/review/policies/{code}"

        if path := await submit(db, once, form, effect):
            return redirect(request, path, notice=_("The budget was raised."))
    return await _item(request, db, act, code, form)


async def _item(request: StrictRequest, db: Any, act: ActDep, code: str, form: Form[Any] | None) -> Response[Any]:
    live = await service.view_for_office(db, act, code)
    context = {
        "item": live,
        "rules": live.rules,
        "standing_now": live.availability(local_date(act.now)),
        "criteria": criteria_of(live.rules.rule),
        "display": display,
        "routes": ROUTE_LABELS,
        "kinds": KIND_LABELS,
        "form": form,
    }
    wrong = form is not None and bool(form.errors)
    return page(request, "policy_matching/item.html", context, status=UNPROCESSABLE if wrong else 200)


ITEM_PAGES = (show_items, show_item, suspend, resume, add_budget)
