"""政策 policy_matching: which support policies a company can have, why, and how the money reaches it.

This is the front door; other rooms and portal call nothing behind it.
"""

from policy_matching.catalogue import CatalogueFault
from policy_matching.contracts import Match, Waiting
from policy_matching.service import (
    Draft,
    accept_application,
    approve_application,
    hand_over_payment,
    live_items,
    load_catalogue,
    match_company,
    record_receipt,
    return_application,
    save_draft,
    start_application,
    submit_application,
)
from policy_matching.service.views import view_case
from policy_matching.store.cases import STATE_LABELS, count_waiting, page_of_cases
from policy_matching.store.items import KIND_LABELS, ROUTE_LABELS

__all__ = [
    "KIND_LABELS",
    "ROUTE_LABELS",
    "STATE_LABELS",
    "CatalogueFault",
    "Draft",
    "Match",
    "Waiting",
    "accept_application",
    "approve_application",
    "count_waiting",
    "hand_over_payment",
    "live_items",
    "load_catalogue",
    "match_company",
    "page_of_cases",
    "record_receipt",
    "return_application",
    "save_draft",
    "start_application",
    "submit_application",
    "view_case",
]
