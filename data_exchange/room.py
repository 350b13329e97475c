"""What data_exchange hands to portal."""

from pathlib import Path

from data_exchange import models
from data_exchange.jobs import HOURLY, SWEEP
from data_exchange.pages import PAGES
from data_exchange.routes import ROUTES
from kernel.auth.policies import Policy
from kernel.texts import N_
from kernel.web import NavigationItem, Room

OF_THE_COMPANY = frozenset({"enterprise_owner", "enterprise_member", "agent"})
WHO_TRADES = frozenset({"enterprise_owner", "data_owner", "data_buyer", "lender"})
WHO_PUBLISHES = frozenset({"enterprise_owner", "data_owner"})
WHO_BUYS = frozenset({"enterprise_owner", "data_buyer", "lender"})
WHO_RECEIVES = frozenset({"lender", "park_operator", "data_owner", "data_buyer", "enterprise_owner"})
WHO_LOOKS_ON = frozenset({"auditor", "administrator"})

room = Room(
    name="data_exchange",
    routes=ROUTES,
    pages=PAGES,
    jobs=(SWEEP,),
    schedules=(HOURLY,),
    policies=(
        Policy("consent.read", OF_THE_COMPANY | WHO_RECEIVES | WHO_LOOKS_ON, machines=True),
        Policy("consent.page", OF_THE_COMPANY | WHO_RECEIVES | WHO_LOOKS_ON),
        Policy("consent.grant", frozenset({"enterprise_owner"})),
        Policy("consent.use", WHO_RECEIVES, machines=True),
        Policy("product.read", OF_THE_COMPANY | WHO_TRADES | WHO_LOOKS_ON, machines=True),
        Policy("product.publish", WHO_PUBLISHES, machines=True),
        Policy("market.page", OF_THE_COMPANY | WHO_TRADES | WHO_LOOKS_ON),
        Policy("agreement.read", WHO_TRADES | WHO_LOOKS_ON, machines=True),
        Policy("agreement.request", WHO_BUYS, machines=True),
        Policy("agreement.act", WHO_TRADES, machines=True),
        Policy("agreement.sign", WHO_TRADES),
        Policy("delivery.take", WHO_BUYS, machines=True),
    ),
    navigation=(
        NavigationItem(
            label=N_("Consents"),
            path="/consents",
            icon="shield-check",
            roles=OF_THE_COMPANY | WHO_RECEIVES,
            order=60,
        ),
        NavigationItem(
            label=N_("Data market"),
            path="/data",
            icon="database",
            roles=OF_THE_COMPANY | WHO_TRADES,
            order=65,
        ),
        NavigationItem(
            label=N_("My data deals"),
            path="/data/mine",
            icon="file-certificate",
            roles=WHO_TRADES,
            order=66,
        ),
    ),
    models=models,
    templates=Path(__file__).parent / "templates",
)
