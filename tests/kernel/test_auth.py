"""People and machines prove who they are; what fails tells nothing and is written down."""

import asyncio
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import func, select

from kernel.act import Act, Actor
from kernel.audit.models import AuditEntry
from kernel.auth import (
    add_membership,
    change_password,
    confirm_enrolment,
    create_client,
    create_person,
    issue_token,
    load_session,
    load_token,
    log_in,
    log_out,
    pass_second_factor,
    start_enrolment,
    switch_organisation,
)
from kernel.clock import FixedClock
from kernel.ground import Ground
from kernel.identity import LoginSession, MachineClient, Organisation, Person
from kernel.problems import BadInput, Conflict, NotFound
from tests.make import Make

PASSWORD = "correct-horse-battery"


async def entries(ground: Ground, action: str) -> int:
    async with ground.database.read() as db:
        return await db.scalar(select(func.count()).where(AuditEntry.action == action)) or 0


@pytest.fixture
async def act(ground: Ground) -> Act:
    await create_person(ground, Make(ground).act(), "Li.Na ", "李娜", PASSWORD)
    return Make(ground).act(Actor(kind="anonymous"))


async def test_a_right_password_opens_a_session(ground: Ground, act: Act) -> None:
    outcome = await log_in(ground, act, "LI.NA", PASSWORD)
    assert outcome.token
    actor = await load_session(ground, outcome.token, act.now)
    assert (actor.kind, actor.name) == ("person", "李娜")
    async with ground.database.read() as db:
        stored = (await db.scalars(select(LoginSession))).one()
    assert outcome.token not in stored.token_hash


async def test_six_failures_leave_six_entries_and_a_locked_account(ground: Ground, act: Act, clock: FixedClock) -> None:
    for _attempt in range(6):
        assert (await log_in(ground, act, "li.na", "wrong-password-here")).token is None
    assert await entries(ground, "login.refused") == 6
    assert (await log_in(ground, act, "li.na", PASSWORD)).token is None
    clock.advance(timedelta(minutes=16))
    assert (await log_in(ground, ground.act(act.actor), "li.na", PASSWORD)).token


async def test_an_unknown_account_fails_the_same_way(ground: Ground, act: Act) -> None:
    unknown = await log_in(ground, act, "nobody", PASSWORD)
    wrong = await log_in(ground, act, "li.na", "wrong-password-here")
    assert unknown == wrong
    assert await entries(ground, "login.refused") == 2


async def test_failures_at_once_are_all_counted(ground: Ground, act: Act) -> None:
    outcomes = await asyncio.gather(*(log_in(ground, act, "li.na", "wrong-password-here") for _n in range(6)))
    assert not any(outcome.token for outcome in outcomes)
    assert (await log_in(ground, act, "li.na", PASSWORD)).token is None


async def test_a_deactivated_person_cannot_log_in_and_loses_the_session(ground: Ground, act: Act) -> None:
    token = (await log_in(ground, act, "li.na", PASSWORD)).token or ""
    async with ground.database.write() as db:
        (await db.scalars(select(Person))).one().is_active = False
    assert not (await load_session(ground, token, act.now)).is_known
    assert (await log_in(ground, act, "li.na", PASSWORD)).token is None


async def test_logging_out_ends_the_session(ground: Ground, act: Act) -> None:
    token = (await log_in(ground, act, "li.na", PASSWORD)).token or ""
    actor = await load_session(ground, token, act.now)
    async with ground.database.write() as db:
        await log_out(db, ground.act(actor))
    assert not (await load_session(ground, token, act.now)).is_known


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", "123456789012345", "x-li.na-password", "长" * 400])
async def test_a_weak_password_is_refused(ground: Ground, act: Act, password: str) -> None:
    with pytest.raises(BadInput) as caught:
        await create_person(ground, act, "li.na", "x", password)
    assert caught.value.fields[0].name == "password"


async def test_a_login_name_is_taken_once(ground: Ground, act: Act) -> None:
    with pytest.raises(Conflict):
        await create_person(ground, act, " LI.NA", "x", PASSWORD)


async def test_changing_the_password_ends_other_sessions(ground: Ground, act: Act) -> None:
    kept = (await log_in(ground, act, "li.na", PASSWORD)).token or ""
    ended = (await log_in(ground, act, "li.na", PASSWORD)).token or ""
    actor = await load_session(ground, kept, act.now)
    with pytest.raises(BadInput):
        await change_password(ground, ground.act(actor), "not-the-password", "another-long-password")
    await change_password(ground, ground.act(actor), PASSWORD, "another-long-password")
    assert (await load_session(ground, kept, act.now)).is_known
    assert not (await load_session(ground, ended, act.now)).is_known


