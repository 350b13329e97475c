"""What enterprises hands to portal."""

from pathlib import Path

from enterprises import models, service
from enterprises.pages import PAGES
from enterprises.routes import ROUTES
from kernel.auth.policies import EVERYBODY, Policy
from kernel.events import Subscriber
from kernel.texts import N_
from kernel.web import NavigationItem, Room

OF_THE_COMPANY = frozenset({"enterprise_owner", "enterprise_member", "agent", "data_owner", "data_buyer"})
WHO_SPEAKS = frozenset({"enterprise_owner", "enterprise_member"})
WHO_LOOKS_ON = frozenset({"park_operator", "auditor", "administrator"})

room = Room(
    name="enterprises",
    routes=ROUTES,
    pages=PAGES,
    policies=(
        Policy("enterprise.read", EVERYBODY, machines=True),
        Policy("enterprise.register", frozenset({"administrator"}), machines=True),
        Policy("enterprise.list_page", WHO_LOOKS_ON),
        Policy("company.page", OF_THE_COMPANY),
        Policy("fact.read", EVERYBODY, machines=True),
        Policy("fact.history", OF_THE_COMPANY, machines=True),
        Policy("fact.record", WHO_SPEAKS | {"officer", "park_operator"}, machines=True),
        Policy("timeline.read", OF_THE_COMPANY | WHO_LOOKS_ON, machines=True),
        Policy("licence.write", WHO_SPEAKS | {"officer"}),
        Policy("code.check", EVERYBODY, machines=True),
    ),
    subscribers=(Subscriber("*", "enterprises.timeline", service.keep_timeline),),
    navigation=(
        NavigationItem(label=N_("My company"), path="/enterprise", icon="building", roles=OF_THE_COMPANY, order=20),
        NavigationItem(
            label=N_("Timeline"), path="/enterprise/timeline", icon="history", roles=OF_THE_COMPANY, order=80
        ),
        NavigationItem(
            label=N_("Companies"),
            path="/enterprises",
            icon="buildings",
            roles=frozenset({"auditor", "administrator"}),
            order=20,
        ),
    ),
    models=models,
    templates=Path(__file__).parent / "templates",
)
