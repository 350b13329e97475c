"""Bad input at every address: each kind is refused with a sentence, none is a 500, and none is quietly taken.

The kinds are those that this stack, left to itself, answers with 500 or accepts.
"""

import json
import re

import pytest
from litestar import Litestar

from kernel.auth.policies import PUBLIC
from tests.make import Visitor
from tests.security.addresses import Address

BODIES = {
    "nested 1,000 deep": b'{"a":' * 1000 + b"1" + b"}" * 1000,
    "a list nested 5,000 deep": b"[" * 5000 + b"]" * 5000,
    "NUL in a text": b'{"name":"a\\u0000b","name_zh":"a\\u0000b","note":"a\\u0000b"}',
    "not UTF-8": b'{"name":"\xff\xfe"}',
    "GBK": '{"name":"滨海数字产业园"}'.encode("gbk"),
    "the same key twice": b'{"name":"a","name":"b"}',
    "NaN": b'{"amount":NaN}',
    "an endless number": b'{"amount":' + b"9" * 400 + b"}",
    "cut short": b'{"name":"a"',
    "nothing": b"",
    "a text instead of an object": b'"name"',
    "an unknown field": b'{"is_administrator":true}',
    "a direction override": '{"name":"\u202egpj.exe"}'.encode(),
}
QUERIES = {
    "a negative page": "page=-1",
    "page nought": "page=0",
    "an endless page": "page=99999999999999999999",
    "a huge size": "size=1000000000",
    "a negative size": "size=-5",
    "a number that is none": "size=ten",
    "a NUL": "q=%00",
    "bytes that are no UTF-8": "q=%ff%fe",
    "the same twice": "page=1&page=2",
    "an unknown column": "sort=password_hash",
    "a column with SQL": "sort=name;drop+table+person",
    "digits of another script": "page=%D9%A1",
}
FORMS = {
    "no field at all": {},
    "NUL": {"name": "a\x00b", "reason": "a\x00b", "note": "a\x00b"},
    "a direction override": {"name": "\u202egpj.exe", "reason": "\u202e"},
    "a very long text": {"name": "长" * 20000, "reason": "长" * 20000, "note": "长" * 20000},
    "wrong kinds": {"amount": "many", "page": "x", "_version": "x", "staff": "1e9", "date": "2026-13-45"},
    "script": {"name": "<script>alert(1)</script>", "reason": "<script>alert(1)</script>"},
}
SPELLINGS = {
    "UUID": ["urn:uuid:{id}", "%7B{id}%7D", "{ID}", "{id}%00", "../{id}", "1", "%27%20or%201=1"],
    "int": ["-1", "1_0", "%D9%A1", "99999999999999999999999", "1e3", "+1", "%00"],
    "str": ["%00", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "%ff", "x" * 300, "%27%20or%201=1"],
}
SOME_ID = "0190d0c4-7f3e-7abc-8def-0123456789ab"
ROLE_ORDER = (
    "administrator",
    "enterprise_owner",
    "officer",
    "lender",
    "park_operator",
    "auditor",
    "data_owner",
    "data_buyer",
    "agent",
    "enterprise_member",
)


def _insider(address: Address, people: dict[str, Visitor], app: Litestar) -> Visitor:
    """Somebody who may use the address, so that the input and not the right is what is judged."""
    if address.policy == PUBLIC:
        return people["enterprise_owner"]
    policy = app.state.policies.get(address.policy)
    return next(people[role] for role in ROLE_ORDER if role in policy.roles)


def _explained(answer: object, address: Address) -> str | None:
    """What is wrong with an answer to bad input, or None."""
    status = answer.status_code  # type: ignore[attr-defined]
    text = answer.text  # type: ignore[attr-defined]
    if status >= 500:
        return f"{status}"
    if "Traceback" in text or re.search(r"sqlalchemy|asyncpg|sqlite3|msgspec", text):
        return f"{status} tells about the inside"
    if address.is_for_programs and 400 <= status < 500:
        kind = answer.headers.get("content-type", "")  # type: ignore[attr-defined]
        if not kind.startswith("application/problem+json"):
            return f"{status} as {kind}"
        problem = json.loads(text)
        if problem["status"] != status or not problem["title"]:
            return f"{status} with the problem {problem}"
    return None


