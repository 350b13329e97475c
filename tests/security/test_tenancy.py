"""Somebody else's object looks exactly as one that is not there, at every address, for every role that may use it.

The objects are those of the demo world; the strangers are new people of new organisations, one for each role. That the
objects are really there is shown by the people of the demo, who do see them.
"""

import itertools
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from litestar import Litestar
from polyfactory.factories.msgspec_factory import MsgspecFactory

from kernel.act import ROLES, Actor
from kernel.clock import FixedClock
from kernel.ground import Ground
from kernel.settings import load_settings
from kernel.web.guard import SESSION_COOKIE
from portal.app import create_app
from portal.cli.house import open_house
from portal.demo.logins import LOGINS
from tests.conftest import NOW
from tests.make import Make, Visitor, open_client
from tests.security.addresses import Address, addresses_of

pytestmark = pytest.mark.slow

# Which rows a parameter of a path names.
TABLES = {
    "agreement_id": "data_agreement",
    "application_id": "policy_application",
    "consent_id": "consent",
    "contact_id": "contact",
    "delivery_id": "data_delivery",
    "enterprise_id": "enterprise",
    "file_id": "file",
    "import_id": "credit_bill_import",
    "job_id": "job",
    "lease_id": "park_lease",
    "licence_id": "licence",
    "offer_id": "data_offer",
    "park_id": "park",
    "product_id": "data_product",
    "query_id": "credit_score_query",
    "signal_id": "park_signal",
}
PARK_IMPORTS = "park_import"  # the other kind of import_id
WORDS = {"kind": "energy", "step": "sign", "deed": "undo"}
# Open to everybody who may use them at all, and why.
OPEN = {
    "product_id": "a product on the market is shown to whoever may buy",
    "offer_id": "so is its offer",
    "code": "support items are public documents",
    "name": "names of facts are vocabulary",
    "sha256": "a model card is shown to whoever was scored with it",
}
# A delivery is taken once; the buyer of the demo has taken it.
TAKEN = {"GET /api/v1/deliveries/{delivery_id}/content", "GET /data/deliveries/{delivery_id}/content"}
SEES_ALL = {"auditor", "administrator"}
MOST = 4


@pytest.fixture(scope="module")
async def demo_house(demo_folder: Callable[[], Path]) -> AsyncIterator[Ground]:
    settings = load_settings(
        {"PARKLINK_DATA_DIR": str(demo_folder()), "PARKLINK_ALLOWED_HOSTS": "testserver.local,127.0.0.1"}
    )
    ground = open_house(settings, clock=FixedClock(NOW))
    yield ground
    await ground.close()


@pytest.fixture(scope="module")
def demo_app(demo_house: Ground) -> Litestar:
    return create_app(demo_house)


@pytest.fixture(scope="module")
async def strangers(demo_house: Ground, demo_app: Litestar) -> AsyncIterator[dict[str, Visitor]]:
    make = Make(demo_house)
    visitors = {role: await make.visitor(demo_app, role) for role in ROLES}
    yield visitors
    for visitor in visitors.values():
        await visitor.close()


@pytest.fixture(scope="module")
async def insiders(demo_house: Ground, demo_app: Litestar) -> AsyncIterator[dict[str, Visitor]]:
    """The people of the demo, by login."""
    make, visitors = Make(demo_house), {}
    for login in LOGINS:
        for person, organisation, kind, epoch in _memberships(demo_house, login.login)[:1]:
            actor = Actor(
                kind="person",
                id=person,
                name=login.login,
                organisation_id=organisation,
                organisation_kind=kind,
                roles=frozenset(login.roles),
                epoch=epoch,
            )
            client = open_client(demo_app)
            token = await make.session(actor)
            client.cookies.set(SESSION_COOKIE, token)
            await client.__aenter__()
            visitors[login.login] = Visitor(client, demo_house, actor, token)
    assert len(visitors) == len(LOGINS)
    yield visitors
    for visitor in visitors.values():
        await visitor.close()


def _database(ground: Ground) -> sqlite3.Connection:
    return sqlite3.connect(ground.settings.data_dir / "parklink.db")


def _memberships(ground: Ground, login: str) -> list[tuple[UUID, UUID, str, int]]:
    with closing(_database(ground)) as database:
        rows = database.execute(
            "SELECT p.id, o.id, o.kind, o.control_epoch FROM person p JOIN membership m ON m.person_id = p.id"
            " JOIN organisation o ON o.id = m.organisation_id WHERE p.login = ?",
            [login],
        ).fetchall()
    return [(UUID(str(p)), UUID(str(o)), kind, epoch) for p, o, kind, epoch in rows]


