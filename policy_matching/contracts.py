"""What crosses the front door of policy_matching."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from msgspec import Struct

Verdict = Literal["eligible", "not_eligible", "depends"]
ItemState = Literal["not_open_yet", "open", "closing_soon", "closed", "suspended", "budget_exhausted"]
Route = Literal["self_declared", "external", "here", "promise", "automatic"]
ApplicationState = Literal[
    "draft",
    "submitted",
    "accepted",
    "returned",
    "approved",
    "publicity",
    "rejected",
    "withdrawn",
    "payment_handed_over",
    "paid",
    "closed",
]
Verb = Literal[
    "submit", "withdraw", "accept", "return", "approve", "reject", "publicise", "hand_over", "record_receipt", "close"
]
Holder = Literal["company", "office", "public", "treasury", "nobody"]


class Match(Struct, frozen=True, kw_only=True):
    """One item for one company, as lists and other rooms show it. Amounts in yuan."""

    code: str
    title_zh: str
    title_en: str
    route: Route
    kind: str
    verdict: Verdict
    because: Sequence[str]
    state: ItemState
    closes_on: date | None
    opens_on: date | None
    sample: bool
    complete: bool
    questions: Sequence[str]
    worth_low: Decimal | None
    worth_high: Decimal | None
    benefit_zh: str
    benefit_en: str
    relevance: float
    reasons: Sequence[str]
    application_id: UUID | None = None


class Waiting(Struct, frozen=True):
    """How many cases wait for an office: to accept, to decide, to hand over, for a receipt; and how many are late."""

    submitted: int
    accepted: int
    approved: int
    handed_over: int
    late: int
