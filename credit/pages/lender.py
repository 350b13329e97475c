"""Pages of a lender: whose score it may ask for, asking, its own questions and their answers."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from msgspec import Meta, Struct

from credit import service, store
from credit.pages.company import dossier
from credit.pages.show import OUTCOMES, PURPOSES
from credit.pages.tables import query_columns, query_line
from credit.rules import CONSENT_PURPOSE, SCORE_SCOPE
from data_exchange import consents_for
from kernel.act import Act
from kernel.paging import fetch_rows
from kernel.problems import BadInput, Refusal
from kernel.texts import gettext as _
from kernel.web import ActDep, Form, GroundDep, Listed, ReadDb, StrictRequest, page, read_form, redirect
from kernel.web.downloads import download
from kernel.web.once import OnceOnly

UNPROCESSABLE, REFUSED = 422, 403
RECENT = 8


class AskForm(Struct):
    """A question about a company chosen from the consents, or named by its credit code."""

    purpose: Literal["loan_application", "credit_review", "loan_monitoring"]
    enterprise_id: UUID | None = None
    uscc: Annotated[str, Meta(pattern=r"^[0-9A-Za-z]{18}$")] | None = None
    note: Annotated[str, Meta(max_length=200)] = ""


@get("/lender", opt={"policy": "credit.lender_desk"}, include_in_schema=False)
async def show_desk(request: StrictRequest, ground: GroundDep, act: ActDep) -> Response[Any]:
    """Show the companies that have consented, the form to ask, and the newest questions."""
    return await _desk(request, ground, act, None)


async def _desk(request: StrictRequest, ground: GroundDep, act: Act, form: Form[AskForm] | None) -> Response[Any]:
    async with ground.database.read() as db:
        consents = await consents_for(db, act, CONSENT_PURPOSE, SCORE_SCOPE)
        queries = [query_line(one) for one in await store.latest_queries(db, act.actor, RECENT)]
    context = {
        "form": form, "consents": consents, "queries": queries, "outcomes": OUTCOMES, "purposes": PURPOSES,
        "purpose_options": [(value, _(label)) for value, label in PURPOSES.items()],
        "legal_basis": ground.settings.credit_legal_basis, "model": service.champion().artefact,
        "columns": [column for column in query_columns("lender") if column.name != "data_age_days"],
    }  # fmt: skip
    status = 200 if form is None else REFUSED if "" in form.errors else UNPROCESSABLE
    return page(request, "credit/lender.html", context, status=status)


@post("/lender/queries", opt={"policy": "credit.lender_desk"}, include_in_schema=False)
async def submit_question(request: StrictRequest, ground: GroundDep, act: ActDep) -> Response[Any]:
    """Ask for one company's score and go to the answer; a refusal comes back into the form and is kept."""
    form = await read_form(request, AskForm)
    asked = form.value
    if asked is None:
        return await _desk(request, ground, act, form)
    try:
        async with ground.database.write() as db:

            async def effect() -> str:
                row, _score = await service.ask_score(
                    db, act, enterprise_id=asked.enterprise_id, uscc=asked.uscc.upper() if asked.uscc else None,
                    purpose=asked.purpose, note=asked.note, legal_basis=ground.settings.credit_legal_basis,
                )  # fmt: skip
                return f"/lender/queries/{row.id}"

            target = await OnceOnly(request, db, act).to_page(effect)
    except (Refusal, BadInput) as problem:
        # Outside the session, so that the records of a refusal are kept before the page is drawn.
        if problem.status not in (REFUSED, BadInput.status):
            raise
        form.refuse(problem)
        return await _desk(request, ground, act, form)
    return redirect(request, target)


@get("/lender/queries", opt={"policy": "credit.lender_desk"}, include_in_schema=False)
async def show_questions(
    request: StrictRequest, read_db: ReadDb, act: ActDep, listed: Listed, export: FromQuery[str] = ""
) -> Response[Any]:
    """Show every question the lender asked, answered and refused."""
    if export:
        rows = await fetch_rows(read_db, store.queries_of(act.actor), store.QUERIES, listed)
        return download(store.QUERIES, [query_line(row) for row in rows], export, "score-queries")
    context = {
        "found": (await store.fetch_queries(read_db, act.actor, listed)).map(query_line),
        "columns": query_columns("lender"), "outcomes": OUTCOMES, "purposes": PURPOSES, "side": "lender",
    }  # fmt: skip
    return page(request, "credit/queries.html", context)


@get("/lender/queries/{query_id:uuid}", opt={"policy": "credit.lender_desk"}, include_in_schema=False)
async def show_question(
    request: StrictRequest, read_db: ReadDb, act: ActDep, query_id: FromPath[UUID]
) -> Response[Any]:
    """Show one answer: score, reasons, contributions, data age, consent and model."""
    return page(request, "credit/dossier.html", await dossier(read_db, act, query_id, side="lender"))


LENDER_PAGES = (show_desk, submit_question, show_questions, show_question)
