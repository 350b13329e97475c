"""政策 policy_matching: which support policies a company can have, why, and how the money reaches it.

This is the front door; other rooms and portal call nothing behind it.
"""

from policy_matching.catalogue import CatalogueFault
from policy_matching.contracts import Match, Waiting
from policy_matching.service import (
    Draft,
    accept_application,
    answer_questions,
    approve_application,
    close_application,
    count_waiting,
    explain,
    find_live,
    hand_over_payment,
    live_items,
    load_catalogue,
    match_company,
    page_of_cases,
    record_receipt,
    record_result,
    reject_application,
    return_application,
    save_draft,
    start_application,
    submit_application,
    view_case,
    withdraw_application,
)
from policy_matching.store.cases import STATE_LABELS
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
    "answer_questions",
    "approve_application",
    "close_application",
    "count_waiting",
    "explain",
    "find_live",
    "hand_over_payment",
    "live_items",
    "load_catalogue",
    "match_company",
    "page_of_cases",
    "record_receipt",
    "record_result",
    "reject_application",
    "return_application",
    "save_draft",
    "start_application",
    "submit_application",
    "view_case",
    "withdraw_application",
]
