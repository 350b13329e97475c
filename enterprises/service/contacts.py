"""Contacts of a company: as little about a person as the work needs, sealed at rest, erased when removed (PIPL 47)."""

from typing import Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from enterprises import store
from enterprises.contracts import ContactIn
from enterprises.models import ContactRow
from enterprises.rules import mask_phone
from kernel import audit
from kernel.act import Act, Actor
from kernel.ids import new_id
from kernel.keys import KeyRing
from kernel.problems import BadInput, FieldProblem, NotFound
from kernel.texts import N_
from kernel.texts import gettext as _

MAXIMUM_CONTACTS = 20
DUTIES = {
    "legal_representative": N_("Legal representative"),
    "policy": N_("Policies and applications"),
    "finance": N_("Finance"),
    "data": N_("Data and consents"),
    "other": N_("Other"),
}


class Contact(Struct, frozen=True, kw_only=True):
    """An opened contact; the phone is masked for everybody but the company itself."""

    id: UUID
    duty: Literal["legal_representative", "policy", "finance", "data", "other"]
    name: str
    phone: str


async def add_contact(db: AsyncSession, act: Act, keys: KeyRing, enterprise_id: UUID, data: ContactIn) -> UUID:
    """Add a contact to one's own company; raises NotFound for another's, BadInput when there are too many."""
    if act.actor.organisation_id != enterprise_id and act.actor.kind != "system":
        raise NotFound
    if not data.name.strip():
        raise BadInput(fields=[FieldProblem("name", _("Please fill in this field."))])
    if await store.lock_enterprise(db, act, enterprise_id) is None:
        raise NotFound
    if len(await store.contacts_of(db, act.actor, enterprise_id)) >= MAXIMUM_CONTACTS:
        raise BadInput(_("A company keeps at most %(limit)s contacts.", limit=MAXIMUM_CONTACTS))
    contact_id = new_id()
    db.add(
        ContactRow(
            id=contact_id,
            enterprise_id=enterprise_id,
            duty=data.duty,
            name_sealed=keys.encrypt(data.name.strip(), f"contact:name:{contact_id}"),
            phone_sealed=keys.encrypt(data.phone.strip(), f"contact:phone:{contact_id}"),
            recorded_at=act.now,
        )
    )
    await db.flush()
    audit.write(db, act, "contact.added", "contact", contact_id, subject_id=enterprise_id, detail={"duty": data.duty})
    return contact_id


async def remove_contact(db: AsyncSession, act: Act, contact_id: UUID) -> None:
    """Erase a contact of one's own company; raises NotFound for another's."""
    row = await store.find_contact(db, act.actor, contact_id)
    audit.write(db, act, "contact.removed", "contact", row.id, subject_id=row.enterprise_id)
    await db.delete(row)
    await db.flush()


async def open_contacts(db: AsyncSession, actor: Actor, keys: KeyRing, enterprise_id: UUID) -> list[Contact]:
    """Return the contacts of a company the actor may see, opened."""
    own = actor.organisation_id == enterprise_id
    opened = []
    for row in await store.contacts_of(db, actor, enterprise_id):
        phone = keys.decrypt(row.phone_sealed, f"contact:phone:{row.id}")
        opened.append(
            Contact(
                id=row.id,
                duty=row.duty,  # type: ignore[arg-type]
                name=keys.decrypt(row.name_sealed, f"contact:name:{row.id}"),
                phone=phone if own else mask_phone(phone),
            )
        )
    return opened
