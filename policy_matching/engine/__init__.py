"""The policy engine: pure, exact, three-valued. It knows rules and facts, and nothing of databases, pages or clocks."""

from policy_matching.engine.amounts import PAYABLE, Benefit, Worth, worth_of
from policy_matching.engine.evaluate import Evidence
from policy_matching.engine.explain import Assessment, CriterionResult, GroupResult, assess, flatten
from policy_matching.engine.facts import AUTHORITATIVE, FactBook, Known, dump_book, restore_book, year_value
from policy_matching.engine.tree import criteria_of, facts_of
from policy_matching.engine.windows import USABLE, Availability, ItemState, Period, availability

__all__ = [
    "AUTHORITATIVE",
    "PAYABLE",
    "USABLE",
    "Assessment",
    "Availability",
    "Benefit",
    "CriterionResult",
    "Evidence",
    "FactBook",
    "GroupResult",
    "ItemState",
    "Known",
    "Period",
    "Worth",
    "assess",
    "availability",
    "criteria_of",
    "dump_book",
    "facts_of",
    "flatten",
    "restore_book",
    "worth_of",
    "year_value",
]
