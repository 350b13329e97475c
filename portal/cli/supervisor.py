"""Runs several children as one command: starts them again when they die, stops them together, leaves none behind."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

import click
from msgspec import Struct

from portal.cli.stopping import on_stop
from portal.cli.words import say

STOP_SECONDS = 13  # a child takes up to ten to finish what it has begun
STEADY_SECONDS = 20
FAST_DEATHS = 4
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0


class Child(Struct, frozen=True):
    """A child: `parklink` arguments, and open file descriptors it is to inherit."""

    name: str
    arguments: tuple[str, ...]
    descriptors: tuple[int, ...] = ()


async def supervise(children: Sequence[Child]) -> int:
    """Run until told to stop; returns the exit code: 0 after an orderly stop, 1 when a child would not stay up."""
    reading, writing = os.pipe()
    stop, failed = asyncio.Event(), asyncio.Event()
    on_stop(stop.set)
    keepers = [asyncio.create_task(_keep(child, reading, stop, failed)) for child in children]
    try:
        await stop.wait()
        codes = await asyncio.gather(*keepers)
    finally:
        for descriptor in (reading, writing):
            os.close(descriptor)
    return 1 if failed.is_set() or any(codes) else 0


async def _keep(child: Child, lifeline: int, stop: asyncio.Event, failed: asyncio.Event) -> int:
    """Keep one child running until `stop`; returns the code it ended with."""
    pause, fast = FIRST_PAUSE, 0
    loop = asyncio.get_running_loop()
    while True:
        begun = loop.time()
        process = await _start(child, lifeline)
        code = await _wait(process, stop)
        if stop.is_set():
            return code
        fast = fast + 1 if loop.time() - begun < STEADY_SECONDS else 0
        pause = FIRST_PAUSE if fast == 0 else min(LONGEST_PAUSE, pause * 2)
        if fast >= FAST_DEATHS:
            _tell(
                say(
                    f"{child.name} 反复退出(代码 {code}),停止。", f"{child.name} keeps ending (code {code}); giving up."
                )
            )
            failed.set()
            stop.set()
            return code
        _tell(
            say(
                f"{child.name} 已退出(代码 {code}),{pause:.1f} 秒后重新启动。",
                f"{child.name} ended (code {code}); starting it again in {pause:.1f} s.",
            )
        )
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
        if stop.is_set():
            return 0


async def _start(child: Child, lifeline: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "portal.cli",
        *child.arguments,
        "--lifeline",
        str(lifeline),
        pass_fds=(lifeline, *child.descriptors),
        stdin=asyncio.subprocess.DEVNULL,
        # Ctrl+C goes to every process of a terminal's group; with ours it would be the child's second signal, "at once".
        start_new_session=True,
    )


async def _wait(process: asyncio.subprocess.Process, stop: asyncio.Event) -> int:
    ended, stopping = asyncio.create_task(process.wait()), asyncio.create_task(stop.wait())
    await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not ended.done():
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(asyncio.shield(ended), STOP_SECONDS)
        except TimeoutError:
            process.kill()
    return await ended


def _tell(message: str) -> None:
    click.echo(message, err=True)
