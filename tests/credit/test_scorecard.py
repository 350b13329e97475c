"""The scorecard: exact, additive, monotone, explained by what it really did, and refused when one byte differs."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit.features import ALLOWED, FEATURES
from credit.scorecard import Artefact, ModelRefusedError, Scorer, dump_artefact, load_artefact
from credit.service.models import CARD, champion

ALLOW = frozenset(ALLOWED)
NAMES = [each.name for each in champion().artefact.characteristics]
VALUES = st.fixed_dictionaries({name: st.none() | st.decimals(-10, 10**6, allow_nan=False, places=6) for name in NAMES})


def draft(**changes: Any) -> dict[str, Any]:
    """Return the shipped card as a document, without its hash."""
    document: dict[str, Any] = json.loads(CARD.read_bytes())
    del document["sha256"]
    return document | changes


def load(document: dict[str, Any]) -> Artefact:
    return load_artefact(dump_artefact(document), ALLOW)


class TestScore:
    @given(values=VALUES)
    def test_contributions_add_up_exactly(self, values: dict[str, Decimal | None]) -> None:
        card = champion().score(values)
        assert card.base + sum(each.points for each in card.contributions) == card.points
        assert [each.points for each in card.contributions] == champion().points(values)
        assert champion().artefact.lowest() * 1000 <= card.points <= champion().artefact.highest() * 1000

    @given(values=VALUES, name=st.sampled_from(NAMES), more=st.decimals(0, 10**6, places=6))
    def test_more_of_what_is_good_never_costs_points(
        self, values: dict[str, Decimal | None], name: str, more: Decimal
    ) -> None:
        before = values[name] or Decimal(0)
        low = champion().score(values | {name: before})
        high = champion().score(values | {name: before + more})
        direction = champion().characteristic(name).direction
        assert {"up": high.points >= low.points, "down": high.points <= low.points}[direction]
        assert (high.default_probability <= low.default_probability) == (high.points >= low.points)

    @given(values=VALUES)
    def test_reasons_are_the_largest_losses_of_this_very_score(self, values: dict[str, Decimal | None]) -> None:
        card = champion().score(values)
        lost = {each.name: each.best - each.points for each in card.contributions}
        assert [reason.lost for reason in card.reasons] == sorted((x for x in lost.values() if x > 0), reverse=True)[:4]
        assert all(lost[reason.name] == reason.lost and reason.zh and reason.en for reason in card.reasons)

    @given(values=VALUES)
    def test_text_and_numbers_score_alike(self, values: dict[str, Decimal | None]) -> None:
        texts = {name: None if value is None else format(value, "f") for name, value in values.items()}
        assert champion().score(texts) == champion().score(values)

    def test_unknown_has_its_own_step_and_is_said(self) -> None:
        card = champion().score({})
        assert {each.step for each in card.contributions} == {-1}
        assert all(each.value is None for each in card.contributions)
        assert any("do not show" in reason.en and "不足" in reason.zh for reason in card.reasons)

    def test_golden_score(self) -> None:
        values = dict.fromkeys(NAMES) | {
            "monthly_spend_6": "16150.000000000000",
            "spend_trend_12": "0.019672",
            "tenure_months": "24",
            "spend_volatility_12": "0.067909",
            "active_share_12": "1.000000",
            "cash_paid_share": "1.000000",
            "data_age_days": "23",
            "step_up": "1.077170",
            "service_breadth": "2",
            "yearly_growth": "0.309013",
            "commitment_share": "0.000000",
        }
        card = champion().score(values)
        assert (card.points, card.grade, card.default_probability) == (760_000, "1", 0.007812983)

    def test_a_value_on_a_cut_belongs_to_the_step_below(self) -> None:
        card, cut = champion(), champion().characteristic("tenure_months").cuts[0]
        on, above = (
            card.points({"tenure_months": value})[NAMES.index("tenure_months")] for value in (f"{cut}", f"{cut + 1e-6}")
        )
        assert (on, above) == (-40_000, -15_000)

    def test_pdo_doubles_the_odds(self) -> None:
        scale = champion().artefact.scale
        one, two = (champion().probability(int((scale.points + step) * 1000)) for step in (0, scale.double))
        assert (1 - two) / two == pytest.approx(2 * (1 - one) / one, rel=1e-6)


class TestArtefact:
    def test_the_shipped_card_declares_itself_expert_judgement(self) -> None:
        artefact = champion().artefact
        assert artefact.kind == "expert card"
        assert artefact.training_window is None
        assert "不代表预测能力" in artefact.declaration.zh
        assert "no predictive power" in artefact.declaration.en

    def test_it_uses_the_allow_list_only(self) -> None:
        assert set(NAMES) <= {feature.name for feature in FEATURES}

    @settings(max_examples=200, deadline=None)
    @given(data=st.data())
    def test_one_changed_byte_is_refused(self, data: st.DataObject) -> None:
        content = CARD.read_bytes()
        place = data.draw(st.integers(0, len(content) - 1))
        other = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[place]))
        spoilt = content[:place] + bytes([other]) + content[place + 1 :]
        with pytest.raises(ModelRefusedError):
            load_artefact(spoilt, ALLOW)

    @pytest.mark.parametrize(
        "spoil", [lambda c: c + b"\n", lambda c: c[:-1], lambda c: b"", lambda c: b"[]", lambda c: b"\xff"]
    )
    def test_added_and_cut_bytes_are_refused(self, spoil: Any) -> None:
        with pytest.raises(ModelRefusedError):
            load_artefact(spoil(CARD.read_bytes()), ALLOW)

    def test_sealing_again_gives_the_same_bytes(self) -> None:
        assert dump_artefact(draft()) == CARD.read_bytes()

    def _change(self, **changes: Any) -> dict[str, Any]:
        document = draft()
        document["characteristics"][0] |= changes
        return document

    @pytest.mark.parametrize(
        ("changes", "words"),
        [({"name": "religion"}, "allow-list"), ({"points": [1, 2]}, "one more points"),
         ({"cuts": [5, 4, 3, 2, 1]}, "cuts ascend"), ({"points": [50, 40, 30, 20, 10, 0]}, "monotone"),
         ({"unknown": 0.0001}, "three decimals"), ({"name": "tenure_months"}, "named twice"),
         ({"weight": 3}, "unknown field")],
    )  # fmt: skip
    def test_a_card_that_contradicts_itself_is_refused(self, changes: dict[str, Any], words: str) -> None:
        with pytest.raises(ModelRefusedError, match=words):
            load(self._change(**changes))

    @pytest.mark.parametrize(
        "changes",
        [{"format": "other/1"}, {"characteristics": []}, {"grades": []}, {"kind": "oracle"}, {"base": "x"},
         {"grades": [{"name": "1", "at_least": 700}]}, {"scale": {"points": 600, "odds": 0, "double": 60}}],
    )  # fmt: skip
    def test_an_impossible_card_is_refused(self, changes: dict[str, Any]) -> None:
        with pytest.raises(ModelRefusedError):
            load(draft(**changes))

    def test_fractions_of_points_stay_exact(self) -> None:
        document = self._change(points=[0.001, 0.1, 0.2, 0.3, 1.5, 2.125])
        card = Scorer(load(document)).score({"monthly_spend_6": "100000000"})
        assert card.contributions[0].points == 2125
