"""The pages of data_exchange: consents, the market place, agreements."""

from data_exchange.pages.agreements import (
    fetch_content,
    show_agreement,
    show_mine,
    take_agreement_step,
    take_delivery,
)
from data_exchange.pages.consents import grant_consent, show_consents, show_grant, withdraw_consent
from data_exchange.pages.market import (
    close_offer,
    make_offer,
    request_agreement,
    show_market,
    show_product,
    withdraw_product,
)
from data_exchange.pages.publish import publish_product, show_publish

PAGES = (
    show_consents,
    show_grant,
    grant_consent,
    withdraw_consent,
    show_market,
    show_product,
    make_offer,
    close_offer,
    withdraw_product,
    request_agreement,
    show_publish,
    publish_product,
    show_mine,
    show_agreement,
    take_agreement_step,
    take_delivery,
    fetch_content,
)
