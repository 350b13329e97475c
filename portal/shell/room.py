"""What the shell registers: its pages, its policies and its entries of the navigation."""

from kernel.auth.policies import EVERYBODY
from kernel.texts import N_
from kernel.web import NavigationItem, Room
from portal.shell import account, data_uses, gate, home, jobs, library, preferences, public, search
from portal.shell.administration import audit
from portal.shell.administration import jobs as all_jobs
from portal.shell.administration.policies import POLICIES

shell = Room(
    name="portal",
    routes=(data_uses.list_data_uses, *jobs.ROUTES),
    pages=(
        *home.HANDLERS,
        *public.HANDLERS,
        *gate.HANDLERS,
        *preferences.HANDLERS,
        *account.HANDLERS,
        data_uses.show_data_uses,
        *search.HANDLERS,
        *library.HANDLERS,
        *jobs.HANDLERS,
        *all_jobs.HANDLERS,
        *audit.HANDLERS,
    ),
    jobs=audit.JOBS,
    policies=(account.POLICY, data_uses.POLICY, jobs.POLICY, search.POLICY, *POLICIES),
    navigation=(
        NavigationItem(label=N_("Home"), path="/", icon="home", roles=EVERYBODY, order=0),
        NavigationItem(
            label=N_("Who used my data"),
            path="/data-uses",
            icon="eye-check",
            roles=frozenset({"enterprise_owner", "enterprise_member"}),
            order=80,
        ),
        NavigationItem(
            label=N_("Uses of data"),
            path="/data-uses",
            icon="eye-check",
            roles=EVERYBODY - {"enterprise_owner", "enterprise_member", "data_owner", "data_buyer", "agent"},
            order=80,
        ),
        NavigationItem(
            label=N_("Jobs"),
            path="/administration/jobs",
            icon="list-check",
            roles=frozenset({"administrator"}),
            order=90,
        ),
        NavigationItem(
            label=N_("Audit log"),
            path="/administration/audit",
            icon="shield-lock",
            roles=frozenset({"administrator", "auditor"}),
            order=91,
        ),
    ),
)
