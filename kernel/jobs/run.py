"""One run of a job, as its function sees it: what to do, for whom, and the right to write while the lease holds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.act import Act, Actor
from kernel.documents import clean, plain
from kernel.jobs.errors import JobCancelled, LeaseLost
from kernel.jobs.models import DONE, RUNNING, Job

if TYPE_CHECKING:
    from kernel.ground import Ground


class JobRun:
    """A claim on a job. `fence` is the number of the claim: with a lower one than the row's, nothing can be written.

    `done` and `total` are what the last run reported, so that long work can go on where it stood.
    """

    def __init__(self, ground: "Ground", row: Job, lease: timedelta) -> None:
        self.id: UUID = row.id
        self.kind: str = row.kind
        self.payload: dict[str, Any] = row.payload
        self.fence: int = row.fence
        self.attempt: int = row.attempts
        self.done: int = row.done
        self.total: int = row.total
        self.act = Act(read_actor(row.actor), ground.clock.now(), request_id=row.request_id or str(row.id))
        self.is_finished = False
        self._ground = ground
        self._lease = lease

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Open a write session that commits only while this claim holds; raises LeaseLost or JobCancelled.

        The job's row is locked first, so no takeover can slip in between the check and the commit.
        """
        async with self._ground.database.write() as db:
            await self.hold(db)
            yield db

    async def progress(self, done: int, total: int, note: str = "", *, db: AsyncSession | None = None) -> None:
        """Report how far the work is and renew the lease; raises LeaseLost or JobCancelled.

        With `db`, a session of `write`, the report commits with the work it speaks of, and the next run may trust it.
        """
        values: dict[str, Any] = {"done": done, "total": total, "note": clean(note)}
        if db is not None:
            await self.hold(db, **values)
        else:
            async with self._ground.database.write() as own:
                await self.hold(own, **values)
        self.done, self.total = done, total

    async def finish(self, db: AsyncSession, result: dict[str, Any] | None = None) -> None:
        """Mark the job done in a session of `write`: the effect and its end commit together, so neither comes twice."""
        await self.hold(
            db, state=DONE, result=plain(result), lease_until=None, finished_at=self._ground.clock.now(), note=""
        )
        self.is_finished = True

    async def hold(self, db: AsyncSession, **values: Any) -> None:
        """Lock the row by renewing the lease, with other values to set; raises LeaseLost or JobCancelled."""
        renewed: dict[str, Any] = {"lease_until": self._ground.clock.now() + self._lease, **values}
        wanted = await db.scalar(
            update(Job)
            .where(Job.id == self.id, Job.fence == self.fence, Job.state == RUNNING)
            .values(**renewed)
            .returning(Job.cancel_requested)
            .execution_options(synchronize_session=False)
        )
        if wanted is None:
            raise LeaseLost(f"job {self.id} is no longer held by claim {self.fence}")
        if wanted:
            raise JobCancelled(f"job {self.id} was cancelled")

    async def is_cancelled(self) -> bool:
        """Tell, without writing, whether somebody asked for the job to stop."""
        async with self._ground.database.read() as db:
            return bool(await db.scalar(select(Job.cancel_requested).where(Job.id == self.id)))


def read_actor(kept: dict[str, Any]) -> Actor:
    """Return the actor that a job's row keeps."""
    return Actor(
        kind=kept["kind"],
        id=UUID(kept["id"]) if kept["id"] else None,
        name=kept["name"],
        organisation_id=UUID(kept["organisation_id"]) if kept["organisation_id"] else None,
        organisation_kind=kept["organisation_kind"],
        roles=frozenset(kept["roles"]),
        epoch=kept["epoch"],
        locale=kept["locale"],
    )
