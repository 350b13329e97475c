"""States of consents and agreements, masks and filters: decided without a database."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_exchange import FieldIn, RowFilter
from data_exchange.rules import (
    FINAL,
    TRANSITIONS,
    agreement_state,
    band,
    consent_state,
    fitting_maskings,
    mask,
    next_state,
    passes,
    possible_verbs,
)

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
VERBS = ("agree", "decline", "sign_as_owner", "sign_as_buyer", "use", "exhaust", "expire", "revoke")
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("state", "verb", "party", "after"),
    [
        ("requested", "agree", "owner", "agreed"),
        ("requested", "agree", "buyer", None),
        ("requested", "decline", "buyer", "declined"),
        ("requested", "sign_as_owner", "owner", None),
        ("agreed", "sign_as_owner", "owner", "signed_by_owner"),
        ("agreed", "sign_as_buyer", "buyer", None),
        ("signed_by_owner", "sign_as_buyer", "buyer", "active"),
        ("signed_by_owner", "sign_as_buyer", "owner", None),
        ("active", "use", "buyer", "active"),
        ("active", "use", "owner", None),
        ("active", "revoke", "owner", "revoked"),
        ("active", "revoke", "buyer", "revoked"),
        ("active", "decline", "buyer", None),
        ("exhausted", "use", "buyer", None),
        ("exhausted", "revoke", "owner", "revoked"),
        ("expired", "use", "buyer", None),
        ("revoked", "sign_as_buyer", "buyer", None),
        ("declined", "agree", "owner", None),
    ],
)
def test_which_state_follows_which(state, verb, party, after):
    assert next_state(state, verb, party) == after
    assert (verb in possible_verbs(state, party)) == (after is not None)


def test_final_states_stay_and_nobody_else_does_anything():
    assert {"declined", "expired", "revoked"} == FINAL
    for state, verb in product(TRANSITIONS, VERBS):
        assert next_state(state, verb, "stranger") is None
        if state in FINAL:
            assert all(next_state(state, verb, party) is None for party in ("owner", "buyer", "clock"))


def test_there_is_no_way_to_active_without_both_signatures():
    def ways(state, done):
        if state == "active":
            yield done
            return
        for verb, (after, _parties) in TRANSITIONS[state].items():
            yield from ways(after, (*done, verb))

    assert list(ways("requested", ())) == [("agree", "sign_as_owner", "sign_as_buyer")]


@given(moments, moments, moments, st.none() | moments, st.booleans())
def test_a_consent_is_live_only_between_its_ends_unwithdrawn_under_the_same_control(now, start, end, withdrawn, holds):
    state = consent_state(now, starts_at=start, expires_at=end, withdrawn_at=withdrawn, epochs_hold=holds)
    live = withdrawn is None and start <= now < end and holds
    assert (state == "active") == live
    if withdrawn is not None:
        assert state == "withdrawn"


@given(st.sampled_from(sorted(TRANSITIONS)), moments, st.none() | moments, st.booleans())
def test_time_and_control_only_end_agreements(stored, now, expires, holds):
    state = agreement_state(stored, now, expires_at=expires, epochs_hold=holds)
    assert state == stored or (stored in ("active", "exhausted") and state in ("expired", "revoked"))
    if state == "active":
        assert holds and (expires is None or now < expires)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("0", "0"), ("1", "1..2"), ("1.99", "1..2"), ("2", "2..5"), ("5", "5..10"), ("9.99", "5..10"), ("10", "10..20"),
        ("1234567", "1000000..2000000"), ("0.03", "0.02..0.05"), ("-15", "-20..-10"), ("-2", "-5..-2"),
    ],
)  # fmt: skip
def test_bands(number, shown):
    assert band(Decimal(number)) == shown


@given(st.decimals(-(10**12), 10**12, places=2))
def test_a_number_lies_in_its_band_and_bands_do_not_overlap(number):
    shown = band(number)
    if number == 0:
        assert shown == "0"
        return
    low, high = (Decimal(part) for part in shown.split(".."))
    assert low <= number <= high and low < high
    assert (low <= number < high) if number > 0 else (low < number <= high)
    assert len({shown, band(low if number > 0 else high)}) == 1


@pytest.mark.parametrize(
    ("masking", "value", "shown"),
    [
        ("plain", Decimal("1.50"), "1.50"),
        ("plain", True, "true"),
        ("plain", ("a", "b"), "a;b"),
        ("plain", None, ""),
        ("band", None, ""),
        ("year", date(2019, 5, 6), "2019"),
        ("prefix", "6513", "65"),
        ("hash", "6513", "h:6513"),
    ],
)
def test_masks(masking, value, shown):
    field = FieldIn(fact="staff", level="general_2", masking=masking)
    assert mask(field, value, lambda text: f"h:{text}") == shown


@pytest.mark.parametrize("kind", ["bool", "integer", "decimal", "ratio", "money", "code", "codes", "date", "text"])
def test_every_kind_can_be_hidden_and_no_masking_fits_that_would_fail(kind):
    samples = {
        "bool": True, "integer": 3, "decimal": Decimal("1.5"), "ratio": Decimal("0.1"), "money": Decimal("9.99"),
        "code": "6513", "codes": ("a",), "date": date(2020, 1, 1), "text": "x",
    }  # fmt: skip
    fitting = fitting_maskings(kind)
    assert {"plain", "hash"} <= fitting
    for masking in fitting:
        assert mask(FieldIn(fact="staff", level="general_1", masking=masking), samples[kind], lambda _text: "h")


@pytest.mark.parametrize(
    ("operator", "wanted", "value", "met"),
    [
        ("equal", "6513", "6513", True),
        ("equal", "true", True, True),
        ("at_least", "10", 10, True),
        ("at_least", "10", 9, False),
        ("at_most", "10.5", Decimal("10.50"), True),
        ("at_least", "2019-01-01", date(2019, 1, 1), True),
        ("at_most", "2019-01-01", date(2019, 1, 2), False),
        ("one_of", ["a", "b"], "b", True),
        ("one_of", ["a", "b"], "c", False),
        ("starts_with", "65", "6513", True),
        ("at_least", "0", None, False),
        ("equal", "", None, False),
    ],
)
def test_filters_and_unknown_meets_none(operator, wanted, value, met):
    assert passes([RowFilter(fact="x", operator=operator, value=wanted)], {"x": value}) == met
    assert passes([], {"x": value})


def test_a_consent_ends_at_its_very_end():
    spans = {"starts_at": NOW, "expires_at": NOW + timedelta(days=1), "withdrawn_at": None, "epochs_hold": True}
    assert consent_state(NOW, **spans) == "active"
    assert consent_state(NOW - timedelta(seconds=1), **spans) == "pending"
    assert consent_state(NOW + timedelta(days=1), **spans) == "expired"
    assert consent_state(NOW, **(spans | {"epochs_hold": False})) == "ended"
