"""When to try again after a failure: later each time, and not all at once."""

from datetime import datetime, timedelta


def next_try(now: datetime, attempts: int, chance: float, *, base: float = 1.0, longest: float = 600.0) -> datetime:
    """Return when to try again: 1 s, 2 s, 4 s … up to 10 minutes, spread by `chance` (0 to 1) over half to one and a half.

    The spread keeps jobs that failed together from coming back together.
    """
    seconds = min(longest, base * 2 ** max(0, min(attempts, 60) - 1))
    return now + timedelta(seconds=seconds * (0.5 + chance))
