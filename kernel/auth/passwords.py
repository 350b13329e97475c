"""Passwords: argon2id in threads, never on the event loop and never inside a transaction."""

import asyncio
import hashlib
import secrets
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MINIMUM_LENGTH = 12
MAXIMUM_BYTES = 1024
# OWASP's second argon2id profile: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(memory_cost=19456, time_cost=2, parallelism=1)
# Two at a time: more would only starve the web workers of their cores.
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
_DECOY = _hasher.hash(secrets.token_hex(16))


async def hash_password(password: str) -> str:
    """Return the argon2id hash of a password."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def verify_password(password: str, stored: str | None) -> bool:
    """Tell whether the password is right; takes the same time when there is no such account."""
    if len(password.encode()) > MAXIMUM_BYTES:
        password = ""
    return await asyncio.get_running_loop().run_in_executor(_threads, _verify, password, stored)


def _verify(password: str, stored: str | None) -> bool:
    try:
        _hasher.verify(stored or _DECOY, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def weakness(password: str, login: str) -> str | None:
    """Return why a new password is too weak ("short", "long", "plain", "login"), or None (ASVS 5.0, 6.2)."""
    if len(password) < MINIMUM_LENGTH:
        return "short"
    if len(password.encode()) > MAXIMUM_BYTES:
        return "long"
    distinct = 5
    if len(set(password)) < distinct or password.isdigit():
        return "plain"
    if login and login.casefold() in password.casefold():
        return "login"
    return None


def new_token() -> str:
    """Return a fresh opaque token with 256 bits of chance."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return what the database keeps of a token: enough to find it, not to use it."""
    return hashlib.sha256(token.encode()).hexdigest()
