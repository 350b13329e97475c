"""The processes: `up` runs everything, `serve`, `work` and `clock` are its parts."""

import asyncio
import os
import socket
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from kernel.settings import Settings, load_settings
from portal.cli.supervisor import Child, supervise
from portal.cli.words import say

DEFAULT_PORT = 8000
Command = TypeVar("Command", bound=Callable[..., Any])


def port_options(command: Command) -> Command:
    """Add --host and --port (or PORT) to a command."""
    port = click.option(
        "--port", type=click.IntRange(1, 65_535), default=DEFAULT_PORT, envvar="PORT", show_default=True,
        help=say("监听端口(或环境变量 PORT)。", "Port to listen on (or PORT in the environment)."),
    )  # fmt: skip
    host = click.option(
        "--host", default="127.0.0.1", show_default=True, help=say("监听地址。", "Address to listen on.")
    )
    return host(port(command))


def lifeline_option(command: Command) -> Command:
    """Add the descriptor by which a child notices that its supervisor is gone."""
    return click.option("--lifeline", type=int, hidden=True)(command)


@click.command(help=say("一条命令运行网页服务与后台进程。", "Run the web service and the worker with one command."))
@port_options
@click.option("--workers", type=click.IntRange(1, 64), help=say("网页进程数。", "Number of web processes."))
def up(*, host: str, port: int, workers: int | None) -> None:
    """Run web and worker until told to stop."""
    run_up(host, port, workers)


def run_up(host: str, port: int, workers: int | None = None) -> None:
    """Check settings and schema, open the port, then supervise; ends the process with the supervisor's code."""
    from portal.cli.serving import listen
    from portal.operations.migrations import require_head

    settings = settings_for(host, port)
    asyncio.run(require_head(settings))
    count = workers or settings.workers
    listening = listen(host, port)
    click.echo(say(f"园企通:{address(host, port)}", f"ParkLink: {address(host, port)}"))
    children = [_web_child(listening, number, host, port) for number in range(count)]
    code = asyncio.run(supervise([*children, Child("work", ("work",))]))
    listening.close()
    sys.exit(code)


@click.command(help=say("只运行网页服务。", "Run the web service only."))
@port_options
@click.option("--workers", type=click.IntRange(1, 64), help=say("网页进程数。", "Number of web processes."))
@click.option(
    "--proxy-headers/--no-proxy-headers", default=False, show_default=True,
    help=say("信任本机代理的 X-Forwarded-* 头。", "Trust X-Forwarded-* of a proxy on this machine."),
)  # fmt: skip
@click.option(
    "--drain", type=click.FloatRange(0, 60), default=0.0, show_default=True,
    help=say("收到停止信号后,先以“未就绪”继续服务的秒数。", "Seconds to go on serving as 'not ready' after the signal to stop."),
)  # fmt: skip
@click.option("--socket-fd", type=int, hidden=True)
@lifeline_option
def serve(
    *,
    host: str,
    port: int,
    workers: int | None,
    proxy_headers: bool,
    drain: float,
    socket_fd: int | None,
    lifeline: int | None,
) -> None:
    """Serve in this process, or in several under a supervisor."""
    from portal.cli.serving import listen, run, run_server
    from portal.operations.migrations import require_head

    settings = settings_for(host, port)
    if socket_fd is not None:
        listening = socket.socket(fileno=socket_fd)
    else:
        asyncio.run(require_head(settings))
        listening = listen(host, port)
        click.echo(say(f"园企通:{address(host, port)}", f"ParkLink: {address(host, port)}"), err=True)
    count = (workers or settings.workers) if socket_fd is None else 1
    if count == 1:
        run(run_server(settings, listening, proxy_headers=proxy_headers, drain=drain, lifeline=lifeline))
        return
    more = ("--proxy-headers" if proxy_headers else "--no-proxy-headers", "--drain", str(drain))
    sys.exit(asyncio.run(supervise([_web_child(listening, number, host, port, more) for number in range(count)])))


@click.command(
    help=say("运行后台任务、事件投递、审计封存和时钟。", "Run jobs, event delivery, audit sealing and the clock.")
)
@click.option(
    "--no-clock", is_flag=True, help=say("不带时钟(另由 clock 运行)。", "Without the clock (run apart by `clock`).")
)
@lifeline_option
def work(*, no_clock: bool, lifeline: int | None) -> None:
    """Work until told to stop."""
    from portal.cli.working import run_worker

    asyncio.run(run_worker(load_settings(os.environ), with_clock=not no_clock, lifeline=lifeline))


@click.command(help=say("只运行时钟:到点登记任务。", "Run the clock only: it enqueues what is due."))
@lifeline_option
def clock(*, lifeline: int | None) -> None:
    """Tick until told to stop."""
    from portal.cli.working import run_clock

    asyncio.run(run_clock(load_settings(os.environ), lifeline=lifeline))


def settings_for(host: str, port: int) -> Settings:
    """Settings of a web process; its own address is the public one unless the environment names another."""
    os.environ.setdefault("PARKLINK_PUBLIC_URL", address("127.0.0.1" if host in {"0.0.0.0", "::"} else host, port))  # noqa: S104
    return load_settings(os.environ)


def address(host: str, port: int) -> str:
    """The address people open."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _web_child(listening: socket.socket, number: int, host: str, port: int, more: tuple[str, ...] = ()) -> Child:
    descriptor = listening.fileno()
    arguments = ("serve", "--host", host, "--port", str(port), "--socket-fd", str(descriptor), *more)
    return Child(f"serve {number + 1}", arguments, (descriptor,))
