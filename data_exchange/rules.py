"""Pure decisions of data exchange: which state follows which, which consent is live, what a masked value shows."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from data_exchange.contracts import FieldIn, Level, RowFilter

ConsentState = Literal["pending", "active", "withdrawn", "expired", "ended"]
AgreementState = Literal[
    "requested", "agreed", "declined", "signed_by_owner", "active", "exhausted", "expired", "revoked"
]
Verb = Literal["agree", "decline", "sign_as_owner", "sign_as_buyer", "use", "exhaust", "expire", "revoke"]

# state -> verb -> (next state, who may do it). "offered" is the standing offer; a request makes the agreement.
TRANSITIONS: dict[AgreementState, dict[Verb, tuple[AgreementState, frozenset[str]]]] = {
    "requested": {
        "agree": ("agreed", frozenset({"owner"})),
        "decline": ("declined", frozenset({"owner", "buyer"})),
    },
    "agreed": {
        "sign_as_owner": ("signed_by_owner", frozenset({"owner"})),
        "decline": ("declined", frozenset({"owner", "buyer"})),
    },
    "signed_by_owner": {
        "sign_as_buyer": ("active", frozenset({"buyer"})),
        "decline": ("declined", frozenset({"owner", "buyer"})),
    },
    "active": {
        "use": ("active", frozenset({"buyer"})),
        "exhaust": ("exhausted", frozenset({"buyer"})),
        "expire": ("expired", frozenset({"clock"})),
        "revoke": ("revoked", frozenset({"owner", "buyer"})),
    },
    "exhausted": {"revoke": ("revoked", frozenset({"owner", "buyer"}))},
    "declined": {},
    "expired": {},
    "revoked": {},
}
FINAL = frozenset(state for state, verbs in TRANSITIONS.items() if not verbs)
STEPS: tuple[str, ...] = ("offered", "requested", "agreed", "signed_by_owner", "active")

PUBLISHABLE: frozenset[Level] = frozenset({"general_1", "general_2", "general_3", "general_4"})
"""Important and core data do not change hands on a market place (数据安全法 21; GB/T 43697-2024)."""

LONGEST_CONSENT = timedelta(days=731)
MOST_USES = 10_000
LONGEST_AGREEMENT_DAYS = 731
MOST_FEN = 10**13
MOST_ROWS = 5000
FETCH_WINDOW = timedelta(hours=24)
MOST_FETCHES = 3
"""A download that broke off may be begun again this often; one that ended may not."""


def next_state(state: AgreementState, verb: Verb, party: str) -> AgreementState | None:
    """Return the state a deed leads to, or None where the deed is not possible in this state or for this party."""
    step = TRANSITIONS[state].get(verb)
    return step[0] if step is not None and party in step[1] else None


def possible_verbs(state: AgreementState, party: str) -> frozenset[Verb]:
    """Return what a party may do in a state."""
    return frozenset(verb for verb, (_next, parties) in TRANSITIONS[state].items() if party in parties)


def consent_state(
    now: datetime,
    *,
    starts_at: datetime,
    expires_at: datetime,
    withdrawn_at: datetime | None,
    epochs_hold: bool,
) -> ConsentState:
    """Return the state of a consent at a moment. It is live from its start, and no more at its very end.

    A change of control of either side ends it (`epochs_hold` False).
    """
    if withdrawn_at is not None:
        return "withdrawn"
    if now >= expires_at:
        return "expired"
    if not epochs_hold:
        return "ended"
    return "active" if now >= starts_at else "pending"


def agreement_state(
    stored: AgreementState, now: datetime, *, expires_at: datetime | None, epochs_hold: bool
) -> AgreementState:
    """Return the state that counts now: the stored one, unless time or a change of control has ended it since."""
    if stored in ("active", "exhausted"):
        if not epochs_hold:
            return "revoked"
        if stored == "active" and expires_at is not None and now >= expires_at:
            return "expired"
    return stored


def passes(filters: Sequence[RowFilter], values: Mapping[str, Any]) -> bool:
    """Tell whether a company's values meet every filter; an unknown value meets none."""
    return all(_passes_one(one, values.get(one.fact)) for one in filters)


def _passes_one(one: RowFilter, value: Any) -> bool:
    if value is None:
        return False
    wanted = one.value
    if one.operator == "equal":
        return as_text(value) == as_text(wanted)
    if one.operator == "one_of":
        return as_text(value) in {as_text(item) for item in wanted}
    if one.operator == "starts_with":
        return as_text(value).startswith(as_text(wanted))
    if isinstance(value, date):
        first, second = value.isoformat(), as_text(wanted)
        return first >= second if one.operator == "at_least" else first <= second
    number, limit = Decimal(str(value)), Decimal(str(wanted))
    return number >= limit if one.operator == "at_least" else number <= limit


def is_comparable(kind: str, value: Any) -> bool:
    """Tell whether a filter's value can be compared with facts of a kind."""
    try:
        date.fromisoformat(value) if kind == "date" else Decimal(str(value))
    except (TypeError, ValueError, InvalidOperation):
        return False
    return not isinstance(value, bool)


def mask(field: FieldIn, value: Any, keyed_hash: Callable[[str], str]) -> str:
    """Return what a buyer sees of a value; the empty text is an unknown one."""
    if value is None:
        return ""
    text = as_text(value)
    if field.masking == "band":
        return band(Decimal(str(value)))
    if field.masking == "prefix":
        return text[:2]
    if field.masking == "year":
        return text[:4]
    if field.masking == "hash":
        return keyed_hash(text)
    return text


def band(number: Decimal) -> str:
    """Return the band of a number in steps of 1, 2, 5 and 10: "2000000..5000000"; the end nearer to zero included."""
    if number == 0:
        return "0"
    size = abs(number)
    step = Decimal(10) ** size.adjusted()
    low = next(factor * step for factor in (Decimal(5), Decimal(2), Decimal(1)) if size >= factor * step)
    high = low * 2 if low != 2 * step else 5 * step
    if number < 0:
        low, high = -high, -low
    return f"{_whole(low)}..{_whole(high)}"


def fitting_maskings(kind: str) -> frozenset[str]:
    """Return the maskings that make sense for a kind of fact; the others are refused when a product is published."""
    if kind in ("integer", "decimal", "ratio", "money"):
        return frozenset({"plain", "band", "hash"})
    if kind == "date":
        return frozenset({"plain", "year", "hash"})
    if kind in ("code", "codes"):
        return frozenset({"plain", "prefix", "hash"}) if kind == "code" else frozenset({"plain", "hash"})
    return frozenset({"plain", "hash"})


def as_text(value: Any) -> str:
    """Return a fact's value as it stands in a delivered file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, tuple | list):
        return ";".join(str(item) for item in value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _whole(number: Decimal) -> str:
    return format(number.normalize(), "f")
