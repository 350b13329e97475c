"""CPU per request of a hot read and of a money write, beside idiomatic FastAPI; and writes while people log in.

    python -m benchmarks.requests [--json] [--rounds N]

Hot read: a lender's machine looks a score up (token, policy, scope, row). Money write: an officer records a receipt
(idempotency key, optimistic lock, ledger, audit, outbox, one transaction). On SQLite and on PostgreSQL.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click

from benchmarks.harness import Answer, Server, Target, compare, microseconds_per_request, send_all, served, show
from benchmarks.scene import PASSWORD, Scene, environment, prepare
from kernel.clock import local_date
from tests.fixtures.postgresql import HOW_TO_GET, PostgresServer, find_programs

READS = 400
WRITES = 60
LOGINS = 25
TOKEN = "benchmark-token"  # noqa: S105 - of the benchmark alone


def our_command() -> list[str]:
    """Return the command that serves our house in one process."""
    return [sys.executable, "-m", "portal.cli", "serve", "--port", "{port}"]


def peer_command() -> list[str]:
    """Return the command that serves the peer in one process, without its access log."""
    return [
        sys.executable, "-m", "uvicorn", "benchmarks.peers.fastapi_house:app", "--port", "{port}",
        "--no-access-log", "--log-level", "warning",
    ]  # fmt: skip


def measure(database: str, urls: tuple[str, str], folder: Path, rounds: int) -> dict[str, Any]:
    """Time both servers in turn on one kind of database."""
    cases = WRITES * rounds
    scene = prepare(folder / "ours", urls[0], cases=cases, logins=LOGINS)
    peer_environment = {"PEER_DATABASE_URL": urls[1], "PEER_APPLICATIONS": str(cases)}
    with (
        served(our_command(), environment=environment(folder / "ours", urls[0])) as ours,
        served(peer_command(), environment=peer_environment) as peer,
    ):
        seeded = json.loads(asyncio.run(send_all(peer, [Target("POST", "/seed")]))[0].body)
        read = compare(
            {
                "ours": lambda _round: microseconds_per_request(ours, our_reads(scene), expect=200),
                "fastapi": lambda _round: microseconds_per_request(peer, peer_reads(seeded), expect=200),
            },
            rounds=rounds,
        )
        write = compare(
            {
                "ours": lambda number: microseconds_per_request(ours, our_writes(scene, number), expect=200),
                "fastapi": lambda number: microseconds_per_request(peer, peer_writes(seeded, number), expect=200),
            },
            rounds=rounds,
        )
        crowd = crowd_of_logins(ours, scene)
    return {
        "database": database,
        "hot_read_cpu_us": read | {"ratio": ratio(read)},
        "money_write_cpu_us": write | {"ratio": ratio(write)},
        "writes_while_25_people_log_in": crowd,
    }


def ratio(figures: Mapping[str, Mapping[str, float]]) -> float:
    """Return ours over the peer's, smallest figures."""
    return round(figures["ours"]["minimum"] / figures["fastapi"]["minimum"], 2)


def our_reads(scene: Scene) -> list[Target]:
    """Return score lookups of a lender's machine."""
    headers = {"Authorization": f"Bearer {scene.lender_token}"}
    return [Target("GET", f"/api/v1/credit/score-queries/{scene.query_id}", headers)] * READS


def peer_reads(seeded: Mapping[str, Any]) -> list[Target]:
    """Return the same for the peer."""
    return [
        Target("GET", f"/api/v1/credit/score-queries/{seeded['query']}", {"Authorization": f"Bearer {TOKEN}"})
    ] * READS


def our_writes(scene: Scene, number: int) -> list[Target]:
    """Return one round's receipts, each for another case."""
    chosen = scene.cases[number * WRITES : (number + 1) * WRITES]
    return [_receipt(case, version, scene.officer_headers) for case, version in chosen]


def peer_writes(seeded: Mapping[str, Any], number: int) -> list[Target]:
    """Return the same for the peer."""
    chosen = seeded["applications"][number * WRITES : (number + 1) * WRITES]
    return [_receipt(case, 1, {"Authorization": f"Bearer {TOKEN}"}) for case in chosen]


