"""Who may look after the house."""

from kernel.auth.policies import Policy

WATCH_JOBS = Policy("administration.jobs", frozenset({"administrator"}))
READ_AUDIT = Policy("administration.audit", frozenset({"administrator", "auditor"}))
POLICIES = (WATCH_JOBS, READ_AUDIT)
