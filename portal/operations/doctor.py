"""Looks at a deployment as a physician would: each finding says what was looked at, how it is, and what to do."""

import os
import shutil
import stat
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from kernel import audit, money
from kernel.auth.second_factor import DEMANDED_OF
from kernel.events import EventDelivery, EventRecord
from kernel.ground import Ground
from kernel.identity import Membership, Person
from kernel.jobs import Job
from kernel.jobs.models import DEAD, WAITING
from kernel.problems import Problem
from kernel.texts import Text
from portal.operations.database import sqlite_path

CHECKPOINT_WARNING, CHECKPOINT_LIMIT = timedelta(hours=1), timedelta(hours=4)
OUTBOX_WARNING = timedelta(minutes=5)
LEAST_FREE_SHARE, LITTLE_FREE_SHARE = 0.02, 0.10
OTHERS = stat.S_IRWXG | stat.S_IRWXO

Grade = Literal["ok", "warning", "error"]


class Finding(Struct, frozen=True):
    """One thing that was looked at. `advice` is empty when all is well."""

    name: str
    grade: Grade
    seen: str
    advice: Text = Text("", "")


Check = Callable[[Ground], Awaitable[list[Finding]]]


async def examine(ground: Ground) -> list[Finding]:
    """Every finding, in a fixed order; a check that cannot even look is an error finding, never a crash."""
    findings: list[Finding] = []
    for check in CHECKS:
        try:
            findings += await check(ground)
        except (SQLAlchemyError, OSError, Problem) as error:
            name = check.__name__.removeprefix("_look_at_")
            reason = " ".join(str(getattr(error, "orig", None) or error).split())[:200]
            findings.append(Finding(name, "error", reason, Text("无法检查,见原因", "Could not look; see the reason")))
    return findings


async def _look_at_database(ground: Ground) -> list[Finding]:
    """Settings that durability and integrity stand on (SQLite pragmas; PostgreSQL parameters)."""
    wanted: dict[str, tuple[str, Grade]]
    if ground.database.dialect == "sqlite":
        wanted = {"journal_mode": ("wal", "error"), "foreign_keys": ("1", "error"), "synchronous": ("2", "error")}
        template = "PRAGMA {}"
    else:
        wanted = {
            "fsync": ("on", "error"), "synchronous_commit": ("on", "error"), "full_page_writes": ("on", "error"),
            "data_checksums": ("on", "warning"),
        }  # fmt: skip
        template = "SHOW {}"
    findings = []
    async with ground.database.read() as db:
        for name, (good, grade) in wanted.items():
            seen = str(await db.scalar(text(template.format(name))))
            findings.append(
                Finding(f"database.{name}", "ok", seen)
                if seen == good
                else Finding(f"database.{name}", grade, seen, Text(f"应为 {good}", f"Should be {good}"))
            )
    path = sqlite_path(ground.settings.database_url)
    if path is not None:
        findings.append(_private(path, "database.file"))
    return findings


async def _look_at_migrations(ground: Ground) -> list[Finding]:
    from portal import migrations

    now, head = await migrations.current(ground.database), migrations.head()
    if now == head:
        return [Finding("migrations", "ok", head)]
    return [Finding("migrations", "error", f"{now} != {head}", Text("运行 parklink migrate", "Run parklink migrate"))]


async def _look_at_keys(ground: Ground) -> list[Finding]:
    folder = ground.settings.key_dir
    files = sorted(folder.glob("*.key"))
    open_to_others = [path for path in (folder, *files) if path.stat().st_mode & OTHERS]
    if open_to_others:
        names = ", ".join(path.name for path in open_to_others)
        advice = Text("目录改为 0700,文件改为 0600", "Set the folder to 0700 and the files to 0600")
        return [Finding("keys.permissions", "error", names, advice)]
    return [Finding("keys.permissions", "ok", f"{len(files)} keys, 0600")]


async def _look_at_disk(ground: Ground) -> list[Finding]:
    usage = shutil.disk_usage(ground.settings.data_dir)
    share = usage.free / usage.total
    seen = f"{usage.free / 2**30:.1f} GiB free ({share:.0%})"
    if share < LEAST_FREE_SHARE:
        return [Finding("disk", "error", seen, Text("立即腾出空间", "Free space at once"))]
    if share < LITTLE_FREE_SHARE:
        return [Finding("disk", "warning", seen, Text("空间不多了", "Space is getting short"))]
    return [Finding("disk", "ok", seen)]


