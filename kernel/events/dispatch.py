"""The dispatcher: hands each event to each of its subscribers, in order for each subject, each effect once.

First every new event becomes one pending delivery per subscriber; then each delivery is made in a transaction that
holds the handler's rows and the delivery's end together. A failure waits and is tried again; the seventh parks it as
dead with its reason, so that one broken event cannot hold up all that follow.
"""

import asyncio
import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import ColumnElement, Select, and_, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kernel.act import Act, Actor
from kernel.backoff import next_try
from kernel.db import Database
from kernel.documents import clean
from kernel.events.contracts import Event, Subscriber
from kernel.events.models import EventDelivery, EventRecord
from kernel.ids import new_id
from kernel.problems import Refusal, Unavailable
from kernel.texts import Text

if TYPE_CHECKING:
    from kernel.ground import Ground

MOST_ATTEMPTS = 7
FAN_OUT = 200
IDLE_SECONDS = 0.3
PENDING, DONE, DEAD = "pending", "done", "dead"

log = structlog.get_logger(__name__)


def subscribers_of(ground: "Ground") -> dict[str, Subscriber]:
    """Return every subscriber by name; raises ValueError when two have one name, under which deliveries are counted."""
    found: dict[str, Subscriber] = {}
    for subscriber in (one for room in ground.rooms for one in room.subscribers):
        if found.setdefault(subscriber.name, subscriber) is not subscriber:
            raise ValueError(f"two subscribers are called {subscriber.name}")
    return found


async def run_dispatcher(ground: "Ground", stop: asyncio.Event, *, idle_seconds: float = IDLE_SECONDS) -> None:
    """Deliver until told to stop. Several processes may; a delivery under way is finished first."""
    while not stop.is_set():
        try:
            made = await deliver_due(ground)
        except (Unavailable, OSError) as error:
            log.warning("events.database_unavailable", error=type(error).__name__)
            made = 0
        if not made:
            try:
                await asyncio.wait_for(stop.wait(), idle_seconds)
            except TimeoutError:
                continue


async def deliver_due(ground: "Ground", *, raise_errors: bool = False) -> int:
    """Deliver everything that is due now and return how many deliveries were made; failures wait for their next try.

    With `raise_errors` a handler's error goes up after it is noted.
    """
    subscribers, made = subscribers_of(ground), 0
    await _fan_out_all(ground.database, subscribers)
    while True:
        found = await _deliver_next(ground, subscribers, raise_errors=raise_errors)
        if found is None:
            return made
        made += found


async def drain(ground: "Ground") -> int:
    """Deliver until nothing is left, events that handlers emit included; a handler's error goes up (for tests)."""
    total = 0
    while made := await deliver_due(ground, raise_errors=True):
        total += made
    return total


async def _fan_out_all(database: Database, subscribers: dict[str, Subscriber]) -> None:
    waiting = select(EventRecord.id).where(EventRecord.is_fanned_out.is_(False)).limit(1)
    while True:
        async with database.read() as db:
            if await db.scalar(waiting) is None:
                return
        async with database.write() as db:
            await _fan_out(db, subscribers)


async def _fan_out(db: AsyncSession, subscribers: dict[str, Subscriber]) -> None:
    """Turn new events into deliveries. Two dispatchers wait for each other here: passing by would break the order."""
    new = (
        select(EventRecord.id, EventRecord.name, EventRecord.subject_id, EventRecord.at)
        .where(EventRecord.is_fanned_out.is_(False))
        .order_by(EventRecord.id)
        .limit(FAN_OUT)
        .with_for_update()
    )
    events = (await db.execute(new)).all()
    rows = [
        {
            "id": new_id(),
            "event_id": event.id,
            "subscriber": subscriber.name,
            "subject_id": event.subject_id,
            "state": PENDING,
            "attempts": 0,
            "next_try_at": event.at,
            "reason": "",
        }
        for event in events
        for subscriber in subscribers.values()
        if subscriber.hears(event.name)
    ]
    if rows:
        await db.execute(insert(EventDelivery), rows)
    await db.execute(
        update(EventRecord)
        .where(EventRecord.id.in_([event.id for event in events]))
        .values(is_fanned_out=True)
        .execution_options(synchronize_session=False)
    )


