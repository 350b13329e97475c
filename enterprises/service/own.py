"""A company's look at its own facts; the same request for another's is refused, and the refusal is kept."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from enterprises.contracts import Enterprise, Facts
from enterprises.service.read import read_facts, refuse_foreign_read
from enterprises.service.view import find_enterprise
from kernel.act import Act, Actor
from kernel.data_use import own_basis
from kernel.ground import Ground
from kernel.problems import NotFound


async def view_own_facts(
    ground: Ground, act: Act, enterprise_id: UUID, names: Sequence[str] | None, as_of: datetime | None = None
) -> Facts:
    """Return the actor's own facts from a read session; raises the recorded Refusal for anybody else's."""
    if act.actor.organisation_id != enterprise_id:
        async with ground.database.write() as db:
            raise await refuse_foreign_read(db, act, enterprise_id, names or ["*"])
    async with ground.database.read() as db:
        await find_enterprise(db, act.actor, enterprise_id)
        return await read_facts(db, act, own_basis(act), names, as_of)


async def find_own(db: AsyncSession, actor: Actor, enterprise_id: UUID | None = None) -> Enterprise:
    """Return the actor's own company (NotFound for another's, or for an organisation that is none)."""
    if actor.organisation_id is None or (enterprise_id is not None and enterprise_id != actor.organisation_id):
        raise NotFound
    return await find_enterprise(db, actor, actor.organisation_id)
