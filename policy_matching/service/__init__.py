"""Use-cases of policy_matching: one verb, one transaction."""

from policy_matching.service.applications import (
    Draft,
    save_draft,
    start_application,
    submit_application,
    withdraw_application,
)
from policy_matching.service.automatic import automatic_items, find_grants, grant
from policy_matching.service.facts import Question
from policy_matching.service.items import (
    LiveItem,
    find_for_office,
    find_live,
    grant_budget,
    live_items,
    load_catalogue,
    resume_item,
    suspend_item,
    view_for_office,
)
from policy_matching.service.matching import (
    Explained,
    answer_questions,
    explain,
    match_company,
    record_result,
    replay,
)
from policy_matching.service.ranking import keep_model, text_of
from policy_matching.service.review import (
    accept_application,
    approve_application,
    close_application,
    hand_over_payment,
    open_for_office,
    record_receipt,
    reject_application,
    return_application,
    review_facts,
)
from policy_matching.service.views import CaseView, Use, view_case
from policy_matching.store.cases import count_waiting, page_of_cases, page_of_payments, rows_of_cases
from policy_matching.store.items import page_of_items, rows_of_items

__all__ = [
    "CaseView",
    "Draft",
    "Explained",
    "LiveItem",
    "Question",
    "Use",
    "accept_application",
    "answer_questions",
    "approve_application",
    "automatic_items",
    "close_application",
    "count_waiting",
    "explain",
    "find_for_office",
    "find_grants",
    "find_live",
    "grant",
    "grant_budget",
    "hand_over_payment",
    "keep_model",
    "live_items",
    "load_catalogue",
    "match_company",
    "open_for_office",
    "page_of_cases",
    "page_of_items",
    "page_of_payments",
    "record_receipt",
    "record_result",
    "reject_application",
    "replay",
    "resume_item",
    "return_application",
    "review_facts",
    "rows_of_cases",
    "rows_of_items",
    "save_draft",
    "start_application",
    "submit_application",
    "suspend_item",
    "text_of",
    "view_case",
    "view_for_office",
    "withdraw_application",
]
