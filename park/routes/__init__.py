"""The park's JSON API, one file a subject."""

from park.routes.leases import LEASE_ROUTES
from park.routes.places import PLACE_ROUTES
from park.routes.readings import READING_ROUTES
from park.routes.tenants import TENANT_ROUTES

ROUTES = (*PLACE_ROUTES, *LEASE_ROUTES, *TENANT_ROUTES, *READING_ROUTES)

__all__ = ["ROUTES"]
