"""Cloud bills of the companies that use cloud, handed in by themselves or by the provider on their word."""

import asyncio
from collections.abc import Awaitable, Callable

import credit
from kernel.texts import Text
from portal.demo.loading.sequence import Work
from portal.demo.loading.stage import LOADER, Stage

HANDED_IN = 20  # days ago
BATCHES = 4
AT_ONCE = 2
PROVIDER_PULLED = 3  # every third bill came with a read-only key (grade A), the others were uploaded (C)


def bill_steps() -> list[Work]:
    """A quarter of the companies a step."""
    return [
        Work(
            f"bills-{number + 1}",
            Text(f"云账单 {number + 1}/{BATCHES}", f"Cloud bills {number + 1}/{BATCHES}"),
            _importer(number),
        )
        for number in range(BATCHES)
    ]


def _importer(number: int) -> Callable[[Stage], Awaitable[None]]:
    async def run(stage: Stage) -> None:
        with_bill = [
            (tenant.entry.key, tenant.bill.content) for tenant in stage.world.tenants if tenant.bill is not None
        ]
        await stage.organisation_id(with_bill[0][0])  # looked up once, before several ask
        gate = asyncio.Semaphore(AT_ONCE)

        async def hand_in(position: int, key: str, content: bytes) -> None:
            async with gate:
                await import_bill(stage, key, content, pulled=position % PROVIDER_PULLED == 0)

        async with asyncio.TaskGroup() as group:
            for position, (key, content) in list(enumerate(with_bill))[number::BATCHES]:
                group.create_task(hand_in(position, key, content))

    return run


async def import_bill(
    stage: Stage, key: str, content: bytes, *, pulled: bool, name: str = "demo-focus-1.0.csv", source: str = ""
) -> None:
    """Hand in one bill; the same content again changes nothing."""
    await credit.import_bill(
        stage.ground,
        stage.act(HANDED_IN, actor=LOADER),
        await stage.organisation_id(key),
        content,
        name=name,
        grade="A" if pulled else "C",
        source=source or ("demo:provider" if pulled else "demo:company"),
    )
