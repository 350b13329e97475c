"""Support cases: one paid with its receipt, one under review, one waiting for the officer, one sent back to the company.

What a company has not told stays unasked here, so that the pages have open questions to show.
"""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

import policy_matching
from kernel.act import Act, Actor
from kernel.clock import local_date
from kernel.problems import Conflict, Unprocessable
from portal.demo.loading.stage import LOADER, Stage

CATALOGUE_LOADED = 427  # days ago
VOUCHER, RESEARCH = "sample-cloud-voucher", "sample-rd-reward"
NOT_NOW = {"not_open", "incomplete"}
CORRECTION = "请补充上年度云服务合同与付款凭证。/ Please add last year's cloud contract and proof of payment."


async def load_policies(stage: Stage, db: AsyncSession) -> None:
    """The national items and the samples of the demo district, in the care of the demo office."""
    office = await stage.organisation_id("office")
    await policy_matching.load_catalogue(db, stage.act(CATALOGUE_LOADED), office)


async def pay_a_case(stage: Stage, db: AsyncSession) -> None:
    """From application to receipt within a month, as the promise route has it."""
    company, officer = await stage.person("seller", "hanxing"), await stage.person("officer", "office")
    case = await _apply(stage, db, company, VOUCHER, days_ago=61, promise=True)
    amount = Decimal(case.requested_fen or 0) / 100
    await policy_matching.accept_application(db, _act(stage, 59, officer), case.id)
    await policy_matching.approve_application(db, _act(stage, 54, officer), case.id, amount)
    await policy_matching.hand_over_payment(db, _act(stage, 50, officer), case.id)
    receipt = _act(stage, 44, officer)
    await policy_matching.record_receipt(
        db,
        receipt,
        case.id,
        receipt_number="DEMO-RECEIPT-0001",
        receipt_on=local_date(receipt.now),
        amount=amount,
        receipt_from="treasury",
    )


async def leave_a_case_in_review(stage: Stage, db: AsyncSession) -> None:
    """Accepted, not decided: the officer's desk has work."""
    company, officer = await stage.person("agent", "hengzhou"), await stage.person("officer", "office")
    case = await _apply(stage, db, company, RESEARCH, days_ago=15)
    await policy_matching.accept_application(db, _act(stage, 12, officer), case.id)


async def send_a_case_back(stage: Stage, db: AsyncSession) -> None:
    """Returned once, with everything that is missing named."""
    company, officer = await stage.person("buyer", "luoxing"), await stage.person("officer", "office")
    case = await _apply(stage, db, company, VOUCHER, days_ago=9, promise=True)
    await policy_matching.return_application(db, _act(stage, 6, officer), case.id, [CORRECTION])


async def leave_a_case_waiting(stage: Stage, db: AsyncSession) -> None:
    """Submitted, not yet accepted."""
    company = await stage.person("owner", "yunji")
    await _apply(stage, db, company, RESEARCH, days_ago=3)


async def _apply(
    stage: Stage, db: AsyncSession, company: Actor, code: str, *, days_ago: int, promise: bool = False
) -> Any:
    act = _act(stage, days_ago, company)
    case = await policy_matching.start_application(db, act, code)
    draft = policy_matching.Draft(payee_bank="示例银行滨海支行(示例)", payee_account="6200000000000000000")
    await policy_matching.save_draft(db, act, case.id, draft, case.version)
    return await policy_matching.submit_application(db, act, case.id, promise=promise)


def _act(stage: Stage, days_ago: int, actor: Actor = LOADER) -> Act:
    return stage.act(days_ago, 11, actor)


def when_open(
    case: Callable[[Stage, AsyncSession], Awaitable[None]],
) -> Callable[[Stage, AsyncSession], Awaitable[dict[str, str] | None]]:
    """A case that is left out, and said to be, on days when its item cannot be applied for: samples have windows, and
    between January and May the accounts of the last year are not settled.
    """

    async def run(stage: Stage, db: AsyncSession) -> dict[str, str] | None:
        try:
            async with db.begin_nested():
                await case(stage, db)
        except (Conflict, Unprocessable) as problem:
            if problem.code not in NOT_NOW:
                raise
            return {"left_out": problem.code}
        return None

    return run
