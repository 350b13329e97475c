"""The worker process: jobs, event delivery and, unless it runs apart, the clock."""

import asyncio
from collections.abc import Awaitable, Callable

from kernel import jobs
from kernel.events import run_dispatcher
from kernel.ground import Ground
from kernel.settings import Settings
from portal.cli.logs import configure_logs
from portal.cli.stopping import on_stop

Part = Callable[[Ground, asyncio.Event], Awaitable[None]]


async def run_worker(settings: Settings, *, with_clock: bool, lifeline: int | None) -> None:
    """Work until told to stop; what is under way has ten seconds to end."""
    parts: list[Part] = [jobs.run_worker, run_dispatcher]
    await _run(settings, [*parts, jobs.run_clock] if with_clock else parts, lifeline)


async def run_clock(settings: Settings, *, lifeline: int | None) -> None:
    """Tick until told to stop."""
    await _run(settings, [jobs.run_clock], lifeline)


async def _run(settings: Settings, parts: list[Part], lifeline: int | None) -> None:
    """Run the parts side by side; when one of them breaks, all stop and the process ends with its error."""
    from portal.cli.house import open_house

    configure_logs(settings.log_level)
    ground = open_house(settings)
    stop = asyncio.Event()
    on_stop(stop.set, lifeline)
    try:
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(_until(part, ground, stop))
    finally:
        await ground.close()


async def _until(part: Part, ground: Ground, stop: asyncio.Event) -> None:
    try:
        await part(ground, stop)
    finally:
        stop.set()
