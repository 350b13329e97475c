"""The JSON API of data_exchange."""

from data_exchange.routes.agreements import (
    agree_to_request,
    decline_request,
    get_agreement,
    get_evidence,
    list_agreements,
    request_agreement,
    revoke_agreement,
    sign_agreement,
)
from data_exchange.routes.consents import (
    get_consent,
    grant_consent,
    list_consents,
    read_under_consent,
    withdraw_consent,
)
from data_exchange.routes.deliveries import deliver, fetch_content, list_deliveries
from data_exchange.routes.products import (
    close_offer,
    get_product,
    list_products,
    make_offer,
    publish_product,
    withdraw_product,
)

ROUTES = (
    list_consents,
    grant_consent,
    get_consent,
    withdraw_consent,
    read_under_consent,
    list_products,
    publish_product,
    get_product,
    withdraw_product,
    make_offer,
    close_offer,
    list_agreements,
    request_agreement,
    get_agreement,
    agree_to_request,
    decline_request,
    sign_agreement,
    revoke_agreement,
    get_evidence,
    list_deliveries,
    deliver,
    fetch_content,
)
