"""The pages of enterprises: my company, its facts and its timeline; the register for those who keep it."""

from enterprises.pages.company import add_contact, enter_licence, remove_contact, retire_licence, show_company
from enterprises.pages.declare import declare_fact, show_fact
from enterprises.pages.history import show_history, show_timeline
from enterprises.pages.register import register_company, show_enterprise, show_enterprises, show_registration

PAGES = (
    show_company,
    enter_licence,
    retire_licence,
    add_contact,
    remove_contact,
    show_fact,
    declare_fact,
    show_history,
    show_timeline,
    show_enterprises,
    show_registration,
    register_company,
    show_enterprise,
)
