"""Every table of the ground in one place, so that migrations and tests see them all."""

from kernel import audit, data_use, events, files, identity, jobs, leases, money
from kernel.web import once

__all__ = ["audit", "data_use", "events", "files", "identity", "jobs", "leases", "money", "once"]