@pytest.mark.parametrize("case", BODIES)
async def test_a_bad_body_is_a_problem_that_says_so(
    case: str, people: dict[str, Visitor], whole_app: Litestar, addresses: list[Address]
) -> None:
    wrong = []
    for address in addresses:
        if not address.is_for_programs or not address.takes_body:
            continue
        visitor = _insider(address, people, whole_app)
        for media_type in ("application/json", "text/plain"):
            answer = await visitor.send(
                address.method,
                address.with_missing_objects(),
                headers={"Content-Type": media_type},
                content=BODIES[case],
            )
            fault = _explained(answer, address)
            if fault is None and answer.status_code < 400:
                fault = f"{answer.status_code}: accepted"
            if fault:
                wrong.append(f"{address.label} as {media_type}: {fault}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("case", QUERIES)
async def test_a_bad_query_is_refused_or_answered_but_never_breaks(
    case: str, people: dict[str, Visitor], whole_app: Litestar, addresses: list[Address]
) -> None:
    wrong = []
    for address in addresses:
        if address.method != "GET" or address.parameters:
            continue
        visitor = _insider(address, people, whole_app)
        answer = await visitor.get(f"{address.path}?{QUERIES[case]}")
        if fault := _explained(answer, address):
            wrong.append(f"{address.label}: {fault}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("case", [name for name in QUERIES if name not in {"the same twice", "an unknown column"}])
async def test_a_list_of_the_api_refuses_a_bad_query(
    case: str, people: dict[str, Visitor], whole_app: Litestar, addresses: list[Address]
) -> None:
    """A list is what answers with items and a total; it takes page, size, sort and q, each within its bounds."""
    wrong, lists = [], 0
    for address in addresses:
        if address.method != "GET" or address.parameters or not address.path.startswith("/api/v1/"):
            continue
        visitor = _insider(address, people, whole_app)
        plain = await visitor.get(address.path)
        document = plain.json() if plain.status_code == 200 else None
        if not isinstance(document, dict) or not {"items", "total", "page"} <= document.keys():
            continue
        lists += 1
        answer = await visitor.get(f"{address.path}?{QUERIES[case]}")
        if answer.status_code != 400:
            wrong.append(f"{address.label}: {answer.status_code}")
    assert lists > 3
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("case", FORMS)
async def test_a_bad_form_is_shown_again_or_refused(
    case: str, people: dict[str, Visitor], whole_app: Litestar, addresses: list[Address]
) -> None:
    wrong = []
    for address in addresses:
        if address.is_for_programs or address.method == "GET" or address.path.startswith("/logout"):
            continue
        visitor = _insider(address, people, whole_app)
        answer = await visitor.form(address.with_missing_objects(), FORMS[case])
        if fault := _explained(answer, address):
            wrong.append(f"{address.label}: {fault}")
        elif "<script>alert(1)" in answer.text:
            wrong.append(f"{address.label}: repeats a script")
    assert not wrong, "\n".join(wrong)


async def test_a_form_in_another_encoding_never_breaks(
    people: dict[str, Visitor], whole_app: Litestar, addresses: list[Address]
) -> None:
    wrong = []
    for address in addresses:
        if address.is_for_programs or address.method == "GET" or address.path.startswith("/logout"):
            continue
        visitor = _insider(address, people, whole_app)
        for body in (b"name=%FF%FE&_csrf=x", "name=滨海".encode("gbk"), b"=&&;=%", b"\x00" * 50):
            answer = await visitor.client.request(
                address.method,
                address.with_missing_objects(),
                content=body,
                headers={"Content-Type": "application/x-www-form-urlencoded", "X-CSRF-Token": visitor.csrf},
                follow_redirects=False,
            )
            if fault := _explained(answer, address):
                wrong.append(f"{address.label} {body[:12]!r}: {fault}")
    assert not wrong, "\n".join(wrong)


async def test_an_object_has_one_spelling_of_its_address(
    people: dict[str, Visitor], whole_app: Litestar, addresses: list[Address]
) -> None:
    wrong = []
    for address in addresses:
        if address.method != "GET" or not address.parameters or address.path.startswith("/schema"):
            continue
        visitor = _insider(address, people, whole_app)
        for name, kind in address.parameters:
            for spelling in SPELLINGS.get(kind, []):
                text = spelling.replace("{id}", SOME_ID).replace("{ID}", SOME_ID.upper())
                answer = await visitor.get(address.filled({name: text}))
                fault = _explained(answer, address)
                if fault is None and answer.status_code not in {303, 400, 404}:
                    fault = f"{answer.status_code}"
                if fault:
                    wrong.append(f"{address.label} with {text[:40]}: {fault}")
    assert not wrong, "\n".join(wrong)


async def test_a_foreign_host_name_is_refused(people: dict[str, Visitor]) -> None:
    owner = people["enterprise_owner"]
    for host in (
        "evil.example",
        "evil.example:8000",
        "testserver.local.evil.example",
        "localhost@evil.example",
        "[::2]",
    ):
        assert (await owner.get("/account", headers={"Host": host})).status_code == 400, host
    for host in ("testserver.local", "testserver.local:8123", "127.0.0.1:49152", "LOCALHOST"):
        assert (await owner.get("/account", headers={"Host": host})).status_code == 200, host
