"""What every step of the load needs: the ground, the generated world, who acts, and when."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select

from kernel.act import Act, Actor
from kernel.clock import SHANGHAI
from kernel.ground import Ground
from kernel.identity import Membership, Organisation, Person
from portal.demo.generate import DemoTenant, DemoWorld
from portal.demo.logins import Credentials

LOADER = Actor.system("parklink demo")


class Stage:
    """The state of one load. Everything it knows of the database is read again after a restart."""

    def __init__(self, ground: Ground, world: DemoWorld, credentials: Credentials) -> None:
        self.ground = ground
        self.world = world
        self.credentials = credentials
        self.kept: dict[str, dict[str, str]] = {}
        self._organisations: dict[str, UUID] = {}

    def moment(self, days_ago: float, hour: int = 10) -> datetime:
        """A moment of the demo's past, `hour` o'clock in Shanghai; never later than now."""
        day: date = self.world.today - timedelta(days=days_ago)
        return min(datetime.combine(day, time(hour), SHANGHAI).astimezone(UTC), self.ground.clock.now())

    def act(self, days_ago: float, hour: int = 10, actor: Actor = LOADER) -> Act:
        """A deed of the loader, or of somebody, on a day of the past."""
        return Act(actor, self.moment(days_ago, hour), request_id="demo")

    def tenant(self, key: str) -> DemoTenant:
        """One company of the world."""
        return next(tenant for tenant in self.world.tenants if tenant.entry.key == key)

    async def organisation_id(self, key: str) -> UUID:
        """The id of a tenant (by key) or of park, office, bank, microcredit, platform."""
        if not self._organisations:
            async with self.ground.database.read() as db:
                codes = self.codes()
                rows = await db.execute(select(Organisation.uscc, Organisation.id).where(Organisation.uscc.in_(codes)))
                self._organisations = {codes[code]: organisation for code, organisation in rows if code}
        if key not in self._organisations:
            self._organisations.clear()
            raise LookupError(f"the demo has no organisation {key!r} yet")
        return self._organisations[key]

    def codes(self) -> dict[str, str]:
        """The key of every organisation by its credit code."""
        others = {other.uscc: other.key for other in self.world.others}
        return others | {tenant.uscc: tenant.entry.key for tenant in self.world.tenants}

    async def person(self, login: str, organisation: str) -> Actor:
        """A demo person acting for an organisation, with the roles they hold there."""
        organisation_id = await self.organisation_id(organisation)
        async with self.ground.database.read() as db:
            person = (await db.scalars(select(Person).where(Person.login == login))).one()
            acted_for = await db.get_one(Organisation, organisation_id)
            roles = await db.scalars(
                select(Membership.role).where(
                    Membership.person_id == person.id, Membership.organisation_id == organisation_id
                )
            )
            return Actor(
                kind="person",
                id=person.id,
                name=person.name,
                organisation_id=organisation_id,
                organisation_kind=acted_for.kind,
                roles=frozenset(roles),
                epoch=acted_for.control_epoch,
                locale=person.locale,
                organisation_name_zh=acted_for.name_zh,
                organisation_name_en=acted_for.name_en,
            )
