"""Pages of a company: its score and bills, the report of one bill, who asked."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from credit import service, store
from credit.pages.show import (
    GRADES,
    OUTCOMES,
    PURPOSES,
    SEVERITIES,
    VERDICTS,
    exact_text,
    history_table,
    score_view,
    waterfall_table,
)
from credit.pages.tables import query_columns, query_line
from credit.service.importing import upload_chunks
from kernel.act import Act
from kernel.data_use import own_basis
from kernel.paging import fetch_rows
from kernel.problems import Problem
from kernel.texts import gettext as _
from kernel.web import ActDep, Db, Form, GroundDep, Listed, Once, ReadDb, StrictRequest, page, read_form, redirect
from kernel.web.downloads import download

UNPROCESSABLE = 422
RECENT = 5


class BillForm(Struct):
    """A bill file."""

    file: UploadFile


class EmptyForm(Struct):
    """A form with only a button."""


@get("/credit", opt={"policy": "credit.view"}, include_in_schema=False)
async def show_credit(
    request: StrictRequest, read_db: ReadDb, act: ActDep, listed: Listed, export: FromQuery[str] = ""
) -> Response[Any]:
    """Show the company's score with its history and reasons, its bills, and who asked."""
    if export:
        rows = await fetch_rows(read_db, store.imports_of(act.actor), store.IMPORTS, listed)
        return download(store.IMPORTS, rows, export, "cloud-bills")
    return await _credit(request, read_db, act, listed, None)


async def _credit(
    request: StrictRequest, db: AsyncSession, act: Act, listed: Listed, form: Form[BillForm] | None
) -> Response[Any]:
    basis = own_basis(act)
    row = await service.view_score(db, act, basis)
    scorer = service.champion()
    history = await service.score_history(db, act, basis)
    view = score_view(row, scorer) if row is not None else None
    context = {
        "has_charts": True, "form": form, "score": view, "grades": GRADES, "states": store.IMPORT_STATES,
        "history": history_table(history), "contributions": waterfall_table(view) if view else None,
        "found": await store.fetch_imports(db, act.actor, listed), "columns": store.IMPORTS.columns,
        "queries": [query_line(one) for one in await store.latest_queries(db, act.actor, RECENT)],
        "outcomes": OUTCOMES, "purposes": PURPOSES, "model": scorer.artefact,
    }  # fmt: skip
    return page(request, "credit/company.html", context, status=UNPROCESSABLE if form and form.errors else 200)


@post("/credit/bills", opt={"policy": "credit.bill"}, include_in_schema=False)
async def submit_bill(request: StrictRequest, ground: GroundDep, act: ActDep, listed: Listed) -> Response[Any]:
    """Take a bill in and go to its report, where its reading can be followed."""
    form = await read_form(request, BillForm)
    if form.value is not None:
        upload = form.value.file
        try:
            row, new = await service.receive_bill(ground, act, upload_chunks(upload), name=upload.filename)
        except Problem as problem:
            if problem.status in (403, 404, 503):
                raise
            form.errors["file"] = problem.fields[0].message if problem.fields else problem.detail
        else:
            notice = _("The bill is kept and will be read now.") if new else _("This very bill is here already.")
            return redirect(request, f"/credit/bills/{row.id}", notice=notice)
    async with ground.database.read() as db:
        return await _credit(request, db, act, listed, form)


@get("/credit/bills/{import_id:uuid}", opt={"policy": "credit.view"}, include_in_schema=False)
async def show_bill(request: StrictRequest, read_db: ReadDb, act: ActDep, import_id: FromPath[UUID]) -> Response[Any]:
    """Show what was found in one bill: how it was counted, which rules it does not meet and where."""
    row = await store.find_import(read_db, act.actor, import_id)
    report: dict[str, Any] = row.report or {}
    context = {
        "row": row, "report": report, "findings": report.get("findings", []), "grades": GRADES,
        "states": store.IMPORT_STATES, "severities": SEVERITIES, "verdicts": VERDICTS,
        "job": await store.job_of(read_db, act.actor, row) if row.state == "waiting" else None,
        "months": await store.import_months(read_db, act.actor, import_id), "exact_text": exact_text,
    }  # fmt: skip
    return page(request, "credit/bill.html", context)


@post("/credit/bills/{import_id:uuid}/withdraw", opt={"policy": "credit.bill"}, include_in_schema=False)
async def submit_withdrawal(
    request: StrictRequest, db: Db, act: ActDep, once: Once, import_id: FromPath[UUID]
) -> Response[Any]:
    """Take a bill back."""
    form = await read_form(request, EmptyForm)

    async def effect() -> str:
        await service.withdraw_import(db, act, import_id, version=form.version)
        return f"/credit/bills/{import_id}"

    return redirect(request, await once.to_page(effect), notice=_("The bill no longer counts."))


@get("/credit/queries", opt={"policy": "credit.view"}, include_in_schema=False)
async def show_queries(
    request: StrictRequest, read_db: ReadDb, act: ActDep, listed: Listed, export: FromQuery[str] = ""
) -> Response[Any]:
    """Show who asked for the company's score, when, for what, and what they were told."""
    if export:
        rows = await fetch_rows(read_db, store.queries_of(act.actor), store.QUERIES, listed)
        return download(store.QUERIES, [query_line(row) for row in rows], export, "score-queries")
    context = {
        "found": (await store.fetch_queries(read_db, act.actor, listed)).map(query_line),
        "columns": query_columns("company"), "outcomes": OUTCOMES, "purposes": PURPOSES, "side": "company",
    }  # fmt: skip
    return page(request, "credit/queries.html", context)


@get("/credit/queries/{query_id:uuid}", opt={"policy": "credit.view"}, include_in_schema=False)
async def show_query(request: StrictRequest, read_db: ReadDb, act: ActDep, query_id: FromPath[UUID]) -> Response[Any]:
    """Show the company exactly what the lender saw."""
    return page(request, "credit/dossier.html", await dossier(read_db, act, query_id, side="company"))


async def dossier(db: AsyncSession, act: Act, query_id: UUID, *, side: str) -> dict[str, Any]:
    """Return what the page of one question shows, the same for both sides."""
    view = await store.find_query(db, act.actor, query_id)
    row = await store.find_score(db, view.score_id) if view.score_id else None
    score = score_view(row, await service.find_scorer(db, row.model_sha256)) if row is not None else None
    return {
        "has_charts": True, "side": side, "query": view, "score": score, "outcomes": OUTCOMES, "purposes": PURPOSES,
        "grades": GRADES, "contributions": waterfall_table(score) if score else None,
        "again": await service.replay_score(db, row) if row is not None else None,
    }  # fmt: skip


COMPANY_PAGES = (show_credit, submit_bill, show_bill, submit_withdrawal, show_queries, show_query)
