"""The desk of those who look after the house: is the work done, is the log whole."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.act import Act
from portal.shell.administration.audit import read_state
from portal.shell.administration.jobs import count_states
from portal.shell.home.greeting import greeting


async def house_desk(db: AsyncSession, act: Act) -> dict[str, Any]:
    """Return how the jobs stand and where the audit log stands."""
    return {
        "greeting": greeting(act.now),
        "counts": await count_states(db, act.actor),
        "state": await read_state(db, act),
    }
