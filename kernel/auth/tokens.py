"""Short-lived bearer tokens for machines (RFC 6749, client credentials); opaque, so that they can be ended."""

import secrets
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import select

from kernel import audit
from kernel.act import ANONYMOUS, Act, Actor
from kernel.auth.passwords import hash_token, new_token
from kernel.ground import Ground
from kernel.identity import AccessToken, MachineClient, Organisation

LIFETIME = timedelta(minutes=15)


class IssuedToken(Struct, frozen=True):
    """A token as handed to the machine, once."""

    access_token: str
    expires_in: int
    token_type: str = "Bearer"  # noqa: S105  (the scheme's name, RFC 6750)


async def issue_token(ground: Ground, act: Act, client_id: str, client_secret: str) -> IssuedToken | None:
    """Exchange client credentials for a token that lives a quarter of an hour; None when they are wrong."""
    given = hash_token(client_secret)
    async with ground.database.write() as db:
        client = await db.scalar(
            select(MachineClient).where(MachineClient.client_id == client_id, MachineClient.is_active)
        )
        if client is None or not secrets.compare_digest(client.secret_hash, given):
            audit.write(
                db,
                act,
                "token.refused",
                "machine_client",
                client.id if client else "",
                outcome="refused",
                reason="secret" if client else "unknown",
            )
            return None
        token = new_token()
        db.add(
            AccessToken(
                token_hash=hash_token(token),
                machine_client_id=client.id,
                created_at=act.now,
                expires_at=act.now + LIFETIME,
            )
        )
        actor = Actor(kind="client", id=client.id, organisation_id=client.organisation_id)
        audit.write(db, Act(actor, act.now, act.request_id, act.address), "token.issued", "machine_client", client.id)
    return IssuedToken(token, int(LIFETIME.total_seconds()))


_TOKEN = (
    select(
        MachineClient.id,
        MachineClient.name,
        MachineClient.roles,
        MachineClient.organisation_id,
        AccessToken.expires_at,
        Organisation.kind,
        Organisation.name_zh,
        Organisation.name_en,
        Organisation.control_epoch,
    )
    .join(MachineClient, MachineClient.id == AccessToken.machine_client_id)
    .join(Organisation, Organisation.id == MachineClient.organisation_id)
    .where(MachineClient.is_active, Organisation.is_active)
)


async def load_token(ground: Ground, token: str, now: datetime) -> Actor:
    """Return the machine a bearer token stands for, or ANONYMOUS."""
    async with ground.database.read() as db:
        row = (await db.execute(_TOKEN.where(AccessToken.token_hash == hash_token(token)))).one_or_none()
    if row is None or row.expires_at <= now:
        return ANONYMOUS
    return Actor(
        kind="client",
        id=row.id,
        name=row.name,
        organisation_id=row.organisation_id,
        organisation_kind=row.kind,
        roles=frozenset(row.roles),
        epoch=row.control_epoch,
        organisation_name_zh=row.name_zh,
        organisation_name_en=row.name_en,
    )
