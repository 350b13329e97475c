"""The rooms of the house, in the order they are put together; only portal knows them all."""

from types import ModuleType

import credit.room
import data_exchange.room
import enterprises.room
import park.room
import policy_matching.room
from kernel.web import Room

ROOMS: tuple[Room, ...] = (
    enterprises.room.room,
    data_exchange.room.room,
    park.room.room,
    policy_matching.room.room,
    credit.room.room,
)
PACKAGES = ("kernel", *(room.name for room in ROOMS), "portal")


def import_models() -> ModuleType:
    """Import every table of the house, so that the metadata is whole; returns the kernel's models."""
    import kernel.models

    return kernel.models
