"""Small views for other pages: a company's own latest score, the newest questions."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from credit import store
from credit.contracts import QuerySummary, ScoreSummary
from credit.rules import show_points
from credit.service.scoring import view_score
from kernel.act import Act
from kernel.data_use import own_basis
from kernel.texts import local


async def own_latest_score(db: AsyncSession, act: Act) -> ScoreSummary | None:
    """Return the score of the actor's own company as it stands today, or None without bills."""
    row = await view_score(db, act, own_basis(act))
    if row is None:
        return None
    return ScoreSummary(show_points(row.points), row.grade, row.as_of, row.data_until, row.computed_at)


async def recent_queries(db: AsyncSession, act: Act, count: int = 5) -> Sequence[QuerySummary]:
    """Return the newest questions that the actor's organisation asked, or that were asked about it."""
    views = await store.latest_queries(db, act.actor, count)
    return [
        QuerySummary(
            id=view.id,
            company=local(view, "company_name") if view.company_id else view.asked_for,
            lender=local(view, "lender_name"),
            score="" if view.points is None else show_points(view.points),
            grade=view.grade or "",
            asked_at=view.asked_at,
            outcome=view.outcome,
        )
        for view in views
    ]
