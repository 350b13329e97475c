"""What policy_matching hands to portal."""

from pathlib import Path

from kernel.auth.policies import EVERYBODY, Policy
from kernel.events import Subscriber
from kernel.texts import N_
from kernel.web import NavigationItem, Room
from policy_matching import jobs, models
from policy_matching.commands import COMMANDS
from policy_matching.pages import PAGES
from policy_matching.routes import ROUTES

COMPANY = frozenset({"enterprise_owner", "enterprise_member", "agent"})
SIGNS = frozenset({"enterprise_owner", "agent"})
OFFICE = frozenset({"officer"})
LOOKS_ON = frozenset({"auditor", "administrator"})

room = Room(
    name="policy_matching",
    routes=ROUTES,
    pages=PAGES,
    jobs=jobs.JOBS,
    schedules=jobs.SCHEDULES,
    policies=(
        Policy("policy.read", EVERYBODY, machines=True),
        Policy("policy.manage", OFFICE, machines=True),
        Policy("match.read", COMPANY, machines=True),
        Policy("match.answer", COMPANY, machines=True),
        Policy("application.read", COMPANY | OFFICE | LOOKS_ON, machines=True),
        Policy("application.submit", SIGNS, machines=True),
        Policy("application.review", OFFICE, machines=True),
        Policy("policy.page", COMPANY),
        Policy("review.page", OFFICE),
    ),
    subscribers=(
        Subscriber("policy_matching.catalogue_loaded", "policy_matching.fit_ranking", jobs.fit_after_loading),
    ),
    navigation=(
        NavigationItem(label=N_("Policies"), path="/policies", icon="rosette-discount-check", roles=COMPANY, order=30),
        NavigationItem(label=N_("Applications"), path="/applications", icon="file-text", roles=COMPANY, order=40),
        NavigationItem(label=N_("Review desk"), path="/review", icon="clipboard-check", roles=OFFICE, order=20),
        NavigationItem(label=N_("Policies"), path="/review/policies", icon="list-details", roles=OFFICE, order=30),
    ),
    commands=COMMANDS,
    models=models,
    templates=Path(__file__).parent / "templates",
)
