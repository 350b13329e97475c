"""The web layer on a small house of its own: input, policies, forgery, once-only, sessions, refusals."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import pytest
from litestar import Litestar, Response, get, post
from litestar.params import FromPath, JSONBody
from litestar.testing import AsyncTestClient
from msgspec import Meta, Struct
from sqlalchemy import func, select

from kernel.act import Actor
from kernel.audit.models import AuditEntry
from kernel.auth.policies import Policy, PolicyTable
from kernel.data_use import DataUse, refuse
from kernel.db import Base
from kernel.ground import Ground
from kernel.identity import Organisation
from kernel.web import ActDep, Db, Once, ReadDb, StrictRequest
from kernel.web.addresses import AddressBook
from kernel.web.dependencies import DEPENDENCIES
from kernel.web.errors import handle_error
from kernel.web.guard import guard
from kernel.web.house import House
from tests.make import Make, Visitor


class NoteIn(Struct, forbid_unknown_fields=True):
    """A body with one field of each kind."""

    text: Annotated[str, Meta(min_length=1, max_length=20)]
    amount: Annotated[int, Meta(ge=0)] = 0
    at: datetime | None = None
    flag: bool = False


class NoteOut(Struct):
    id: UUID
    text: str


WRITE = {"policy": "note.write"}


@post("/api/notes", opt=WRITE)
async def make_note(db: Db, act: ActDep, data: JSONBody[NoteIn]) -> NoteOut:
    found = Organisation(kind="enterprise", name_zh=data.text, created_at=act.now)
    db.add(found)
    await db.flush()
    return NoteOut(found.id, data.text)


@post("/api/notes/once", opt=WRITE)
async def make_note_once(db: Db, act: ActDep, once: Once, data: JSONBody[NoteIn]) -> Response[NoteOut]:
    async def effect() -> NoteOut:
        return await make_note.fn(db, act, data)

    return await once(effect, NoteOut)


@post("/api/refuse", opt=WRITE)
async def refuse_use(db: Db, act: ActDep) -> None:
    db.add(Organisation(kind="enterprise", name_zh="must not stay", created_at=act.now))
    await db.flush()
    raise refuse(act, act.actor.organisation_id, "credit_scoring", {"staff"}, "no consent")


@post("/api/break", opt=WRITE)
async def break_down(db: Db, act: ActDep) -> None:
    db.add(Organisation(kind="enterprise", name_zh="must not stay", created_at=act.now))
    await db.flush()
    raise RuntimeError("secret-value-in-message")


@get("/api/notes/{note_id:uuid}", opt={"policy": "note.read"})
async def read_note(read_db: ReadDb, note_id: FromPath[UUID]) -> NoteOut:
    found = await read_db.get_one(Organisation, note_id)
    return NoteOut(found.id, found.name_zh)


@get("/api/number/{number:int}", opt={"policy": "public"})
async def read_number(number: FromPath[int]) -> int:
    return number


@pytest.fixture
def small_house(ground: Ground) -> Litestar:
    app = House(
        [make_note, make_note_once, refuse_use, break_down, read_note, read_number],
        dependencies=DEPENDENCIES,
        guards=[guard],
        request_class=StrictRequest,
        exception_handlers={Exception: handle_error},
        logging_config=None,
    )
    app.state.ground = ground
    app.state.navigation = []
    app.state.static_version = ""
    app.state.addresses = None
    app.state.policies = PolicyTable(
        [
            Policy("note.write", frozenset({"officer"})),
            Policy("note.read", frozenset({"officer", "lender"}), machines=True),
        ]
    )
    return app


@pytest.fixture
async def officer(small_house: Litestar, make: Make) -> AsyncIterator[Visitor]:
    visitor = await make.visitor(small_house, "officer")
    yield visitor
    await visitor.close()


async def count(ground: Ground, table: type[Base], **where: Any) -> int:
    async with ground.database.read() as db:
        found = await db.scalar(select(func.count()).select_from(table).filter_by(**where))
    return found or 0


BAD_BODIES = {
    "text for a number": (b'{"text": "a", "amount": "1"}', "amount"),
    "fraction for a number": (b'{"text": "a", "amount": 1.5}', "amount"),
    "number for a flag": (b'{"text": "a", "flag": 1}', "flag"),
    "number for a moment": (b'{"text": "a", "at": 0}', "at"),
    "moment without zone": (b'{"text": "a", "at": "2026-01-01T00:00:00"}', "at"),
    "key twice": (b'{"text": "a", "text": "b"}', "text"),
    "unknown field": (b'{"text": "a", "colour": "b"}', "$"),
    "missing field": (b"{}", "$"),
    "NUL": (b'{"text": "a\\u0000b"}', "text"),
    "direction override": ('{"text": "a\u202eb"}'.encode(), "text"),
    "zero width": ('{"text": "\u200b"}'.encode(), "text"),
    "lone surrogate": (b'{"text": "\\ud800"}', "text"),
}
BROKEN_BODIES = {
    "deep nesting": b"[" * 5000 + b"]" * 5000,
    "not UTF-8": b'{"text": "\xff"}',
    "GBK": '{"text": "园区"}'.encode("gbk"),
    "NaN": b'{"text": "a", "amount": NaN}',
    "huge number": b'{"text": "a", "amount": ' + b"9" * 5000 + b"}",
    "cut short": b'{"text": "a"',
    "empty": b"",
}


@pytest.mark.parametrize("case", BAD_BODIES)
async def test_a_bad_body_is_refused_by_field(officer: Visitor, ground: Ground, case: str) -> None:
    body, field = BAD_BODIES[case]
    headers = {"X-CSRF-Token": officer.csrf, "Content-Type": "application/json"}
    answer = await officer.client.post("/api/notes", content=body, headers=headers)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert field in [error["name"] for error in answer.json()["errors"]]
    assert await count(ground, Organisation, name_zh="a") == 0


@pytest.mark.parametrize("case", BROKEN_BODIES)
async def test_a_broken_body_is_a_400_with_a_sentence(officer: Visitor, case: str) -> None:
    headers = {"X-CSRF-Token": officer.csrf, "Content-Type": "application/json"}
    answer = await officer.client.post("/api/notes", content=BROKEN_BODIES[case], headers=headers)
    assert answer.status_code == 400, answer.text
    assert answer.json()["detail"]


async def test_text_plain_is_not_read_as_json(officer: Visitor) -> None:
    headers = {"X-CSRF-Token": officer.csrf, "Content-Type": "text/plain"}
    answer = await officer.client.post("/api/notes", content=b'{"text": "a"}', headers=headers)
    assert answer.status_code == 415


async def test_a_large_body_is_413(officer: Visitor) -> None:
    headers = {"X-CSRF-Token": officer.csrf, "Content-Type": "application/json"}
    answer = await officer.client.post("/api/notes", content=b'{"text": "' + b"a" * 2_000_000 + b'"}', headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["1_0", "٣", "+1", "01", "1e3"])
async def test_only_the_canonical_number_is_an_address(officer: Visitor, path: str) -> None:
    assert (await officer.get(f"/api/number/{path}")).status_code == 404


async def test_only_the_canonical_id_is_an_address(officer: Visitor) -> None:
    made = (await officer.post("/api/notes", {"text": "a"})).json()["id"]
    assert (await officer.get(f"/api/notes/{made}")).status_code == 200
    for other in (f"urn:uuid:{made}", f"{{{made}}}", made.replace("-", "")):
        assert (await officer.get(f"/api/notes/{other}")).status_code == 404


async def test_a_repeated_or_hidden_query_parameter_is_refused(officer: Visitor) -> None:
    assert (await officer.get("/api/number/1?a=1&a=2")).status_code == 400
    assert (await officer.get("/api/number/1?a=%00")).status_code == 400


async def test_without_a_session_the_answer_is_401(small_house: Litestar) -> None:
    async with AsyncTestClient(small_house, base_url="http://testserver.local") as client:
        answer = await client.post("/api/notes", json={"text": "a"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_another_role_gets_403_and_leaves_an_audit_entry(
    small_house: Litestar, make: Make, ground: Ground
) -> None:
    visitor = await make.visitor(small_house, "lender")
    assert (await visitor.post("/api/notes", {"text": "a"})).status_code == 403
    assert await count(ground, AuditEntry, action="access.refused", reason="note.write") == 1
    await visitor.close()


async def test_a_machine_needs_the_policys_word(small_house: Litestar, make: Make) -> None:
    visitor = await make.visitor(small_house, "officer", machine=True)
    assert (await visitor.post("/api/notes", {"text": "a"})).status_code == 403
    assert (await visitor.get(f"/api/notes/{visitor.organisation_id}")).status_code == 200
    await visitor.close()


async def test_a_form_of_another_site_or_session_is_refused(officer: Visitor) -> None:
    for headers in ({}, {"X-CSRF-Token": "0" * 64}, {"X-CSRF-Token": officer.csrf, "Origin": "https://evil.example"}):
        answer = await officer.client.post("/api/notes", json={"text": "a"}, headers=headers)
        assert answer.status_code == 403


async def test_an_unforeseen_error_is_a_500_that_tells_nothing_and_leaves_nothing(
    officer: Visitor, ground: Ground
) -> None:
    answer = await officer.post("/api/break")
    assert answer.status_code == 500
    assert "secret-value" not in answer.text
    assert await count(ground, Organisation, name_zh="must not stay") == 0


async def test_a_refusal_keeps_its_records_and_nothing_else(officer: Visitor, ground: Ground) -> None:
    answer = await officer.post("/api/refuse")
    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/no_legal_basis"
    assert await count(ground, Organisation, name_zh="must not stay") == 0
    assert await count(ground, DataUse, outcome="refused", purpose="credit_scoring") == 1
    assert await count(ground, AuditEntry, action="data_use.refused") == 1


async def test_once_means_once(officer: Visitor, ground: Ground) -> None:
    first = await officer.post("/api/notes/once", {"text": "a"}, key="key-00000001")
    again = await officer.post("/api/notes/once", {"text": "a"}, key="key-00000001")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert await count(ground, Organisation, name_zh="a") == 1


async def test_a_key_used_for_something_else_is_refused(officer: Visitor) -> None:
    await officer.post("/api/notes/once", {"text": "a"}, key="key-00000001")
    assert (await officer.post("/api/notes/once", {"text": "b"}, key="key-00000001")).status_code == 422


@pytest.mark.parametrize(("key", "status"), [("", 428), ("short", 400), ("x" * 256, 400)])
async def test_a_missing_or_odd_key_is_refused(officer: Visitor, key: str, status: int) -> None:
    headers = {"X-CSRF-Token": officer.csrf} | ({"Idempotency-Key": key} if key else {})
    answer = await officer.client.post("/api/notes/once", json={"text": "a"}, headers=headers)
    assert answer.status_code == status


async def test_keys_of_two_organisations_do_not_meet(small_house: Litestar, make: Make, officer: Visitor) -> None:
    other = await make.visitor(small_house, "officer")
    first = await officer.post("/api/notes/once", {"text": "a"}, key="key-00000001")
    second = await other.post("/api/notes/once", {"text": "a"}, key="key-00000001")
    assert first.json()["id"] != second.json()["id"]
    await other.close()


async def test_an_idle_session_ends(officer: Visitor, clock: Any) -> None:
    clock.advance(timedelta(minutes=29))
    assert (await officer.get(f"/api/notes/{officer.organisation_id}")).status_code == 200
    clock.advance(timedelta(minutes=31))
    assert (await officer.get(f"/api/notes/{officer.organisation_id}")).status_code == 401


async def test_a_busy_session_still_ends_after_twelve_hours(officer: Visitor, clock: Any) -> None:
    for _step in range(12 * 3):
        clock.advance(timedelta(minutes=20))
        answer = await officer.get(f"/api/notes/{officer.organisation_id}")
    assert answer.status_code == 200
    clock.advance(timedelta(minutes=20))
    assert (await officer.get(f"/api/notes/{officer.organisation_id}")).status_code == 401


async def test_a_machine_token_ends_after_a_quarter_of_an_hour(small_house: Litestar, make: Make, clock: Any) -> None:
    visitor = await make.visitor(small_house, "lender", machine=True)
    path = f"/api/notes/{visitor.organisation_id}"
    assert (await visitor.get(path)).status_code == 200
    clock.advance(timedelta(minutes=15))
    assert (await visitor.get(path)).status_code == 401
    await visitor.close()


@pytest.mark.parametrize(("path", "status"), [("/api/number/1", 200), ("/api/nothing", 404), ("/api/notes", 405)])
async def test_every_answer_carries_the_security_headers(officer: Visitor, path: str, status: int) -> None:
    answer = await officer.get(path)
    assert answer.status_code == status
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"]


async def test_a_foreign_host_name_is_refused(officer: Visitor) -> None:
    answer = await officer.get("/api/number/1", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert (await officer.get("/api/number/1", headers={"Host": "testserver.local:8123"})).status_code == 200


def test_a_policy_without_a_known_role_is_refused() -> None:
    with pytest.raises(ValueError, match="names no role"):
        PolicyTable([Policy("x", frozenset())])
    with pytest.raises(ValueError, match="declared twice"):
        PolicyTable([Policy("x", frozenset({"officer"})), Policy("x", frozenset({"lender"}))])


def test_the_address_book_knows_who_may_open_what(small_house: Litestar) -> None:
    book = AddressBook(small_house.routes, small_house.state.policies)
    officer, lender = (Actor(kind="person", roles=frozenset({role})) for role in ("officer", "lender"))
    buyer = Actor(kind="person", roles=frozenset({"data_buyer"}))
    note = "/api/notes/01a20956-766a-731c-bab3-6689eefbb284?x=1#y"
    assert [book.allows(note, actor) for actor in (officer, lender, buyer)] == [True, True, False]
    assert book.allows("/elsewhere", buyer)
