"""The timeline of a company: every event that carries a text for it, from whichever room, exactly once."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from enterprises import store
from enterprises.contracts import TimelineEntry
from enterprises.models import TimelineRow
from enterprises.rules import PARK_SEES
from kernel.act import Act, Actor
from kernel.events import Event
from kernel.ids import new_id
from kernel.paging import ListQuery, Page
from kernel.upsert import insert_if_absent


async def keep_timeline(db: AsyncSession, act: Act, event: Event) -> None:
    """Put an event on its company's timeline; an event heard twice, or about no company, adds nothing."""
    if event.timeline is None or event.subject_id is None:
        return
    if not await store.exists(db, act, event.subject_id):
        return
    await insert_if_absent(
        db,
        TimelineRow,
        {
            "id": new_id(),
            "enterprise_id": event.subject_id,
            "event_id": event.id,
            "at": event.at,
            "room": event.name.partition(".")[0],
            "event": event.name,
            "text_zh": event.timeline.zh,
            "text_en": event.timeline.en,
            "link": event.link,
        },
        ("enterprise_id", "event_id"),
    )


async def timeline_of(db: AsyncSession, actor: Actor, enterprise_id: UUID, query: ListQuery) -> Page[TimelineEntry]:
    """Return one page of a company's timeline; raises NotFound for a foreign company.

    The company itself sees everything; a park operator sees what concerns the park and support policies.
    """
    await store.find_enterprise(db, actor, enterprise_id)
    found = await store.timeline_page(db, actor, enterprise_id, rooms_seen_by(actor, enterprise_id), query)
    return found.map(as_entry)


async def whole_timeline(db: AsyncSession, actor: Actor, enterprise_id: UUID, query: ListQuery) -> list[TimelineEntry]:
    """Return every entry the actor may see, for an export; raises as timeline_of."""
    await store.find_enterprise(db, actor, enterprise_id)
    rows = await store.timeline_rows(db, actor, enterprise_id, rooms_seen_by(actor, enterprise_id), query)
    return [as_entry(row) for row in rows]


def rooms_seen_by(actor: Actor, enterprise_id: UUID) -> frozenset[str] | None:
    """Return the rooms whose entries the actor may see; None means all."""
    if actor.kind == "system" or actor.organisation_id == enterprise_id or actor.has("administrator", "auditor"):
        return None
    return PARK_SEES


def as_entry(row: TimelineRow) -> TimelineEntry:
    """Return a row as other rooms see it."""
    return TimelineEntry(
        id=row.id,
        enterprise_id=row.enterprise_id,
        at=row.at,
        room=row.room,
        event=row.event,
        text_zh=row.text_zh,
        text_en=row.text_en,
        link=row.link,
    )
