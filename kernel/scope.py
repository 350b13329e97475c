"""Which rows an actor may see: the only place that decides it.

A foreign object and a missing object look the same: both are NotFound.
"""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from kernel.act import Act, Actor
from kernel.identity import OrganisationLink
from kernel.problems import NotFound

T = TypeVar("T")

SEES_ALL = ("administrator", "auditor")

Column = InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None] | ColumnElement[Any]


def visible_to(actor: Actor, column: Column, *, link_kinds: tuple[str, ...] = ("tenant",)) -> ColumnElement[bool]:
    """Return the predicate "this row's organisation is one the actor may see".

    Own organisation always; organisations linked to it by one of `link_kinds`; everything for the system,
    administrators and auditors; nothing for anybody unknown.
    """
    if actor.kind == "system" or actor.has(*SEES_ALL):
        return true()
    if not actor.is_known or actor.organisation_id is None:
        return false()
    own = column == actor.organisation_id
    if not link_kinds or not actor.has("park_operator"):
        return own
    linked = select(OrganisationLink.subject_id).where(
        OrganisationLink.holder_id == actor.organisation_id, OrganisationLink.kind.in_(link_kinds)
    )
    return or_(own, column.in_(linked))


def owned_by(actor: Actor, column: Column) -> ColumnElement[bool]:
    """Return the predicate "this row belongs to the actor's own organisation" (administrators: all)."""
    return visible_to(actor, column, link_kinds=())


async def find(db: AsyncSession, statement: Select[T], *, lock: bool = False) -> T:
    """Return the one object of a scoped statement; NotFound when there is none for this actor."""
    if lock:
        statement = statement.with_for_update()
    found = await db.scalar(statement)
    if found is None:
        raise NotFound
    return found


async def link(db: AsyncSession, act: Act, holder_id: UUID, subject_id: UUID, kind: str) -> None:
    """Let the holder see the subject's rows; linking twice is the same as once."""
    known = await db.scalar(_link(holder_id, subject_id, kind))
    if known is None:
        db.add(OrganisationLink(holder_id=holder_id, subject_id=subject_id, kind=kind, since=act.now))
        await db.flush()


async def unlink(db: AsyncSession, holder_id: UUID, subject_id: UUID, kind: str) -> None:
    """End a link."""
    await db.execute(
        delete(OrganisationLink).where(
            OrganisationLink.holder_id == holder_id,
            OrganisationLink.subject_id == subject_id,
            OrganisationLink.kind == kind,
        )
    )


async def is_linked(db: AsyncSession, holder_id: UUID, subject_id: UUID, kind: str) -> bool:
    """Tell whether a link stands."""
    return await db.scalar(_link(holder_id, subject_id, kind)) is not None


def _link(holder_id: UUID, subject_id: UUID, kind: str) -> Select[UUID]:
    return select(OrganisationLink.id).where(
        OrganisationLink.holder_id == holder_id,
        OrganisationLink.subject_id == subject_id,
        OrganisationLink.kind == kind,
    )
