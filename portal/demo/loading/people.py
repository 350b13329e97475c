"""Organisations other than companies, the demo people, and the lenders' machine clients."""

from sqlalchemy import select

from kernel import audit
from kernel.auth import add_membership, create_client, create_person
from kernel.identity import Organisation, Person, organisation_row
from portal.demo.loading.stage import Stage
from portal.demo.logins import LOGINS, MachineLogin, save_credentials

OPENED = 432  # days ago: when the demo's platform opened
MACHINES = ("bank", "microcredit")


async def register_organisations(stage: Stage) -> None:
    """The park's operator, the government office, the lenders and the platform."""
    act = stage.act(OPENED)
    async with stage.ground.database.write() as db:
        codes = [other.uscc for other in stage.world.others]
        known = set(await db.scalars(select(Organisation.uscc).where(Organisation.uscc.in_(codes))))
        for other in stage.world.others:
            if other.uscc in known:
                continue
            row = organisation_row(
                kind=other.kind,
                name_zh=other.name_zh,
                name_en=other.name_en,
                now=act.now,
                uscc=other.uscc,
                division_code=stage.world.place.park.division,
            )
            db.add(row)
            await db.flush()
            audit.write(db, act, "organisation.registered", "organisation", row.id, subject_id=row.id)


async def create_people(stage: Stage) -> None:
    """One person for each login, with the passwords of the data folder."""
    act = stage.act(OPENED - 4)
    for login in LOGINS:
        async with stage.ground.database.read() as db:
            person_id = await db.scalar(select(Person.id).where(Person.login == login.login))
        if person_id is None:
            person_id = await create_person(
                stage.ground, act, login.login, login.name_zh, stage.credentials.passwords[login.login]
            )
        organisations = [await stage.organisation_id(key) for key in login.organisations]
        async with stage.ground.database.write() as db:
            for organisation_id in organisations:
                for role in login.roles:
                    await add_membership(db, act, person_id, organisation_id, role)


async def create_machines(stage: Stage) -> None:
    """A machine client for each lender. The file is written after the commit: a client nobody knows the secret of is
    made again under another id, never guessed.
    """
    for key in MACHINES:
        if key in stage.credentials.machines:
            continue
        organisation_id = await stage.organisation_id(key)
        async with stage.ground.database.write() as db:
            made = await create_client(db, stage.act(OPENED - 4), organisation_id, f"demo {key}", frozenset({"lender"}))
        stage.credentials.machines[key] = MachineLogin(key, made.client_id, made.client_secret)
        save_credentials(stage.ground.settings.data_dir, stage.credentials)
