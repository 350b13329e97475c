"""Statements about scores."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from credit.models import ProfileRow, ScoreRow
from kernel.data_use import UseBasis
from kernel.upsert import insert_if_absent

KEY = ("enterprise_id", "model_sha256", "as_of", "revision")


async def current_score(
    db: AsyncSession, basis: UseBasis, model_sha256: str, as_of: date
) -> tuple[int, ScoreRow | None]:
    """Return the revision of the subject's bills, and its score of that day, model and revision when there is one."""
    row = (
        await db.execute(
            select(ProfileRow.revision, ScoreRow)
            .outerjoin(
                ScoreRow,
                (ScoreRow.enterprise_id == ProfileRow.enterprise_id)
                & (ScoreRow.revision == ProfileRow.revision)
                & (ScoreRow.model_sha256 == model_sha256)
                & (ScoreRow.as_of == as_of),
            )
            .where(ProfileRow.enterprise_id == basis.subject_id)
        )
    ).one_or_none()
    return (0, None) if row is None else (row[0], row[1])


async def add_score(db: AsyncSession, basis: UseBasis, values: Mapping[str, Any]) -> ScoreRow:
    """Keep a score and return it; of two computed at once from the same bills, the first stands."""
    await insert_if_absent(db, ScoreRow, values, list(KEY))
    statement = select(ScoreRow).where(*(getattr(ScoreRow, name) == values[name] for name in KEY))
    return (await db.scalars(statement)).one()


async def find_score(db: AsyncSession, score_id: UUID) -> ScoreRow | None:
    """Return a score. Unscoped: of a question that was found under scope."""
    return await db.get(ScoreRow, score_id)
