"""What crosses the front door of the room: bills that were read, features, scores.

Money is an exact Decimal in the bill's own currency (never a float, never converted unasked).
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from msgspec import Struct

SourceGrade = Literal["A", "B", "C"]  # A pulled with a read-only key, B matched to e-invoices, C uploaded
Severity = Literal["error", "defect", "note"]
SOURCE_GRADES: tuple[SourceGrade, ...] = ("A", "B", "C")


class Finding(Struct, frozen=True):
    """One rule that a bill did not meet, with the rows and a value that show it.

    `rows` is how many rows are concerned (0: the file as a whole); `examples` are spreadsheet rows (the header is row 1).
    """

    rule: str
    severity: Severity
    zh: str
    en: str
    column: str = ""
    rows: int = 0
    examples: tuple[int, ...] = ()
    value: str = ""


class BillMonth(Struct, frozen=True):
    """What one provider billed in one month in one currency: exact sums of the bill's rows.

    `month` is the first day of the billing month. Costs are amounts of `currency`; `egress` is in GB, `requests` in
    requests. `categories` maps a service category to its effective cost (plain decimal text).
    """

    month: date
    provider: str
    currency: str
    rows: int
    billed: Decimal
    effective: Decimal
    credit: Decimal = Decimal(0)
    correction: Decimal = Decimal(0)
    purchase: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    committed: Decimal = Decimal(0)
    production: Decimal = Decimal(0)
    other_environment: Decimal = Decimal(0)
    egress: Decimal | None = None
    requests: Decimal | None = None
    categories: dict[str, str] = {}
    services: tuple[str, ...] = ()
    grade: SourceGrade = "C"


class Report(Struct, frozen=True):
    """The conformance report of one bill file.

    "conformant": every rule met; "usable": counted in full, with defects or notes; "refused": counted not at all.
    """

    verdict: Literal["conformant", "usable", "refused"]
    rules: int
    findings: tuple[Finding, ...]
    rows: int = 0
    version: str = ""
    encoding: str = ""
    unknown_columns: tuple[str, ...] = ()


class ImportResult(Struct, frozen=True):
    """What became of one bill file."""

    id: UUID
    state: str
    rows: int
    rows_new: int
    months: int
    verdict: str
    repeated: bool


class Contribution(Struct, frozen=True):
    """What one characteristic added to a score: its value, the step it fell into (-1: unknown), points in thousandths."""

    name: str
    value: str | None
    step: int
    points: int
    best: int


class Reason(Struct, frozen=True):
    """One principal reason, taken from a contribution: what it cost against the best step, in thousandths of a point."""

    name: str
    zh: str
    en: str
    value: str | None
    lost: int


class ScoreCard(Struct, frozen=True):
    """A score with everything that explains it. `points` are thousandths; base + contributions = points, exactly."""

    points: int
    base: int
    grade: str
    default_probability: float
    contributions: tuple[Contribution, ...]
    reasons: tuple[Reason, ...]
    model_name: str
    model_version: str
    model_hash: str


class ScoreSummary(Struct, frozen=True):
    """A company's own latest score, for its home page."""

    score: str
    grade: str
    as_of: date
    data_until: date | None
    computed_at: datetime


class QuerySummary(Struct, frozen=True):
    """One question a lender asked, for a home page."""

    id: UUID
    company: str
    lender: str
    score: str
    grade: str
    asked_at: datetime
    outcome: str
