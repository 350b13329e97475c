"""A lender's desk: which companies have consented, what was asked lately."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

import credit
import data_exchange
from kernel.act import Act
from portal.shell.home.greeting import greeting

PURPOSE = "credit_scoring"
SHOWN = 6
SOON_SECONDS = 7 * 24 * 3600


async def lender_desk(db: AsyncSession, act: Act) -> dict[str, Any]:
    """Return the live consents that the actor's organisation holds and its newest questions."""
    consents = await data_exchange.consents_for(db, act, PURPOSE)
    consents.sort(key=lambda consent: consent.expires_at)
    queries = await credit.recent_queries(db, act, SHOWN)
    return {
        "greeting": greeting(act.now),
        "consents": consents[:SHOWN],
        "live": len(consents),
        "soon": sum(1 for one in consents if (one.expires_at - act.now).total_seconds() < SOON_SECONDS),
        "queries": queries,
        "refused": sum(1 for query in queries if query.outcome == "refused"),
    }
