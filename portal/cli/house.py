"""The ground with every room on it, for processes that serve no pages: worker, clock, demo, upkeep."""

from pathlib import Path

from kernel.clock import Clock
from kernel.ground import Ground, open_ground
from kernel.settings import Settings
from kernel.texts import load_texts

HOUSE = Path(__file__).resolve().parents[2]


def open_house(settings: Settings, *, clock: Clock | None = None) -> Ground:
    """Open the ground with the rooms, their jobs and subscribers, and the texts in both languages."""
    from portal.rooms import PACKAGES, ROOMS
    from portal.service.room import service
    from portal.shell.room import shell

    load_texts(HOUSE / package for package in PACKAGES)
    return open_ground(settings, clock=clock, rooms=(*ROOMS, shell, service))
