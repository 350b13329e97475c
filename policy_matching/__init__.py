"""政策 policy_matching: which support policies a company can have, why, and how the money reaches it.

This is the front door; other rooms and portal call nothing behind it.
"""

from policy_matching.catalogue import CatalogueFault
from policy_matching.contracts import Match, Waiting
from policy_matching.service import live_items, load_catalogue, match_company
from policy_matching.service.views import view_case
from policy_matching.store.cases import count_waiting, page_of_cases

__all__ = [
    "CatalogueFault",
    "Match",
    "Waiting",
    "count_waiting",
    "live_items",
    "load_catalogue",
    "match_company",
    "page_of_cases",
    "view_case",
]
