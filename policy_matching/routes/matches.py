"""Matching over the API: the caller's company against every item."""

from datetime import date
from typing import Annotated

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from kernel.clock import local_date
from kernel.problems import BadInput, FieldProblem
from kernel.texts import gettext as _
from kernel.web import ActDep, Db, Once, ReadDb, problems
from policy_matching import service
from policy_matching.rules import to_fen
from policy_matching.schemas import AnswersIn, ExplainedOut, MatchOut, ResultIn, ResultOut
from policy_matching.wire import explained_out, match_out, result_out

AsOf = Annotated[date | None, QueryParameter(description="A past day (YYYY-MM-DD, Asia/Shanghai); today without it.")]


@get("/api/v1/matches", opt={"policy": "match.read"}, responses=problems())
async def list_matches(read_db: ReadDb, act: ActDep, as_of: AsOf = None) -> list[MatchOut]:
    """Every item for the caller's company, the most useful first."""
    return [match_out(match) for match in await service.match_company(read_db, act, _past(act, as_of))]


@get("/api/v1/matches/{code:str}", opt={"policy": "match.read"}, responses=problems())
async def explain_match(read_db: ReadDb, act: ActDep, code: FromPath[str], as_of: AsOf = None) -> ExplainedOut:
    """One item for the caller's company: verdict, each criterion with required, actual, source, date and clause."""
    return explained_out(await service.explain(read_db, act, code, _past(act, as_of)))


@post(
    "/api/v1/matches/{code:str}/answers", opt={"policy": "match.answer"}, status_code=200, responses=problems(409, 428)
)
async def answer_questions(
    db: Db, act: ActDep, once: Once, code: FromPath[str], data: JSONBody[AnswersIn]
) -> Response[ExplainedOut]:
    """Answer open questions as declared facts; gives the new verdict."""
    answers = {answer.key: answer.value for answer in data.answers}
    if len(answers) != len(data.answers):
        raise BadInput(fields=[FieldProblem("answers", _("Each question is answered once."))])

    async def effect() -> ExplainedOut:
        return explained_out(await service.answer_questions(db, act, code, answers))

    return await once(effect, ExplainedOut)


@post(
    "/api/v1/matches/{code:str}/results", opt={"policy": "match.answer"}, status_code=201, responses=problems(409, 428)
)
async def record_result(
    db: Db, act: ActDep, once: Once, code: FromPath[str], data: JSONBody[ResultIn]
) -> Response[ResultOut]:
    """Record what came of an item that is declared or applied for elsewhere."""
    try:
        fen = None if data.amount_yuan is None else to_fen(data.amount_yuan)
    except ValueError:
        raise BadInput(fields=[FieldProblem("amount_yuan", _("At most two decimals."))]) from None

    async def effect() -> ResultOut:
        return result_out(
            await service.record_result(
                db,
                act,
                code,
                outcome=data.outcome,
                result_on=data.result_on,
                reference=data.reference,
                amount_fen=fen,
                evidence=data.evidence,
            )
        )

    return await once(effect, ResultOut)


def _past(act: ActDep, as_of: date | None) -> date | None:
    if as_of is not None and not date(2000, 1, 1) <= as_of <= local_date(act.now):
        raise BadInput(fields=[FieldProblem("as_of", _("Please give a past day since 2000."))])
    return as_of


MATCH_ROUTES = (list_matches, explain_match, answer_questions, record_result)
