"""What the room's API takes and gives. Amounts, points and features are exact decimal texts."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

Purpose = Literal["loan_application", "credit_review", "loan_monitoring"]
Uscc = Annotated[str, Meta(pattern=r"^[0-9A-Z]{18}$", description="Unified social credit code, 18 signs.")]
Note = Annotated[str, Meta(max_length=200, description="The lender's own reference.")]


class AskIn(Struct, forbid_unknown_fields=True):
    """A question about one company, named by id or by credit code."""

    purpose: Purpose
    enterprise_id: UUID | None = None
    uscc: Uscc | None = None
    note: Note = ""


class StepOut(Struct):
    """The step a value fell into: above the one bound, up to and with the other; null where open."""

    unknown: bool
    above: str | None
    up_to: str | None


class ContributionOut(Struct):
    """What one characteristic added to the score."""

    name: str
    name_zh: str
    name_en: str
    unit: str
    value: str | None
    step: StepOut
    points: str
    best_points: str


class ReasonOut(Struct):
    """A principal reason, taken from the contributions: the points it cost against the best step."""

    name: str
    zh: str
    en: str
    value: str | None
    points_lost: str


class ModelRefOut(Struct):
    """Which model scored."""

    name: str
    version: str
    sha256: str
    kind: str
    declaration_zh: str
    declaration_en: str


class ScoreOut(Struct):
    """A cloud usage score (云量评估分): base + contributions = score, exactly."""

    label_zh: str
    label_en: str
    score: str
    base: str
    grade: str
    default_probability: float
    as_of: date
    data_until: date
    data_age_days: int
    source_grade: str
    currency: str
    contributions: list[ContributionOut]
    reasons: list[ReasonOut]
    features: dict[str, str | None]
    model: ModelRefOut


class ScoreQueryOut(Struct):
    """A question and its answer. A refused one names no company to the lender."""

    id: UUID
    asked_at: datetime
    asked_for: str
    purpose: str
    note: str
    outcome: str
    lender_id: UUID
    lender_name_zh: str
    lender_name_en: str
    enterprise_id: UUID | None
    consent: str
    consent_until: datetime | None
    legal_basis: str
    score: ScoreOut | None


class ScoreQueryRowOut(Struct):
    """A question in a list."""

    id: UUID
    asked_at: datetime
    asked_for: str
    purpose: str
    outcome: str
    lender_id: UUID
    lender_name_zh: str
    enterprise_id: UUID | None
    enterprise_name_zh: str | None
    score: str | None
    grade: str | None
    data_age_days: int | None


class ReplayOut(Struct):
    """A past score computed again from its snapshot and the kept bytes of its model."""

    identical: bool
    score: str
    grade: str
    default_probability: float
    model_sha256: str


class HistoryOut(Struct):
    """The score as it would have stood on a day, by today's bills and model."""

    as_of: date
    score: str
    grade: str


class BillOut(Struct):
    """One bill that was handed in."""

    id: UUID
    file_name: str
    sha256: str
    size: int
    state: str
    grade: str
    source: str
    rows: int
    rows_new: int
    rows_repeated: int
    rows_known: int
    first_month: date | None
    last_month: date | None
    verdict: str
    job_id: UUID | None
    created_at: datetime
    version: int


class BillReportOut(Struct):
    """A bill with its conformance report: verdict, rules and findings with rows."""

    bill: BillOut
    report: dict[str, Any] | None


class FeatureOut(Struct):
    """One figure of the allow-list: all that a score may use."""

    name: str
    unit: str
    name_zh: str
    name_en: str
    definition_zh: str
    definition_en: str
    purpose_zh: str
    purpose_en: str


class ModelOut(Struct):
    """A model and its artefact."""

    name: str
    version: str
    kind: str
    sha256: str
    title_zh: str
    title_en: str
    declaration_zh: str
    declaration_en: str
    lowest: str
    highest: str
    artefact: dict[str, Any]
