"""What the park hands to portal."""

from pathlib import Path

from kernel.auth.policies import Policy
from kernel.texts import N_
from kernel.web import NavigationItem, Room
from park import models
from park.jobs import JOBS, SCHEDULES
from park.pages import PAGES
from park.routes import ROUTES

OPERATOR = frozenset({"park_operator"})
COMPANY = frozenset({"enterprise_owner", "enterprise_member"})

room = Room(
    name="park",
    routes=ROUTES,
    pages=PAGES,
    jobs=JOBS,
    schedules=SCHEDULES,
    policies=(
        Policy("park.read", OPERATOR | {"administrator", "auditor"}, machines=True),
        Policy("park.manage", OPERATOR | {"administrator"}, machines=True),
        Policy("park.lease", OPERATOR, machines=True),
        Policy("park.readings", OPERATOR, machines=True),
        Policy("park.tenant", OPERATOR, machines=True),
        Policy("park.watch", OPERATOR),
        Policy("park.own", COMPANY, machines=True),
        Policy("park.pages", OPERATOR),
        Policy("park.chart", OPERATOR),
        Policy("park.tenant_chart", OPERATOR),
        Policy("park.own_page", COMPANY),
        Policy("park.own_chart", COMPANY),
    ),
    navigation=(
        NavigationItem(label=N_("Park cockpit"), path="/park", icon="building-factory-2", roles=OPERATOR, order=10),
        NavigationItem(
            label=N_("Tenant companies"), path="/park/tenants", icon="building-skyscraper", roles=OPERATOR, order=11
        ),
        NavigationItem(
            label=N_("Buildings and units"), path="/park/units", icon="layout-grid", roles=OPERATOR, order=12
        ),
        NavigationItem(label=N_("Leases"), path="/park/leases", icon="contract", roles=OPERATOR, order=13),
        NavigationItem(label=N_("Meter readings"), path="/park/imports", icon="bolt", roles=OPERATOR, order=14),
        NavigationItem(label=N_("My lease"), path="/park/my-lease", icon="building", roles=COMPANY, order=50),
    ),
    models=models,
    templates=Path(__file__).parent / "templates",
)
