"""The ground keeps itself in order: it seals, delivers, and removes what has had its time."""

from datetime import timedelta

import msgspec
from sqlalchemy import func, select, update

from kernel import audit
from kernel.act import Actor
from kernel.events import Subscriber, emit
from kernel.identity import AccessToken, LoginSession, MachineClient, Person
from kernel.ids import new_id
from kernel.jobs import Job, JobKind, enqueue, job_schedules, run_due_jobs
from kernel.jobs.schedules import trigger_of
from kernel.web.once import IdempotencyKey
from kernel.web.rooms import Room


async def run(house, kind):
    async with house.database.write() as db:
        job_id = await enqueue(db, house.act(Actor.system("test")), kind, {})
    await run_due_jobs(house)
    async with house.database.read() as db:
        job = (await db.scalars(select(Job).where(Job.id == job_id))).one()
    assert job.state == "done", job.note
    return job.result


async def count(house, table):
    async with house.database.read() as db:
        return await db.scalar(select(func.count()).select_from(table))


async def test_the_audit_log_is_sealed_into_the_database_and_the_file(house, act):
    async with house.database.write() as db:
        audit.write(db, act, "thing.done", "thing", "1")
    assert await run(house, "kernel.seal_audit") == {"checkpoints": 1}
    report = await audit.verify(house.database, house.keys, checkpoint_file=house.settings.checkpoint_file)
    assert (report.is_sound, report.size, report.external) == (True, 1, 1)
    assert await run(house, "kernel.seal_audit") == {"checkpoints": 0}


async def test_events_that_no_dispatcher_took_are_delivered(house, act):
    heard = []

    async def hear(db, act, event):
        heard.append(event.name)

    house = msgspec.structs.replace(house, rooms=(Room("x", subscribers=(Subscriber("*", "x", hear),)),))
    async with house.database.write() as db:
        emit(db, act, "park.thing_done", subject_id=None, payload={})
    assert await run(house, "kernel.deliver_events") == {"delivered": 1}
    assert heard == ["park.thing_done"]


async def test_what_has_expired_is_removed_and_the_rest_stays(house, organisation):
    now = house.clock.now()

    def age(**past):
        return now - timedelta(**past)

    async def nothing(ground, job):
        return None

    house = msgspec.structs.replace(house, rooms=(Room("x", jobs=(JobKind("nothing", nothing),)),))
    person = Person(id=new_id(), login="a", name="A", password_hash="x", created_at=now)
    machine = MachineClient(
        id=new_id(), client_id="c", secret_hash="x", organisation_id=organisation, name="C", roles=[], created_at=now
    )
    async with house.database.write() as db:
        db.add_all([person, machine])
        await db.flush()
        for number, past in enumerate((age(hours=25), age(hours=23))):
            db.add(
                IdempotencyKey(
                    owner_id=organisation,
                    route="r",
                    key=f"key {number}",
                    fingerprint="",
                    status=201,
                    body=b"",
                    created_at=past,
                )
            )
        for number, (seen, ended) in enumerate(
            ((age(days=31), None), (age(days=32), age(days=31)), (age(days=29), None))
        ):
            db.add(
                LoginSession(token_hash=f"{number}", person_id=person.id, created_at=seen, seen_at=seen, ended_at=ended)
            )
        for number, past in enumerate((age(days=2), age(hours=2))):
            db.add(AccessToken(token_hash=f"{number}", machine_client_id=machine.id, created_at=past, expires_at=past))
        for key in (None, "schedule:x@1", "business"):
            await enqueue(db, house.act(Actor.system("test")), "nothing", {}, key=key)
    await run_due_jobs(house)
    async with house.database.write() as db:
        await db.execute(update(Job).values(finished_at=age(days=15)))
    removed = await run(house, "kernel.remove_expired")
    assert removed == {"idempotency_keys": 1, "sessions": 2, "tokens": 1, "jobs": 2, "files": 0}
    for table in (IdempotencyKey, LoginSession, AccessToken):
        assert await count(house, table) == 1
    async with house.database.read() as db:
        assert set(await db.scalars(select(Job.key))) == {"business", None}  # None: the cleaning itself


def test_every_schedule_of_the_ground_can_be_planned():
    from types import SimpleNamespace

    for schedule in job_schedules(SimpleNamespace(rooms=())):
        assert trigger_of(schedule)
