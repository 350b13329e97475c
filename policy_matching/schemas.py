"""What policy_matching says and takes on the wire. Money in yuan and other decimals travel as text, never as floats."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from kernel.web.bounds import Within
from policy_matching.contracts import ApplicationState, Holder, ItemState, Route, Verb, Verdict

Line = Annotated[str, Meta(max_length=200)]
Words = Annotated[str, Meta(max_length=2000)]
Outcome = Literal["met", "unmet", "unknown", "manual_review", "not_applicable"]
ResultKind = Literal["granted", "rejected", "declared", "pending"]
AccountNumber = Annotated[str, Meta(max_length=40, pattern=r"^[0-9A-Za-z -]*$")]


class PolicyOut(Struct, frozen=True, kw_only=True):
    """A support item as it stands today."""

    code: str
    title_zh: str
    title_en: str
    document: str
    issuer_zh: str
    issuer_en: str
    route: Route
    kind: str
    state: ItemState
    state_reason: str
    opens_on: date | None
    closes_on: date | None
    valid_from: date
    valid_until: date | None
    complete: bool
    sample: bool
    checked_on: date
    benefit_zh: str
    benefit_en: str
    replaces: str
    exclusive_with: list[str]
    rule_hash: str
    budget_yuan: Decimal | None
    budget_left_yuan: Decimal | None
    version: int


class ConditionOut(Struct, frozen=True, kw_only=True):
    """One criterion of an item."""

    id: str
    zh: str
    en: str
    clause: str
    facts: list[str]


class PolicyDetailOut(PolicyOut, frozen=True, kw_only=True):
    """A support item with its criteria."""

    notes_zh: str
    notes_en: str
    guidance_zh: str
    guidance_en: str
    link: str
    criteria: list[ConditionOut]


class MatchOut(Struct, frozen=True, kw_only=True):
    """One item for the caller's company."""

    code: str
    title_zh: str
    title_en: str
    route: Route
    kind: str
    verdict: Verdict
    because: list[str]
    state: ItemState
    opens_on: date | None
    closes_on: date | None
    complete: bool
    sample: bool
    questions: list[str]
    worth_low: Decimal | None
    worth_high: Decimal | None
    relevance: float
    reasons: list[str]
    application_id: UUID | None


class EvidenceOut(Struct, frozen=True, kw_only=True):
    """A fact that was read for a criterion; unknown stays unknown."""

    fact: str
    label_zh: str
    label_en: str
    known: bool
    value: bool | str | list[str] | None
    year: int | None
    source: str
    authority: str
    seen_on: date | None


class CriterionOut(Struct, frozen=True, kw_only=True):
    """One criterion answered: required, actual, where it comes from."""

    id: str
    zh: str
    en: str
    document: str
    clause: str
    outcome: Outcome
    measure: str
    evidence: list[EvidenceOut]
    missing: list[str]


class QuestionOut(Struct, frozen=True, kw_only=True):
    """A question whose answer could settle the verdict; answer it under its key."""

    key: str
    fact: str
    year: int | None
    zh: str
    en: str
    kind: str
    unit: str
    choices: list[str]
    deciding: bool


class ResultOut(Struct, frozen=True, kw_only=True):
    """A recorded result of an outside route."""

    id: UUID
    outcome: ResultKind
    result_on: date
    reference: str
    amount_yuan: Decimal | None
    evidence: str
    recorded_at: datetime


class ExplainedOut(Struct, frozen=True, kw_only=True):
    """One item for the caller's company with every reason."""

    code: str
    verdict: Verdict
    because: list[str]
    as_of: date
    state: ItemState
    rule_hash: str
    criteria: list[CriterionOut]
    questions: list[QuestionOut]
    worth_low: Decimal | None
    worth_high: Decimal | None
    application_id: UUID | None
    results: list[ResultOut]


class AnswerIn(Struct, forbid_unknown_fields=True):
    """An answer: amounts and ratios as text ("12.5"), dates as YYYY-MM-DD, codes as a list."""

    key: Annotated[str, Meta(min_length=1, max_length=80)]
    value: bool | int | Annotated[str, Meta(max_length=500)] | list[Annotated[str, Meta(max_length=80)]]


class AnswersIn(Struct, forbid_unknown_fields=True):
    """Answers to open questions, all or none."""

    answers: Annotated[list[AnswerIn], Meta(min_length=1, max_length=100)]


class ResultIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """What came of an item on an outside route."""

    outcome: ResultKind
    result_on: date
    reference: Annotated[str, Meta(max_length=120)] = ""
    amount_yuan: Annotated[Decimal, Within(ge=0, le=10_000_000_000)] | None = None
    evidence: Annotated[str, Meta(min_length=1, max_length=2000)]


class StartIn(Struct, forbid_unknown_fields=True):
    """The item to apply for."""

    code: Annotated[str, Meta(min_length=1, max_length=80)]


class ApplicationPatch(Struct, forbid_unknown_fields=True, kw_only=True):
    """What the company fills in; fields that are absent stay as they are."""

    requested_yuan: Annotated[Decimal, Within(gt=0, le=10_000_000_000)] | UnsetType | None = UNSET
    payee_name: Line | UnsetType = UNSET
    payee_bank: Line | UnsetType = UNSET
    payee_account: AccountNumber | UnsetType = UNSET
    note: Words | UnsetType = UNSET


class SubmitIn(Struct, forbid_unknown_fields=True):
    """The company's word on submitting; `promise` signs the promise of a promise item."""

    promise: bool = False


class ReturnIn(Struct, forbid_unknown_fields=True):
    """Everything that is missing, once."""

    gaps: Annotated[list[Annotated[str, Meta(min_length=1, max_length=500)]], Meta(min_length=1, max_length=50)]


class ApproveIn(Struct, forbid_unknown_fields=True):
    """The amount that is granted, in yuan."""

    amount_yuan: Annotated[Decimal, Within(gt=0, le=10_000_000_000)]
    note: Words = ""


class ReasonIn(Struct, forbid_unknown_fields=True):
    """A reason that others will read."""

    reason: Annotated[str, Meta(min_length=1, max_length=300)]


class BudgetIn(Struct, forbid_unknown_fields=True):
    """Money to add to a budget, in yuan."""

    amount_yuan: Annotated[Decimal, Within(gt=0, le=10_000_000_000)]


class ReceiptIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """The receipt of the treasury or bank."""

    receipt_number: Annotated[str, Meta(min_length=1, max_length=80)]
    receipt_on: date
    amount_yuan: Annotated[Decimal, Within(gt=0, le=10_000_000_000)]
    receipt_from: Literal["treasury", "bank"]


class ApplicationRowOut(Struct, frozen=True, kw_only=True):
    """A case in a list."""

    id: UUID
    number: str
    title_zh: str
    title_en: str
    enterprise_id: UUID
    enterprise_zh: str
    enterprise_en: str
    route: Route
    state: ApplicationState
    state_since: datetime
    due_on: date | None
    requested_yuan: Decimal | None
    approved_yuan: Decimal | None
    version: int


class StepOut(Struct, frozen=True, kw_only=True):
    """One step of a case."""

    at: datetime
    verb: str
    state: ApplicationState
    holder: Holder
    due_on: date | None
    note: str


class UseOut(Struct, frozen=True, kw_only=True):
    """One read of the company's data for a case."""

    at: datetime
    by: str
    basis: str
    reference: str
    what: list[str]
    outcome: str


class PaymentOut(Struct, frozen=True, kw_only=True):
    """A payment order and its receipt."""

    id: UUID
    application_id: UUID
    reference: str
    amount_yuan: Decimal
    payee_name: str
    handed_over_at: datetime
    receipt_number: str | None
    receipt_on: date | None


class ApplicationOut(Struct, frozen=True, kw_only=True):
    """A case with who has it, until when, its history and every read of the company's data."""

    id: UUID
    number: str
    code: str
    title_zh: str
    title_en: str
    enterprise_id: UUID
    office_id: UUID
    route: Route
    state: ApplicationState
    state_since: datetime
    holder: Holder
    due_on: date | None
    due_provisional: bool
    late: bool
    requested_yuan: Decimal | None
    approved_yuan: Decimal | None
    payee_name: str
    payee_bank: str
    payee_account: str
    note: str
    gaps: list[str]
    corrections: int
    promised_at: datetime | None
    verdict: Verdict | None
    facts_hash: str
    rule_hash: str
    verbs: list[Verb]
    steps: list[StepOut]
    payment: PaymentOut | None
    uses: list[UseOut]
    version: int