async def _look_at_audit(ground: Ground) -> list[Finding]:
    """How old the oldest unsealed state is: writes are refused after four hours, an alarm is due after one."""
    async with ground.database.read() as db:
        age = await audit.checkpoint_age(db, ground.clock.now())
    seen = f"{age.total_seconds() / 60:.0f} min"
    advice = Text("后台进程在运行吗?(parklink work)", "Is the worker running? (parklink work)")
    grade: Grade = "error" if age > CHECKPOINT_LIMIT else "warning" if age > CHECKPOINT_WARNING else "ok"
    return [Finding("audit.checkpoint", grade, seen, Text("", "") if grade == "ok" else advice)]


async def _look_at_outbox(ground: Ground) -> list[Finding]:
    now = ground.clock.now()
    async with ground.database.read() as db:
        oldest = await db.scalar(select(func.min(EventRecord.at)).where(EventRecord.is_fanned_out.is_(False)))
        lost = (
            await db.scalar(select(func.count()).select_from(EventDelivery).where(EventDelivery.state == "dead")) or 0
        )
    lag = now - oldest if oldest else timedelta(0)
    late = lag > OUTBOX_WARNING
    findings = [
        Finding("outbox.lag", "warning", str(lag), Text("后台进程在运行吗?", "Is the worker running?"))
        if late
        else Finding("outbox.lag", "ok", f"{lag.total_seconds():.0f} s")
    ]
    advice = Text("查明原因后重新投递", "Find the cause, then deliver again")
    findings.append(
        Finding("outbox.undelivered", "error", str(lost), advice) if lost else Finding("outbox.undelivered", "ok", "0")
    )
    return findings


async def _look_at_jobs(ground: Ground) -> list[Finding]:
    now = ground.clock.now()
    async with ground.database.read() as db:
        dead = await db.scalar(select(func.count()).select_from(Job).where(Job.state == DEAD)) or 0
        oldest = await db.scalar(select(func.min(Job.run_at)).where(Job.state.in_(WAITING), Job.run_at <= now))
    findings = [
        Finding("jobs.dead", "warning", str(dead), Text("在任务页面查看原因", "See the reasons on the jobs page"))
        if dead
        else Finding("jobs.dead", "ok", "0")
    ]
    late = oldest is not None and now - oldest > timedelta(minutes=15)
    advice = Text("后台进程在运行吗?(parklink work)", "Is the worker running? (parklink work)")
    findings.append(
        Finding("jobs.waiting", "warning", f"since {oldest}", advice)
        if late
        else Finding("jobs.waiting", "ok", "none late")
    )
    return findings


async def _look_at_ledger(ground: Ground) -> list[Finding]:
    async with ground.database.read() as db:
        differences = await money.find_differences(db)
    if differences:
        return [
            Finding("ledger", "error", differences[0], Text("停止付款并查明原因", "Stop payments and find the cause"))
        ]
    return [Finding("ledger", "ok", "balances")]


async def _look_at_second_factor(ground: Ground) -> list[Finding]:
    """People with powerful roles who log in with a password alone."""
    async with ground.database.read() as db:
        without = await db.scalar(
            select(func.count(Person.id.distinct()))
            .join(Membership, Membership.person_id == Person.id)
            .where(Membership.role.in_(DEMANDED_OF), Person.second_factor.is_(None), Person.is_active)
        )
    demanded = ground.settings.second_factor == "required"
    if not without:
        return [Finding("second_factor", "ok", ground.settings.second_factor)]
    seen = f"{without} without, {ground.settings.second_factor}"
    advice = Text("生产环境设为 required", "Set it to 'required' in production")
    return [Finding("second_factor", "ok" if demanded else "warning", seen, Text("", "") if demanded else advice)]


async def _look_at_production(ground: Ground) -> list[Finding]:
    """What a production start would refuse, told before anybody tries."""
    from msgspec.structs import replace

    from kernel.settings import find_conflicts

    if os.environ.get("PARKLINK_MODE") == "production":
        return [Finding("mode", "ok", "production")]
    refused = find_conflicts(replace(ground.settings, production=True))
    findings: list[Finding] = [
        Finding(
            "production",
            "warning",
            line.partition(" / ")[0],
            Text("生产启动会被拒绝", "A production start would be refused"),
        )
        for line in refused
    ]
    return findings or [Finding("production", "ok", "would start")]


def _private(path: Path, name: str) -> Finding:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & OTHERS:
        return Finding(name, "warning", f"{mode:04o}", Text("改为 0600", "Set it to 0600"))
    return Finding(name, "ok", f"{mode:04o}")


CHECKS: tuple[Check, ...] = (
    _look_at_database, _look_at_migrations, _look_at_keys, _look_at_disk, _look_at_audit, _look_at_outbox, _look_at_jobs,
    _look_at_ledger, _look_at_second_factor, _look_at_production,
)  # fmt: skip


def worst(findings: list[Finding]) -> Grade:
    """The gravest grade among the findings."""
    grades: list[Any] = [finding.grade for finding in findings]
    return "error" if "error" in grades else "warning" if "warning" in grades else "ok"
