"""The engine against a naive reference, and the laws it keeps: what is learnt settles, never reverses."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_matching.engine import FactBook, Known, assess, dump_book, restore_book, tree, worth_of
from policy_matching.engine.amounts import Benefit
from policy_matching.engine.codes import division_path, industry_path, lies_under
from policy_matching.engine.evaluate import Situation, age, evaluate
from policy_matching.engine.tree import facts_of

DAY = date(2026, 11, 23)
NAMES = ("staff", "revenue", "owns", "kind")

numbers = st.integers(-3, 3).map(Decimal)
compares = st.builds(
    tree.Compare,
    fact=st.sampled_from(("staff", "revenue")),
    operator=st.sampled_from(("==", "!=", "<", "<=", ">", ">=")),
    value=numbers,
)
truths = st.builds(tree.Compare, fact=st.just("owns"), operator=st.just("=="), value=st.booleans())
codes = st.builds(tree.OneOf, fact=st.just("kind"), codes=st.lists(st.sampled_from("abc"), max_size=2).map(tuple))


def groups(children: st.SearchStrategy[tree.Node]) -> st.SearchStrategy[tree.Node]:
    several = st.lists(children, min_size=1, max_size=4).map(tuple)
    awards = st.lists(st.builds(tree.Award, st.integers(1, 3).map(Decimal), children), min_size=1, max_size=3).map(
        tuple
    )
    return st.one_of(
        st.builds(tree.All, several),
        st.builds(tree.Any, several),
        st.builds(tree.Not, children),
        several.flatmap(lambda of: st.builds(tree.AtLeast, st.integers(1, len(of)), st.just(of))),
        st.builds(tree.Points, st.integers(1, 6).map(Decimal), awards),
    )


tests = st.recursive(st.one_of(compares, truths, codes), groups, max_leaves=8)
values = st.fixed_dictionaries(
    {
        "staff": st.one_of(st.none(), numbers),
        "revenue": st.one_of(st.none(), numbers),
        "owns": st.one_of(st.none(), st.booleans()),
        "kind": st.one_of(st.none(), st.sampled_from("abc")),
    }
)


def as_book(chosen: dict[str, object]) -> FactBook:
    return FactBook({name: [Known(value)] for name, value in chosen.items() if value is not None})  # type: ignore[arg-type]


def naive(node: tree.Node, chosen: dict[str, object]) -> bool | None:
    """Three-valued by its definition: Kleene's tables, written out."""
    match node:
        case tree.Compare():
            value = chosen[node.fact]
            if value is None:
                return None
            return {
                "==": value == node.value,
                "!=": value != node.value,
                "<": value < node.value,  # type: ignore[operator]
                "<=": value <= node.value,  # type: ignore[operator]
                ">": value > node.value,  # type: ignore[operator]
                ">=": value >= node.value,  # type: ignore[operator]
            }[node.operator]
        case tree.OneOf():
            return None if chosen["kind"] is None else chosen["kind"] in node.codes
        case tree.Not():
            inner = naive(node.of, chosen)
            return None if inner is None else not inner
        case tree.All():
            found = [naive(child, chosen) for child in node.of]
            return False if False in found else (None if None in found else True)
        case tree.Any():
            found = [naive(child, chosen) for child in node.of]
            return True if True in found else (None if None in found else False)
        case tree.AtLeast():
            return _between([(Decimal(1), naive(child, chosen)) for child in node.of], Decimal(node.count))
        case tree.Points():
            return _between([(award.points, naive(award.when, chosen)) for award in node.awards], node.limit)
    raise AssertionError(node)


def _between(weighed: list[tuple[Decimal, bool | None]], limit: Decimal) -> bool | None:
    """Try every way the unknowns could turn out."""
    ends = {
        sum((w for (w, _t), t in zip(weighed, way, strict=True) if t), Decimal(0)) >= limit
        for way in product((True, False), repeat=len(weighed))
        if all(truth is None or truth == turn for (_w, truth), turn in zip(weighed, way, strict=True))
    }
    return ends.pop() if len(ends) == 1 else None


@settings(max_examples=600, deadline=None)
@given(tests, values)
def test_the_engine_equals_the_naive_reference(node: tree.Node, chosen: dict[str, object]) -> None:
    assert evaluate(node, Situation(as_book(chosen), DAY)).truth == naive(node, chosen)


@settings(max_examples=600, deadline=None)
@given(tests, values, values)
def test_learning_settles_and_never_reverses(
    node: tree.Node, chosen: dict[str, object], learnt: dict[str, object]
) -> None:
    before = evaluate(node, Situation(as_book(chosen), DAY)).truth
    more = {name: value if value is not None else learnt[name] for name, value in chosen.items()}
    after = evaluate(node, Situation(as_book(more), DAY)).truth
    assert before is None or after == before


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(tests, st.none() | tests, st.booleans()), min_size=1, max_size=4), values, values)
def test_a_verdict_with_conditions_that_do_not_apply_never_reverses(
    parts: list[tuple[tree.Node, tree.Node | None, bool]], chosen: dict[str, object], learnt: dict[str, object]
) -> None:
    criteria = tuple(
        tree.Criterion(str(n), "", "", test, applies_when=condition, other_routes=routes)
        for n, (test, condition, routes) in enumerate(parts)
    )
    more = {name: value if value is not None else learnt[name] for name, value in chosen.items()}
    for rule in (tree.All(criteria), tree.Any(criteria)):
        before = assess(rule, as_book(chosen), DAY, complete=True)
        after = assess(rule, as_book(more), DAY, complete=True)
        if before.verdict != "depends":
            assert after.verdict == before.verdict
        if before.verdict == "depends" and before.because == ("unknown_facts",):
            assert before.questions
        assert set(before.questions) <= facts_of(rule)


