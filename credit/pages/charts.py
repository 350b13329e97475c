"""Figures behind the charts of the pages, as JSON for the chart driver; each page shows them as a table as well."""

from typing import Any
from uuid import UUID

from litestar import get
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from credit import service, store
from credit.models import ScoreRow
from credit.pages.show import gauge, history_line, waterfall
from credit.scorecard import Scorer
from kernel.act import Act
from kernel.data_use import own_basis
from kernel.problems import NotFound
from kernel.web import ActDep, ReadDb


@get("/credit/charts/score.json", opt={"policy": "credit.view"}, include_in_schema=False)
async def draw_score(read_db: ReadDb, act: ActDep) -> dict[str, Any]:
    """Give the gauge of the company's own score."""
    return gauge(await _own(read_db, act), service.champion())


@get("/credit/charts/contributions.json", opt={"policy": "credit.view"}, include_in_schema=False)
async def draw_contributions(read_db: ReadDb, act: ActDep) -> dict[str, Any]:
    """Give the contributions of the company's own score."""
    return waterfall(await _own(read_db, act))


@get("/credit/charts/history.json", opt={"policy": "credit.view"}, include_in_schema=False)
async def draw_history(read_db: ReadDb, act: ActDep) -> dict[str, Any]:
    """Give the score at the last month ends."""
    return history_line(await service.score_history(read_db, act, own_basis(act)))


@get("/credit/charts/queries/{query_id:uuid}/score.json", opt={"policy": "credit.asked"}, include_in_schema=False)
async def draw_answer(read_db: ReadDb, act: ActDep, query_id: FromPath[UUID]) -> dict[str, Any]:
    """Give the gauge of an answer."""
    return gauge(*await _answer(read_db, act, query_id))


@get(
    "/credit/charts/queries/{query_id:uuid}/contributions.json", opt={"policy": "credit.asked"}, include_in_schema=False
)
async def draw_answer_contributions(read_db: ReadDb, act: ActDep, query_id: FromPath[UUID]) -> dict[str, Any]:
    """Give the contributions of an answer."""
    row, _scorer = await _answer(read_db, act, query_id)
    return waterfall(row)


async def _own(db: AsyncSession, act: Act) -> ScoreRow:
    row = await service.view_score(db, act, own_basis(act))
    if row is None:
        raise NotFound
    return row


async def _answer(db: AsyncSession, act: Act, query_id: UUID) -> tuple[ScoreRow, Scorer]:
    view = await store.find_query(db, act.actor, query_id)
    row = await store.find_score(db, view.score_id) if view.score_id else None
    if row is None:
        raise NotFound
    return row, await service.find_scorer(db, row.model_sha256)


CHART_PAGES = (draw_score, draw_contributions, draw_history, draw_answer, draw_answer_contributions)
