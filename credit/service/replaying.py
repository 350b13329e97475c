"""Computing a past score again from what was kept with it, to show that it is still the same to the last bit."""

from uuid import UUID

from msgspec import Struct, to_builtins
from sqlalchemy.ext.asyncio import AsyncSession

from credit import store
from credit.models import ScoreRow
from credit.service.models import find_scorer
from kernel.act import Actor
from kernel.problems import NotFound


class Replay(Struct, frozen=True):
    """What a second computation gave, and whether it is the same."""

    identical: bool
    points: int
    grade: str
    default_probability: float
    model_sha256: str


async def replay(db: AsyncSession, actor: Actor, query_id: UUID) -> Replay:
    """Compute the score of one question again from its feature snapshot and the kept bytes of its model.

    NotFound for a question of others, and for one that was not answered with a score.
    """
    view = await store.find_query(db, actor, query_id)
    row = await store.find_score(db, view.score_id) if view.score_id else None
    if row is None:
        raise NotFound
    return await replay_score(db, row)


async def replay_score(db: AsyncSession, row: ScoreRow) -> Replay:
    """Compute one kept score again and compare everything that was answered with it."""
    scorer = await find_scorer(db, row.model_sha256)
    card = scorer.score(row.features)
    kept = (row.points, row.base, row.grade, row.default_probability, row.contributions, row.reasons)
    again = (
        card.points, card.base, card.grade, card.default_probability, to_builtins(list(card.contributions)),
        to_builtins(list(card.reasons)),
    )  # fmt: skip
    return Replay(kept == again, card.points, card.grade, card.default_probability, row.model_sha256)
