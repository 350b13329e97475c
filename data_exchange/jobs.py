"""What the clock does for data exchange: writes down ended agreements, erases content nobody fetched."""

from typing import Any

from data_exchange import service, store
from kernel.ground import Ground
from kernel.jobs import JobKind, JobRun, Schedule
from kernel.texts import Text

BATCH = 100


async def sweep(ground: Ground, job: JobRun) -> dict[str, Any]:
    """End agreements whose time is over and erase content whose time is over; what is done twice changes nothing."""
    ended = 0
    while True:
        async with ground.database.read() as db:
            waiting = await store.agreements_to_expire(db, job.act, BATCH)
        for agreement_id in waiting:
            async with job.write() as db:
                await service.expire_agreement(db, job.act, agreement_id)
        ended += len(waiting)
        await job.progress(ended, ended + (len(waiting) == BATCH))
        if len(waiting) < BATCH:
            break
    async with job.write() as db:
        erased = await store.erase_content(db, job.act)
    return {"ended": ended, "erased": erased}


SWEEP = JobKind("data_exchange.sweep", sweep, title=Text("数据合约到期处理", "Ending data agreements"))
HOURLY = Schedule("data_exchange.sweep", SWEEP.name, {"minute": 7})
