"""Use-cases of data_exchange: one verb, one transaction."""

from data_exchange.service.agreements import decide_request, expire_agreement, request_agreement, revoke_agreement
from data_exchange.service.basis import consents_for, issue_basis
from data_exchange.service.consents import grant_consent, withdraw_consent
from data_exchange.service.delivery import deliver, digest_header, open_delivery
from data_exchange.service.products import close_offer, make_offer, publish_product, withdraw_product
from data_exchange.service.signing import gather_evidence, sign_agreement

__all__ = [
    "close_offer",
    "consents_for",
    "decide_request",
    "deliver",
    "digest_header",
    "expire_agreement",
    "gather_evidence",
    "grant_consent",
    "issue_basis",
    "make_offer",
    "open_delivery",
    "publish_product",
    "request_agreement",
    "revoke_agreement",
    "sign_agreement",
    "withdraw_consent",
    "withdraw_product",
]
