"""One web process: uvicorn on a socket that somebody may have opened for us, with an orderly end."""

import asyncio
import contextlib
import socket
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

import uvicorn

from kernel.ground import open_ground
from kernel.settings import Settings
from portal.cli.logs import configure_logs
from portal.cli.stopping import on_stop
from portal.operations.errors import OperationError

BACKLOG = 1024
FINISH_SECONDS = 10
T = TypeVar("T")


class HouseServer(uvicorn.Server):
    """Uvicorn without its own signal handling, which ends a process by the signal instead of with code 0."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to us."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket; OperationError when the port is taken or not ours to take."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise OperationError(
            f"无法监听 {host}:{port}({error.strerror});可用 --port 或 PORT= 换一个端口。",
            f"Cannot listen on {host}:{port} ({error.strerror}); choose another port with --port or PORT=.",
        ) from error
    listening.listen(BACKLOG)
    listening.set_inheritable(True)
    return listening


async def run_server(
    settings: Settings, listening: socket.socket, *, proxy_headers: bool, drain: float, lifeline: int | None
) -> None:
    """Serve until told to stop: then not ready, then (after `drain` seconds) no new work, finish within ten seconds."""
    from portal.app import create_app

    configure_logs(settings.log_level)
    ground = open_ground(settings)
    app = create_app(ground)
    server = HouseServer(
        uvicorn.Config(
            app,
            lifespan="on",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=proxy_headers,
            forwarded_allow_ips="127.0.0.1" if proxy_headers else "",
            timeout_graceful_shutdown=FINISH_SECONDS,
            h11_max_incomplete_event_size=64 * 1024,
        )
    )
    loop = asyncio.get_running_loop()

    def leave() -> None:
        app.state.readiness.stopping = True
        loop.call_later(drain, setattr, server, "should_exit", True)

    on_stop(leave, lifeline)
    try:
        await server.serve(sockets=[listening])
    finally:
        await ground.close()


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run to the end on uvloop where it is installed (Windows has none)."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(main)
    return uvloop.run(main)