def _receipt(case: str, version: int, headers: Mapping[str, str]) -> Target:
    body = {
        "receipt_number": f"GK-{case[-12:]}",
        "receipt_on": local_date(datetime.now(UTC)).isoformat(),
        "amount_yuan": "100.00",
        "receipt_from": "treasury",
    }
    more = {"Content-Type": "application/json", "Idempotency-Key": f"receipt-{case}", "If-Match": f'"{version}"'}
    return Target("POST", f"/api/v1/applications/{case}/receipt", {**headers, **more}, json.dumps(body).encode())


def crowd_of_logins(server: Server, scene: Scene) -> dict[str, float]:
    """Return how long one person's writes take alone, and while 25 people log in at once (milliseconds)."""
    return asyncio.run(_crowd(server, scene))


async def _crowd(server: Server, scene: Scene) -> dict[str, float]:
    alone = await send_all(server, _facts(scene, "alone", 40), connections=1)
    visits = [await _visit(server) for _name in scene.logins]
    logins = [_login(name, visit) for name, visit in zip(scene.logins, visits, strict=True)]
    begun = time.perf_counter()
    crowd = asyncio.create_task(send_all(server, logins, connections=len(logins)))
    during: list[Answer] = []
    number = 0
    while not crowd.done():
        during += await send_all(server, _facts(scene, f"during-{number}", 1), connections=1)
        number += 1
    answers = await crowd
    took = time.perf_counter() - begun
    wrong = [answer.status for answer in answers if answer.status != 303] + [
        answer.status for answer in (*alone, *during) if answer.status >= 300
    ]
    if wrong:
        raise RuntimeError(f"answers {wrong[:10]}")
    return {
        "alone_median_ms": _median(alone),
        "during_median_ms": _median(during),
        "during_worst_ms": round(max(answer.seconds for answer in during) * 1000, 1),
        "writes_during": len(during),
        "logins_seconds": round(took, 2),
    }


def _median(answers: list[Answer]) -> float:
    return round(statistics.median(answer.seconds for answer in answers) * 1000, 1)


def _facts(scene: Scene, name: str, count: int) -> list[Target]:
    path = f"/api/v1/enterprises/{scene.writer_id}/facts"
    targets = []
    for number in range(count):
        body = {"facts": [{"name": "staff", "value": 100 + number, "source": "benchmark"}]}
        headers = {
            **scene.writer_headers,
            "Content-Type": "application/json",
            "Idempotency-Key": f"fact-{name}-{number}",
        }
        targets.append(Target("POST", path, headers, json.dumps(body).encode()))
    return targets


async def _visit(server: Server) -> tuple[str, str]:
    """Open the login page as a browser would; return its cookie and its form token."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(Target("GET", "/login").encode(server.host))
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    length = next(int(line.split(": ")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length"))
    body = (await reader.readexactly(length)).decode()
    writer.close()
    cookie = next(line.split(": ")[1].split(";")[0] for line in head.split("\r\n") if "parklink_visit" in line)
    token = body.split('name="_csrf" value="')[1].split('"')[0]
    return cookie, token


def _login(name: str, visit: tuple[str, str]) -> Target:
    cookie, token = visit
    body = urlencode({"_csrf": token, "login": name, "password": PASSWORD}).encode()
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    return Target("POST", "/login", headers, body)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--rounds", default=5, show_default=True, help="Rounds, each side in turn.")
@click.option("--only", type=click.Choice(["sqlite", "postgresql"]), help="Time one database only.")
def main(*, as_json: bool, rounds: int, only: str | None) -> None:
    """Print CPU per request and the ratio to the peer."""
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if only != "postgresql":
            urls = (f"sqlite+aiosqlite:///{folder}/ours.db", f"sqlite+aiosqlite:///{folder}/peer.db")
            results.append(measure("sqlite", urls, folder / "sqlite", rounds))
        if only != "sqlite":
            programs = find_programs()
            if programs is None:
                raise click.ClickException(HOW_TO_GET)
            server = PostgresServer(programs, durable=True)
            try:
                urls = (server.fresh_database(), server.fresh_database())
                results.append(measure("postgresql", urls, folder / "postgresql", rounds))
            finally:
                server.close()
    show({"requests": results}, as_json=as_json)


if __name__ == "__main__":
    main()
