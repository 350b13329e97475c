"""The API of credit, as machines of a lender and of a company use it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from credit.service.models import champion
from kernel.ground import Ground
from kernel.ids import new_id
from kernel.jobs import run_due_jobs
from tests.credit import bills
from tests.credit.world import World, found
from tests.make import Visitor

ClientFor = Callable[..., Awaitable[Visitor]]
QUERIES = "/api/v1/credit/score-queries"


@pytest.fixture
async def world(ground: Ground) -> World:
    return await found(ground)


@pytest.fixture
async def lender(world: World, client_for: ClientFor) -> Visitor:
    return await client_for("lender", organisation=world.lender.organisation_id, machine=True)


@pytest.fixture
async def company(world: World, client_for: ClientFor) -> Visitor:
    return await client_for("enterprise_owner", organisation=world.company_id)


def question(world: World, **more: Any) -> dict[str, Any]:
    return {"enterprise_id": str(world.company_id), "purpose": "loan_application", **more}


class TestAsking:
    async def test_a_machine_asks_and_reads_the_answer_again(self, world: World, lender: Visitor) -> None:
        await world.bring_bill()
        await world.consent()
        answer = await lender.post(QUERIES, question(world, note="A-17"))
        assert answer.status_code == 201
        body = answer.json()
        score = body["score"]
        assert (body["outcome"], body["note"], score["label_zh"]) == ("scored", "A-17", "云量评估分")
        assert float(score["base"]) + sum(float(each["points"]) for each in score["contributions"]) == float(
            score["score"]
        )
        assert len(score["reasons"]) == 4
        assert score["model"]["sha256"] == champion().artefact.sha256
        assert body["legal_basis"] == world.ground.settings.credit_legal_basis
        again = await lender.get(f"{QUERIES}/{body['id']}")
        assert again.json()["score"] == score
        replayed = await lender.get(f"{QUERIES}/{body['id']}/replay")
        assert replayed.json()["identical"] is True
        assert replayed.json()["score"] == score["score"]

    async def test_one_key_is_one_question(self, world: World, lender: Visitor) -> None:
        await world.bring_bill()
        await world.consent()
        first = await lender.post(QUERIES, question(world), key="the-same-key-1")
        second = await lender.post(QUERIES, question(world), key="the-same-key-1")
        assert first.json() == second.json()
        assert (await lender.get(QUERIES)).json()["total"] == 1

    async def test_refused_looks_the_same_whoever_is_asked_for(self, world: World, lender: Visitor) -> None:
        await world.bring_bill()
        answers = [
            await lender.post(QUERIES, question(world)),
            await lender.post(QUERIES, question(world) | {"enterprise_id": str(new_id())}),
            await lender.post(QUERIES, {"purpose": "loan_application", "uscc": "91350100M000100Y43"}),
        ]
        for answer in answers:
            assert answer.status_code == 403
        documents = [{k: v for k, v in a.json().items() if k not in ("instance", "request_id")} for a in answers]
        assert documents[0] == documents[1] == documents[2]
        listed = (await lender.get(QUERIES)).json()
        assert listed["total"] == 3
        assert {item["enterprise_id"] for item in listed["items"]} == {None}

    async def test_the_company_sees_each_question_at_once(
        self, world: World, lender: Visitor, company: Visitor
    ) -> None:
        await world.bring_bill()
        await lender.post(QUERIES, question(world))
        consent = await world.consent()
        asked = (await lender.post(QUERIES, question(world))).json()
        await world.withdraw(consent)
        assert (await lender.post(QUERIES, question(world))).status_code == 403
        seen = (await company.get(QUERIES)).json()
        assert [item["outcome"] for item in seen["items"]] == ["refused", "scored", "refused"]
        mine = await company.get(f"{QUERIES}/{asked['id']}")
        assert mine.json()["score"] == asked["score"]

    async def test_another_lender_finds_nothing(self, world: World, lender: Visitor, client_for: ClientFor) -> None:
        await world.bring_bill()
        await world.consent()
        asked = (await lender.post(QUERIES, question(world))).json()
        other = await client_for("lender", organisation=world.other_lender.organisation_id, machine=True)
        for path in (f"{QUERIES}/{asked['id']}", f"{QUERIES}/{asked['id']}/replay", f"{QUERIES}/{new_id()}"):
            assert (await other.get(path)).status_code == 404

    @pytest.mark.parametrize(
        "body",
        [{}, {"purpose": "loan_application"}, {"purpose": "curiosity", "enterprise_id": "x"},
         {"purpose": "loan_application", "uscc": "123"}, {"purpose": "loan_application", "enterprise_id": 5},
         {"purpose": "loan_application", "uscc": "91350100M000100Y43", "more": 1},
         {"purpose": "loan_application", "uscc": "91350100M000100Y43", "note": "x" * 201}],
    )  # fmt: skip
    async def test_bad_questions_are_named(self, lender: Visitor, body: dict[str, Any]) -> None:
        answer = await lender.post(QUERIES, body)
        assert answer.status_code == 400
        assert answer.headers["content-type"].startswith("application/problem+json")

    async def test_only_lenders_ask(self, world: World, company: Visitor) -> None:
        assert (await company.post(QUERIES, question(world))).status_code == 403


class TestBills:
    async def test_a_bill_is_handed_in_read_by_its_job_and_reported(
        self, world: World, company: Visitor, ground: Ground
    ) -> None:
        body = bills.content([*bills.steady(12), bills.row(ChargeFrequency="usage-based")])
        sent = await self._send(company, body)
        assert (sent.status_code, sent.json()["state"], sent.json()["grade"]) == (202, "waiting", "C")
        await run_due_jobs(ground)
        report = (await company.get(f"/api/v1/credit/bills/{sent.json()['id']}")).json()
        assert (report["bill"]["state"], report["bill"]["rows_new"]) == ("loaded", 13)
        assert [finding["rule"] for finding in report["report"]["findings"]] == ["choice.case"]
        assert (await company.get("/api/v1/credit/score")).json()["source_grade"] == "C"
        assert len((await company.get("/api/v1/credit/score/history")).json()) == 12

    async def _send(self, company: Visitor, body: bytes, name: str = "bill.csv") -> Any:
        return await company.client.post(
            "/api/v1/credit/bills", files={"file": (name, body, "text/csv")}, headers={"X-CSRF-Token": company.csrf}
        )

    async def test_the_same_file_is_one_bill(self, company: Visitor) -> None:
        body = bills.content(bills.steady(2))
        first, second = await self._send(company, body), await self._send(company, body, "other-name.csv")
        assert first.json()["id"] == second.json()["id"]
        assert (await company.get("/api/v1/credit/bills")).json()["total"] == 1

    async def test_withdrawing_needs_the_version(self, world: World, company: Visitor) -> None:
        done = await world.bring_bill()
        path = f"/api/v1/credit/bills/{done.id}/withdraw"
        assert (await company.post(path)).status_code == 428
        assert (await company.post(path, headers={"If-Match": '"77"'})).status_code == 412
        version = (await company.get(f"/api/v1/credit/bills/{done.id}")).json()["bill"]["version"]
        gone = await company.post(path, headers={"If-Match": f'"{version}"'})
        assert (gone.status_code, gone.json()["state"]) == (200, "withdrawn")
        assert (await company.get("/api/v1/credit/score")).status_code == 404

    async def test_bills_of_others_are_not_found(self, world: World, client_for: ClientFor) -> None:
        done = await world.bring_bill()
        stranger = await client_for("enterprise_owner")
        assert (await stranger.get(f"/api/v1/credit/bills/{done.id}")).status_code == 404
        answer = await stranger.post(f"/api/v1/credit/bills/{done.id}/withdraw", headers={"If-Match": '"1"'})
        assert answer.status_code == 404

    @pytest.mark.parametrize("name", ["../../etc/passwd", ".", "a\u202eb.csv"])
    async def test_a_bad_file_name_is_refused(self, company: Visitor, name: str) -> None:
        assert (await self._send(company, b"a,b\n1,2\n", name)).status_code == 400

    async def test_a_form_without_a_file_is_refused(self, company: Visitor) -> None:
        answer = await company.client.post(
            "/api/v1/credit/bills", data={"file": "text"}, headers={"X-CSRF-Token": company.csrf}
        )
        assert answer.status_code == 400


class TestModels:
    async def test_the_model_is_open_to_who_is_scored_and_who_asks(self, lender: Visitor, company: Visitor) -> None:
        for visitor in (lender, company):
            model = (await visitor.get("/api/v1/credit/models/current")).json()
            assert model["kind"] == "expert card"
            assert model["artefact"]["characteristics"]
            assert len((await visitor.get("/api/v1/credit/features")).json()) >= len(
                model["artefact"]["characteristics"]
            )

    async def test_an_unknown_model_is_not_found(self, lender: Visitor) -> None:
        assert (await lender.get(f"/api/v1/credit/models/{'0' * 64}")).status_code == 404
