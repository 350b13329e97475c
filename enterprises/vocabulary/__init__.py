"""The vocabulary of facts: every question the product can ask about a company, asked in one place.

Policies test these facts, the scorecard and the park's evaluation read them, the demo generates them, and the pages put their
questions. A name that is not here is not a fact.
"""

from enterprises.vocabulary.definition import Choice, FactDefinition, FactKind, FactPeriod
from enterprises.vocabulary.finance import FINANCE
from enterprises.vocabulary.identity import IDENTITY
from enterprises.vocabulary.innovation import INNOVATION, RECOGNITIONS
from enterprises.vocabulary.people import PEOPLE

__all__ = ["RECOGNITIONS", "VOCABULARY", "Choice", "FactDefinition", "FactKind", "FactPeriod", "find_definition"]

VOCABULARY: dict[str, FactDefinition] = {fact.name: fact for fact in (*IDENTITY, *PEOPLE, *FINANCE, *INNOVATION)}


def find_definition(name: str) -> FactDefinition | None:
    """The definition of the fact called `name`, or None when there is no such fact."""
    return VOCABULARY.get(name)
