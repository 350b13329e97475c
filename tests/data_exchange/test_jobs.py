"""The sweep on both databases: it ends what time has ended, erases what nobody fetched, and may run twice."""

from datetime import timedelta

from sqlalchemy import func, select

from data_exchange.jobs import SWEEP
from data_exchange.models import DeliveryContentRow
from kernel.audit import AuditEntry
from kernel.jobs import Job, enqueue, run_due_jobs


async def sweep(ground, place):
    async with ground.database.write() as db:
        job_id = await enqueue(db, ground.act(place.system), SWEEP.name, {})
    await run_due_jobs(ground)
    async with ground.database.read() as db:
        return await db.get(Job, job_id)


async def test_the_sweep_ends_agreements_and_erases_content_once(both_grounds, market, clock):
    place = await market(both_grounds)
    first, second = await place.active(), await place.active()
    await place.deliver(first)
    job = await sweep(both_grounds, place)
    assert (job.state, job.result) == ("done", {"ended": 0, "erased": 0})
    clock.advance(timedelta(days=30))
    job = await sweep(both_grounds, place)
    assert (job.state, job.result) == ("done", {"ended": 2, "erased": 1})
    assert {(await place.row(one)).state for one in (first, second)} == {"expired"}
    assert (await sweep(both_grounds, place)).result == {"ended": 0, "erased": 0}
    async with both_grounds.database.read() as db:
        assert await db.scalar(select(func.count()).select_from(DeliveryContentRow)) == 0
        ended = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "agreement.expired")
        assert await db.scalar(ended) == 2
