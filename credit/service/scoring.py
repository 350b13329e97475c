"""Scoring a company under a basis: the score of today from the bills as they are, computed once a day and change."""

from datetime import date
from typing import Any

from msgspec import Struct, to_builtins
from sqlalchemy.ext.asyncio import AsyncSession

from credit import store
from credit.contracts import BillMonth, ScoreCard
from credit.features import FeatureSet, compute_features
from credit.features.compute import next_month
from credit.models import ScoreRow
from credit.service.models import champion, register_champion
from kernel.act import Act
from kernel.clock import local_date
from kernel.data_use import UseBasis
from kernel.ids import new_id

HISTORY_MONTHS = 12


class HistoryPoint(Struct, frozen=True):
    """The score as it would have stood at a month's end, computed back from today's bills with today's model."""

    as_of: date
    points: int
    grade: str


async def score_subject(db: AsyncSession, act: Act, basis: UseBasis) -> ScoreRow | None:
    """Return the subject's score of today, kept; None when no complete month of bills is known.

    The caller records the use. The same bills, day and model give one row, whoever asks and however often.
    """
    scorer, today = champion(), local_date(act.now)
    revision, row = await store.current_score(db, basis, scorer.artefact.sha256, today)
    if row is not None:
        return row
    values = _compute(act, basis, await store.months_of(db, basis), revision)
    if values is None:
        return None
    await register_champion(db, act)
    return await store.add_score(db, basis, values)


async def view_score(db: AsyncSession, act: Act, basis: UseBasis) -> ScoreRow | None:
    """Return the same score for the company itself to look at; nothing is written."""
    revision, row = await store.current_score(db, basis, champion().artefact.sha256, local_date(act.now))
    if row is not None:
        return row
    values = _compute(act, basis, await store.months_of(db, basis), revision)
    return None if values is None else ScoreRow(**values)


async def score_history(db: AsyncSession, act: Act, basis: UseBasis) -> list[HistoryPoint]:
    """Return the scores of the last twelve month ends, oldest first; months before the first bill are left out."""
    scorer, months = champion(), await store.months_of(db, basis)
    today = local_date(act.now)
    points = []
    for as_of in _month_ends(today):
        features = compute_features(months, as_of)
        if features.data_until is not None:
            card = scorer.score(features.texts())
            points.append(HistoryPoint(as_of, card.points, card.grade))
    return points


def _month_ends(today: date) -> list[date]:
    """Return the first days of the last months (each shows the month before as complete), and today."""
    first = today.replace(day=1)
    starts = [first]
    for _number in range(HISTORY_MONTHS - 1):
        year, month = (starts[0].year, starts[0].month - 1) if starts[0].month > 1 else (starts[0].year - 1, 12)
        starts.insert(0, date(year, month, 1))
    return [*starts[1:], today] if next_month(first) > today else starts


def _compute(act: Act, basis: UseBasis, months: list[BillMonth], revision: int) -> dict[str, Any] | None:
    features = compute_features(months, local_date(act.now))
    if features.data_until is None:
        return None
    return _values(act, basis, features, champion().score(features.texts()), revision)


def _values(act: Act, basis: UseBasis, features: FeatureSet, card: ScoreCard, revision: int) -> dict[str, Any]:
    age = features.values["data_age_days"]
    return {
        "id": new_id(),
        "enterprise_id": basis.subject_id,
        "model_sha256": card.model_hash,
        "model_name": card.model_name,
        "model_version": card.model_version,
        "as_of": features.as_of,
        "revision": revision,
        "data_until": features.data_until,
        "data_age_days": int(age) if age is not None else 0,
        "source_grade": features.grade,
        "currency": features.currency,
        "points": card.points,
        "base": card.base,
        "grade": card.grade,
        "default_probability": card.default_probability,
        "contributions": to_builtins(list(card.contributions)),
        "reasons": to_builtins(list(card.reasons)),
        "features": features.texts(),
        "totals": {
            currency: {
                "rows": total.rows,
                "billed": format(total.billed, "f"),
                "effective": format(total.effective, "f"),
            }
            for currency, total in features.totals.items()
        },
        "computed_at": act.now,
    }
