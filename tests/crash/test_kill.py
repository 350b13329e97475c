"""kill -9 of the server amid two hundred payments: what was acknowledged stays, nothing happens twice."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from benchmarks.harness import Target, read_answer
from benchmarks.scene import Scene, environment, prepare
from kernel import audit, money
from kernel.audit import AuditEntry
from kernel.clock import SystemClock, local_date
from kernel.events import EventRecord
from kernel.ground import open_ground
from kernel.settings import load_settings
from policy_matching.models import Application
from tests.fixtures.ports import free_port
from tests.fixtures.postgresql import PostgresServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
PAYMENTS = 200
KILLS = 4
GIVE_UP_SECONDS = 240


class Served:
    """The server process, killed and started again on the same port."""

    def __init__(self, folder: Path, url: str) -> None:
        self.port, self.folder, self.url = free_port(), folder, url
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal.cli", "serve", "--port", str(self.port)],
                env={**os.environ, **environment(self.folder, self.url)},
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def served(
    request: pytest.FixtureRequest, tmp_path: Path, new_postgresql: Callable[..., PostgresServer]
) -> Iterator[Served]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'house.db'}"
    if request.param == "postgresql":
        url = new_postgresql(durable=True).fresh_database()
    server = Served(tmp_path, url)
    yield server
    server.kill()


async def pay(server: Served, case: str, version: int, headers: dict[str, str], deadline: float) -> dict[str, Any]:
    """Record one receipt, again and again with the same key, until the server has acknowledged it."""
    body = {
        "receipt_number": f"GK-{case[-12:]}",
        "receipt_on": local_date(datetime.now(UTC)).isoformat(),
        "amount_yuan": "100.00",
        "receipt_from": "treasury",
    }
    more = {"Content-Type": "application/json", "Idempotency-Key": f"receipt-{case}", "If-Match": f'"{version}"'}
    target = Target("POST", f"/api/v1/applications/{case}/receipt", {**headers, **more}, json.dumps(body).encode())
    while time.monotonic() < deadline:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
            async with asyncio.timeout(20):
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
                try:
                    writer.write(target.encode(f"127.0.0.1:{server.port}"))
                    status, answer = await read_answer(reader)
                finally:
                    writer.close()
            if status == 200:
                found: dict[str, Any] = json.loads(answer)
                return found
            assert status in (409, 503), f"{status} {answer[:300]!r}"
        await asyncio.sleep(random.uniform(0.05, 0.4))
    raise AssertionError(f"case {case} was never acknowledged")


async def storm(server: Served, scene: Scene) -> list[dict[str, Any]]:
    """Send every payment at once while the server is killed again and again."""
    deadline = time.monotonic() + GIVE_UP_SECONDS
    payments = [
        asyncio.create_task(pay(server, case, version, scene.officer_headers, deadline))
        for case, version in scene.cases
    ]
    for _number in range(KILLS):
        before = sum(payment.done() for payment in payments)
        while sum(payment.done() for payment in payments) < min(before + 15, PAYMENTS) and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        await asyncio.sleep(random.uniform(0, 0.3))
        await asyncio.to_thread(server.kill)
        server.start()
    return await asyncio.gather(*payments)


def test_nothing_acknowledged_is_lost_and_nothing_happens_twice(served: Served, tmp_path: Path) -> None:
    scene = prepare(tmp_path, served.url, cases=PAYMENTS, logins=0)
    served.start()
    answers = asyncio.run(storm(served, scene))
    assert [answer["state"] for answer in answers] == ["paid"] * PAYMENTS
    served.kill()
    asyncio.run(check(tmp_path, served.url))


async def check(folder: Path, url: str) -> None:
    """Look into the database after the storm."""
    ground = open_ground(load_settings(environment(folder, url)))
    try:
        async with ground.database.read() as db:
            states = (await db.execute(select(Application.state, func.count()).group_by(Application.state))).all()
            assert [tuple(row) for row in states] == [("paid", PAYMENTS)]
            received = AuditEntry.action == "policy.payment_received"
            assert await db.scalar(select(func.count()).select_from(AuditEntry).where(received)) == PAYMENTS
            told = EventRecord.name == "policy_matching.payment_received"
            assert await db.scalar(select(func.count()).select_from(EventRecord).where(told)) == PAYMENTS
            assert await money.find_differences(db) == []
        await audit.seal_all(ground.database, ground.keys, SystemClock())
        report = await audit.verify(ground.database, ground.keys)
        assert report.findings == []
        assert report.size > PAYMENTS
    finally:
        await ground.close()
