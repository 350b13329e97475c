"""The timeline: every room's events, exactly once, and a park operator sees only what is its business."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

import enterprises
from enterprises.models import TimelineRow
from enterprises.service import keep_timeline
from kernel import events, scope
from kernel.act import Actor
from kernel.events import Event
from kernel.paging import ListQuery
from kernel.problems import NotFound
from kernel.texts import Text


async def emit(ground, company, name, text="x", **more):
    async with ground.database.write() as db:
        return events.emit(
            db,
            ground.act(Actor.system("test")),
            name,
            subject_id=company,
            payload={},
            timeline=Text(text, text),
            **more,
        )


async def entries(ground, actor, company):
    async with ground.database.read() as db:
        return (await enterprises.timeline_of(db, actor, company, ListQuery())).items


async def test_events_of_all_rooms_arrive_once_however_often_they_are_delivered(both_grounds, register, clock):
    company = await register(both_grounds)
    await events.drain(both_grounds)
    clock.advance(timedelta(minutes=1))
    made = await emit(both_grounds, company, "credit.score_queried", link="/credit")
    await events.drain(both_grounds)
    event = Event(
        id=made,
        name="credit.score_queried",
        version=1,
        at=clock.now(),
        subject_id=company,
        payload={},
        timeline=Text("x", "x"),
        link="/credit",
        actor_kind="system",
        actor_id=None,
        actor_name="t",
        organisation_id=None,
    )
    for _again in range(3):
        async with both_grounds.database.write() as db:
            await keep_timeline(db, both_grounds.act(Actor.system("test")), event)
    found = await entries(both_grounds, Actor.system("test"), company)
    assert [(one.event, one.room) for one in found] == [
        ("credit.score_queried", "credit"),
        ("enterprises.enterprise_registered", "enterprises"),
    ]


async def test_events_about_nobody_or_no_company_leave_nothing(both_grounds, make_on):
    lender = await make_on(both_grounds).organisation("lender")
    await emit(both_grounds, lender, "credit.score_queried")
    await emit(both_grounds, None, "credit.score_queried")
    await emit(both_grounds, uuid4(), "credit.score_queried")
    await events.drain(both_grounds)
    async with both_grounds.database.read() as db:
        assert await db.scalar(select(func.count()).select_from(TimelineRow)) == 0


async def test_a_park_operator_sees_the_parks_business_of_its_tenants_only(both_grounds, register, make_on):
    tenant, stranger = await register(both_grounds), await register(both_grounds)
    operator = await make_on(both_grounds).person("park_operator")
    async with both_grounds.database.write() as db:
        await scope.link(db, both_grounds.act(operator), operator.organisation_id, tenant, "tenant")
    for name in ("credit.score_queried", "data_exchange.consent_granted", "park.lease_signed"):
        await emit(both_grounds, tenant, name)
    await events.drain(both_grounds)
    assert {one.room for one in await entries(both_grounds, operator, tenant)} == {"park", "enterprises"}
    own = Actor(kind="person", id=uuid4(), organisation_id=tenant, roles=frozenset({"enterprise_owner"}))
    assert {one.room for one in await entries(both_grounds, own, tenant)} == {
        "park",
        "enterprises",
        "credit",
        "data_exchange",
    }
    with pytest.raises(NotFound):
        await entries(both_grounds, operator, stranger)
    with pytest.raises(NotFound):
        await entries(both_grounds, own, stranger)
