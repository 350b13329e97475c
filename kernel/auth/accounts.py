"""People, their roles, and the machine clients of an organisation."""

from uuid import UUID

from msgspec import Struct
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kernel import audit
from kernel.act import ROLES, Act, Actor
from kernel.auth.passwords import hash_password, hash_token, new_token, verify_password, weakness
from kernel.ground import Ground
from kernel.identity import LoginSession, MachineClient, Membership, Organisation, Person
from kernel.ids import new_id
from kernel.problems import BadInput, Conflict, FieldProblem, NotFound
from kernel.texts import N_
from kernel.texts import gettext as _

WEAKNESSES = {
    "short": N_("Use at least 12 characters."),
    "long": N_("Use at most 1,024 bytes."),
    "plain": N_("Use a less uniform password."),
    "login": N_("The password must not contain the login name."),
}


class NewClient(Struct, frozen=True):
    """A machine client's credentials; the secret is shown once."""

    id: UUID
    client_id: str
    client_secret: str


class OrganisationChoice(Struct, frozen=True):
    """An organisation the person may act for, with the roles held there."""

    id: UUID
    kind: str
    name_zh: str
    name_en: str
    roles: frozenset[str]


async def create_person(ground: Ground, act: Act, login: str, name: str, password: str, locale: str = "zh_CN") -> UUID:
    """Create somebody who can log in; BadInput for a weak password, Conflict for a taken login."""
    folded = login.strip().casefold()
    weak = weakness(password, folded)
    if weak is not None:
        raise BadInput(fields=[FieldProblem("password", _(WEAKNESSES[weak]))])
    hashed = await hash_password(password)
    async with ground.database.write() as db:
        if await db.scalar(select(Person.id).where(Person.login == folded)) is not None:
            raise Conflict(_("This login name is taken."))
        person = Person(id=new_id(), login=folded, name=name, password_hash=hashed, locale=locale, created_at=act.now)
        db.add(person)
        audit.write(db, act, "person.created", "person", person.id)
    return person.id


async def change_password(ground: Ground, act: Act, present: str, new: str) -> None:
    """Change the actor's own password and end their other sessions; BadInput names the field that is wrong."""
    async with ground.database.read() as db:
        person = await db.get(Person, act.actor.id)
    if person is None:
        raise NotFound
    if not await verify_password(present, person.password_hash):
        raise BadInput(fields=[FieldProblem("present", _("This is not your present password."))])
    weak = weakness(new, person.login)
    if weak is not None:
        raise BadInput(fields=[FieldProblem("new", _(WEAKNESSES[weak]))])
    hashed = await hash_password(new)
    async with ground.database.write() as db:
        await db.execute(update(Person).where(Person.id == person.id).values(password_hash=hashed))
        await db.execute(
            update(LoginSession)
            .where(
                LoginSession.person_id == person.id,
                LoginSession.id != act.actor.session_id,
                LoginSession.ended_at.is_(None),
            )
            .values(ended_at=act.now)
        )
        audit.write(db, act, "person.password_changed", "person", person.id)


async def add_membership(db: AsyncSession, act: Act, person_id: UUID, organisation_id: UUID, role: str) -> None:
    """Give a person a role in an organisation; giving it twice is the same as once."""
    if role not in ROLES:
        raise BadInput(fields=[FieldProblem("role", _("There is no such role."))])
    known = await db.scalar(
        select(Membership.id).where(
            Membership.person_id == person_id, Membership.organisation_id == organisation_id, Membership.role == role
        )
    )
    if known is None:
        db.add(Membership(person_id=person_id, organisation_id=organisation_id, role=role, created_at=act.now))
        audit.write(db, act, "membership.added", "person", person_id, subject_id=organisation_id, detail={"role": role})
        await db.flush()


async def list_memberships(db: AsyncSession, person_id: UUID) -> list[tuple[UUID, str]]:
    """Return (organisation, role) pairs of a person."""
    rows = await db.execute(
        select(Membership.organisation_id, Membership.role).where(Membership.person_id == person_id)
    )
    return [(row.organisation_id, row.role) for row in rows]


async def membership_organisations(db: AsyncSession, actor: Actor) -> list[OrganisationChoice]:
    """Return the organisations the actor may switch to."""
    rows = await db.execute(
        select(Organisation.id, Organisation.kind, Organisation.name_zh, Organisation.name_en, Membership.role)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.person_id == actor.id, Organisation.is_active)
        .order_by(Organisation.created_at, Organisation.id)
    )
    found: dict[UUID, OrganisationChoice] = {}
    for row in rows:
        before = found.get(row.id)
        roles = (before.roles if before else frozenset()) | {row.role}
        found[row.id] = OrganisationChoice(row.id, row.kind, row.name_zh, row.name_en, roles)
    return list(found.values())


async def switch_organisation(db: AsyncSession, act: Act, organisation_id: UUID) -> None:
    """Let the actor's session act for another of their organisations; NotFound when they have no role there."""
    choices = await membership_organisations(db, act.actor)
    if act.actor.session_id is None or organisation_id not in {choice.id for choice in choices}:
        raise NotFound
    await db.execute(
        update(LoginSession).where(LoginSession.id == act.actor.session_id).values(organisation_id=organisation_id)
    )
    audit.write(db, act, "session.organisation_switched", "organisation", organisation_id)


async def create_client(
    db: AsyncSession, act: Act, organisation_id: UUID, name: str, roles: frozenset[str]
) -> NewClient:
    """Create a machine client; its secret is returned this once and stored only as a hash."""
    secret = new_token()
    client = MachineClient(
        id=new_id(),
        client_id=f"client-{new_id().hex[-12:]}",
        secret_hash=hash_token(secret),
        organisation_id=organisation_id,
        name=name,
        roles=sorted(roles),
        created_at=act.now,
    )
    db.add(client)
    audit.write(db, act, "machine_client.created", "machine_client", client.id, subject_id=organisation_id)
    await db.flush()
    return NewClient(client.id, client.client_id, secret)
