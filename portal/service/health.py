"""Health: alive says the process answers, ready says that a write would succeed and the audit log is being sealed."""

import shutil
from datetime import datetime, timedelta

from litestar import Response, get, route
from litestar.enums import HttpMethod
from msgspec import Struct
from prometheus_client import generate_latest
from sqlalchemy import String, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from kernel import audit
from kernel.auth.policies import PUBLIC
from kernel.db import Base, Moment
from kernel.ground import Ground
from kernel.problems import NotFound, Unavailable
from kernel.upsert import insert_for
from kernel.web import ActDep, GroundDep, StrictRequest
from kernel.web.context import registry

PROBE_LIFETIME = timedelta(seconds=5)
FREE_DISK_SHARE = 0.02
LOOPBACK = frozenset({"127.0.0.1", "::1", "testclient"})
HEALTH_METHODS = [HttpMethod.GET, HttpMethod.HEAD]


class Probe(Base):
    """One row that readiness writes to: only a write proves that writes work."""

    __tablename__ = "health_probe"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    at: Mapped[Moment]


class Health(Struct, frozen=True):
    """What the service says of itself."""

    status: str
    checks: dict[str, str] = {}


class Readiness:
    """The last readiness answer, kept for a few seconds so that probes cost nothing."""

    def __init__(self) -> None:
        self._at: datetime | None = None
        self._checks: dict[str, str] = {}
        self.stopping = False

    async def check(self, ground: Ground) -> dict[str, str]:
        """Return the name of each check and "ok" or what is wrong."""
        now = ground.clock.now()
        if self._at is None or not (timedelta(0) <= now - self._at < PROBE_LIFETIME):
            self._checks, self._at = await run_checks(ground), now
        return self._checks | ({"process": "stopping"} if self.stopping else {})


async def run_checks(ground: Ground) -> dict[str, str]:
    """Try what a request would need: a committed write, room on the disk, a fresh audit checkpoint."""
    return {
        "database": await _try_write(ground),
        "disk": _look_at_disk(ground),
        "audit": await _look_at_audit(ground),
    }


async def _try_write(ground: Ground) -> str:
    now = ground.clock.now()
    try:
        async with ground.database.write() as db:
            found = await db.execute(update(Probe).where(Probe.name == "ready").values(at=now))
            if not found.rowcount:  # type: ignore[attr-defined]
                await db.execute(insert_for(db, Probe).values(name="ready", at=now).on_conflict_do_nothing())
    except (SQLAlchemyError, OSError, Unavailable):
        return "cannot write"
    return "ok"


def _look_at_disk(ground: Ground) -> str:
    usage = shutil.disk_usage(ground.settings.data_dir)
    return "ok" if usage.free / usage.total > FREE_DISK_SHARE else "nearly full"


async def _look_at_audit(ground: Ground) -> str:
    try:
        async with ground.database.read() as db:
            age = await audit.checkpoint_age(db, ground.clock.now())
    except (SQLAlchemyError, Unavailable):
        return "unknown"
    return "ok" if age < audit.LONGEST_UNSEALED else "not sealed"


@route("/live", http_method=HEALTH_METHODS, opt={"policy": PUBLIC}, include_in_schema=False)
async def live() -> Health:
    """Tell that the process answers; looks at nothing else."""
    return Health("ok")


@route("/ready", http_method=HEALTH_METHODS, opt={"policy": PUBLIC}, include_in_schema=False)
async def ready(ground: GroundDep, request: StrictRequest) -> Response[Health]:
    """Tell whether requests can be served; 503 names what is wrong."""
    readiness: Readiness = request.app.state.readiness
    checks = await readiness.check(ground)
    good = all(value == "ok" for value in checks.values())
    headers = {} if good else {"Retry-After": "5"}
    return Response(Health("ok" if good else "unavailable", checks), status_code=200 if good else 503, headers=headers)


@get("/metrics", opt={"policy": PUBLIC}, include_in_schema=False, media_type="text/plain; version=0.0.4")
async def metrics(act: ActDep) -> Response[bytes]:
    """Give the measurements in Prometheus form, to this machine and to administrators."""
    if act.address not in LOOPBACK and not act.actor.has("administrator"):
        raise NotFound
    return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")