@given(tests, values)
def test_a_question_is_asked_only_when_its_answer_is_unknown(node: tree.Node, chosen: dict[str, object]) -> None:
    reading = evaluate(node, Situation(as_book(chosen), DAY))
    assert all(chosen[name] is None for name in reading.missing)
    assert (reading.truth is None) == bool(reading.missing)


@given(values)
def test_a_fact_book_survives_its_json(chosen: dict[str, object]) -> None:
    made = as_book({**chosen, "on": DAY, "codes": ("a", "b@2026-01-01"), "share": Decimal("0.055")})
    restored = restore_book(dump_book(made))
    assert restored.values() == made.values()


@given(st.decimals(0, 10**9, places=2), st.decimals(1, 10**9, places=2))
def test_shares_are_exact_on_the_boundary(part: Decimal, base: Decimal) -> None:
    """A limit that equals the share exactly is met by `>=` and not by `>`; no float could promise that."""
    limit = Fraction(part) / Fraction(base)
    if Fraction(Decimal(limit.numerator) / Decimal(limit.denominator)) != limit:
        return
    exact = Decimal(limit.numerator) / Decimal(limit.denominator)
    situation = Situation(as_book({"staff": part, "revenue": base}), DAY)
    assert evaluate(tree.Share("staff", "revenue", ">=", exact), situation).truth is True
    assert evaluate(tree.Share("staff", "revenue", ">", exact), situation).truth is False


def test_growth_is_the_mean_of_the_rates_and_undefined_from_nothing() -> None:
    def book(*amounts: str) -> FactBook:
        return FactBook(
            {
                "revenue": [
                    Known(Decimal(amount), date(2025 - n, 1, 1), date(2025 - n, 12, 31))
                    for n, amount in enumerate(amounts)
                ]
            }
        )

    rule = tree.Growth("revenue", 2, ">=", Decimal("0.05"))
    assert evaluate(rule, Situation(book("110", "100", "100"), DAY)).truth is True  # 10 % and 0 %
    assert evaluate(rule, Situation(book("109.99", "100", "100"), DAY)).truth is False
    assert evaluate(rule, Situation(book("110", "100"), DAY)).missing == ("revenue",)
    undefined = evaluate(rule, Situation(book("110", "0", "100"), DAY))
    assert (undefined.truth, undefined.undefined) == (None, True)


def test_a_value_of_another_year_is_not_the_value_of_last_year() -> None:
    stale = FactBook({"revenue": [Known(Decimal(10), date(2024, 1, 1), date(2024, 12, 31))]})
    assert evaluate(tree.Compare("revenue", ">", Decimal(1), -1), Situation(stale, DAY)).truth is None


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        (date(2024, 2, 29), date(2025, 2, 27), 0),
        (date(2024, 2, 29), date(2025, 2, 28), 1),
        (date(2021, 11, 24), DAY, 4),
        (date(2021, 11, 23), DAY, 5),
    ],
)
def test_whole_years_between_days(start: date, end: date, years: int) -> None:
    assert age(start, end, "years") == years


def test_industry_codes_lie_under_their_sections() -> None:
    assert industry_path("6513") == "I6513"
    assert industry_path("I65") == "I65"
    assert industry_path("C65") == ""
    assert industry_path("98") == ""
    assert lies_under("6513", ["I"], "GB/T 4754-2017") is True
    assert lies_under("I", ["6513"], "GB/T 4754-2017") is None
    assert lies_under("nonsense", ["I"], "GB/T 4754-2017") is None
    assert division_path("330100") == "3301"


def test_amounts_are_exact_capped_or_a_range() -> None:
    share = Benefit(type="share", base="rd_expense", base_year=-1, rate=Decimal("0.05"), cap=Decimal(300000))
    spent = FactBook({"rd_expense": [Known(Decimal("1234567.89"), date(2025, 1, 1), date(2025, 12, 31))]})
    worth = worth_of(share, spent, DAY)
    assert worth is not None
    assert worth.exact == Decimal("61728.39")
    unknown = worth_of(share, FactBook({}), DAY)
    assert unknown is not None
    assert (unknown.low, unknown.high, unknown.exact) == (0, 300000, None)
    refund = Benefit(
        type="refund",
        base="premium",
        rate_by_size={
            "large": Decimal("0.3"),
            "medium": Decimal("0.6"),
            "small": Decimal("0.6"),
            "micro": Decimal("0.6"),
        },
    )
    paid = as_book({"premium": Decimal(1000)})
    ranged = worth_of(refund, paid, DAY)
    assert ranged is not None
    assert (ranged.low, ranged.high) == (300, 600)
    assert worth_of(Benefit(type="tax_rate", rate=Decimal("0.15")), paid, DAY) is None
