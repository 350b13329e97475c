"""Events reach each subscriber in order, at least once; their effects happen once, whatever fails in between."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, Uuid, func, insert, select

from kernel.act import Actor
from kernel.events import EventDelivery, EventRecord, Subscriber, deliver_due, drain, emit, revive, run_dispatcher
from kernel.events.dispatch import MOST_ATTEMPTS
from kernel.ids import new_id
from kernel.texts import Text
from kernel.web.rooms import Room

NOTES = Table(
    "note",
    MetaData(),
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("subject_id", Uuid, nullable=True),
    Column("text", String(200)),
)


async def note(db, act, event):
    await db.execute(insert(NOTES).values(subject_id=event.subject_id, text=f"{event.name} {event.payload.get('n')}"))


class Troubled:
    """A handler that writes and then fails, a number of times for each event."""

    def __init__(self, times):
        self.times, self.calls = times, {}

    async def __call__(self, db, act, event):
        await note(db, act, event)
        self.calls[event.payload["n"]] = self.calls.get(event.payload["n"], 0) + 1
        if self.calls[event.payload["n"]] <= self.times.get(event.payload["n"], 0):
            raise ConnectionError("13800138000 is not reachable")


@pytest.fixture
async def ground(house):
    async with house.database.engine.begin() as connection:
        await connection.run_sync(NOTES.metadata.create_all)
    return house


def with_subscribers(house, *subscribers):
    return msgspec.structs.replace(house, rooms=(Room("test", subscribers=subscribers),))


async def tell(house, *numbers, subject=None, name="park.thing_done", **more):
    async with house.database.write() as db:
        for number in numbers:
            emit(db, house.act(Actor.system("test")), name, subject_id=subject, payload={"n": number}, **more)


async def notes(house):
    async with house.database.read() as db:
        return list(await db.scalars(select(NOTES.c.text).order_by(NOTES.c.number)))


async def deliveries(house):
    async with house.database.read() as db:
        rows = await db.scalars(select(EventDelivery).order_by(EventDelivery.event_id, EventDelivery.subscriber))
        return [(row.subscriber, row.state, row.attempts, row.reason) for row in rows]


async def test_subscribers_hear_what_they_asked_for(ground):
    heard = []

    async def listen(db, act, event):
        heard.append((act.actor.name, event))

    house = with_subscribers(ground, Subscriber("park.thing_done", "one", listen), Subscriber("*", "all", listen))
    subject = new_id()
    await tell(house, 1, subject=subject, timeline=Text("做了", "Done"), link="/park/1", version=2)
    await tell(house, 2, name="credit.bill_imported")
    assert await drain(house) == 3
    assert await drain(house) == 0
    assert [name for name, _event in heard] == ["events:all", "events:one", "events:all"]
    event = heard[0][1]
    assert (event.name, event.subject_id, event.payload, event.version) == ("park.thing_done", subject, {"n": 1}, 2)
    assert (event.timeline, event.link, heard[2][1].timeline) == (Text("做了", "Done"), "/park/1", None)
    assert (event.at, event.actor_kind, event.actor_name) == (house.clock.now(), "system", "test")


async def test_an_event_of_a_deed_that_failed_is_never_told(ground):
    house = with_subscribers(ground, Subscriber("*", "notes", note))
    with pytest.raises(RuntimeError):
        async with house.database.write() as db:
            emit(db, house.act(Actor.system("x")), "park.thing_done", subject_id=None, payload={})
            raise RuntimeError
    assert await drain(house) == 0


@pytest.mark.parametrize("name", ["thing_done", "park.", "Park.done", "park.thing done", "park.thing.done", ""])
async def test_events_are_named_by_room_and_deed(ground, act, name):
    async with ground.database.write() as db:
        with pytest.raises(ValueError):
            emit(db, act, name, subject_id=None, payload={})


async def test_a_failure_leaves_nothing_and_is_tried_again_later(ground):
    handler = Troubled({1: 2})
    house = with_subscribers(ground, Subscriber("*", "troubled", handler))
    await tell(house, 1)
    assert await deliver_due(house) == 0
    assert await notes(house) == []
    assert await deliveries(house) == [("troubled", "pending", 1, "ConnectionError")]
    assert await deliver_due(house) == 0
    assert handler.calls == {1: 1}  # not yet due again
    for _try in range(2):
        house.clock.advance(timedelta(minutes=1))
        await deliver_due(house)
    assert await notes(house) == ["park.thing_done 1"]
    assert await deliveries(house) == [("troubled", "done", 3, "")]


async def test_later_events_of_the_same_subject_wait_and_others_do_not(ground):
    house = with_subscribers(ground, Subscriber("*", "troubled", Troubled({1: 1})), Subscriber("*", "well", note))
    mine, other = new_id(), new_id()
    await tell(house, 1, 2, subject=mine)
    await tell(house, 3, subject=other)
    await deliver_due(house)
    states = {(row[0], index): row[1] for index, row in enumerate(await deliveries(house))}
    assert states == {
        ("troubled", 0): "pending", ("well", 1): "done",
        ("troubled", 2): "pending", ("well", 3): "done",
        ("troubled", 4): "done", ("well", 5): "done",
    }  # fmt: skip
    house.clock.advance(timedelta(minutes=1))
    assert await deliver_due(house) == 2


async def test_after_the_seventh_try_an_event_is_parked_and_the_next_goes_on(ground):
    handler = Troubled({1: 99})
    house = with_subscribers(ground, Subscriber("*", "troubled", handler))
    await tell(house, 1, 2, subject=new_id())
    for _try in range(MOST_ATTEMPTS + 3):
        await deliver_due(house)
        house.clock.advance(timedelta(hours=1))
    assert handler.calls == {1: MOST_ATTEMPTS, 2: 1}
    assert await deliveries(house) == [("troubled", "dead", 7, "ConnectionError"), ("troubled", "done", 1, "")]
    assert "13800138000" not in str(await deliveries(house))
    handler.times = {}
    async with house.database.write() as db:
        dead, done = await db.scalars(select(EventDelivery.id).order_by(EventDelivery.state))
        assert await revive(db, house.clock.now(), dead)
        assert not await revive(db, house.clock.now(), done)
    assert await drain(house) == 1
    assert sorted(await notes(house)) == ["park.thing_done 1", "park.thing_done 2"]


async def test_drain_lets_a_handlers_error_out(ground):
    house = with_subscribers(ground, Subscriber("*", "troubled", Troubled({1: 1})))
    await tell(house, 1)
    with pytest.raises(ConnectionError):
        await drain(house)


async def test_events_told_by_handlers_are_delivered_too(ground):
    async def retell(db, act, event):
        if event.payload["n"] < 5:
            emit(db, act, "park.thing_done", subject_id=None, payload={"n": event.payload["n"] + 1})

    house = with_subscribers(ground, Subscriber("*", "retell", retell), Subscriber("*", "notes", note))
    await tell(house, 1)
    assert await drain(house) == 10
    assert len(await notes(house)) == 5


async def test_several_dispatchers_deliver_each_event_once_and_in_order(ground):
    house = with_subscribers(ground, Subscriber("*", "notes", note))
    subjects = [new_id() for _ in range(5)]
    stop = asyncio.Event()
    dispatchers = [asyncio.create_task(run_dispatcher(house, stop, idle_seconds=0.01)) for _ in range(3)]
    for number in range(60):
        await tell(house, number, subject=subjects[number % 5])
    for _wait in range(400):
        if len(await notes(house)) >= 60:
            break
        await asyncio.sleep(0.05)
    stop.set()
    await asyncio.gather(*dispatchers)
    async with house.database.read() as db:
        rows = (await db.execute(select(NOTES.c.subject_id, NOTES.c.text).order_by(NOTES.c.number))).all()
        told = await db.scalar(select(func.count()).select_from(EventRecord))
    assert (len(rows), told) == (60, 60)
    for place, subject in enumerate(subjects):
        assert [row.text for row in rows if row.subject_id == subject] == [
            f"park.thing_done {number}" for number in range(place, 60, 5)
        ]


async def test_two_subscribers_of_one_name_are_refused(ground):
    house = with_subscribers(ground, Subscriber("*", "same", note), Subscriber("park.x", "same", note))
    with pytest.raises(ValueError, match="same"):
        await deliver_due(house)
