"""Telling what happened: one outbox row in the caller's own transaction."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.act import Act
from kernel.documents import clean, plain
from kernel.events.models import EventRecord
from kernel.ids import new_id
from kernel.texts import Text

NAME = re.compile(r"[a-z][a-z_]*\.[a-z][a-z_0-9]*")


def emit(
    db: AsyncSession,
    act: Act,
    name: str,
    *,
    subject_id: UUID | None,
    payload: Mapping[str, Any],
    version: int = 1,
    timeline: Text | None = None,
    link: str = "",
) -> UUID:
    """Add an event to the session and return its id; subscribers hear of it after the commit.

    `name` is `room.noun_verbed`; `subject_id` the organisation it concerns, whose events are delivered in order;
    `timeline` the sentence for the subject's timeline, `link` the page it leads to. Raises ValueError for a bad name.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no event name: room.noun_verbed")
    actor, made_id = act.actor, new_id()
    db.add(
        EventRecord(
            id=made_id,
            at=act.now,
            name=name,
            version=version,
            subject_id=subject_id,
            payload=plain(payload),
            timeline_zh=clean(timeline.zh) if timeline else "",
            timeline_en=clean(timeline.en) if timeline else "",
            link=link,
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=clean(actor.name)[:120],
            organisation_id=actor.organisation_id,
            request_id=clean(act.request_id)[:64],
        )
    )
    return made_id
