"""Factories: organisations, people and visitors for tests, made through the product's own functions where it has them."""

from typing import Any
from uuid import UUID

import httpx
from litestar import Litestar

from kernel.act import Act, Actor
from kernel.auth import add_membership, create_client, issue_token
from kernel.auth.passwords import hash_token, new_token
from kernel.ground import Ground
from kernel.identity import LoginSession, Organisation, Person
from kernel.ids import new_id
from kernel.web.guard import SESSION_COOKIE, csrf_token

ORGANISATION_OF_ROLE = {
    "enterprise_owner": "enterprise",
    "enterprise_member": "enterprise",
    "agent": "enterprise",
    "data_owner": "enterprise",
    "data_buyer": "enterprise",
    "park_operator": "park",
    "officer": "government",
    "lender": "lender",
    "auditor": "platform",
    "administrator": "platform",
}
BASE_URL = "http://testserver.local"


def open_client(app: Litestar) -> httpx.AsyncClient:
    """A client in the test's own loop. (Litestar's keeps a thread and a loop for each, and a shared application can
    hang when the second of them closes.)
    """
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url=BASE_URL)


class Visitor:
    """Somebody with a browser or a machine token; forms and JSON requests carry their forgery token by themselves."""

    def __init__(self, client: httpx.AsyncClient, ground: Ground, actor: Actor, token: str) -> None:
        self.client, self.ground, self.actor, self.token = client, ground, actor, token
        self.organisation_id: UUID = actor.organisation_id or new_id()

    @property
    def csrf(self) -> str:
        """The form token of this visitor's session."""
        return csrf_token(self.ground, self.token)

    async def get(self, path: str, **options: Any) -> Any:
        return await self.client.get(path, follow_redirects=False, **options)

    async def form(
        self, path: str, data: dict[str, Any] | None = None, *, key: str | None = None, **options: Any
    ) -> Any:
        """Send a form as the page would."""
        sent = {"_csrf": self.csrf, "_key": key or str(new_id()), **(data or {})}
        return await self.client.post(path, data=sent, follow_redirects=False, **options)

    async def send(self, method: str, path: str, json: Any = None, *, key: str | None = None, **options: Any) -> Any:
        """Send JSON as a script of the page, or a machine, would."""
        headers = {"Idempotency-Key": key or str(new_id()), **options.pop("headers", {})}
        if self.actor.kind == "person":
            headers["X-CSRF-Token"] = self.csrf
        return await self.client.request(method, path, json=json, headers=headers, follow_redirects=False, **options)

    async def post(self, path: str, json: Any = None, **options: Any) -> Any:
        return await self.send("POST", path, json, **options)

    async def close(self) -> None:
        await self.client.__aexit__(None, None, None)


class Make:
    """Factories over one ground."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground

    def act(self, actor: Actor | None = None) -> Act:
        """A deed of the actor (the system when none is given) now."""
        return self.ground.act(actor or Actor.system("test"))

    async def organisation(self, kind: str = "enterprise", **more: Any) -> UUID:
        """A bare organisation of a kind (for a company with its identity use the enterprises door)."""
        found = new_id()
        names = {"name_zh": f"测试机构{found.hex[-6:]}", "name_en": f"Test {found.hex[-6:]}"} | more
        async with self.ground.database.write() as db:
            db.add(Organisation(id=found, kind=kind, created_at=self.ground.clock.now(), **names))
        return found

    async def person(self, *roles: str, organisation: UUID | None = None, locale: str = "zh_CN") -> Actor:
        """A person with roles in an organisation (a new one of the fitting kind when none is given), as an Actor."""
        kind = ORGANISATION_OF_ROLE[roles[0]]
        organisation_id = organisation or await self.organisation(kind)
        act = self.act()
        person = Person(
            id=new_id(),
            login=f"p-{new_id().hex[-12:]}",
            name="测试员",
            password_hash="-",
            locale=locale,
            created_at=act.now,
        )
        async with self.ground.database.write() as db:
            db.add(person)
            await db.flush()
            for role in roles:
                await add_membership(db, act, person.id, organisation_id, role)
        return Actor(
            kind="person",
            id=person.id,
            name=person.name,
            organisation_id=organisation_id,
            organisation_kind=kind,
            roles=frozenset(roles),
            epoch=1,
            locale=locale,
        )

    async def session(self, actor: Actor) -> str:
        """A live session of a person; returns the cookie's value."""
        token, now = new_token(), self.ground.clock.now()
        async with self.ground.database.write() as db:
            db.add(
                LoginSession(
                    token_hash=hash_token(token),
                    person_id=actor.id,
                    organisation_id=actor.organisation_id,
                    second_factor_passed=True,
                    created_at=now,
                    seen_at=now,
                )
            )
        return token

    async def machine(self, *roles: str, organisation: UUID | None = None) -> tuple[Actor, str]:
        """A machine client of an organisation and a live token of it."""
        kind = ORGANISATION_OF_ROLE[roles[0]]
        organisation_id = organisation or await self.organisation(kind)
        async with self.ground.database.write() as db:
            client = await create_client(db, self.act(), organisation_id, "test machine", frozenset(roles))
        issued = await issue_token(self.ground, self.act(), client.client_id, client.client_secret)
        assert issued is not None
        actor = Actor(
            kind="client",
            id=client.id,
            name="test machine",
            organisation_id=organisation_id,
            organisation_kind=kind,
            roles=frozenset(roles),
            epoch=1,
        )
        return actor, issued.access_token

    async def visitor(
        self,
        app: Litestar,
        role: str,
        *,
        organisation: UUID | None = None,
        machine: bool = False,
        locale: str = "zh_CN",
        roles: tuple[str, ...] = (),
    ) -> Visitor:
        """Somebody logged in with a role (and more roles), as a person or as a machine."""
        client = open_client(app)
        if machine:
            actor, token = await self.machine(role, *roles, organisation=organisation)
            client.headers["Authorization"] = f"Bearer {token}"
        else:
            actor = await self.person(role, *roles, organisation=organisation, locale=locale)
            token = await self.session(actor)
            client.cookies.set(SESSION_COOKIE, token)
        client.headers["Accept-Language"] = "en" if locale == "en" else "zh-CN"
        await client.__aenter__()
        return Visitor(client, self.ground, actor, token)