async def _deliver_next(ground: "Ground", subscribers: dict[str, Subscriber], *, raise_errors: bool) -> int | None:
    """Make the first delivery that is due: 1 when made, 0 when it failed, None when nothing is due."""
    wanted = _next_delivery(list(subscribers), ground.clock.now())
    async with ground.database.read() as db:
        if await db.scalar(wanted.with_only_columns(EventDelivery.id)) is None:
            return None
    delivery_id = attempts = None
    try:
        async with ground.database.write() as db:
            delivery = await db.scalar(wanted.with_for_update(skip_locked=True, of=EventDelivery))
            if delivery is None:
                return None
            delivery_id, attempts = delivery.id, delivery.attempts
            record = (await db.scalars(select(EventRecord).where(EventRecord.id == delivery.event_id))).one()
            act = Act(Actor.system(f"events:{delivery.subscriber}"), ground.clock.now(), record.request_id)
            await subscribers[delivery.subscriber].handle(db, act, read_event(record))
            delivery.state, delivery.delivered_at, delivery.reason = DONE, ground.clock.now(), ""
            delivery.attempts += 1
            await db.flush()
    except Unavailable:
        raise
    except Exception as error:
        if delivery_id is None or attempts is None:
            raise
        await _note_failure(ground, delivery_id, attempts + 1, error)
        if raise_errors:
            raise
        return 0
    return 1


def _next_delivery(names: list[str], now: datetime) -> Select[EventDelivery]:
    """Select the oldest due delivery that no earlier one of the same subscriber and subject still waits before."""
    earlier = aliased(EventDelivery)
    waits_behind = (
        select(earlier.id)
        .where(
            earlier.state == PENDING,
            earlier.subscriber == EventDelivery.subscriber,
            earlier.subject_id == EventDelivery.subject_id,
            earlier.event_id < EventDelivery.event_id,
        )
        .exists()
    )
    due: ColumnElement[bool] = and_(EventDelivery.state == PENDING, EventDelivery.next_try_at <= now)
    known = EventDelivery.subscriber.in_(names)
    return (
        select(EventDelivery)
        .where(due, known, ~waits_behind)
        .order_by(EventDelivery.event_id, EventDelivery.subscriber)
        .limit(1)
    )


async def _note_failure(ground: "Ground", delivery_id: Any, attempts: int, error: Exception) -> None:
    now = ground.clock.now()
    values: dict[str, Any] = {"attempts": attempts, "reason": clean(f"{type(error).__name__}")[:300]}
    if attempts >= MOST_ATTEMPTS:
        values["state"] = DEAD
    else:
        values["next_try_at"] = next_try(now, attempts, secrets.SystemRandom().random())
    async with ground.database.write() as db:
        if isinstance(error, Refusal):
            values["reason"] = clean(f"Refusal: {error.code}")[:300]
        await db.execute(
            update(EventDelivery)
            .where(EventDelivery.id == delivery_id, EventDelivery.state == PENDING)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
    log.warning("events.delivery_failed", delivery=str(delivery_id), attempts=attempts, error=type(error).__name__)


async def revive(db: AsyncSession, now: datetime, delivery_id: Any) -> bool:
    """Let a dead delivery be tried again, with all its attempts; False when it is not dead."""
    revived = await db.scalar(
        update(EventDelivery)
        .where(EventDelivery.id == delivery_id, EventDelivery.state == DEAD)
        .values(state=PENDING, attempts=0, next_try_at=now, reason="")
        .returning(EventDelivery.id)
        .execution_options(synchronize_session=False)
    )
    return revived is not None


def read_event(record: EventRecord) -> Event:
    """Return an event as subscribers see it."""
    told = bool(record.timeline_zh or record.timeline_en)
    return Event(
        id=record.id,
        name=record.name,
        version=record.version,
        at=record.at,
        subject_id=record.subject_id,
        payload=record.payload,
        timeline=Text(record.timeline_zh, record.timeline_en) if told else None,
        link=record.link,
        actor_kind=record.actor_kind,
        actor_id=record.actor_id,
        actor_name=record.actor_name,
        organisation_id=record.organisation_id,
    )
