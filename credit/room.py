"""What credit hands to portal."""

from pathlib import Path

from credit import models
from credit.commands import COMMANDS
from credit.jobs import JOBS
from credit.pages import PAGES
from credit.routes import ROUTES
from kernel.auth.policies import Policy
from kernel.texts import N_
from kernel.web import NavigationItem, Room

COMPANY = frozenset({"enterprise_owner", "enterprise_member"})
LENDER = frozenset({"lender"})

room = Room(
    name="credit",
    routes=ROUTES,
    pages=PAGES,
    jobs=JOBS,
    policies=(
        Policy("credit.bill", COMPANY, machines=True),
        Policy("credit.view", COMPANY, machines=True),
        Policy("credit.query", LENDER, machines=True),
        Policy("credit.asked", LENDER | COMPANY, machines=True),
        Policy("credit.model", LENDER | COMPANY | {"auditor", "administrator"}, machines=True),
        Policy("credit.lender_desk", LENDER),
    ),
    navigation=(
        NavigationItem(N_("Cloud credit"), "/credit", "cloud", COMPANY, order=50),
        NavigationItem(N_("Scores"), "/lender", "gauge", LENDER, order=20),
    ),
    commands=COMMANDS,
    models=models,
    templates=Path(__file__).parent / "templates",
)
