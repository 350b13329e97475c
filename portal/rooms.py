"""The rooms of the house, in the order they are put together; only portal knows them all."""

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


def import_models() -> None:
    """Import every table of the house, so that the metadata is whole (the rooms' own came with their rooms)."""
    import kernel.models  # noqa: F401 - the tables of the ground
    import portal.service.health  # noqa: F401 - its table is the last one
