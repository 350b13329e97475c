"""The park's pages, one file a subject."""

from park.pages.cockpit import COCKPIT_PAGES
from park.pages.imports import IMPORT_PAGES
from park.pages.leases import LEASE_PAGES
from park.pages.own import OWN_PAGES
from park.pages.tenants import TENANT_PAGES
from park.pages.units import UNIT_PAGES

PAGES = (*COCKPIT_PAGES, *TENANT_PAGES, *UNIT_PAGES, *LEASE_PAGES, *IMPORT_PAGES, *OWN_PAGES)

__all__ = ["PAGES"]
