"""The company's pages of policies: the matched list, one policy with every reason, its questions and its results."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct

from kernel.clock import local_date
from kernel.export import export_rows
from kernel.paging import Column, Listing, ListQuery, Page
from kernel.problems import BadInput, FieldProblem
from kernel.texts import N_
from kernel.texts import gettext as _
from kernel.web import ActDep, Db, Form, Listed, Once, ReadDb, StrictRequest, page, read_form, redirect
from policy_matching import display, service
from policy_matching.contracts import Match
from policy_matching.pages.common import UNPROCESSABLE, check_format, download, submit
from policy_matching.rules import to_fen
from policy_matching.service import Explained, Question
from policy_matching.store.items import KIND_LABELS, ROUTE_LABELS

Export = Annotated[str, QueryParameter(max_length=4)]
_STATES = {name: label for name, (label, _tone) in display.AVAILABILITY.items()}

MATCHES = Listing(
    columns=(
        Column("title_zh", None, N_("Policy (Chinese)")),
        Column("title_en", None, N_("Policy (English)")),
        Column("verdict", None, N_("Verdict"), kind="enum", choices=display.VERDICTS),
        Column("state", None, N_("State"), kind="enum", choices=_STATES),
        Column("closes_on", None, N_("Closes on"), kind="date"),
        Column("route", None, N_("Route"), kind="enum", choices=ROUTE_LABELS),
        Column("worth_low", None, N_("At least (CNY)"), kind="number"),
        Column("worth_high", None, N_("At most (CNY)"), kind="number"),
        Column("relevance", None, N_("Nearness"), kind="number"),
    ),
    default_sort="relevance",
    filters={"verdict": None, "state": None, "route": None, "kind": None},
)
_SORTS: dict[str, Any] = {
    "title": lambda match: match.title_zh,
    "closes_on": lambda match: match.closes_on or date.max,
    "worth": lambda match: match.worth_high or Decimal(0),
}


class ResultForm(Struct):
    """What came of an outside route, as a person enters it."""

    outcome: Literal["granted", "rejected", "declared", "pending"]
    result_on: date
    evidence: Annotated[str, Meta(min_length=1, max_length=2000)]
    reference: Annotated[str, Meta(max_length=120)] = ""
    amount: Annotated[Decimal, Meta(ge=0)] | None = None


@get("/policies", opt={"policy": "policy.page"}, include_in_schema=False)
async def show_policies(
    request: StrictRequest, read_db: ReadDb, act: ActDep, listed: Listed, export: Export = ""
) -> Response[Any]:
    """Show every policy for the actor's company, the most useful first."""
    matches = await service.match_company(read_db, act)
    found = narrow(matches, listed)
    if export:
        file_format = check_format(export)
        return download(export_rows(MATCHES, found, file_format), file_format, "policies")  # type: ignore[arg-type]
    start = (listed.page - 1) * listed.size
    shown = Page(
        found[start : start + listed.size],
        len(found),
        listed.page,
        listed.size,
        max(1, -(-len(found) // listed.size)),
        listed.sort,
        listed.q,
        dict(listed.filters),
    )
    usable = [match for match in matches if match.state in {"open", "closing_soon"}]
    context = {
        "found": shown,
        "counts": {name: sum(match.verdict == name for match in usable) for name in display.VERDICTS},
        "closing": sum(match.state == "closing_soon" and match.verdict != "not_eligible" for match in matches),
        "choices": {
            "verdict": display.choices_of(display.VERDICTS),
            "state": display.choices_of(_STATES),
            "route": display.choices_of(ROUTE_LABELS),
            "kind": display.choices_of(KIND_LABELS),
        },
        "display": display,
        "routes": ROUTE_LABELS,
        "kinds": KIND_LABELS,
    }
    return page(request, "policy_matching/policy_list.html", context)


def narrow(matches: Sequence[Match], query: ListQuery) -> list[Match]:
    """Return the matches the query leaves; BadInput for a filter or sort the list does not know."""
    for name in query.filters:
        if name not in MATCHES.filters:
            message = _("This list has no such filter. It has: %(allowed)s.", allowed=", ".join(MATCHES.filters))
            raise BadInput(fields=[FieldProblem(name[:40], message)])
    found = [m for m in matches if all(getattr(m, name) == value for name, value in query.filters.items())]
    for word in query.q.lower().split():
        found = [m for m in found if word in f"{m.title_zh} {m.title_en} {m.benefit_zh} {m.benefit_en}".lower()]
    if query.sort:
        key = _SORTS.get(query.sort.removeprefix("-"))
        if key is None:
            raise BadInput(fields=[FieldProblem("sort", _("It can be sorted by: %(names)s.", names=", ".join(_SORTS)))])
        found.sort(key=key, reverse=query.sort.startswith("-"))
    return found


@get("/policies/{code:str}", opt={"policy": "policy.page"}, include_in_schema=False)
async def show_policy(request: StrictRequest, read_db: ReadDb, act: ActDep, code: FromPath[str]) -> Response[Any]:
    """Show one policy for the actor's company: the verdict, each criterion, what to answer, what to do."""
    return _policy(request, await service.explain(read_db, act, code))


@post("/policies/{code:str}/answers", opt={"policy": "match.answer"}, include_in_schema=False)
async def answer(request: StrictRequest, db: Db, act: ActDep, once: Once, code: FromPath[str]) -> Response[Any]:
    """Take the answers to open questions; the verdict changes at once."""
    explained = await service.explain(db, act, code)
    form, answers = await _read_answers(request, explained.questions)

    async def effect() -> str:
        await service.answer_questions(db, act, code, answers)
        return f"/policies/{code}#verdict"

    if not form.errors and (path := await submit(db, once, form, effect)):
        return redirect(request, path, notice=_("Your answers were recorded and the verdict computed anew."))
    return _policy(request, explained, answer_form=form)


@post("/policies/{code:str}/results", opt={"policy": "match.answer"}, include_in_schema=False)
async def enter_result(request: StrictRequest, db: Db, act: ActDep, once: Once, code: FromPath[str]) -> Response[Any]:
    """Record what came of a policy on an outside route."""
    form = await read_form(request, ResultForm)
    explained = await service.explain(db, act, code)
    sent = form.value
    if sent is not None and form.is_valid:

        async def effect() -> str:
            await service.record_result(
                db,
                act,
                code,
                outcome=sent.outcome,
                result_on=sent.result_on,
                reference=sent.reference,
                amount_fen=_fen(sent.amount),
                evidence=sent.evidence,
            )
            return f"/policies/{code}#results"

        if path := await submit(db, once, form, effect):
            return redirect(request, path, notice=_("The result was recorded."))
    return _policy(request, explained, result_form=form)


@post("/policies/{code:str}/apply", opt={"policy": "application.submit"}, include_in_schema=False)
async def apply(request: StrictRequest, db: Db, act: ActDep, once: Once, code: FromPath[str]) -> Response[Any]:
    """Begin an application, or go on with the one that is open."""
    form: Form[Any] = Form(entries={}, errors={})

    async def effect() -> str:
        row = await service.start_application(db, act, code)
        return f"/applications/{row.id}/edit"

    if path := await submit(db, once, form, effect):
        return redirect(request, path)
    return _policy(request, await service.explain(db, act, code), apply_form=form)


def _fen(amount: Decimal | None) -> int | None:
    try:
        return None if amount is None else to_fen(amount)
    except ValueError:
        raise BadInput(fields=[FieldProblem("amount", _("At most two decimals."))]) from None


async def _read_answers(request: StrictRequest, questions: Sequence[Question]) -> tuple[Form[Any], dict[str, Any]]:
    """Read the answers that were given; an empty one stays open."""
    sent = await request.form()
    form: Form[Any] = Form(entries={}, errors={})
    answers: dict[str, Any] = {}
    for question in questions:
        texts = [str(value).strip() for value in sent.getall(question.key, []) if str(value).strip()]
        if not texts:
            continue
        form.entries[question.key] = texts if len(texts) > 1 else texts[0]
        answers[question.key] = _typed(question.kind, texts)
    return form, answers


def _typed(kind: str, texts: list[str]) -> Any:
    text = texts[0].replace(",", "") if kind in {"money", "decimal", "ratio", "integer"} else texts[0]
    match kind:
        case "bool":
            return {"true": True, "false": False}.get(text, text)
        case "integer":
            return int(text) if text.isascii() and text.lstrip("-").isdigit() and len(text) <= 15 else text
        case "codes":
            # "none" says: looked at, and none of these.
            return [one for one in texts if one != "none"]
        case _:
            return text


def _policy(
    request: StrictRequest,
    explained: Explained,
    *,
    answer_form: Form[Any] | None = None,
    result_form: Form[Any] | None = None,
    apply_form: Form[Any] | None = None,
) -> Response[Any]:
    forms = (answer_form, result_form, apply_form)
    context = {
        "explained": explained,
        "item": explained.item,
        "rules": explained.item.rules,
        "rows": display.rows_of(explained.assessment),
        "display": display,
        "routes": ROUTE_LABELS,
        "kinds": KIND_LABELS,
        "results": display.choices_of(display.RESULTS),
        "answer_form": answer_form,
        "result_form": result_form,
        "apply_form": apply_form,
        "today": local_date(request.scope["state"]["act"].now),
    }
    wrong = any(form is not None and form.errors for form in forms)
    return page(request, "policy_matching/policy.html", context, status=UNPROCESSABLE if wrong else 200)


POLICY_PAGES = (show_policies, show_policy, answer, enter_result, apply)
