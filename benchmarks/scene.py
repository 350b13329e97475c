"""The scene our own server is timed on: a lender with one answered score query, cases that wait for their receipt."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from msgspec import Struct

import data_exchange
from credit import ask_score
from credit.service import import_bill
from kernel import audit
from kernel.act import Actor
from kernel.auth import add_membership, create_person
from kernel.clock import FixedClock
from kernel.ground import Ground, open_ground
from kernel.settings import load_settings
from kernel.web.guard import SESSION_COOKIE, csrf_token
from policy_matching import (
    Draft,
    accept_application,
    approve_application,
    hand_over_payment,
    save_draft,
    start_application,
    submit_application,
)
from portal import migrations
from portal.rooms import ROOMS
from portal.service.room import service
from portal.shell.room import shell
from tests.credit import bills
from tests.make import Make
from tests.policy_matching.world import ELIGIBLE_RD, PAYEE, World

PASSWORD = "a-password-of-the-benchmark"  # noqa: S105 - of the benchmark alone
AMOUNT = Decimal(100)


class Scene(Struct):
    """What the load generator needs to know."""

    lender_token: str
    query_id: str
    officer_headers: dict[str, str]
    cases: list[tuple[str, int]]
    writer_headers: dict[str, str]
    writer_id: str
    logins: list[str]


def environment(folder: Path, url: str) -> dict[str, str]:
    """Return the settings of the timed deployment."""
    return {"PARKLINK_DATA_DIR": str(folder), "PARKLINK_DATABASE_URL": url, "PARKLINK_LOG_LEVEL": "WARNING"}


def prepare(folder: Path, url: str, *, cases: int, logins: int) -> Scene:
    """Build the scene in an empty database through the rooms' own doors."""
    return asyncio.run(_prepare(folder, url, cases, logins))


async def _prepare(folder: Path, url: str, cases: int, logins: int) -> Scene:
    clock = FixedClock(datetime.now(UTC) - timedelta(days=20))
    ground = open_ground(load_settings(environment(folder, url)), clock=clock, rooms=(*ROOMS, shell, service))
    try:
        await migrations.upgrade(ground.database)
        world = await World(ground).begin()
        waiting = [await _approved(world) for _n in range(cases)]
        clock.set(datetime.now(UTC))
        paid = [await _handed_over(world, case) for case in waiting]
        officer = await world.make.session(world.officer)
        owner = await world.company(**ELIGIBLE_RD)
        token, query = await _lender(ground, owner)
        names = [f"person-{number}" for number in range(logins)]
        for name in names:
            person = await create_person(ground, world.system, name, name, PASSWORD)
            async with ground.database.write() as db:
                await add_membership(
                    db, world.system, person, owner.organisation_id or UUID(int=0), "enterprise_member"
                )
        session = await world.make.session(owner)
        await audit.seal_all(ground.database, ground.keys, ground.clock)
        return Scene(
            token, query, _cookie(ground, officer), paid, _cookie(ground, session), str(owner.organisation_id), names
        )
    finally:
        await ground.close()


def _cookie(ground: Ground, token: str) -> dict[str, str]:
    return {"Cookie": f"{SESSION_COOKIE}={token}", "X-CSRF-Token": csrf_token(ground, token)}


async def _approved(world: World) -> UUID:
    owner = await world.company(**ELIGIBLE_RD)
    act = world.ground.act(owner)
    async with world.ground.database.write() as db:
        row = await start_application(db, act, "sample-rd-reward")
        row = await save_draft(db, act, row.id, Draft(**PAYEE), row.version)
        await submit_application(db, act, row.id, promise=False)
        await accept_application(db, world.office, row.id)
        await approve_application(db, world.office, row.id, AMOUNT)
        return row.id


async def _handed_over(world: World, case: UUID) -> tuple[str, int]:
    from policy_matching.models import Application

    async with world.ground.database.write() as db:
        await hand_over_payment(db, world.office, case)
        await db.flush()
        return str(case), (await db.get_one(Application, case)).version


async def _lender(ground: Ground, owner: Actor) -> tuple[str, str]:
    make = Make(ground)
    lender, token = await make.machine("lender")
    company = owner.organisation_id or UUID(int=0)
    await import_bill(ground, ground.act(Actor.system("bench")), company, bills.content(bills.steady()))
    async with ground.database.write() as db:
        given = data_exchange.ConsentIn(
            recipient_id=lender.organisation_id or UUID(int=0),
            expires_at=ground.clock.now() + timedelta(days=30),
            purpose="credit_scoring",
            scope=frozenset({"cloud_score"}),
        )
        await data_exchange.grant_consent(db, ground.act(owner), given)
    async with ground.database.write() as db:
        row, _score = await ask_score(
            db, ground.act(lender), enterprise_id=company, purpose="loan_application", legal_basis="benchmark"
        )
        return token, str(row.id)
