"""Servers as processes, load over real sockets, and the processor time each side took for it.

These machines are shared and noisy: wall time says little, CPU time per request and the ratio of two servers
measured in turn say more. Rounds alternate (A B A B …) and the smallest figure of each side counts.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
from msgspec import Struct

from tests.fixtures.ports import free_port

START_SECONDS = 30.0
CONNECTIONS = 8


class Answer(Struct):
    """One request's outcome: its status and the seconds it took."""

    status: int
    seconds: float
    body: bytes = b""


class Target(Struct):
    """One request to send: method, path, headers and body."""

    method: str
    path: str
    headers: Mapping[str, str] = {}
    body: bytes = b""

    def encode(self, host: str) -> bytes:
        """Return the request as bytes of HTTP/1.1."""
        headers = {"Host": host, "Content-Length": str(len(self.body)), **self.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{self.method} {self.path} HTTP/1.1\r\n{head}\r\n".encode() + self.body


@contextmanager
def served(command: Sequence[str], *, environment: Mapping[str, str], path: str = "/live") -> Iterator["Server"]:
    """Run a server process on a free port until the block ends; `{port}` in the command is replaced."""
    port = free_port()
    filled = [part.replace("{port}", str(port)) for part in command]
    log = Path(environment.get("BENCHMARK_LOG", os.devnull))
    with log.open("ab") as output:
        process = subprocess.Popen(filled, env={**os.environ, **environment}, stdout=output, stderr=output)
    try:
        server = Server(process, port)
        server.wait(path)
        yield server
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


class Server:
    """A running server: its address and the processor time it has used."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        self.process, self.port = process, port
        self.host = f"127.0.0.1:{port}"

    def wait(self, path: str) -> None:
        """Wait until the server answers; RuntimeError when it does not."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with code {self.process.returncode}")
            with suppress(OSError, ConnectionError, asyncio.IncompleteReadError):
                if asyncio.run(send_all(self, [Target("GET", path)], connections=1))[0].status < 500:
                    return
            time.sleep(0.1)
        raise RuntimeError("the server did not start")

    def cpu_seconds(self) -> float:
        """Return the processor seconds of the process and its children so far."""
        family = [psutil.Process(self.process.pid)]
        family += family[0].children(recursive=True)
        return sum(sum(member.cpu_times()[:2]) for member in family)


async def send_all(server: Server, targets: Sequence[Target], *, connections: int = CONNECTIONS) -> list[Answer]:
    """Send every request once over some keep-alive connections; answers in the order of the requests."""
    answers: list[Answer | None] = [None] * len(targets)
    queue = iter(enumerate(targets))

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        try:
            for index, target in queue:
                begun = time.perf_counter()
                writer.write(target.encode(server.host))
                status, body = await read_answer(reader)
                answers[index] = Answer(status, time.perf_counter() - begun, body)
        finally:
            writer.close()

    await asyncio.gather(*(work() for _n in range(min(connections, len(targets)))))
    return [answer for answer in answers if answer is not None]


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Read one HTTP/1.1 answer with a length or in chunks."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    lines = head.split("\r\n")
    headers = {name.lower(): value for name, _colon, value in (line.partition(": ") for line in lines[1:])}
    if headers.get("transfer-encoding") == "chunked":
        body = b""
        while size := int((await reader.readline()).strip() or b"0", 16):
            body += await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readline()
    else:
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    return int(lines[0].split(" ")[1]), body


def microseconds_per_request(server: Server, targets: Sequence[Target], *, expect: int) -> float:
    """Return the processor time per request in µs; RuntimeError when an answer has another status."""
    before = server.cpu_seconds()
    answers = asyncio.run(send_all(server, targets))
    used = server.cpu_seconds() - before
    wrong = [answer for answer in answers if answer.status != expect]
    if wrong:
        raise RuntimeError(f"{len(wrong)} of {len(answers)}: {wrong[0].status} {wrong[0].body[:300]!r}")
    return used / len(answers) * 1e6


def compare(sides: Mapping[str, Callable[[int], float]], *, rounds: int) -> dict[str, dict[str, float]]:
    """Measure the sides in turn, round by round; returns the smallest and the median figure of each."""
    figures: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds):
        for name, measure in sides.items():
            figures[name].append(measure(number))
    return {
        name: {"minimum": round(min(found), 1), "median": round(statistics.median(found), 1)}
        for name, found in figures.items()
    }


def show(result: Mapping[str, Any], *, as_json: bool) -> None:
    """Print a result as JSON, or as lines a person reads."""
    if as_json:
        json.dump(result, sys.stdout, indent=2)
        sys.stdout.write("\n")
        return
    for name, value in result.items():
        sys.stdout.write(f"{name}: {json.dumps(value, ensure_ascii=False)}\n")
