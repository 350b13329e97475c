"""What crosses the door of the outbox: the event as subscribers see it, and the subscription."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.act import Act
from kernel.texts import Text


class Event(Struct, frozen=True):
    """Something that happened, named `room.noun_verbed`; `timeline` is set when it belongs on the subject's timeline."""

    id: UUID
    name: str
    version: int
    at: datetime
    subject_id: UUID | None
    payload: dict[str, Any]
    timeline: Text | None
    link: str
    actor_kind: str
    actor_id: UUID | None
    actor_name: str
    organisation_id: UUID | None


Handler = Callable[[AsyncSession, Act, Event], Awaitable[None]]


class Subscriber(Struct, frozen=True):
    """Somebody who hears of an event ("*": of every one). `name` is unique in the house and never changes.

    The handler's rows and the delivery commit together: it may be called again after a failure, its effect is once.
    It runs inside a write transaction, so it does no network, file or heavy work; it enqueues a job for that.
    """

    event: str
    name: str
    handle: Handler

    def hears(self, name: str) -> bool:
        """Tell whether the subscriber wants events of a name."""
        return self.event in ("*", name)
