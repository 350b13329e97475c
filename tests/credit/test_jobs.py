"""The job that reads a bill: its end counts once, whatever happens on the way, on both databases."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from credit.models import BillImportRow, BillMonthRow
from credit.service import loading, receive_bill, withdraw_import
from kernel.clock import FixedClock
from kernel.ground import Ground
from kernel.jobs import Job, run_due_jobs
from tests.credit import bills
from tests.credit.world import World, found


@pytest.fixture
async def world(both_grounds: Ground) -> World:
    return await found(both_grounds)


async def hand_in(world: World, body: bytes) -> BillImportRow:
    row, new = await receive_bill(world.ground, world.ground.act(world.company), body, name="bill.csv")
    assert new
    return row


async def state(world: World, row: BillImportRow) -> tuple[str, int]:
    async with world.ground.database.read() as db:
        months = await db.scalar(select(func.count()).select_from(BillMonthRow)) or 0
        return (await db.get_one(BillImportRow, row.id)).state, months


async def test_nothing_counts_before_the_job_has_run(world: World) -> None:
    row = await hand_in(world, bills.content(bills.steady(5)))
    assert await state(world, row) == ("waiting", 0)
    await run_due_jobs(world.ground)
    assert await state(world, row) == ("loaded", 5)
    async with world.ground.database.read() as db:
        job = await db.get_one(Job, row.job_id)
    assert (job.state, job.result["rows_new"], job.result["verdict"]) == ("done", 5, "conformant")
    assert job.total > 0


async def test_handed_in_twice_at_once_is_one_import(world: World) -> None:
    body, act = bills.content(bills.steady(5)), world.ground.act(world.company)
    sent = await asyncio.gather(*(receive_bill(world.ground, act, body, name=f"{n}.csv") for n in range(4)))
    assert len({row.id for row, _new in sent}) == 1
    assert [new for _row, new in sent].count(True) == 1
    await run_due_jobs(world.ground)
    assert await state(world, sent[0][0]) == ("loaded", 5)


async def test_a_run_that_fails_half_way_counts_nothing_and_the_next_one_all(
    world: World, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = await hand_in(world, bills.content(bills.steady(5)))
    real = loading._flip

    async def fail(*_arguments: object) -> None:
        raise OSError("the power went off")

    monkeypatch.setattr(loading, "_flip", fail)
    await run_due_jobs(world.ground)
    assert await state(world, row) == ("waiting", 0)
    monkeypatch.setattr(loading, "_flip", real)
    clock.advance(timedelta(hours=2))  # longer than the worker waits before it tries again
    await run_due_jobs(world.ground)
    assert await state(world, row) == ("loaded", 5)


async def test_a_bill_withdrawn_while_it_waits_is_not_counted(world: World) -> None:
    row = await hand_in(world, bills.content(bills.steady(5)))
    async with world.ground.database.write() as db:
        await withdraw_import(db, world.ground.act(world.company), row.id, version=None)
    await run_due_jobs(world.ground)
    assert await state(world, row) == ("withdrawn", 0)
