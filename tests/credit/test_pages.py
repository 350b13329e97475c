"""Pages of credit, in both languages, as a company, a lender and a stranger see them; nothing needs a script."""

import re
from collections.abc import Awaitable, Callable

import pytest

from kernel.ground import Ground
from kernel.ids import new_id
from kernel.jobs import run_due_jobs
from tests.credit import bills
from tests.credit.world import World, found
from tests.make import Visitor

ClientFor = Callable[..., Awaitable[Visitor]]


@pytest.fixture
async def world(ground: Ground) -> World:
    return await found(ground)


@pytest.fixture(params=["zh_CN", "en"])
async def company(request: pytest.FixtureRequest, world: World, client_for: ClientFor) -> Visitor:
    return await client_for("enterprise_owner", organisation=world.company_id, locale=request.param)


@pytest.fixture(params=["zh_CN", "en"])
async def lender(request: pytest.FixtureRequest, world: World, client_for: ClientFor) -> Visitor:
    return await client_for("lender", organisation=world.lender.organisation_id, locale=request.param)


def words(visitor: Visitor, zh: str, en: str) -> str:
    return zh if visitor.actor.locale == "zh_CN" else en


class TestCompany:
    async def test_the_way_from_no_bill_to_a_score(self, world: World, company: Visitor, ground: Ground) -> None:
        page = await company.get("/credit")
        assert words(company, "还没有评估分", "No score yet") in page.text
        body = bills.content([*bills.steady(14), bills.row(ChargeFrequency="usage-based")])
        sent = await company.form("/credit/bills", {}, files={"file": ("our-bill.csv", body, "text/csv")})
        assert sent.status_code == 303
        waiting = await company.get(sent.headers["location"])
        assert words(company, "读取中", "Being read") in waiting.text
        await run_due_jobs(ground)
        report = await company.get(sent.headers["location"])
        assert report.status_code == 200
        assert "ChargeFrequency" in report.text
        assert "usage-based" in report.text
        assert words(company, "仅大小写或空格不同", "only in case or spaces") in report.text
        scored = await company.get("/credit")
        assert words(company, "云量评估分", "Cloud usage score") in scored.text
        assert words(company, "不代表预测能力", "claims no predictive power") in scored.text
        assert "our-bill.csv" in scored.text
        for chart in re.findall(r'data-chart="([^"]+)"', scored.text):
            drawn = await company.get(chart)
            assert drawn.status_code == 200
            assert drawn.json()["kind"] in {"gauge", "line", "waterfall"}

    async def test_a_refused_bill_says_what_to_mend(self, world: World, company: Visitor, ground: Ground) -> None:
        body = bills.content([bills.row(), bills.row(cost="12abc")])
        sent = await company.form("/credit/bills", {}, files={"file": ("bad.csv", body, "text/csv")})
        await run_due_jobs(ground)
        report = await company.get(sent.headers["location"])
        assert words(company, "账单被拒绝，没有任何改动", "refused and changed nothing") in report.text
        assert "12abc" in report.text
        assert "amount.unreadable" in report.text

    async def test_the_form_without_a_file_comes_back_with_its_error(self, company: Visitor) -> None:
        page = await company.form("/credit/bills", {})
        assert page.status_code == 422
        assert "error-file" in page.text

    async def test_a_bill_is_withdrawn_on_its_page(self, world: World, company: Visitor) -> None:
        done = await world.bring_bill()
        page = await company.get(f"/credit/bills/{done.id}")
        version = re.search(r'name="_version" value="(\d+)"', page.text)
        assert version
        path = f"/credit/bills/{done.id}/withdraw"
        assert (await company.form(path, {"_version": "99"})).status_code == 412
        assert (await company.form(path, {"_version": version.group(1)})).status_code == 303
        assert words(company, "已撤回", "Withdrawn") in (await company.get(f"/credit/bills/{done.id}")).text

    async def test_who_asked_is_listed_and_shown_in_full(
        self, world: World, company: Visitor, client_for: ClientFor
    ) -> None:
        await world.bring_bill()
        bank = await client_for("lender", organisation=world.lender.organisation_id)
        await bank.form("/lender/queries", {"enterprise_id": str(world.company_id), "purpose": "loan_application"})
        await world.consent()
        answered = await bank.form(
            "/lender/queries", {"enterprise_id": str(world.company_id), "purpose": "loan_application", "note": "A-1"}
        )
        listed = await company.get("/credit/queries")
        assert words(company, "已拒绝", "Refused") in listed.text
        assert words(company, "已给出评估分", "Scored") in listed.text
        detail = await company.get(answered.headers["location"].replace("/lender/", "/credit/"))
        assert detail.status_code == 200
        assert "A-1" in detail.text
        for form in ("csv", "xlsx"):
            kept = await company.get(f"/credit/queries?export={form}")
            assert kept.status_code == 200
            assert len(kept.content) > 100

    async def test_pages_of_others_are_not_found(self, world: World, client_for: ClientFor) -> None:
        done = await world.bring_bill()
        stranger = await client_for("enterprise_owner")
        for path in (f"/credit/bills/{done.id}", f"/credit/queries/{new_id()}", f"/credit/models/{'0' * 64}"):
            assert (await stranger.get(path)).status_code == 404
        assert (await stranger.get("/lender")).status_code == 403


