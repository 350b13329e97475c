"""Use-cases of enterprises: one verb, one transaction."""

from enterprises.service.contacts import add_contact, open_contacts, remove_contact
from enterprises.service.licences import record_licence, retire_licence
from enterprises.service.own import find_own, view_own_facts
from enterprises.service.read import read_facts, read_facts_of_many, refuse_foreign_read, snapshot_facts
from enterprises.service.record import as_value, record_facts
from enterprises.service.register import check_registration, register_enterprise
from enterprises.service.timeline import keep_timeline, timeline_of, whole_timeline
from enterprises.service.view import find_enterprise, list_ids, names_of, registered_among

__all__ = [
    "add_contact",
    "as_value",
    "check_registration",
    "find_enterprise",
    "find_own",
    "keep_timeline",
    "list_ids",
    "names_of",
    "open_contacts",
    "read_facts",
    "read_facts_of_many",
    "record_facts",
    "record_licence",
    "refuse_foreign_read",
    "register_enterprise",
    "registered_among",
    "remove_contact",
    "retire_licence",
    "snapshot_facts",
    "timeline_of",
    "view_own_facts",
    "whole_timeline",
]
