"""The second factor (TOTP, RFC 6238) of officers, lenders and administrators."""

import secrets
from collections.abc import Iterable
from uuid import UUID

import pyotp
from sqlalchemy.ext.asyncio import AsyncSession

from kernel import audit
from kernel.act import Act, Actor
from kernel.ground import Ground
from kernel.identity import LoginSession, Person
from kernel.settings import Settings

DEMANDED_OF = frozenset({"officer", "lender", "administrator", "auditor"})
STEP_SECONDS = 30
CODE_LENGTH = 6


def is_demanded(settings: Settings, roles: Iterable[str]) -> bool:
    """Tell whether these roles need a second factor in this deployment."""
    return settings.second_factor == "required" and not DEMANDED_OF.isdisjoint(roles)


async def is_enrolled(db: AsyncSession, actor: Actor) -> bool:
    """Tell whether the person has a second factor."""
    person = await db.get(Person, actor.id) if actor.id else None
    return person is not None and person.second_factor is not None


def start_enrolment(login: str) -> tuple[str, str]:
    """Return a fresh secret and its otpauth address for a QR code; nothing is stored yet."""
    secret = pyotp.random_base32()
    return secret, pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name="ParkLink")


async def confirm_enrolment(db: AsyncSession, ground: Ground, act: Act, secret: str, code: str) -> bool:
    """Store the secret once its owner has shown a right code; the session then counts as proven."""
    if act.actor.id is None or not _is_secret(secret):
        return False
    person = await db.get_one(Person, act.actor.id, with_for_update=True)
    step = _matching_step(secret, code, act, after=0)
    pending = act.actor.kind == "anonymous"
    if step is None or (pending and person.second_factor is not None):
        audit.write(db, act, "second_factor.refused", "person", person.id, outcome="refused")
        return False
    person.second_factor = ground.keys.encrypt(secret, _context(person.id))
    person.second_factor_step = step
    await _mark_passed(db, act)
    audit.write(db, act, "second_factor.enrolled", "person", person.id)
    return True


async def pass_second_factor(db: AsyncSession, ground: Ground, act: Act, code: str) -> bool:
    """Check a code against the person's secret; each code works once; failures count towards the lock."""
    from kernel.auth.sessions import FAILURES_BEFORE_LOCK, LOCK_TIME

    if act.actor.id is None:
        return False
    person = await db.get_one(Person, act.actor.id, with_for_update=True)
    locked = person.locked_until is not None and person.locked_until > act.now
    step = None
    if person.second_factor is not None and not locked:
        secret = ground.keys.decrypt(person.second_factor, _context(person.id))
        step = _matching_step(secret, code, act, after=person.second_factor_step)
    if step is None:
        person.failed_logins += 1
        if person.failed_logins >= FAILURES_BEFORE_LOCK:
            person.locked_until, person.failed_logins = act.now + LOCK_TIME, 0
        audit.write(db, act, "second_factor.refused", "person", person.id, outcome="refused")
        return False
    person.second_factor_step, person.failed_logins = step, 0
    await _mark_passed(db, act)
    audit.write(db, act, "second_factor.passed", "person", person.id)
    return True


async def _mark_passed(db: AsyncSession, act: Act) -> None:
    if act.actor.session_id is not None:
        session = await db.get_one(LoginSession, act.actor.session_id)
        session.second_factor_passed = True


def _matching_step(secret: str, code: str, act: Act, *, after: int) -> int | None:
    """Return the time step whose code was given (one step of clock skew either way), newer than `after`."""
    if not (code.isascii() and code.isdigit() and len(code) == CODE_LENGTH):
        return None
    totp = pyotp.TOTP(secret)
    present = int(act.now.timestamp()) // STEP_SECONDS
    for step in (present - 1, present, present + 1):
        if step > after and secrets.compare_digest(totp.generate_otp(step), code):
            return step
    return None


def _is_secret(text: str) -> bool:
    length = 32
    return len(text) == length and set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def _context(person_id: UUID) -> str:
    return f"person:second_factor:{person_id}"
