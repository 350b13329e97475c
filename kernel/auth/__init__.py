"""How people and machines prove who they are, and what each may do."""

from kernel.auth.accounts import (
    add_membership,
    change_password,
    create_client,
    create_person,
    list_memberships,
    membership_organisations,
    switch_organisation,
)
from kernel.auth.policies import Policy, PolicyTable
from kernel.auth.second_factor import confirm_enrolment, is_enrolled, pass_second_factor, start_enrolment
from kernel.auth.sessions import LoginOutcome, end_session, list_sessions, load_session, log_in, log_out
from kernel.auth.tokens import issue_token, load_token

__all__ = [
    "LoginOutcome",
    "Policy",
    "PolicyTable",
    "add_membership",
    "change_password",
    "confirm_enrolment",
    "create_client",
    "create_person",
    "end_session",
    "is_enrolled",
    "issue_token",
    "list_memberships",
    "list_sessions",
    "load_session",
    "load_token",
    "log_in",
    "log_out",
    "membership_organisations",
    "pass_second_factor",
    "start_enrolment",
    "switch_organisation",
]
