"""Named leases: at most one holder at a time, known by a number that rises with each change of hands.

A lock tied to a connection survives a process that is stopped but not dead; a lease lapses by the clock, and the
number (fence) lets every later write see that it comes from a former holder.
"""

from datetime import timedelta

from sqlalchemy import String, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from kernel.clock import Clock
from kernel.db import Base, Database, Moment
from kernel.upsert import insert_for


class Lease(Base):
    """Who holds a name until when; the row stays when nobody does."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    holder: Mapped[str] = mapped_column(String(120))
    fence: Mapped[int]
    expires_at: Mapped[Moment]


async def acquire(database: Database, clock: Clock, name: str, holder: str, duration: timedelta) -> int | None:
    """Take a free or lapsed lease, or prolong one's own; returns its fence, or None while another holds it.

    The fence rises when the lease changes hands or had lapsed, and stays when its holder prolongs it in time.
    """
    now = clock.now()
    async with database.read() as db:
        held = await db.get(Lease, name)
        if held is not None and held.holder != holder and held.expires_at > now:
            return None
    async with database.write() as db:
        if await renew(db, clock, name, holder, duration):
            return await db.scalar(select(Lease.fence).where(Lease.name == name))
        insert = insert_for(db, Lease).values(name=name, holder=holder, fence=1, expires_at=now + duration)
        taken = insert.on_conflict_do_update(
            index_elements=["name"],
            set_={"holder": holder, "fence": Lease.fence + 1, "expires_at": now + duration},
            where=or_(Lease.expires_at <= now, Lease.holder == holder),
        )
        return await db.scalar(taken.returning(Lease.fence))


async def renew(
    db: AsyncSession, clock: Clock, name: str, holder: str, duration: timedelta, *, fence: int | None = None
) -> bool:
    """Prolong a lease that is still held, within a transaction; False when it lapsed or is another's.

    Called first in a transaction that must come from the holder, it locks the row, so no takeover precedes the commit.
    """
    now = clock.now()
    statement = update(Lease).where(Lease.name == name, Lease.holder == holder, Lease.expires_at > now)
    if fence is not None:
        statement = statement.where(Lease.fence == fence)
    renewed = await db.scalar(
        statement.values(expires_at=now + duration).returning(Lease.fence).execution_options(synchronize_session=False)
    )
    return renewed is not None


async def release(database: Database, clock: Clock, name: str, holder: str) -> None:
    """Let go of a lease, so that another need not wait for its end."""
    async with database.write() as db:
        await db.execute(update(Lease).where(Lease.name == name, Lease.holder == holder).values(expires_at=clock.now()))
