"""Cases on both databases: from the draft to the receipt, with every refusal on the way."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import func, select

from kernel import money
from kernel.audit import AuditEntry
from kernel.events import EventRecord
from kernel.ground import Ground
from kernel.problems import BadInput, Conflict, NotFound, PreconditionFailed, Refusal, Unprocessable
from policy_matching import service
from policy_matching.models import PolicyItem
from policy_matching.service.review import review_facts
from policy_matching.store import cases
from tests.policy_matching.world import ELIGIBLE_RD, World, approved, balances, state_of, submitted


@pytest.fixture
async def world(both_grounds: Ground) -> World:
    return await World(both_grounds).begin()


async def test_the_whole_way_from_application_to_receipt(world: World) -> None:
    owner = await world.company(**ELIGIBLE_RD)
    case = await approved(world, owner)
    row = await state_of(world, case)
    assert (row.state, row.approved_fen) == ("publicity", 10_000_000)
    assert await balances(world) == (590_000_000, 10_000_000, 0)
    with pytest.raises(Conflict, match="2026-11-30"):
        async with world.ground.database.write() as db:
            await service.hand_over_payment(db, world.office, case)
    world.ground.clock.advance(timedelta(days=8))  # type: ignore[attr-defined]
    async with world.ground.database.write() as db:
        order = await service.hand_over_payment(db, world.office, case)
    assert order.reference == f"ZF-{row.number}"
    receipt = {"receipt_number": "GK-001", "receipt_on": date(2026, 12, 1), "receipt_from": "treasury"}
    for wrong in ({"amount": Decimal("99999.99")}, {"amount": Decimal(100000), "receipt_on": date(2026, 12, 2)}):
        with pytest.raises(BadInput):
            async with world.ground.database.write() as db:
                await service.record_receipt(db, world.office, case, **{**receipt, **wrong})  # type: ignore[arg-type]
    async with world.ground.database.write() as db:
        await service.record_receipt(db, world.office, case, amount=Decimal(100000), **receipt)  # type: ignore[arg-type]
        await service.close_application(db, world.office, case)
    assert await balances(world) == (590_000_000, 0, 10_000_000)
    async with world.ground.database.read() as db:
        view = await service.view_case(db, world.ground.act(owner), case)
        names = set(await db.scalars(select(EventRecord.name).where(EventRecord.name.like("policy_matching.%"))))
        actions = set(await db.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == owner.organisation_id)))
    assert [step.state for step in view.steps] == [
        "draft", "submitted", "accepted", "approved", "publicity", "payment_handed_over", "paid", "closed",
    ]  # fmt: skip
    assert {
        "policy_matching.application_submitted",
        "policy_matching.application_accepted",
        "policy_matching.application_approved",
        "policy_matching.payment_handed_over",
        "policy_matching.payment_received",
    } <= names
    assert {"policy.application_approved", "policy.payment_received"} <= actions


async def test_paid_is_never_reached_without_a_receipt(world: World) -> None:
    owner = await world.company(**ELIGIBLE_RD)
    case = await approved(world, owner)
    with pytest.raises(Conflict):
        async with world.ground.database.write() as db:
            await service.close_application(db, world.office, case)
    with pytest.raises(Conflict):
        async with world.ground.database.write() as db:
            await service.record_receipt(
                db, world.office, case, receipt_number="X", receipt_on=date(2026, 11, 23),
                amount=Decimal(100000), receipt_from="bank",
            )  # fmt: skip
    assert (await state_of(world, case)).state == "publicity"


async def test_a_case_is_returned_once_with_all_gaps(world: World) -> None:
    owner = await world.company(**ELIGIBLE_RD)
    case = await submitted(world, owner)
    with pytest.raises(BadInput):
        async with world.ground.database.write() as db:
            await service.return_application(db, world.office, case, [" "])
    async with world.ground.database.write() as db:
        await service.return_application(db, world.office, case, ["审计报告", "合同"])
    row = await state_of(world, case)
    assert (row.state, row.gaps, row.corrections) == ("returned", ["审计报告", "合同"], 1)
    async with world.ground.database.write() as db:
        await service.submit_application(db, world.ground.act(owner), case)
    with pytest.raises(Conflict):
        async with world.ground.database.write() as db:
            await service.return_application(db, world.office, case, ["又一项"])


async def test_what_is_missing_is_named_at_once(world: World) -> None:
    owner = await world.company(**ELIGIBLE_RD)
    act = world.ground.act(owner)
    async with world.ground.database.write() as db:
        row = await service.start_application(db, act, "sample-rd-reward")
    assert (row.requested_fen, row.payee_name) == (10_000_000, "测试企业1号有限公司")
    with pytest.raises(Unprocessable) as caught:
        async with world.ground.database.write() as db:
            await service.submit_application(db, act, row.id)
    assert {problem.name for problem in caught.value.fields} == {"payee_bank", "payee_account"}


async def test_unmet_criteria_and_open_questions_are_not_submitted(world: World) -> None:
    for facts in ({**ELIGIBLE_RD, "serious_dishonest": True}, {"rd_expense": "2000000"}):
        owner = await world.company(**facts)
        with pytest.raises(Unprocessable) as caught:
            await submitted(world, owner)
        assert "criteria" in {problem.name for problem in caught.value.fields}


async def test_a_promise_is_signed_with_its_text(world: World) -> None:
    owner = await world.company("declared", graduate_hires=3, hires_unemployment_insured=True, listed_abnormal=False)
    with pytest.raises(Unprocessable) as caught:
        await submitted(world, owner, "sample-graduate-hiring")
    assert [problem.name for problem in caught.value.fields] == ["promise"]
    row = await state_of(world, await submitted(world, owner, "sample-graduate-hiring", promise=True))
    assert row.promised_by == owner.id
    assert row.promise_zh.startswith("本企业承诺")
    assert row.requested_fen == 600_000


async def test_one_case_a_company_item_and_year(world: World) -> None:
    owner = await world.company(**ELIGIBLE_RD)
    case = await submitted(world, owner)
    with pytest.raises(Conflict):
        await submitted(world, owner)
    async with world.ground.database.write() as db:
        await service.withdraw_application(db, world.ground.act(owner), case)
    assert await submitted(world, owner) != case


@pytest.mark.parametrize("code", ["cn-hnte", "cn-small-low-profit", "sample-specialised-award"])
async def test_outside_and_automatic_items_are_not_applied_for(world: World, code: str) -> None:
    owner = await world.company()
    with pytest.raises(Conflict):
        async with world.ground.database.write() as db:
            await service.start_application(db, world.ground.act(owner), code)


async def test_a_suspended_item_is_not_applied_for(world: World) -> None:
    owner = await world.company(**ELIGIBLE_RD)
    async with world.ground.database.write() as db:
        await service.suspend_item(db, world.office, "sample-rd-reward", "预算调整")
    with pytest.raises(Conflict):
        await submitted(world, owner)
    async with world.ground.database.write() as db:
        await service.resume_item(db, world.office, "sample-rd-reward")
    await submitted(world, owner)


async def test_cases_of_others_do_not_exist(world: World) -> None:
    owner, other = await world.company(**ELIGIBLE_RD), await world.company()
    stranger = await world.make.person("officer")
    case = await submitted(world, owner)
    async with world.ground.database.write() as db:
        for actor in (other, stranger):
            with pytest.raises(NotFound):
                await service.view_case(db, world.ground.act(actor), case)
        with pytest.raises(NotFound):
            await service.accept_application(db, world.ground.act(stranger), case)
    async with world.ground.database.write() as db:
        draft = await service.start_application(db, world.ground.act(other), "sample-rd-reward")
        with pytest.raises(NotFound):
            await service.view_case(db, world.office, draft.id)  # a draft is the company's own


async def test_a_case_changed_meanwhile_is_a_412(world: World) -> None:
    owner = await world.company(**ELIGIBLE_RD)
    case = await submitted(world, owner)
    version = (await state_of(world, case)).version
    async with world.ground.database.write() as db:
        await service.accept_application(db, world.office, case, version=version)
    with pytest.raises(PreconditionFailed):
        async with world.ground.database.write() as db:
            await service.approve_application(db, world.office, case, Decimal(1), version=version)


@pytest.mark.parametrize("amount", ["0", "-1", "100000.01", "0.001"])
async def test_an_amount_beyond_the_policy_or_the_request_is_refused(world: World, amount: str) -> None:
    owner = await world.company(**ELIGIBLE_RD)
    case = await submitted(world, owner)
    async with world.ground.database.write() as db:
        await service.accept_application(db, world.office, case)
    with pytest.raises(BadInput):
        async with world.ground.database.write() as db:
            await service.approve_application(db, world.office, case, Decimal(amount))
    assert (await state_of(world, case)).state == "accepted"


async def test_rejecting_during_publicity_gives_the_money_back(world: World) -> None:
    owner = await world.company(**ELIGIBLE_RD)
    case = await approved(world, owner)
    async with world.ground.database.write() as db:
        await service.reject_application(db, world.office, case, "异议成立")
    assert await balances(world) == (600_000_000, 0, 0)
    assert (await state_of(world, case)).state == "rejected"


async def test_the_budget_cannot_be_overdrawn_by_a_race(world: World) -> None:
    cases_made = []
    for _number in range(6):
        owner = await world.company(**{**ELIGIBLE_RD, "rd_expense": "40000000", "revenue": "90000000"})
        case = await submitted(world, owner)
        async with world.ground.database.write() as db:
            await service.accept_application(db, world.office, case)
        cases_made.append(case)
    async with world.ground.database.write() as db:
        item = (await db.scalars(select(PolicyItem).where(PolicyItem.code == "sample-rd-reward"))).one()
        assert item.free_account_id
        sink = await money.open_account(db, world.system, owner_id=None, kind="test", code="test:sink", floor=None)
        # Leave room for three of the six, with a rest that is too small for a fourth.
        await money.post_entry(
            db, world.system, "test", "drain", [(item.free_account_id, -501_000_000), (sink, 501_000_000)]
        )

    async def approve(case: UUID) -> bool:
        try:
            async with world.ground.database.write() as db:
                await service.approve_application(db, world.office, case, Decimal(300000))
        except Refusal as problem:
            return problem.code != "budget_exhausted"
        return True

    done = await asyncio.gather(*(approve(case) for case in cases_made))
    assert sum(done) == 3
    assert await balances(world) == (9_000_000, 90_000_000, 0)
    async with world.ground.database.read() as db:
        refused = select(func.count()).select_from(AuditEntry).where(AuditEntry.outcome == "refused")
        assert await db.scalar(refused) == 3
    states = [(await state_of(world, case)).state for case in cases_made]
    assert sorted(states) == ["accepted"] * 3 + ["publicity"] * 3


async def test_an_officer_reading_the_facts_leaves_a_row_the_company_sees(world: World) -> None:
    owner = await world.company(**ELIGIBLE_RD)
    case = await submitted(world, owner)
    async with world.ground.database.write() as db:
        opened = await service.open_for_office(db, world.office, case)
        _book, assessment = await review_facts(db, world.office, opened)
        assert assessment.verdict == "eligible"
    async with world.ground.database.read() as db:
        view = await service.view_case(db, world.ground.act(owner), case)
        waiting = await cases.count_waiting(db, world.officer, date(2026, 11, 23))
    assert [(use.basis, use.outcome) for use in view.uses] == [("statutory", "allowed")]
    assert view.uses[0].reference == f"示范区惠企〔2026〕示例1号 · {view.row.number}"
    assert (waiting.submitted, waiting.late) == (1, 0)
