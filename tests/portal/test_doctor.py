"""The doctor: looks at everything on both databases, and finds what was made wrong."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from kernel import audit, jobs
from kernel.clock import FixedClock
from kernel.events import emit
from kernel.ground import Ground
from portal.operations import doctor
from portal.operations.doctor import Finding, examine, worst
from tests.make import Make


async def look(ground: Ground) -> dict[str, Finding]:
    return {finding.name: finding for finding in await examine(ground)}


async def test_everything_is_looked_at_on_either_database(both_grounds: Ground) -> None:
    found = await look(both_grounds)
    settings = {name for name in found if name.startswith("database.")}
    expected = {"journal_mode", "foreign_keys", "synchronous", "file"}
    if both_grounds.database.dialect == "postgresql":
        expected = {"fsync", "synchronous_commit", "full_page_writes", "data_checksums"}
    assert settings == {f"database.{name}" for name in expected}
    assert {"migrations", "keys.permissions", "disk", "audit.checkpoint", "outbox.lag", "jobs.dead", "ledger"} <= set(
        found
    )
    assert found["ledger"].grade == "ok" and found["keys.permissions"].grade == "ok"
    assert not [finding for finding in found.values() if finding.advice.en.startswith("Could not look")]


async def test_a_database_that_was_never_migrated_is_an_error(ground: Ground) -> None:
    assert (await look(ground))["migrations"].grade == "error"


@pytest.mark.parametrize(("minutes", "grade"), [(10, "ok"), (61, "warning"), (241, "error")])
async def test_an_unsealed_log_grows_graver_with_its_age(
    ground: Ground, make: Make, clock: FixedClock, minutes: int, grade: str
) -> None:
    async with ground.database.write() as db:
        audit.write(db, make.act(), "test.done", "test", "1")
    clock.advance(timedelta(minutes=minutes))
    assert (await look(ground))["audit.checkpoint"].grade == grade


async def test_events_and_jobs_that_nobody_takes_are_found(ground: Ground, make: Make, clock: FixedClock) -> None:
    async with ground.database.write() as db:
        emit(db, make.act(), "test.happened", subject_id=None, payload={})
        await jobs.enqueue(db, make.act(), "test.kind", {})
    clock.advance(timedelta(minutes=20))
    found = await look(ground)
    assert found["outbox.lag"].grade == "warning" and found["jobs.waiting"].grade == "warning"


async def test_powerful_people_without_a_second_factor_are_counted(ground: Ground, make: Make) -> None:
    await make.person("officer")
    await make.person("enterprise_owner")
    finding = (await look(ground))["second_factor"]
    assert finding.grade == "warning" and finding.seen.startswith("1 ")


async def test_a_ledger_that_does_not_balance_is_an_error(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    async def out_of_balance(db: object) -> list[str]:
        return ["entry 1 is out by 5 fen"]

    monkeypatch.setattr(doctor.money, "find_differences", out_of_balance)
    finding = (await look(ground))["ledger"]
    assert finding.grade == "error" and "5 fen" in finding.seen


async def test_a_check_that_cannot_look_says_so_and_the_others_go_on(ground: Ground) -> None:
    async with ground.database.write() as db:
        await db.execute(text("DROP TABLE event_delivery"))
    findings = await examine(ground)
    named = {finding.name: finding for finding in findings}
    assert named["outbox"].grade == "error" and "event_delivery" in named["outbox"].seen
    assert "ledger" in named and worst(findings) == "error"


async def test_what_production_would_refuse_is_told_before(ground: Ground) -> None:
    refused = [finding for finding in await examine(ground) if finding.name == "production"]
    assert {"PARKLINK_PUBLIC_URL", "PARKLINK_SECOND_FACTOR", "PARKLINK_KEY_DIR"} <= {
        finding.seen.partition(":")[0] for finding in refused
    }


def test_the_worst_grade_decides() -> None:
    ok, warning, error = (Finding("x", grade, "") for grade in ("ok", "warning", "error"))  # type: ignore[arg-type]
    assert worst([ok, ok]) == "ok" and worst([ok, warning]) == "warning" and worst([warning, error]) == "error"
