"""Pure decisions on applications: which deed leads where, who has the case, and how long they may have it.

Sources: 行政许可法 art. 32 (five working days to accept or to name everything that is missing, once) and art. 42 (twenty working
days to decide), used as the measure for support items too; local fast-lane rules ask for payment within sixty working days in all.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from policy_matching.contracts import ApplicationState, Holder, Verb

Party = Literal["company", "office"]
MAXIMUM_CORRECTIONS = 1
LIVE: tuple[ApplicationState, ...] = (
    "draft",
    "submitted",
    "accepted",
    "returned",
    "approved",
    "publicity",
    "payment_handed_over",
    "paid",
    "closed",
)
"""States in which a company has had, or may still get, this support: a second application would be a double claim."""
ENDED: tuple[ApplicationState, ...] = ("rejected", "withdrawn", "closed")


class Transition(Struct, frozen=True):
    """One deed: from which states, to which, and by whom."""

    sources: tuple[ApplicationState, ...]
    target: ApplicationState
    by: Party


TRANSITIONS: Mapping[Verb, Transition] = {
    "submit": Transition(("draft", "returned"), "submitted", "company"),
    "withdraw": Transition(("draft", "submitted", "returned", "accepted"), "withdrawn", "company"),
    "accept": Transition(("submitted",), "accepted", "office"),
    "return": Transition(("submitted", "accepted"), "returned", "office"),
    "approve": Transition(("accepted",), "approved", "office"),
    "reject": Transition(("accepted", "publicity"), "rejected", "office"),
    "publicise": Transition(("approved",), "publicity", "office"),
    "hand_over": Transition(("approved", "publicity"), "payment_handed_over", "office"),
    "record_receipt": Transition(("payment_handed_over",), "paid", "office"),
    "close": Transition(("paid",), "closed", "office"),
}
HOLDERS: Mapping[ApplicationState, Holder] = {
    "draft": "company",
    "submitted": "office",
    "accepted": "office",
    "returned": "company",
    "approved": "office",
    "publicity": "public",
    "payment_handed_over": "treasury",
    "paid": "office",
    "rejected": "nobody",
    "withdrawn": "nobody",
    "closed": "nobody",
}
LIMITS: Mapping[ApplicationState, int] = {
    "submitted": 5,
    "accepted": 20,
    "returned": 15,
    "approved": 10,
    "payment_handed_over": 10,
}
"""Working days for whoever has the case; a promise item is decided in a quarter of the time."""
PROMISE_LIMIT = 5
MAIN_PATH: tuple[ApplicationState, ...] = ("submitted", "accepted", "approved", "payment_handed_over", "paid", "closed")


def target_of(verb: Verb, state: ApplicationState, *, corrections: int, publicity_workdays: int) -> str | None:
    """Return the state a deed leads to, or None when it is not possible from this one.

    A case goes back for correction once only (一次性告知), and where publicity is required no payment passes it by.
    """
    transition = TRANSITIONS[verb]
    if state not in transition.sources:
        return None
    if verb == "return" and corrections >= MAXIMUM_CORRECTIONS:
        return None
    if verb == "publicise" and publicity_workdays == 0:
        return None
    if verb == "hand_over" and state == "approved" and publicity_workdays > 0:
        return None
    return transition.target


def possible_verbs(
    state: ApplicationState, by: Party, *, corrections: int, publicity_workdays: int
) -> tuple[Verb, ...]:
    """Return what a party can do now."""
    return tuple(
        verb
        for verb, transition in TRANSITIONS.items()
        if transition.by == by
        and target_of(verb, state, corrections=corrections, publicity_workdays=publicity_workdays) is not None
    )


def time_limit(state: ApplicationState, *, route: str, publicity_workdays: int) -> int | None:
    """Return the working days a state may last, or None when nobody is due."""
    if state == "publicity":
        return publicity_workdays
    if state == "accepted" and route == "promise":
        return PROMISE_LIMIT
    return LIMITS.get(state)


def steps_of(*, publicity_workdays: int, route: str) -> tuple[ApplicationState, ...]:
    """Return the steps a case passes when all goes well."""
    path = MAIN_PATH if route != "automatic" else MAIN_PATH[2:]
    if not publicity_workdays:
        return path
    after = path.index("approved") + 1
    return (*path[:after], "publicity", *path[after:])


def to_fen(yuan: Decimal) -> int:
    """Return yuan as whole fen; ValueError for fractions of a fen."""
    fen = yuan * 100
    if fen != fen.to_integral_value():
        raise ValueError(f"{yuan} yuan is no whole number of fen")
    return int(fen)
