"""Matching on both databases: the list, the reasons, the answers, and what is granted without application."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from kernel.data_use import DataUse
from kernel.ground import Ground
from kernel.problems import BadInput, Conflict, NotFound, Unprocessable
from policy_matching import service
from policy_matching.models import PolicyDecision, PolicyVersion
from policy_matching.service import Draft
from tests.policy_matching.world import ELIGIBLE_RD, PAYEE, World, balances, state_of


@pytest.fixture
async def world(both_grounds: Ground) -> World:
    return await World(both_grounds).begin()


async def test_loading_the_catalogue_twice_changes_nothing(world: World) -> None:
    async with world.ground.database.write() as db:
        assert await service.load_catalogue(db, world.system, world.office_id) == 0
        assert await db.scalar(select(func.count()).select_from(PolicyVersion)) == 34
    assert await balances(world) == (600_000_000, 0, 0)


async def test_matches_put_what_can_be_had_first_and_nobody_else_sees_them(world: World) -> None:
    owner = await world.company(**ELIGIBLE_RD)
    async with world.ground.database.read() as db:
        matches = await service.match_company(db, world.ground.act(owner))
    states = [match.state in {"open", "closing_soon"} for match in matches]
    assert states == sorted(states, reverse=True)
    usable = [match.verdict for match in matches if match.state in {"open", "closing_soon"}]
    order = ["eligible", "depends", "not_eligible"]
    assert usable == sorted(usable, key=order.index)
    reward = next(match for match in matches if match.code == "sample-rd-reward")
    assert (reward.verdict, reward.worth_low, reward.state) == ("eligible", Decimal("100000.00"), "open")
    assert next(match for match in matches if match.code == "cn-tech-sme").state == "closed"
    async with world.ground.database.read() as db:
        assert await db.scalar(select(func.count()).select_from(DataUse)) == 0  # its own view leaves no row


async def test_answering_the_open_question_changes_the_verdict_and_keeps_the_decision(world: World) -> None:
    owner = await world.company(**{name: value for name, value in ELIGIBLE_RD.items() if name != "park_tenant"})
    act = world.ground.act(owner)
    async with world.ground.database.read() as db:
        before = await service.explain(db, act, "sample-rd-reward")
    assert before.assessment.verdict == "depends"
    assert [(question.key, question.deciding) for question in before.questions] == [("park_tenant", True)]
    async with world.ground.database.write() as db:
        after = await service.answer_questions(db, act, "sample-rd-reward", {"park_tenant": True})
    assert after.assessment.verdict == "eligible"
    evidence = after.assessment.criteria[0].evidence[0].known
    assert evidence is not None
    assert evidence.authority == "declared"
    async with world.ground.database.write() as db:
        decision = (await db.scalars(select(PolicyDecision))).one()
        assert (await service.replay(db, decision)).verdict == decision.verdict == "eligible"


async def test_a_question_for_a_year_is_recorded_for_that_year(world: World) -> None:
    owner = await world.company(park_tenant=True, revenue="20000000", serious_dishonest=False)
    act = world.ground.act(owner)
    async with world.ground.database.write() as db:
        explained = await service.explain(db, act, "sample-rd-reward")
        assert [question.key for question in explained.questions] == ["rd_expense.2025"]
        after = await service.answer_questions(db, act, "sample-rd-reward", {"rd_expense.2025": "2000000.00"})
    assert after.assessment.verdict == "eligible"


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"rd_expense.2025": "-5"}, "rd_expense.2025"),
        ({"rd_expense.2025": "much"}, "rd_expense.2025"),
        ({"size_class": "small"}, "size_class"),
        ({"nonsense": True}, "nonsense"),
        ({"revenue.1500": "1"}, "revenue.1500"),
        ({}, ""),
    ],
)
async def test_a_wrong_answer_is_named_and_records_nothing(
    world: World, answers: dict[str, object], field: str
) -> None:
    owner = await world.company()
    with pytest.raises(BadInput) as caught:
        async with world.ground.database.write() as db:
            await service.answer_questions(db, world.ground.act(owner), "sample-rd-reward", answers)
    assert [problem.name for problem in caught.value.fields] == [field]
    async with world.ground.database.read() as db:
        assert await db.scalar(select(func.count()).select_from(PolicyDecision)) == 0


async def test_a_decision_whose_facts_were_touched_is_not_replayed(world: World) -> None:
    owner = await world.company()
    async with world.ground.database.write() as db:
        await service.answer_questions(db, world.ground.act(owner), "sample-rd-reward", {"park_tenant": True})
        decision = (await db.scalars(select(PolicyDecision))).one()
        db.expunge(decision)
        decision.facts = {**decision.facts, "staff": []} | {"rent_paid": decision.facts["park_tenant"]}
        with pytest.raises(Conflict):
            await service.replay(db, decision)


async def test_grants_without_application_rest_on_authoritative_facts_only(world: World) -> None:
    facts = {"recognitions": ["specialized_sme@2027-06-30"], "listed_abnormal": False, "serious_dishonest": False}
    known = await world.company(**facts)
    await world.company("declared", **facts)
    await world.company(**{**facts, "recognitions": ["specialized_sme@2026-11-22"]})
    code = "sample-specialised-award"
    async with world.ground.database.write() as db:
        assert await service.automatic_items(db, world.system) == [code]
        found = await service.find_grants(db, world.system, code)
    assert [one.enterprise_id for one in found] == [known.organisation_id]
    async with world.ground.database.write() as db:
        made = await service.grant(db, world.system, code, found[0])
    assert made is not None
    row = await state_of(world, made)
    assert (row.state, row.approved_fen, row.route) == ("approved", 20_000_000, "automatic")
    with pytest.raises(Conflict):
        async with world.ground.database.write() as db:
            await service.grant(db, world.system, code, found[0])
    with pytest.raises(Unprocessable):  # nobody knows the company's account yet
        async with world.ground.database.write() as db:
            await service.hand_over_payment(db, world.office, made)
    async with world.ground.database.write() as db:
        await service.save_draft(db, world.ground.act(known), made, Draft(**PAYEE, requested=Decimal(9)), row.version)
    assert (await state_of(world, made)).requested_fen == 20_000_000
    async with world.ground.database.write() as db:
        order = await service.hand_over_payment(db, world.office, made)
    assert order.amount_fen == 20_000_000
    async with world.ground.database.read() as db:
        view = await service.view_case(db, world.ground.act(known), made)
    assert [use.reference for use in view.uses] == ["示范区惠企〔2026〕示例3号"]


async def test_results_of_outside_routes_are_recorded_with_their_evidence(world: World) -> None:
    owner = await world.company()
    act = world.ground.act(owner)
    common = {"reference": "GR202633000001", "amount_fen": None, "evidence": "证书扫描件存档", "outcome": "granted"}
    async with world.ground.database.write() as db:
        await service.record_result(db, act, "cn-hnte", result_on=date(2026, 11, 1), **common)  # type: ignore[arg-type]
        explained = await service.explain(db, act, "cn-hnte")
    assert [result.reference for result in explained.results] == ["GR202633000001"]
    with pytest.raises(BadInput):
        async with world.ground.database.write() as db:
            await service.record_result(db, act, "cn-hnte", result_on=date(2026, 11, 24), **common)  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        async with world.ground.database.write() as db:
            await service.record_result(db, act, "sample-rd-reward", result_on=date(2026, 11, 1), **common)  # type: ignore[arg-type]


async def test_a_budget_is_granted_to_complete_portal_items_only(world: World) -> None:
    async with world.ground.database.write() as db:
        live = await service.grant_budget(db, world.office, "sample-rd-reward", Decimal("0.01"))
        assert live.free_fen == 600_000_001
        live = await service.grant_budget(db, world.office, "cn-job-stabilisation-2026", Decimal(1000))
        assert live.free_fen == 100_000
        for code in ("cn-hiring-subsidy-2026", "cn-hnte"):
            with pytest.raises(Conflict):
                await service.grant_budget(db, world.office, code, Decimal(1))


async def test_an_officer_of_another_office_changes_no_item(world: World) -> None:
    stranger = await world.make.person("officer")
    with pytest.raises(NotFound):
        async with world.ground.database.write() as db:
            await service.suspend_item(db, world.ground.act(stranger), "sample-rd-reward", "x")


async def test_facts_as_they_were_known_on_a_past_day(world: World) -> None:
    owner = await world.company(**{name: value for name, value in ELIGIBLE_RD.items() if name != "park_tenant"})
    world.ground.clock.advance(timedelta(days=2))  # type: ignore[attr-defined]
    await world.learn(owner.organisation_id, park_tenant=True)  # type: ignore[arg-type]
    async with world.ground.database.read() as db:
        act = world.ground.act(owner)
        assert (await service.explain(db, act, "sample-rd-reward")).assessment.verdict == "eligible"
        past = await service.explain(db, act, "sample-rd-reward", date(2026, 11, 23))
    assert past.assessment.verdict == "depends"
