"""What the shell registers: its pages, its policies and its entries of the navigation."""

from kernel.auth.policies import EVERYBODY
from kernel.texts import N_
from kernel.web import NavigationItem, Room
from portal.shell import account, data_uses, gate, home, preferences, public

shell = Room(
    name="portal",
    routes=(data_uses.list_data_uses,),
    pages=(
        *home.HANDLERS,
        *public.HANDLERS,
        *gate.HANDLERS,
        *preferences.HANDLERS,
        *account.HANDLERS,
        data_uses.show_data_uses,
    ),
    policies=(account.POLICY, data_uses.POLICY),
    navigation=(
        NavigationItem(label=N_("Home"), path="/", icon="home", roles=EVERYBODY, order=0),
        NavigationItem(
            label=N_("Who used my data"), path="/data-uses", icon="eye-check",
            roles=frozenset({"enterprise_owner", "enterprise_member"}), order=80,
        ),
        NavigationItem(
            label=N_("Uses of data"), path="/data-uses", icon="eye-check",
            roles=EVERYBODY - {"enterprise_owner", "enterprise_member", "data_owner", "data_buyer", "agent"}, order=80,
        ),
    ),
)
