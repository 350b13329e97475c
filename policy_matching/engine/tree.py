"""The shape of a rule: a tree of criteria, each with a test over dated facts.

The nodes are plain data. They are written to JSON and hashed, so the rule that decided a case can be kept beside the decision.
`year` and `years` count back from the calendar year of the day asked about: -1 is last year (上年度, 最近一年).
"""

from decimal import Decimal
from typing import Literal

from msgspec import Struct

Operator = Literal["==", "!=", "<", "<=", ">", ">="]
LATEST = 0


class Compare(Struct, frozen=True, tag="compare", tag_field="node"):
    """One fact against one value; `year` 0 takes the newest value, a negative number that calendar year."""

    fact: str
    operator: Operator
    value: Decimal | bool
    year: int = LATEST


class OneOf(Struct, frozen=True, tag="one_of", tag_field="node"):
    """A code that must be one of a list."""

    fact: str
    codes: tuple[str, ...]


class Under(Struct, frozen=True, tag="under", tag_field="node"):
    """A code that must lie at or below one of the named branches of its tree."""

    fact: str
    branches: tuple[str, ...]
    system: Literal["GB/T 4754-2017", "GB/T 2260"]


class Holds(Struct, frozen=True, tag="holds", tag_field="node"):
    """At least one of the codes is held; an entry `code@date` counts up to and including its last day."""

    fact: str
    codes: tuple[str, ...]


class Age(Struct, frozen=True, tag="age", tag_field="node"):
    """The time from a date to the day asked about, in whole calendar days or whole years."""

    fact: str
    unit: Literal["days", "years"]
    operator: Operator
    value: Decimal


class Total(Struct, frozen=True, tag="total", tag_field="node"):
    """The sum of a yearly fact over the last `years` years."""

    fact: str
    years: int
    operator: Operator
    value: Decimal


class Share(Struct, frozen=True, tag="share", tag_field="node"):
    """One fact as a share of another, summed over the last `years` years (0: the newest values of both).

    `year` names a single year instead. With `since_registration` a company younger than that counts the years it has.
    """

    fact: str
    base: str
    operator: Operator
    value: Decimal
    years: int = LATEST
    year: int = LATEST
    since_registration: bool = False


class Growth(Struct, frozen=True, tag="growth", tag_field="node"):
    """The mean of the growth rates of a yearly fact over the last `years` years."""

    fact: str
    years: int
    operator: Operator
    value: Decimal


class All(Struct, frozen=True, tag="all", tag_field="node"):
    """Every child holds."""

    of: tuple["Node", ...]


class Any(Struct, frozen=True, tag="any", tag_field="node"):
    """One child holds at least."""

    of: tuple["Node", ...]


class Not(Struct, frozen=True, tag="not", tag_field="node"):
    """The child does not hold."""

    of: "Node"


class AtLeast(Struct, frozen=True, tag="at_least", tag_field="node"):
    """So many of the children hold at least."""

    count: int
    of: tuple["Node", ...]


class Award(Struct, frozen=True):
    """Points that are given when a test holds."""

    points: Decimal
    when: "Node"


class Points(Struct, frozen=True, tag="points", tag_field="node"):
    """A points table: the sum of the awards reaches the limit."""

    limit: Decimal
    awards: tuple[Award, ...]


class Criterion(Struct, frozen=True, tag="criterion", tag_field="node"):
    """One condition of a document, with our summary of it, the clause and the test that answers it.

    `review`: somebody must judge it, meeting the test is not enough. `other_routes`: the document knows ways round this
    condition that are not encoded, so failing the test is not the end.
    """

    id: str
    zh: str
    en: str
    test: "Node"
    clause: str = ""
    quote: str = ""
    applies_when: "Node | None" = None
    review: bool = False
    other_routes: bool = False


Leaf = Compare | OneOf | Under | Holds | Age | Total | Share | Growth
Node = Compare | OneOf | Under | Holds | Age | Total | Share | Growth | All | Any | Not | AtLeast | Points | Criterion


def children_of(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below."""
    match node:
        case All(of=of) | Any(of=of) | AtLeast(of=of):
            return of
        case Not(of=inner):
            return (inner,)
        case Points(awards=awards):
            return tuple(award.when for award in awards)
        case Criterion(test=test, applies_when=condition):
            return (test,) if condition is None else (condition, test)
        case _:
            return ()


def criteria_of(node: Node) -> tuple[Criterion, ...]:
    """Return every criterion of a tree in the order of the document."""
    if isinstance(node, Criterion):
        return (node,)
    return tuple(criterion for child in children_of(node) for criterion in criteria_of(child))


def facts_of(node: Node) -> frozenset[str]:
    """Return the names of all facts that a tree may read."""
    names = {name for child in children_of(node) for name in facts_of(child)}
    if isinstance(node, Leaf):
        names.add(node.fact)
    if isinstance(node, Share):
        names.add(node.base)
        if node.since_registration:
            names.add("registered_on")
    return frozenset(names)


__all__ = [
    "LATEST",
    "Age",
    "All",
    "Any",
    "AtLeast",
    "Award",
    "Compare",
    "Criterion",
    "Growth",
    "Holds",
    "Leaf",
    "Node",
    "Not",
    "OneOf",
    "Operator",
    "Points",
    "Share",
    "Total",
    "Under",
    "children_of",
    "criteria_of",
    "facts_of",
]
