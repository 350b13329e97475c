"""The JSON API: the main job with a machine's means, and every kind of bad input as a problem document."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from kernel.ground import Ground
from tests.make import Visitor
from tests.policy_matching.world import ELIGIBLE_RD, PAYEE, World

ClientFor = Callable[..., Awaitable[Visitor]]
MATCH = "/api/v1/matches/sample-rd-reward"


@pytest.fixture
async def world(ground: Ground) -> World:
    return await World(ground).begin()


async def company(world: World, client_for: ClientFor, **facts: Any) -> Visitor:
    owner = await world.company(**facts)
    return await client_for("enterprise_owner", organisation=owner.organisation_id, machine=True)


async def officer(world: World, client_for: ClientFor) -> Visitor:
    return await client_for("officer", organisation=world.office_id, machine=True)


async def verb(
    visitor: Visitor, case: dict[str, Any], name: str, json: Any = None, status: int = 200
) -> dict[str, Any]:
    headers = {"If-Match": f'"{case["version"]}"'}
    answer = await visitor.post(f"/api/v1/applications/{case['id']}/{name}", json, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_the_catalogue_is_listed_filtered_and_shown(world: World, client_for: ClientFor) -> None:
    visitor = await company(world, client_for)
    listed = (await visitor.get("/api/v1/policies?size=100")).json()
    assert (listed["total"], len(listed["items"])) == (34, 34)
    portal = (await visitor.get("/api/v1/policies?route=here&size=5")).json()
    assert {item["route"] for item in portal["items"]} == {"here"}
    found = (await visitor.get("/api/v1/policies?q=专精特新 2026")).json()
    assert {"cn-specialized-sme-2026", "cn-little-giant-2026"} <= {item["code"] for item in found["items"]}
    shown = (await visitor.get("/api/v1/policies/cn-hnte")).json()
    assert len(shown["criteria"]) == 11
    assert shown["criteria"][0]["facts"] == ["registered_on"]
    assert (await visitor.get("/api/v1/policies/none")).status_code == 404
    assert (await visitor.get("/api/v1/policies?colour=red")).status_code == 400


async def test_a_verdict_comes_with_its_evidence_and_changes_with_an_answer(
    world: World, client_for: ClientFor
) -> None:
    visitor = await company(world, client_for, **{k: v for k, v in ELIGIBLE_RD.items() if k != "park_tenant"})
    before = (await visitor.get(MATCH)).json()
    assert (before["verdict"], [q["key"] for q in before["questions"]]) == ("depends", ["park_tenant"])
    share = next(one for one in before["criteria"] if one["id"] == "rd-share")
    assert (share["outcome"], share["measure"], share["document"]) == ("met", "0.100000", "示范区惠企〔2026〕示例1号")
    evidence = share["evidence"][0]
    assert (evidence["value"], evidence["year"], evidence["source"], evidence["seen_on"]) == (
        "2000000.00",
        2025,
        "test register",
        "2026-11-23",
    )
    after = await visitor.post(f"{MATCH}/answers", {"answers": [{"key": "park_tenant", "value": True}]})
    assert (after.status_code, after.json()["verdict"]) == (200, "eligible")
    past = (await visitor.get(f"{MATCH}?as_of=2026-11-22")).json()
    assert past["verdict"] == "depends"


async def test_a_machine_takes_a_case_from_draft_to_paid(world: World, client_for: ClientFor) -> None:
    owner = await world.company("declared", graduate_hires=3, hires_unemployment_insured=True, listed_abnormal=False)
    visitor = await client_for("enterprise_owner", organisation=owner.organisation_id, machine=True)
    desk = await officer(world, client_for)
    begun = await visitor.post("/api/v1/applications", {"code": "sample-graduate-hiring"})
    assert begun.status_code == 201
    case = begun.json()
    assert (case["state"], case["requested_yuan"]) == ("draft", "6000.00")
    patched = await visitor.send(
        "PATCH", f"/api/v1/applications/{case['id']}", PAYEE, headers={"If-Match": f'"{case["version"]}"'}
    )
    case = patched.json()
    refused = await verb(visitor, case, "submit", {}, 422)
    assert [field["name"] for field in refused["errors"]] == ["promise"]
    case = await verb(visitor, case, "submit", {"promise": True})
    assert (case["state"], case["holder"], case["due_on"]) == ("submitted", "office", "2026-11-30")
    case = await verb(desk, case, "accept")
    case = await verb(desk, case, "approve", {"amount_yuan": "6000"})
    case = await verb(desk, case, "hand-over")
    receipt = {"receipt_number": "R-1", "receipt_on": "2026-11-23", "receipt_from": "bank"}
    await verb(desk, case, "receipt", receipt | {"amount_yuan": "5999.99"}, 400)
    case = await verb(desk, case, "receipt", receipt | {"amount_yuan": "6000.00"})
    case = await verb(desk, case, "close")
    assert case["state"] == "closed"
    payments = (await desk.get("/api/v1/payments")).json()
    assert [(one["receipt_number"], one["amount_yuan"]) for one in payments["items"]] == [("R-1", "6000.00")]
    assert (await visitor.get("/api/v1/applications")).json()["total"] == 1


async def test_the_same_submission_twice_is_one(world: World, client_for: ClientFor) -> None:
    visitor = await company(world, client_for, **ELIGIBLE_RD)
    first = await visitor.post("/api/v1/applications", {"code": "sample-rd-reward"}, key="start-0001")
    again = await visitor.post("/api/v1/applications", {"code": "sample-rd-reward"}, key="start-0001")
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    other = await visitor.post("/api/v1/applications", {"code": "sample-cloud-voucher"}, key="start-0001")
    assert other.status_code == 422


async def test_a_verb_without_the_version_or_with_an_old_one_does_nothing(world: World, client_for: ClientFor) -> None:
    visitor = await company(world, client_for, **ELIGIBLE_RD)
    case = (await visitor.post("/api/v1/applications", {"code": "sample-rd-reward"})).json()
    path = f"/api/v1/applications/{case['id']}"
    assert (await visitor.post(f"{path}/withdraw")).status_code == 428
    stale = await visitor.post(f"{path}/withdraw", headers={"If-Match": '"99"'})
    assert stale.status_code == 412
    assert (await visitor.get(path)).json()["state"] == "draft"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "field"),
    [
        ("POST", f"{MATCH}/answers", {"answers": []}, 400, "answers"),
        ("POST", f"{MATCH}/answers", {"answers": [{"key": "x", "value": True}]}, 400, "x"),
        (
            "POST",
            f"{MATCH}/answers",
            {"answers": [{"key": "rd_expense.2025", "value": "12,5"}]},
            400,
            "rd_expense.2025",
        ),
        (
            "POST",
            f"{MATCH}/answers",
            {"answers": [{"key": "rd_expense.2025", "value": "0.001"}]},
            400,
            "rd_expense.2025",
        ),
        ("POST", f"{MATCH}/answers", {"answers": [{"key": "park_tenant", "value": "yes"}]}, 400, "park_tenant"),
        ("POST", f"{MATCH}/answers", {"answers": [{"key": "park_tenant", "value": True}], "more": 1}, 400, "more"),
        ("POST", "/api/v1/applications", {"code": 7}, 400, "code"),
        ("POST", "/api/v1/applications", {}, 400, "code"),
        ("POST", "/api/v1/applications", {"code": "none"}, 404, ""),
        ("GET", f"{MATCH}?as_of=2026-11-24", None, 400, "as_of"),
        ("GET", f"{MATCH}?as_of=yesterday", None, 400, "as_of"),
        ("GET", "/api/v1/applications?sort=colour", None, 400, "sort"),
        ("GET", "/api/v1/applications?size=1000", None, 400, "size"),
        (
            "POST",
            "/api/v1/matches/cn-hnte/results",
            {"outcome": "granted", "result_on": "2026-11-23", "evidence": "x", "amount_yuan": "1.005"},
            400,
            "amount_yuan",
        ),
    ],
)
async def test_bad_input_is_a_problem_document_that_names_the_field(
    world: World, client_for: ClientFor, method: str, path: str, body: Any, status: int, field: str
) -> None:
    visitor = await company(world, client_for)
    answer = await visitor.send(method, path, body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    if field:
        assert any(field in f"{one['name']} {one['message']}" for one in answer.json()["errors"]), answer.text


async def test_roles_and_foreign_cases(world: World, client_for: ClientFor) -> None:
    visitor, desk = await company(world, client_for, **ELIGIBLE_RD), await officer(world, client_for)
    case = (await visitor.post("/api/v1/applications", {"code": "sample-rd-reward"})).json()
    version = {"If-Match": f'"{case["version"]}"'}
    path = f"/api/v1/applications/{case['id']}"
    assert (await visitor.post(f"{path}/approve", {"amount_yuan": "1"}, headers=version)).status_code == 403
    assert (await desk.get(path)).status_code == 404  # a draft is the company's own
    assert (await desk.get("/api/v1/matches")).status_code == 403
    lender = await client_for("lender", machine=True)
    assert (await lender.get("/api/v1/policies")).status_code == 200
    assert (await lender.get("/api/v1/applications")).status_code == 403


async def test_an_office_suspends_and_funds_over_the_api(world: World, client_for: ClientFor) -> None:
    desk = await officer(world, client_for)
    path = "/api/v1/policies/sample-cloud-voucher"
    seen = (await desk.get(path)).json()
    headers = {"If-Match": f'"{seen["version"]}"'}
    suspended = await desk.post(f"{path}/suspend", {"reason": "预算调整"}, headers=headers)
    assert (suspended.status_code, suspended.json()["state"]) == (200, "suspended")
    resumed = await desk.post(f"{path}/resume", headers={"If-Match": f'"{suspended.json()["version"]}"'})
    assert resumed.json()["state"] == "open"
    funded = await desk.post(f"{path}/budget", {"amount_yuan": "0.01"})
    assert funded.json()["budget_left_yuan"] == "1500000.01"
