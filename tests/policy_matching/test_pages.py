"""The pages: a company finds, answers, applies; an officer reviews, pays; without JavaScript, in both languages."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from kernel import audit
from kernel.ground import Ground
from tests.make import Visitor
from tests.policy_matching.world import ELIGIBLE_RD, World

ClientFor = Callable[..., Awaitable[Visitor]]


@pytest.fixture
async def world(ground: Ground) -> World:
    return await World(ground).begin()


async def company(world: World, client_for: ClientFor, locale: str = "zh_CN", **facts: Any) -> Visitor:
    owner = await world.company(**facts)
    return await client_for("enterprise_owner", organisation=owner.organisation_id, locale=locale)


async def officer(world: World, client_for: ClientFor, locale: str = "zh_CN") -> Visitor:
    return await client_for("officer", organisation=world.office_id, locale=locale)


def version_in(text: str) -> str:
    found = re.search(r'name="_version" value="(\d+)"', text)
    assert found is not None
    return found.group(1)


@pytest.mark.parametrize(("locale", "words"), [("zh_CN", "研发投入后补助"), ("en", "Reward for R&amp;D expense")])
async def test_the_list_shows_every_policy_with_its_verdict(
    world: World, client_for: ClientFor, locale: str, words: str
) -> None:
    visitor = await company(world, client_for, locale, **ELIGIBLE_RD)
    answer = await visitor.get("/policies?size=100")
    assert answer.status_code == 200
    assert words in answer.text
    assert answer.text.count('href="/policies/') >= 34
    assert "verdict-eligible" in answer.text
    assert "verdict-depends" in answer.text


@pytest.mark.parametrize(
    ("query", "status", "present", "absent"),
    [
        ("verdict=eligible", 200, "sample-rd-reward", "cn-hnte"),
        ("state=closed&size=100", 200, "cn-tech-sme", "sample-rd-reward"),
        ("route=automatic&sort=-worth", 200, "sample-specialised-award", "cn-hnte"),
        ("q=高新技术企业认定", 200, "cn-hnte", "sample-rd-reward"),
        ("colour=red", 400, "", "cn-hnte"),
        ("sort=colour", 400, "", "cn-hnte"),
        ("export=pdf", 400, "", "cn-hnte"),
        ("page=99", 200, "", "cn-hnte"),
    ],
)
async def test_the_list_is_narrowed_by_what_it_knows(
    world: World, client_for: ClientFor, query: str, status: int, present: str, absent: str
) -> None:
    visitor = await company(world, client_for, **ELIGIBLE_RD)
    answer = await visitor.get(f"/policies?{query}")
    assert answer.status_code == status
    assert (f"/policies/{present}" if present else "") in answer.text
    assert f"/policies/{absent}" not in answer.text


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
async def test_every_list_can_be_taken_along(world: World, client_for: ClientFor, file_format: str) -> None:
    visitor, desk = await company(world, client_for, **ELIGIBLE_RD), await officer(world, client_for)
    for one, path in (
        (visitor, "/policies"),
        (visitor, "/applications"),
        (desk, "/review"),
        (desk, "/review/policies"),
    ):
        answer = await one.get(f"{path}?export={file_format}")
        assert answer.status_code == 200, path
        assert "attachment" in answer.headers["content-disposition"]
        assert len(answer.content) > 20


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
async def test_every_policy_has_a_page(world: World, client_for: ClientFor, locale: str) -> None:
    visitor = await company(world, client_for, locale, **ELIGIBLE_RD)
    from tests.policy_matching.books import ITEMS

    for code in ITEMS:
        answer = await visitor.get(f"/policies/{code}")
        assert answer.status_code == 200, code
        assert ITEMS[code].document in answer.text
        applies = f'action="/policies/{code}/apply"' in answer.text
        assert applies == (code == "sample-rd-reward" or (ITEMS[code].route in {"here", "promise"} and applies))
        if ITEMS[code].route in {"self_declared", "external", "automatic"}:
            assert not applies
    assert (await visitor.get("/policies/nothing")).status_code == 404


async def test_one_answer_changes_the_verdict_on_the_page(world: World, client_for: ClientFor) -> None:
    facts = {name: value for name, value in ELIGIBLE_RD.items() if name != "park_tenant"}
    visitor = await company(world, client_for, **facts)
    before = await visitor.get("/policies/sample-rd-reward")
    assert "verdict-depends tone" in before.text
    assert 'name="park_tenant"' in before.text
    sent = await visitor.form("/policies/sample-rd-reward/answers", {"park_tenant": "true"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/policies/sample-rd-reward#verdict")
    after = await visitor.get("/policies/sample-rd-reward")
    assert "verdict-eligible tone" in after.text
    assert 'name="park_tenant"' not in after.text


@pytest.mark.parametrize(
    ("field", "value"),
    [("rd_expense.2025", "lots"), ("rd_expense.2025", "-1"), ("rd_expense.2025", "1e400"), ("park_tenant", "maybe")],
)
async def test_a_wrong_answer_comes_back_with_its_entry(
    world: World, client_for: ClientFor, field: str, value: str
) -> None:
    visitor = await company(world, client_for, revenue="20000000")
    answer = await visitor.form("/policies/sample-rd-reward/answers", {field: value})
    assert answer.status_code == 422
    assert f'id="error-{field}"' in answer.text
    if field != "park_tenant":
        assert f'value="{value}"' in answer.text


async def test_a_result_of_an_outside_route_is_recorded(world: World, client_for: ClientFor) -> None:
    visitor = await company(world, client_for)
    wrong = await visitor.form(
        "/policies/cn-hnte/results", {"outcome": "granted", "result_on": "2027-01-01", "evidence": "x"}
    )
    assert wrong.status_code == 422
    assert 'id="error-result_on"' in wrong.text
    good = {"outcome": "granted", "result_on": "2026-11-02", "evidence": "证书原件存于财务室", "reference": "GR2026001"}
    sent = await visitor.form("/policies/cn-hnte/results", good)
    assert sent.status_code == 303
    assert "GR2026001" in (await visitor.get("/policies/cn-hnte")).text


async def test_the_whole_case_runs_over_the_pages(world: World, client_for: ClientFor) -> None:
    visitor, desk = await company(world, client_for, **ELIGIBLE_RD), await officer(world, client_for)
    begun = await visitor.form("/policies/sample-rd-reward/apply")
    assert begun.status_code == 303
    edit = begun.headers["location"]
    case = edit.removesuffix("/edit").rsplit("/", 1)[1]
    UUID(case)
    form = await visitor.get(edit)
    assert 'value="100000"' in form.text
    entries = {"_version": version_in(form.text), "requested": "90000", "payee_name": "甲公司", "deed": "submit"}
    missing = await visitor.form(edit, entries)
    assert missing.status_code == 422
    assert 'id="error-payee_account"' in missing.text
    entries |= {"payee_bank": "示范银行", "payee_account": "6222000011112222", "_version": version_in(missing.text)}
    sent = await visitor.form(edit, entries)
    assert (sent.status_code, sent.headers["location"]) == (303, f"/applications/{case}")

    seen = await desk.get(f"/review/{case}")
    assert seen.status_code == 200
    own = await visitor.get(f"/applications/{case}")
    assert "示范区惠企〔2026〕示例1号 · SB20261123-" in own.text  # the officer's read is on the company's page
    assert (await desk.form(f"/review/{case}/accept", {"_version": version_in(seen.text)})).status_code == 303
    seen = await desk.get(f"/review/{case}")
    too_much = await desk.form(f"/review/{case}/approve", {"_version": version_in(seen.text), "amount": "90000.01"})
    assert too_much.status_code == 422
    assert 'value="90000.01"' in too_much.text
    done = await desk.form(f"/review/{case}/approve", {"_version": version_in(seen.text), "amount": "90000"})
    assert done.status_code == 303
    early = await desk.get(f"/review/{case}")
    again = await desk.form(f"/review/{case}/hand-over", {"_version": version_in(early.text)})
    assert again.status_code == 422
    assert "2026-11-30" in again.text
    await audit.seal_all(world.ground.database, world.ground.keys, world.ground.clock)  # as the worker does each minute
    world.ground.clock.advance(timedelta(days=8))  # type: ignore[attr-defined]
    visitor, desk = (
        await client_for("enterprise_owner", organisation=visitor.organisation_id),
        await officer(world, client_for),
    )
    assert (await desk.form(f"/review/{case}/hand-over", {"_version": version_in(early.text)})).status_code == 303
    seen = await desk.get(f"/review/{case}")
    receipt = {
        "_version": version_in(seen.text),
        "receipt_from": "treasury",
        "receipt_number": "GK-7",
        "receipt_on": "2026-12-01",
        "receipt_amount": "90000.00",
    }
    wrong = await desk.form(f"/review/{case}/receipt", receipt | {"receipt_amount": "90000.01"})
    assert wrong.status_code == 422
    assert 'id="error-receipt_amount"' in wrong.text
    assert (await desk.form(f"/review/{case}/receipt", receipt)).status_code == 303
    own = await visitor.get(f"/applications/{case}")
    assert "GK-7" in own.text
    assert (await visitor.get("/applications")).text.count(case) >= 1
    assert (await desk.get("/review?state=paid")).text.count(case) >= 1


async def test_a_case_is_sent_back_and_rejected_on_the_pages(world: World, client_for: ClientFor) -> None:
    visitor, desk = await company(world, client_for, **ELIGIBLE_RD), await officer(world, client_for)
    edit = (await visitor.form("/policies/sample-rd-reward/apply")).headers["location"]
    case = edit.removesuffix("/edit").rsplit("/", 1)[1]
    entries = {"payee_name": "甲", "payee_bank": "乙", "payee_account": "12345678", "requested": "1", "deed": "submit"}
    await visitor.form(edit, entries | {"_version": version_in((await visitor.get(edit)).text)})
    seen = (await desk.get(f"/review/{case}")).text
    sent = await desk.form(f"/review/{case}/return", {"_version": version_in(seen), "gaps": "审计报告\n合同"})
    assert sent.status_code == 303
    form = (await visitor.get(edit)).text
    assert "审计报告" in form
    await visitor.form(edit, entries | {"_version": version_in(form)})
    seen = (await desk.get(f"/review/{case}")).text
    assert f"{case}/return" not in seen
    await desk.form(f"/review/{case}/accept", {"_version": version_in(seen)})
    seen = (await desk.get(f"/review/{case}")).text
    assert (await desk.form(f"/review/{case}/reject", {"_version": version_in(seen), "reason": ""})).status_code == 422
    await desk.form(f"/review/{case}/reject", {"_version": version_in(seen), "reason": "材料不实"})
    own = (await visitor.get(f"/applications/{case}")).text
    assert "材料不实" in own
    assert "step-failed" in own


async def test_the_office_suspends_publishes_and_funds_its_items(world: World, client_for: ClientFor) -> None:
    desk, visitor = await officer(world, client_for), await company(world, client_for, **ELIGIBLE_RD)
    path = "/review/policies/sample-rd-reward"
    seen = (await desk.get(path)).text
    suspended = await desk.form(f"{path}/suspend", {"_version": version_in(seen), "reason": "预算调整中"})
    assert suspended.status_code == 303
    shown = (await visitor.get("/policies/sample-rd-reward")).text
    assert "预算调整中" in shown
    assert "/apply" not in shown
    seen = (await desk.get(path)).text
    assert (await desk.form(f"{path}/resume", {"_version": version_in(seen)})).status_code == 303
    assert (await desk.form(f"{path}/budget", {"amount": "0"})).status_code == 422
    assert (await desk.form(f"{path}/budget", {"amount": "1000.50"})).status_code == 303
    assert "6,001,000.50" in (await desk.get(path)).text
    assert (await desk.get("/review/policies")).status_code == 200


async def test_foreign_cases_and_pages_are_not_there(world: World, client_for: ClientFor) -> None:
    visitor = await company(world, client_for, **ELIGIBLE_RD)
    other, stranger = await company(world, client_for), await client_for("officer")
    edit = (await visitor.form("/policies/sample-rd-reward/apply")).headers["location"]
    case = edit.removesuffix("/edit").rsplit("/", 1)[1]
    assert (await other.get(f"/applications/{case}")).status_code == 404
    assert (await other.get(edit)).status_code == 404
    assert (await stranger.get(f"/review/{case}")).status_code == 404
    assert (await stranger.get("/review/policies/sample-rd-reward")).status_code == 404
    assert (await visitor.get("/review")).status_code == 403
    assert (await stranger.get("/policies")).status_code == 403