async def test_the_second_factor_is_asked_for_and_a_code_works_once(
    ground: Ground, act: Act, clock: FixedClock
) -> None:
    first = await load_session(ground, (await log_in(ground, act, "li.na", PASSWORD)).token or "", act.now)
    secret, address = start_enrolment("li.na")
    assert address.startswith("otpauth://totp/")
    code = pyotp.TOTP(secret).at(clock.now())
    async with ground.database.write() as db:
        assert not await confirm_enrolment(db, ground, ground.act(first), secret, "000000")
        assert await confirm_enrolment(db, ground, ground.act(first), secret, code)
    outcome = await log_in(ground, act, "li.na", PASSWORD)
    assert outcome.needs_second_factor
    pending = await load_session(ground, outcome.token or "", act.now)
    assert not pending.is_known
    clock.advance(timedelta(seconds=60))
    fresh = pyotp.TOTP(secret).at(clock.now())
    async with ground.database.write() as db:
        assert not await pass_second_factor(db, ground, ground.act(pending), code)
        assert not await pass_second_factor(db, ground, ground.act(pending), f" {fresh}")
        assert await pass_second_factor(db, ground, ground.act(pending), fresh)
        assert not await pass_second_factor(db, ground, ground.act(pending), fresh)
    assert (await load_session(ground, outcome.token or "", clock.now())).is_known
    async with ground.database.read() as db:
        assert secret not in ((await db.scalars(select(Person.second_factor))).one() or "")


async def test_a_second_factor_in_place_cannot_be_replaced_by_a_half_open_session(ground: Ground, act: Act) -> None:
    first = await load_session(ground, (await log_in(ground, act, "li.na", PASSWORD)).token or "", act.now)
    secret, _address = start_enrolment("li.na")
    async with ground.database.write() as db:
        await confirm_enrolment(db, ground, ground.act(first), secret, pyotp.TOTP(secret).at(act.now))
    pending = await load_session(ground, (await log_in(ground, act, "li.na", PASSWORD)).token or "", act.now)
    other, _address = start_enrolment("li.na")
    async with ground.database.write() as db:
        assert not await confirm_enrolment(db, ground, ground.act(pending), other, pyotp.TOTP(other).at(act.now))


async def test_a_person_acts_only_for_organisations_of_theirs(ground: Ground, act: Act, make: Make) -> None:
    own, foreign = await make.organisation(), await make.organisation()
    async with ground.database.write() as db:
        person = (await db.scalars(select(Person))).one()
        await add_membership(db, act, person.id, own, "enterprise_owner")
    token = (await log_in(ground, act, "li.na", PASSWORD)).token or ""
    actor = await load_session(ground, token, act.now)
    assert (actor.organisation_id, actor.roles) == (own, {"enterprise_owner"})
    with pytest.raises(NotFound):
        async with ground.database.write() as db:
            await switch_organisation(db, ground.act(actor), foreign)
    async with ground.database.write() as db:
        await add_membership(db, act, person.id, foreign, "data_buyer")
        await switch_organisation(db, ground.act(actor), foreign)
    assert (await load_session(ground, token, act.now)).roles == {"data_buyer"}


async def test_a_machine_token_dies_with_its_client_and_its_organisation(ground: Ground, act: Act, make: Make) -> None:
    bank = await make.organisation("lender")
    async with ground.database.write() as db:
        client = await create_client(db, act, bank, "core banking", frozenset({"lender"}))
    assert await issue_token(ground, act, client.client_id, "wrong") is None
    assert await issue_token(ground, act, "client-unknown", client.client_secret) is None
    assert await entries(ground, "token.refused") == 2
    issued = await issue_token(ground, act, client.client_id, client.client_secret)
    assert issued is not None
    actor = await load_token(ground, issued.access_token, act.now)
    assert (actor.kind, actor.organisation_id, actor.roles) == ("client", bank, {"lender"})
    async with ground.database.write() as db:
        (await db.get_one(Organisation, bank)).is_active = False
    assert not (await load_token(ground, issued.access_token, act.now)).is_known
    async with ground.database.write() as db:
        (await db.get_one(Organisation, bank)).is_active = True
        (await db.get_one(MachineClient, client.id)).is_active = False
    assert not (await load_token(ground, issued.access_token, act.now)).is_known
