"""Turns rows and views into what the API gives."""

from decimal import Decimal
from typing import Any

from msgspec import to_builtins

from credit.features import ALLOWED
from credit.models import BillImportRow, ScoreRow
from credit.rules import show_points
from credit.schemas import (
    BillOut,
    ContributionOut,
    ModelOut,
    ModelRefOut,
    ReasonOut,
    ScoreOut,
    ScoreQueryOut,
    ScoreQueryRowOut,
    StepOut,
)
from credit.scorecard import Scorer
from credit.store import QueryView

LABEL_ZH, LABEL_EN = "云量评估分", "Cloud usage score"


def score_out(row: ScoreRow, scorer: Scorer) -> ScoreOut:
    """Return a score with its model's words for each contribution."""
    artefact = scorer.artefact
    return ScoreOut(
        label_zh=LABEL_ZH, label_en=LABEL_EN, score=show_points(row.points), base=show_points(row.base), grade=row.grade,
        default_probability=row.default_probability, as_of=row.as_of, data_until=row.data_until,
        data_age_days=row.data_age_days, source_grade=row.source_grade, currency=row.currency,
        contributions=[_contribution(each, scorer) for each in row.contributions],
        reasons=[
            ReasonOut(each["name"], each["zh"], each["en"], each["value"], show_points(each["lost"]))
            for each in row.reasons
        ],
        features=row.features,
        model=ModelRefOut(
            artefact.name, artefact.version, artefact.sha256, artefact.kind, artefact.declaration.zh,
            artefact.declaration.en,
        ),
    )  # fmt: skip


def _contribution(each: dict[str, Any], scorer: Scorer) -> ContributionOut:
    feature = ALLOWED[each["name"]]
    above, up_to = scorer.step_label(each["name"], each["step"])
    return ContributionOut(
        name=each["name"], name_zh=feature.name_zh, name_en=feature.name_en, unit=feature.unit, value=each["value"],
        step=StepOut(each["step"] < 0, above or None, up_to or None), points=show_points(each["points"]),
        best_points=show_points(each["best"]),
    )  # fmt: skip


def query_out(view: QueryView, score: ScoreOut | None) -> ScoreQueryOut:
    """Return one question with its answer."""
    return ScoreQueryOut(
        id=view.id, asked_at=view.asked_at, asked_for=view.asked_for, purpose=view.purpose, note=view.note,
        outcome=view.outcome, lender_id=view.lender_id, lender_name_zh=view.lender_name_zh,
        lender_name_en=view.lender_name_en, enterprise_id=view.company_id, consent=view.reference,
        consent_until=view.consent_until, legal_basis=view.legal_basis, score=score,
    )  # fmt: skip


def query_row_out(view: QueryView) -> ScoreQueryRowOut:
    """Return one question for a list."""
    return ScoreQueryRowOut(
        id=view.id, asked_at=view.asked_at, asked_for=view.asked_for, purpose=view.purpose, outcome=view.outcome,
        lender_id=view.lender_id, lender_name_zh=view.lender_name_zh, enterprise_id=view.company_id,
        enterprise_name_zh=view.company_name_zh, score=None if view.points is None else show_points(view.points),
        grade=view.grade, data_age_days=view.data_age_days,
    )  # fmt: skip


def bill_out(row: BillImportRow) -> BillOut:
    """Return one import."""
    names = set(BillOut.__struct_fields__) - {"sha256"}
    return BillOut(sha256=row.file_sha256, **{name: getattr(row, name) for name in names})


def model_out(scorer: Scorer) -> ModelOut:
    """Return a model with the artefact that scores."""
    artefact = scorer.artefact
    plain = to_builtins(artefact, builtin_types=(Decimal,))
    return ModelOut(
        name=artefact.name, version=artefact.version, kind=artefact.kind, sha256=artefact.sha256,
        title_zh=artefact.title.zh, title_en=artefact.title.en, declaration_zh=artefact.declaration.zh,
        declaration_en=artefact.declaration.en, lowest=format(artefact.lowest(), "f"),
        highest=format(artefact.highest(), "f"), artefact=plain,
    )  # fmt: skip
