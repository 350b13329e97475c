"""An office's desk: the cases that wait for it, the late ones first."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

import policy_matching
from kernel.act import Act
from kernel.clock import local_date
from kernel.paging import ListQuery
from portal.shell.home.greeting import greeting

SHOWN = 8
WAITS_FOR_OFFICE = ("submitted", "accepted", "approved", "publicity", "payment_handed_over")


async def office_desk(db: AsyncSession, act: Act) -> dict[str, Any]:
    """Return the queue of the actor's office: how many cases wait at each step, and the most urgent of them."""
    today = local_date(act.now)
    waiting = await policy_matching.count_waiting(db, act.actor, today)
    cases = await policy_matching.page_of_cases(db, act.actor, ListQuery(sort="due_on", size=100))
    queue = [case for case in cases.items if case.state in WAITS_FOR_OFFICE]
    return {
        "greeting": greeting(act.now),
        "today": today,
        "waiting": waiting,
        "queue": queue[:SHOWN],
        "case_states": policy_matching.STATE_LABELS,
    }
