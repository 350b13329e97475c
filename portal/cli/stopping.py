"""When a process should stop: a signal, or the end of the process that started it."""

import asyncio
import os
import signal
from collections.abc import Callable


def on_stop(act: Callable[[], None], lifeline: int | None = None) -> None:
    """Call `act` in the running loop at the first SIGTERM or SIGINT, or when the other end of `lifeline` closes.

    A supervisor that is killed outright cannot tell its children; the kernel closes the pipe for it. A second signal
    ends the process at once, as people expect of a second Ctrl+C.
    """
    loop = asyncio.get_running_loop()
    stopped = False

    def once() -> None:
        nonlocal stopped
        if stopped:
            os._exit(1)
        stopped = True
        act()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, once)
    if lifeline is not None:

        def parent_is_gone() -> None:
            loop.remove_reader(lifeline)
            if not stopped:
                once()

        loop.add_reader(lifeline, parent_is_gone)
