"""数据 data_exchange: who may use whose data, on which terms, and the proof of it. This is the front door.

`issue_basis` is the one way to a right of consent; whoever reads a company's facts asks it at the moment of use.
"""

from data_exchange.contracts import ConsentIn, FieldIn, GovernedTable, OfferIn, ProductIn, RowFilter
from data_exchange.service import (
    consents_for,
    decide_request,
    deliver,
    grant_consent,
    issue_basis,
    make_offer,
    open_delivery,
    publish_product,
    request_agreement,
    sign_agreement,
    withdraw_consent,
)
from data_exchange.service.labels import name_of_scope, scope_text
from data_exchange.store import ConsentView, find_agreement, open_requests

__all__ = [
    "ConsentIn",
    "ConsentView",
    "FieldIn",
    "GovernedTable",
    "OfferIn",
    "ProductIn",
    "RowFilter",
    "consents_for",
    "decide_request",
    "deliver",
    "find_agreement",
    "grant_consent",
    "issue_basis",
    "make_offer",
    "name_of_scope",
    "open_delivery",
    "open_requests",
    "publish_product",
    "request_agreement",
    "scope_text",
    "sign_agreement",
    "withdraw_consent",
]
