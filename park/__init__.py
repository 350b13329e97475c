"""园区 park: buildings, units, leases, meters, and the watch over them. This is the front door; other rooms call nothing behind it.

`register_…`, `sign_lease` and `import_readings` are idempotent by code, contract number and content, so that a list can be
loaded again and again. What a park knows about a company is read under its lease contract and recorded.
"""

from park.contracts import (
    BuildingIn,
    LeaseIn,
    MeterSeries,
    ParkIn,
    ReadingsIn,
    Tenant,
    UnitIn,
    UnitUse,
)
from park.service.imports import import_readings
from park.service.leases import end_lease, sign_lease
from park.service.lists import parks
from park.service.overview import overview
from park.service.places import register_building, register_meter, register_park, register_unit
from park.service.tenants import tenancies
from park.service.watching import watch_all

__all__ = [
    "BuildingIn",
    "LeaseIn",
    "MeterSeries",
    "ParkIn",
    "ReadingsIn",
    "Tenant",
    "UnitIn",
    "UnitUse",
    "end_lease",
    "import_readings",
    "overview",
    "parks",
    "register_building",
    "register_meter",
    "register_park",
    "register_unit",
    "sign_lease",
    "tenancies",
    "watch_all",
]
