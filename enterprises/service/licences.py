"""Licences and certificates of a company (电子证照): entered, shown, retired; never changed in place."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from enterprises import store
from enterprises.contracts import LicenceIn
from enterprises.models import LicenceRow
from kernel import audit, events
from kernel.act import Act
from kernel.ids import new_id
from kernel.problems import BadInput, FieldProblem, NotFound
from kernel.texts import N_, Text
from kernel.texts import gettext as _

LICENCE_KINDS = {
    "business_licence": N_("Business licence"),
    "production_permit": N_("Production permit"),
    "qualification": N_("Qualification certificate"),
    "recognition": N_("Official recognition"),
    "intellectual_property": N_("Intellectual property certificate"),
    "other": N_("Other licence"),
}


async def record_licence(db: AsyncSession, act: Act, enterprise_id: UUID, data: LicenceIn) -> UUID:
    """Enter a licence and return its id; the same kind and number again returns the one that stands.

    Raises NotFound for a foreign company, BadInput naming the field.
    """
    own = act.actor.organisation_id == enterprise_id
    if not own and act.actor.kind != "system" and not act.actor.has("officer"):
        raise NotFound
    wrong = []
    if data.kind not in LICENCE_KINDS:
        wrong.append(FieldProblem("kind", _("Please choose one of the options.")))
    if not data.number.strip():
        wrong.append(FieldProblem("number", _("Please fill in this field.")))
    if data.issued_on and data.valid_until and data.valid_until < data.issued_on:
        wrong.append(FieldProblem("valid_until", _("A licence cannot end before it was issued.")))
    if own and data.authority != "declared":
        wrong.append(FieldProblem("authority", _("A company records its own word only: authority must be 'declared'.")))
    if wrong:
        raise BadInput(fields=wrong)
    if await store.lock_enterprise(db, act, enterprise_id) is None:
        raise NotFound
    for standing in await store.licences_of(db, act.actor, enterprise_id):
        if (standing.kind, standing.number) == (data.kind, data.number.strip()):
            return standing.id
    row = LicenceRow(
        id=new_id(),
        enterprise_id=enterprise_id,
        kind=data.kind,
        number=data.number.strip(),
        name_zh=data.name_zh,
        name_en=data.name_en,
        issuer_zh=data.issuer_zh,
        issued_on=data.issued_on,
        valid_until=data.valid_until,
        source=data.source or "declared:company",
        authority=data.authority,
        recorded_at=act.now,
        retired_at=None,
    )
    db.add(row)
    await db.flush()
    audit.write(db, act, "licence.recorded", "licence", row.id, subject_id=enterprise_id, detail={"kind": row.kind})
    events.emit(
        db,
        act,
        "enterprises.licence_recorded",
        subject_id=enterprise_id,
        payload={"licence_id": str(row.id), "kind": row.kind},
        timeline=Text(f"登记证照：{row.name_zh}", f"Licence entered: {row.name_en or row.name_zh}"),
        link="/enterprise",
    )
    return row.id


async def retire_licence(db: AsyncSession, act: Act, licence_id: UUID) -> None:
    """Take a licence of one's own company out of the list; raises NotFound for another's."""
    row = await store.find_licence(db, act.actor, licence_id)
    row.retired_at = act.now
    await db.flush()
    audit.write(db, act, "licence.retired", "licence", row.id, subject_id=row.enterprise_id)
    events.emit(
        db,
        act,
        "enterprises.licence_retired",
        subject_id=row.enterprise_id,
        payload={"licence_id": str(row.id), "kind": row.kind},
        timeline=Text(f"停用证照：{row.name_zh}", f"Licence retired: {row.name_en or row.name_zh}"),
        link="/enterprise",
    )
