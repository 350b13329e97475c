"""A word for the time of day."""

from datetime import datetime

from kernel.clock import SHANGHAI
from kernel.texts import gettext as _

NOON, EVENING = 12, 18


def greeting(now: datetime) -> str:
    """Return "Good morning" and the like, by the hour in Shanghai."""
    hour = now.astimezone(SHANGHAI).hour
    if hour < NOON:
        return _("Good morning")
    return _("Good afternoon") if hour < EVENING else _("Good evening")
