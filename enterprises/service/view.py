"""Finding companies, for whoever may see them."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from enterprises import store
from enterprises.contracts import Enterprise
from enterprises.models import EnterpriseRow
from kernel.act import Act, Actor
from kernel.texts import Text


def as_enterprise(row: EnterpriseRow) -> Enterprise:
    """Return a row as other rooms see it."""
    return Enterprise(
        id=row.id,
        uscc=row.uscc,
        name_zh=row.name_zh,
        name_en=row.name_en,
        industry_code=row.industry_code,
        division_code=row.division_code,
        registered_on=row.registered_on,
        address_zh=row.address_zh,
        address_en=row.address_en,
        created_at=row.created_at,
        version=row.version,
    )


async def find_enterprise(db: AsyncSession, actor: Actor, enterprise_id: UUID) -> Enterprise:
    """Return a company the actor may see; raises NotFound for a missing or foreign one."""
    return as_enterprise(await store.find_enterprise(db, actor, enterprise_id))


async def list_ids(db: AsyncSession, actor: Actor) -> list[UUID]:
    """Return the ids of all companies the actor may see, for batches."""
    return await store.enterprise_ids(db, actor)


async def names_of(db: AsyncSession, actor: Actor, ids: Iterable[UUID]) -> dict[UUID, Text]:
    """Return the names of organisations, which are public; unknown ids are left out."""
    return {key: Text(zh, en) for key, (zh, en) in (await store.names_of(db, actor, ids)).items()}


async def registered_among(db: AsyncSession, act: Act, ids: Iterable[UUID]) -> set[UUID]:
    """Return which organisations are registered companies; that a company exists is public."""
    return await store.registered_among(db, act, ids)
