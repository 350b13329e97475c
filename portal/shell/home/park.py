"""A park operator's desk: how full the park is, what ends soon, which tenants show signs of winding down."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

import park
from kernel.act import Act
from portal.shell.home.greeting import greeting

SHOWN = 6
SOON_DAYS = 90


async def park_desk(db: AsyncSession, act: Act) -> dict[str, Any]:
    """Return what waits for the operator of the first park of the actor's organisation."""
    parks = await park.parks(db, act)
    if not parks:
        return {"greeting": greeting(act.now), "place": None}
    view = await park.overview(db, act, parks[0].id)
    return {
        "greeting": greeting(act.now),
        "place": parks[0],
        "view": view,
        "soon": view.ending_within(SOON_DAYS),
        "ending": [lease for lease in view.ending if not lease.is_renewed][:SHOWN],
        "signals": view.signals[:SHOWN],
    }
