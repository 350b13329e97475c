"""No evidence, no deed: when entries have waited hours to be sealed, the house stops writing (fail closed)."""

from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.models import AuditPending
from kernel.db import Database
from kernel.problems import Unavailable
from kernel.texts import gettext as _

LONGEST_UNSEALED = timedelta(hours=4)
LOOKED_EVERY = timedelta(seconds=30)  # nothing against four hours, and no query in every write
RETRY_SECONDS = 60

_found_fresh: WeakKeyDictionary[Database, datetime] = WeakKeyDictionary()


async def checkpoint_age(db: AsyncSession, now: datetime) -> timedelta:
    """Return how long the oldest entry has waited to be sealed; nothing waits, no time."""
    oldest = await db.scalar(select(AuditPending.at).order_by(AuditPending.entry_id).limit(1))
    return max(now - oldest, timedelta(0)) if oldest else timedelta(0)


async def require_sealed(database: Database, now: datetime) -> None:
    """Raise Unavailable when an entry has waited longer than LONGEST_UNSEALED; call before a write of a request."""
    looked = _found_fresh.get(database)
    if looked is not None and timedelta(0) <= now - looked < LOOKED_EVERY:
        return
    async with database.read() as db:
        age = await checkpoint_age(db, now)
    if age > LONGEST_UNSEALED:
        raise Unavailable(
            _("The audit log is not being sealed, so nothing is changed for now."), retry_after=RETRY_SECONDS
        )
    _found_fresh[database] = now
