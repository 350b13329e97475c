"""Registering a company: its organisation, its entry in the register, and the facts registration proves."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from enterprises import store
from enterprises.codes import CodeCheck, check_division, check_industry, check_uscc
from enterprises.contracts import EnterpriseIn, FactIn
from enterprises.models import EnterpriseRow
from enterprises.service.record import write_facts
from kernel import audit, events
from kernel.act import Act
from kernel.identity import organisation_row
from kernel.problems import BadInput, Conflict, FieldProblem
from kernel.texts import Text
from kernel.texts import gettext as _

MAXIMUM_NAME = 200


def check_registration(data: EnterpriseIn) -> EnterpriseIn:
    """Return the data with normalised codes; raises BadInput that names every wrong field at once."""
    checks: dict[str, CodeCheck] = {
        "uscc": check_uscc(data.uscc),
        "industry_code": check_industry(data.industry_code),
        "division_code": check_division(data.division_code),
    }
    wrong = [FieldProblem(name, Text(c.zh, c.en).local()) for name, c in checks.items() if not c.ok]
    if not data.name_zh.strip() or len(data.name_zh) > MAXIMUM_NAME:
        wrong.append(FieldProblem("name_zh", _("A company needs a name of at most %(limit)s characters.", limit=200)))
    if wrong:
        raise BadInput(fields=wrong)
    return EnterpriseIn(
        uscc=checks["uscc"].code,
        name_zh=data.name_zh.strip(),
        name_en=data.name_en.strip(),
        industry_code=checks["industry_code"].code,
        division_code=checks["division_code"].code,
        registered_on=data.registered_on,
        address_zh=data.address_zh,
        address_en=data.address_en,
        source=data.source,
        authority=data.authority,
    )


async def register_enterprise(db: AsyncSession, act: Act, data: EnterpriseIn) -> UUID:
    """Register a company and return its id; registering the same credit code again returns the same id.

    Raises BadInput naming the wrong fields, Conflict when the code belongs to an organisation of another kind.
    """
    data = check_registration(data)
    known = await store.find_by_uscc(db, act, data.uscc)
    if known is not None:
        return known.id
    organisation = await store.find_organisation(db, act, data.uscc)
    if organisation is None:
        organisation = organisation_row(
            kind="enterprise",
            name_zh=data.name_zh,
            name_en=data.name_en,
            now=act.now,
            uscc=data.uscc,
            division_code=data.division_code,
        )
        db.add(organisation)
        await db.flush()
    elif organisation.kind != "enterprise":
        raise Conflict(_("This credit code belongs to an organisation that is not a company."))
    row = EnterpriseRow(
        id=organisation.id,
        uscc=data.uscc,
        name_zh=data.name_zh,
        name_en=data.name_en,
        industry_code=data.industry_code,
        division_code=data.division_code,
        registered_on=data.registered_on,
        address_zh=data.address_zh,
        address_en=data.address_en,
        created_at=act.now,
    )
    db.add(row)
    await db.flush()
    await write_facts(db, act, row, _registration_facts(data))
    audit.write(db, act, "enterprise.registered", "enterprise", row.id, subject_id=row.id)
    events.emit(
        db,
        act,
        "enterprises.enterprise_registered",
        subject_id=row.id,
        payload={"uscc": row.uscc},
        timeline=Text("企业在园企通登记", "Registered with ParkLink"),
        link="/enterprise",
    )
    return row.id


def _registration_facts(data: EnterpriseIn) -> list[FactIn]:
    values = {
        "industry_code": data.industry_code,
        "division_code": data.division_code,
        "registered_on": data.registered_on,
    }
    return [
        FactIn(name=name, value=value, source=data.source, authority=data.authority)
        for name, value in values.items()
        if value is not None
    ]
