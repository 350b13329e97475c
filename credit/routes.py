"""The room's JSON API: a company's bills and score, a lender's questions, the models and features behind them."""

from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, JSONBody

from credit import service, store
from credit.features import FEATURES
from credit.rules import show_points
from credit.schemas import (
    AskIn,
    BillOut,
    BillReportOut,
    FeatureOut,
    HistoryOut,
    ModelOut,
    ReplayOut,
    ScoreOut,
    ScoreQueryOut,
    ScoreQueryRowOut,
)
from credit.service.importing import upload_chunks
from credit.wire import bill_out, model_out, query_out, query_row_out, score_out
from kernel.data_use import own_basis
from kernel.problems import BadInput, FieldProblem, NotFound
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

TAGS = ["credit"]
BASE = "/api/v1/credit"


@post(f"{BASE}/bills", opt={"policy": "credit.bill"}, status_code=202, tags=TAGS, responses=problems())
async def upload_bill(request: StrictRequest, ground: GroundDep, act: ActDep) -> BillOut:
    """Hand in a FOCUS bill (CSV or Parquet) as the part `file` of a form. It is read by a job; the same file twice is once."""
    form = await request.form()
    upload = form.get("file")
    if not isinstance(upload, UploadFile):
        raise BadInput(fields=[FieldProblem("file", _("Please choose a file."))])
    row, _new = await service.receive_bill(ground, act, upload_chunks(upload), name=upload.filename)
    return bill_out(row)


@get(f"{BASE}/bills", opt={"policy": "credit.view"}, tags=TAGS, responses=problems())
async def list_bills(read_db: ReadDb, act: ActDep, listed: Listed) -> PageOut[BillOut]:
    """Own bills. Filters: state (waiting, loaded, refused, withdrawn), grade (A, B, C)."""
    return page_out(await store.fetch_imports(read_db, act.actor, listed), bill_out)


@get(f"{BASE}/bills/{{import_id:uuid}}", opt={"policy": "credit.view"}, tags=TAGS, responses=problems())
async def read_bill_report(read_db: ReadDb, act: ActDep, import_id: FromPath[UUID]) -> BillReportOut:
    """One own bill with its conformance report."""
    row = await store.find_import(read_db, act.actor, import_id)
    return BillReportOut(bill_out(row), row.report)


@post(
    f"{BASE}/bills/{{import_id:uuid}}/withdraw", opt={"policy": "credit.bill"}, status_code=200, tags=TAGS,
    responses=problems(409, 412, 428),
)  # fmt: skip
async def withdraw_bill(
    request: StrictRequest, db: Db, act: ActDep, once: Once, import_id: FromPath[UUID]
) -> Response[BillOut]:
    """Take a bill back; needs If-Match. New scores no longer count it, past ones keep their snapshot."""
    version = expected_version(request)

    async def effect() -> BillOut:
        return bill_out(await service.withdraw_import(db, act, import_id, version=version))

    return await once(effect, BillOut)


@get(f"{BASE}/score", opt={"policy": "credit.view"}, tags=TAGS, responses=problems())
async def read_own_score(read_db: ReadDb, act: ActDep) -> ScoreOut:
    """The company's own score of today, with contributions and reasons."""
    row = await service.view_score(read_db, act, own_basis(act))
    if row is None:
        raise NotFound(_("There is no complete month of bills yet."))
    return score_out(row, service.champion())


@get(f"{BASE}/score/history", opt={"policy": "credit.view"}, tags=TAGS, responses=problems())
async def read_score_history(read_db: ReadDb, act: ActDep) -> list[HistoryOut]:
    """The own score at the last twelve month ends, computed back from today's bills with today's model."""
    points = await service.score_history(read_db, act, own_basis(act))
    return [HistoryOut(point.as_of, show_points(point.points), point.grade) for point in points]


@post(f"{BASE}/score-queries", opt={"policy": "credit.query"}, tags=TAGS, responses=problems(409, 428))
async def ask_score(
    db: Db, act: ActDep, ground: GroundDep, once: Once, data: JSONBody[AskIn]
) -> Response[ScoreQueryOut]:
    """Ask for the score of one company that has consented. Without a live consent, or for no such company: 403."""

    async def effect() -> ScoreQueryOut:
        row, score = await service.ask_score(
            db, act, enterprise_id=data.enterprise_id, uscc=data.uscc, purpose=data.purpose, note=data.note,
            legal_basis=ground.settings.credit_legal_basis,
        )  # fmt: skip
        answer = score_out(score, await service.find_scorer(db, score.model_sha256)) if score else None
        actor = act.actor
        return ScoreQueryOut(
            id=row.id, asked_at=row.asked_at, asked_for=row.asked_for, purpose=row.purpose, note=row.note,
            outcome=row.outcome, lender_id=row.lender_id, lender_name_zh=actor.organisation_name_zh,
            lender_name_en=actor.organisation_name_en, enterprise_id=row.enterprise_id, consent=row.reference,
            consent_until=row.consent_until, legal_basis=row.legal_basis, score=answer,
        )  # fmt: skip

    return await once(effect, ScoreQueryOut)


@get(f"{BASE}/score-queries", opt={"policy": "credit.asked"}, tags=TAGS, responses=problems())
async def list_score_queries(read_db: ReadDb, act: ActDep, listed: Listed) -> PageOut[ScoreQueryRowOut]:
    """A lender sees its own questions, a company those about it. Filters: outcome, purpose."""
    return page_out(await store.fetch_queries(read_db, act.actor, listed), query_row_out)


@get(f"{BASE}/score-queries/{{query_id:uuid}}", opt={"policy": "credit.asked"}, tags=TAGS, responses=problems())
async def read_score_query(read_db: ReadDb, act: ActDep, query_id: FromPath[UUID]) -> ScoreQueryOut:
    """One question with the answer it got then, for the lender that asked and the company it was about."""
    view = await store.find_query(read_db, act.actor, query_id)
    score = await store.find_score(read_db, view.score_id) if view.score_id else None
    return query_out(view, score_out(score, await service.find_scorer(read_db, score.model_sha256)) if score else None)


@get(f"{BASE}/score-queries/{{query_id:uuid}}/replay", opt={"policy": "credit.asked"}, tags=TAGS, responses=problems())
async def replay_score_query(read_db: ReadDb, act: ActDep, query_id: FromPath[UUID]) -> ReplayOut:
    """Compute the answer again from what was kept with it, and say whether it is the same."""
    again = await service.replay(read_db, act.actor, query_id)
    return ReplayOut(
        again.identical, show_points(again.points), again.grade, again.default_probability, again.model_sha256
    )


@get(f"{BASE}/features", opt={"policy": "credit.model"}, tags=TAGS, responses=problems())
async def list_features() -> list[FeatureOut]:
    """The allow-list: every figure a score may use, with definition and purpose."""
    return [FeatureOut(**{name: getattr(each, name) for name in FeatureOut.__struct_fields__}) for each in FEATURES]


@get(f"{BASE}/models/{{sha256:str}}", opt={"policy": "credit.model"}, tags=TAGS, responses=problems())
async def read_model(read_db: ReadDb, sha256: FromPath[str]) -> ModelOut:
    """A model by the hash that every answer names; `current` is the one that scores today."""
    return model_out(service.champion() if sha256 == "current" else await service.find_scorer(read_db, sha256))


ROUTES = (
    upload_bill,
    list_bills,
    read_bill_report,
    withdraw_bill,
    read_own_score,
    read_score_history,
    ask_score,
    list_score_queries,
    read_score_query,
    replay_score_query,
    list_features,
    read_model,
)
