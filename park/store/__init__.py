"""Every SQL statement of the park, one file a subject. Each read takes the actor and shows only what that actor may see."""

from park.store import leases, places, readings, tenants

__all__ = ["leases", "places", "readings", "tenants"]
