"""The way of a case: whatever is done in whatever order, nothing is paid that was not approved and receipted."""

from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_matching import rules
from policy_matching.contracts import ApplicationState, Verb

STATES: tuple[ApplicationState, ...] = get_args(ApplicationState)
VERBS: tuple[Verb, ...] = get_args(Verb)


@given(st.lists(st.sampled_from(VERBS), max_size=40), st.sampled_from((0, 5)))
def test_no_order_of_deeds_pays_without_approval_publicity_and_receipt(verbs: list[Verb], publicity: int) -> None:
    state: str = "draft"
    done: list[str] = []
    corrections = 0
    for verb in verbs:
        target = rules.target_of(verb, state, corrections=corrections, publicity_workdays=publicity)  # type: ignore[arg-type]
        if target is None:
            continue
        corrections += verb == "return"
        state = target
        done.append(verb)
    assert corrections <= 1
    if state in {"paid", "closed"}:
        wanted = ["submit", "accept", "approve", *(["publicise"] if publicity else []), "hand_over", "record_receipt"]
        last = {verb: len(done) - 1 - done[::-1].index(verb) for verb in wanted if verb in done}
        assert list(last) == wanted
        assert sorted(last.values()) == list(last.values())
    if state in {"rejected", "withdrawn", "closed"}:
        assert rules.possible_verbs(state, "company", corrections=0, publicity_workdays=publicity) == ()  # type: ignore[arg-type]


def test_every_state_has_somebody_and_every_deed_has_a_party() -> None:
    assert set(rules.HOLDERS) == set(STATES)
    assert set(rules.TRANSITIONS) == set(VERBS)
    reachable = {"draft"} | {transition.target for transition in rules.TRANSITIONS.values()}
    assert reachable == set(STATES)


def test_the_same_deed_is_never_possible_for_both_parties() -> None:
    for state in STATES:
        company = rules.possible_verbs(state, "company", corrections=0, publicity_workdays=5)
        office = rules.possible_verbs(state, "office", corrections=0, publicity_workdays=5)
        assert not set(company) & set(office)


@pytest.mark.parametrize(
    ("state", "route", "publicity", "days"),
    [
        ("submitted", "here", 0, 5),
        ("accepted", "here", 0, 20),
        ("accepted", "promise", 0, 5),
        ("publicity", "here", 7, 7),
        ("draft", "here", 0, None),
        ("closed", "here", 0, None),
    ],
)
def test_statutory_working_days(state: ApplicationState, route: str, publicity: int, days: int | None) -> None:
    assert rules.time_limit(state, route=route, publicity_workdays=publicity) == days


def test_the_path_of_a_case_follows_its_route() -> None:
    assert rules.steps_of(publicity_workdays=5, route="automatic")[:2] == ("approved", "publicity")
    assert "publicity" not in rules.steps_of(publicity_workdays=0, route="here")


@pytest.mark.parametrize(("yuan", "fen"), [("0.01", 1), ("100000", 10_000_000), ("0", 0)])
def test_yuan_become_fen_exactly(yuan: str, fen: int) -> None:
    assert rules.to_fen(Decimal(yuan)) == fen


def test_a_fraction_of_a_fen_is_refused() -> None:
    with pytest.raises(ValueError, match="fen"):
        rules.to_fen(Decimal("0.001"))
