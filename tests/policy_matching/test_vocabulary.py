"""The vocabulary of facts: one table that every room agrees on, without twins and without a question left out."""

from decimal import Decimal

from enterprises import VOCABULARY
from enterprises.vocabulary import find_definition
from enterprises.vocabulary.finance import FINANCE
from enterprises.vocabulary.identity import IDENTITY
from enterprises.vocabulary.innovation import INNOVATION, RECOGNITIONS
from enterprises.vocabulary.people import PEOPLE
from policy_matching.engine import facts_of
from tests.policy_matching.books import ITEMS


def test_no_fact_is_defined_twice() -> None:
    names = [fact.name for fact in (*IDENTITY, *PEOPLE, *FINANCE, *INNOVATION)]
    assert len(names) == len(set(names)) == len(VOCABULARY)
    assert len({choice.code for choice in RECOGNITIONS}) == len(RECOGNITIONS)


def test_every_fact_has_its_words_its_question_and_its_unit() -> None:
    for fact in VOCABULARY.values():
        assert all((fact.zh, fact.en, fact.question_zh, fact.question_en, fact.topic)), fact.name
        assert (fact.unit == "CNY") == (fact.kind == "money"), fact.name
        assert bool(fact.unit) == (fact.kind in {"money", "integer", "decimal"}), fact.name
        if fact.kind == "ratio":
            assert (fact.minimum, fact.maximum) == (Decimal(0), Decimal(1))
        if fact.kind in {"code", "codes"}:
            assert bool(fact.choices) != bool(fact.code_system), fact.name


def test_only_what_can_be_computed_is_not_asked() -> None:
    assert [fact.name for fact in VOCABULARY.values() if fact.derived] == ["size_class"]


def test_every_condition_of_the_catalogue_is_answered_by_a_fact() -> None:
    used = set().union(*(facts_of(item.rule) for item in ITEMS.values()))
    assert used <= set(VOCABULARY)
    assert len(used) > 50


def test_an_unknown_name_is_no_fact() -> None:
    assert find_definition("turnover") is None