class TestLender:
    async def test_ask_and_read_the_dossier(self, world: World, lender: Visitor) -> None:
        await world.bring_bill()
        consent = await world.consent()
        desk = await lender.get("/lender")
        assert str(world.company_id) in desk.text
        assert words(lender, "演示：金融机构自有模型", "demo: own-model mode") in desk.text
        sent = await lender.form(
            "/lender/queries", {"enterprise_id": str(world.company_id), "purpose": "credit_review", "note": "R-9"}
        )
        assert sent.status_code == 303
        dossier = await lender.get(sent.headers["location"])
        assert dossier.status_code == 200
        for shown in (f"consent:{consent}", "R-9", words(lender, "额度复审", "Review of a limit"),
                      words(lender, "逐位一致", "the same to the last digit"), words(lender, "未知", "unknown"),
                      words(lender, "主要原因", "Principal reasons")):  # fmt: skip
            assert shown in dossier.text
        for chart in re.findall(r'data-chart="([^"]+)"', dossier.text):
            assert (await lender.get(chart)).status_code == 200
        card = await lender.get(re.search(r'href="(/credit/models/[0-9a-f]{64})"', dossier.text).group(1))  # type: ignore[union-attr]
        assert words(lender, "未经违约数据训练", "neither trained nor tested on defaults") in card.text

    async def test_a_refusal_comes_back_into_the_form_and_is_kept(self, world: World, lender: Visitor) -> None:
        await world.bring_bill()
        sent = await lender.form(
            "/lender/queries",
            {"enterprise_id": str(world.company_id), "purpose": "loan_application", "note": "kept entry"},
        )
        assert sent.status_code == 403
        assert "kept entry" in sent.text
        assert words(lender, "没有给贵机构的有效授权", "no live consent of this company for you") in sent.text
        listed = await lender.get("/lender/queries?outcome=refused")
        assert str(world.company_id) in listed.text

    async def test_mistakes_are_named_beside_the_field(self, lender: Visitor) -> None:
        sent = await lender.form("/lender/queries", {"uscc": "123", "purpose": "loan_application"})
        assert sent.status_code == 422
        assert "error-uscc" in sent.text
        sent = await lender.form("/lender/queries", {"purpose": "loan_application"})
        assert sent.status_code == 422
        assert "error-enterprise_id" in sent.text

    async def test_sending_the_form_twice_asks_once(self, world: World, lender: Visitor) -> None:
        await world.bring_bill()
        await world.consent()
        data = {"enterprise_id": str(world.company_id), "purpose": "loan_application"}
        first = await lender.form("/lender/queries", data, key="one-key-of-the-form")
        second = await lender.form("/lender/queries", data, key="one-key-of-the-form")
        assert first.headers["location"] == second.headers["location"]

    async def test_another_lenders_answer_is_not_found(
        self, world: World, lender: Visitor, client_for: ClientFor
    ) -> None:
        await world.bring_bill()
        await world.consent()
        data = {"enterprise_id": str(world.company_id), "purpose": "loan_application"}
        path = (await lender.form("/lender/queries", data)).headers["location"]
        other = await client_for("lender", organisation=world.other_lender.organisation_id)
        assert (await other.get(path)).status_code == 404

    async def test_a_company_without_bills(self, world: World, lender: Visitor) -> None:
        await world.consent()
        data = {"enterprise_id": str(world.company_id), "purpose": "loan_application"}
        page = await lender.get((await lender.form("/lender/queries", data)).headers["location"])
        assert words(lender, "没有一个完整月份的云账单", "no complete month of cloud bills") in page.text