def _ids(ground: Ground, table: str, organisation: UUID | None = None) -> list[str]:
    """Some ids of a table: first of rows that name the organisation in any of their columns."""
    with closing(_database(ground)) as database:
        columns = [row[1] for row in database.execute(f'PRAGMA table_info("{table}")') if row[1].endswith("id")]
        mine = " OR ".join(f'"{column}" = :mine' for column in columns)
        rows = database.execute(
            f'SELECT id FROM "{table}" ORDER BY ({mine}) DESC, id LIMIT {MOST}',
            {"mine": organisation.hex if organisation else ""},
        ).fetchall()
    return [str(UUID(str(row[0]))) if len(str(row[0])) >= 32 else str(row[0]) for row in rows]


def _fillings(ground: Ground, address: Address, organisation: UUID | None = None) -> list[dict[str, str]]:
    """Values for every parameter of the path that name things of the demo; nothing where there is no such thing."""
    choices = []
    for name, _kind in address.parameters:
        table = PARK_IMPORTS if name == "import_id" and "park" in address.path else TABLES.get(name)
        found = _ids(ground, table, organisation) if table else [WORDS[name]] if name in WORDS else []
        choices.append([(name, value) for value in found])
    return [dict(filling) for filling in itertools.islice(itertools.product(*choices), MOST)]


def _is_private(address: Address) -> bool:
    names = {name for name, _kind in address.parameters}
    return bool(names & TABLES.keys()) and not names & OPEN.keys()


def _body(app: Litestar, address: Address) -> Any:
    """A body that the address would take, so that it is the object and not the input that is judged."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if route.path_format == address.path and address.method in handler.http_methods:
                field = handler.parsed_data_field
                if field is not None and hasattr(field.annotation, "__struct_fields__"):
                    return _built(MsgspecFactory.create_factory(field.annotation))
    return {}


def _built(factory: type[MsgspecFactory[Any]]) -> Any:
    for seed in range(20):
        factory.seed_random(seed)
        with suppress(ValueError):  # a rule between fields that the factory does not know
            return factory.build()
    return {}


async def _answer(visitor: Visitor, app: Litestar, address: Address, path: str) -> tuple[int, str]:
    if address.method == "GET":
        answer = await visitor.get(path)
    elif address.is_for_programs:
        body = msgspec.json.encode(_body(app, address))
        answer = await visitor.send(
            address.method, path, content=body, headers={"If-Match": '"1"', "Content-Type": "application/json"}
        )
    else:
        answer = await visitor.form(path, {"_version": "1", "confirm": "yes", "reason": "test", "note": "test"})
    title = answer.json().get("title", "") if "problem+json" in answer.headers.get("content-type", "") else ""
    return answer.status_code, title


@pytest.mark.parametrize("role", [role for role in ROLES if role not in SEES_ALL])
async def test_a_foreign_object_looks_as_one_that_is_not_there(
    role: str, demo_house: Ground, demo_app: Litestar, strangers: dict[str, Visitor]
) -> None:
    wrong, compared = [], 0
    visitor = strangers[role]
    for address in addresses_of(demo_app):
        if not _is_private(address) or not demo_app.state.policies.allows(address.policy, visitor.actor):
            continue
        for filling in _fillings(demo_house, address)[:2]:
            foreign = await _answer(visitor, demo_app, address, address.filled(filling))
            words = {name: value for name, value in filling.items() if name in WORDS}
            missing = await _answer(visitor, demo_app, address, address.filled(words))
            compared += 1
            if foreign != missing or (address.method == "GET" and foreign[0] != 404):
                wrong.append(f"{address.label}: foreign {foreign}, missing {missing}")
    assert compared > 3
    assert not wrong, "\n".join(wrong)


async def test_the_people_of_the_demo_do_see_these_objects(
    demo_house: Ground, demo_app: Litestar, insiders: dict[str, Visitor]
) -> None:
    """Otherwise the 404s above would prove nothing."""
    unseen = []
    for address in addresses_of(demo_app):
        if address.method != "GET" or not _is_private(address) or address.label in TAKEN:
            continue
        allowed = [v for v in insiders.values() if demo_app.state.policies.allows(address.policy, v.actor)]
        asked = [(v, filling) for v in allowed for filling in _fillings(demo_house, address, v.organisation_id)]
        if asked and not await _anyone_sees(asked, address):
            unseen.append(address.label)
    assert not unseen, "\n".join(unseen)


async def _anyone_sees(asked: list[tuple[Visitor, dict[str, str]]], address: Address) -> bool:
    for visitor, filling in asked:
        if (await visitor.get(address.filled(filling))).status_code in {200, 303}:
            return True
    return False
