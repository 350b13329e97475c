"""Sessions of people: kept on the server, so that they end the moment somebody ends them."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kernel import audit
from kernel.act import ANONYMOUS, Act, Actor
from kernel.auth import passwords
from kernel.auth.second_factor import is_demanded
from kernel.ground import Ground
from kernel.identity import LoginSession, Membership, Organisation, Person
from kernel.ids import new_id

FAILURES_BEFORE_LOCK = 5
LOCK_TIME = timedelta(minutes=15)
IDLE_TIME = timedelta(minutes=30)
IDLE_TIME_ADMINISTRATOR = timedelta(minutes=15)
ABSOLUTE_TIME = timedelta(hours=12)
SEEN_RESOLUTION = timedelta(minutes=1)


class LoginOutcome(Struct, frozen=True):
    """What a login attempt came to: a token, or nothing that could tell an account from none."""

    token: str | None = None
    needs_second_factor: bool = False
    locale: str = "zh_CN"


class SessionRow(Struct, frozen=True):
    """A session as its owner sees it."""

    id: UUID
    browser: str
    created_at: datetime
    seen_at: datetime


async def log_in(ground: Ground, act: Act, login: str, password: str, browser: str = "") -> LoginOutcome:
    """Check a password and open a session; a failure says nothing about which part was wrong.

    Five failures lock the account for a quarter of an hour; each attempt leaves one audit entry (GB/T 22239-2019
    8.1.4.1 b). Hashing happens between two short transactions, in a thread.
    """
    folded = login.strip().casefold()
    async with ground.database.read() as db:
        person = await db.scalar(select(Person).where(Person.login == folded))
    usable = person is not None and person.is_active
    right = await passwords.verify_password(password, person.password_hash if person and usable else None)
    async with ground.database.write() as db:
        if person is None:
            audit.write(db, act, "login.refused", "person", "", outcome="refused", reason="unknown")
            return LoginOutcome()
        return await _settle(db, act, person.id, ground, right=right and usable, browser=browser)


async def _settle(
    db: AsyncSession, act: Act, person_id: UUID, ground: Ground, *, right: bool, browser: str
) -> LoginOutcome:
    person = await db.get_one(Person, person_id, with_for_update=True)
    locked = person.locked_until is not None and person.locked_until > act.now
    if locked or not right:
        person.failed_logins += 1
        if not locked and person.failed_logins >= FAILURES_BEFORE_LOCK:
            person.locked_until, person.failed_logins = act.now + LOCK_TIME, 0
            locked = True
        reason = "locked" if locked else "password"
        audit.write(db, act, "login.refused", "person", person.id, outcome="refused", reason=reason)
        return LoginOutcome()
    person.failed_logins, person.locked_until = 0, None
    memberships = await _memberships(db, person.id)
    roles = {role for _organisation, role in memberships}
    needs = person.second_factor is not None or is_demanded(ground.settings, roles)
    token = passwords.new_token()
    session = LoginSession(
        id=new_id(),
        token_hash=passwords.hash_token(token),
        person_id=person.id,
        organisation_id=memberships[0][0] if memberships else None,
        second_factor_passed=not needs,
        browser=browser[:120],
        created_at=act.now,
        seen_at=act.now,
    )
    db.add(session)
    actor = Actor(kind="person", id=person.id, organisation_id=session.organisation_id)
    audit.write(db, Act(actor, act.now, act.request_id, act.address), "login.accepted", "person", person.id)
    return LoginOutcome(token=token, needs_second_factor=needs, locale=person.locale)


async def _memberships(db: AsyncSession, person_id: UUID) -> list[tuple[UUID, str]]:
    rows = await db.execute(
        select(Membership.organisation_id, Membership.role)
        .where(Membership.person_id == person_id)
        .order_by(Membership.created_at, Membership.id)
    )
    return [(row.organisation_id, row.role) for row in rows]


_SESSION = (
    select(
        LoginSession.id,
        LoginSession.person_id,
        LoginSession.organisation_id,
        LoginSession.second_factor_passed,
        LoginSession.created_at,
        LoginSession.seen_at,
        Person.name,
        Person.locale,
        Organisation.kind,
        Organisation.name_zh,
        Organisation.name_en,
        Organisation.control_epoch,
        Membership.role,
    )
    .join(Person, Person.id == LoginSession.person_id)
    .outerjoin(Organisation, Organisation.id == LoginSession.organisation_id)
    .outerjoin(
        Membership,
        (Membership.person_id == LoginSession.person_id)
        & (Membership.organisation_id == LoginSession.organisation_id)
        & Organisation.is_active,
    )
    .where(LoginSession.ended_at.is_(None), Person.is_active)
)


async def load_session(ground: Ground, token: str, now: datetime) -> Actor:
    """Return who a session token stands for, or ANONYMOUS; a session short of its second factor is anonymous
    but keeps its ids, so that only the second-factor page knows it."""
    statement = _SESSION.where(LoginSession.token_hash == passwords.hash_token(token))
    async with ground.database.read() as db:
        rows = (await db.execute(statement)).all()
    if not rows:
        return ANONYMOUS
    first = rows[0]
    roles = frozenset(row.role for row in rows if row.role is not None)
    idle = IDLE_TIME_ADMINISTRATOR if "administrator" in roles else IDLE_TIME
    if now - first.seen_at > idle or now - first.created_at > ABSOLUTE_TIME:
        return ANONYMOUS
    if now - first.seen_at > SEEN_RESOLUTION:
        async with ground.database.write() as db:
            await db.execute(update(LoginSession).where(LoginSession.id == first.id).values(seen_at=now))
    if not first.second_factor_passed:
        return Actor(kind="anonymous", id=first.person_id, session_id=first.id, locale=first.locale)
    return Actor(
        kind="person",
        id=first.person_id,
        name=first.name,
        organisation_id=first.organisation_id,
        organisation_kind=first.kind or "",
        roles=roles,
        session_id=first.id,
        epoch=first.control_epoch or 0,
        locale=first.locale,
        organisation_name_zh=first.name_zh or "",
        organisation_name_en=first.name_en or "",
    )


async def log_out(db: AsyncSession, act: Act) -> None:
    """End the actor's own session."""
    if act.actor.session_id is not None:
        await _end(db, act, act.actor.session_id)
        audit.write(db, act, "login.ended", "person", act.actor.id or "")


async def end_session(db: AsyncSession, act: Act, session_id: UUID) -> bool:
    """End one of the actor's sessions; False when it is not theirs."""
    count = await db.scalar(
        select(func.count()).where(LoginSession.id == session_id, LoginSession.person_id == act.actor.id)
    )
    if not count:
        return False
    await _end(db, act, session_id)
    audit.write(db, act, "login.ended", "login_session", session_id)
    return True


async def _end(db: AsyncSession, act: Act, session_id: UUID) -> None:
    await db.execute(
        update(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.ended_at.is_(None))
        .values(ended_at=act.now)
    )


async def list_sessions(db: AsyncSession, actor: Actor, now: datetime) -> list[SessionRow]:
    """Return the live sessions of the actor, newest first."""
    rows = await db.execute(
        select(LoginSession.id, LoginSession.browser, LoginSession.created_at, LoginSession.seen_at)
        .where(
            LoginSession.person_id == actor.id,
            LoginSession.ended_at.is_(None),
            LoginSession.created_at > now - ABSOLUTE_TIME,
            LoginSession.seen_at > now - IDLE_TIME,
        )
        .order_by(LoginSession.created_at.desc())
    )
    return [SessionRow(row.id, row.browser, row.created_at, row.seen_at) for row in rows]
