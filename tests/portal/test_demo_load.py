"""The load of the demo: through the rooms' doors, once, resumable, and never into somebody's real house."""

import math
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet
from sqlalchemy import func, select, text

from kernel import audit, money
from kernel.act import ANONYMOUS, ROLES
from kernel.auth import log_in
from kernel.clock import FixedClock, local_date
from kernel.ground import Ground
from kernel.identity import Organisation
from kernel.texts import Text
from portal.demo.load import load_demo
from portal.demo.loading import money as money_steps
from portal.demo.loading import sequence, sharing
from portal.demo.loading.real import FOCUS, STEEL, read_daily
from portal.demo.loading.sequence import read_marks
from portal.demo.loading.stage import Stage
from portal.demo.loading.story import story
from portal.demo.logins import FILE, LOGINS, Credentials, make_password, open_credentials
from portal.demo.worldfile import WORLD_FOLDER, WorldFileError, read_world
from portal.operations.errors import OperationError
from tests.make import Make
from tests.portal.worlds import SMALL, write_small_world


def report(done: int, total: int, note: str, /) -> None:
    assert done <= total


async def counts(ground: Ground) -> dict[str, Any]:
    """How many rows of each kind the load leaves, and in which states."""
    tables = (
        "enterprise", "fact", "park_unit", "park_lease", "policy_item", "person", "membership", "machine_client",
        "credit_bill_import", "data_delivery", "consent", "credit_score_query", "timeline_entry", "file",
    )  # fmt: skip
    async with ground.database.read() as db:
        known = {name: await db.scalar(text(f"SELECT count(*) FROM {name}")) for name in tables}
        for name in ("policy_application", "data_agreement", "event_delivery", "job"):
            rows = await db.execute(text(f"SELECT state, count(*) FROM {name} GROUP BY state"))
            known[name] = {row.state: row[1] for row in rows}
    return known


@pytest.fixture
def small_world(tmp_path: Path) -> Path:
    return write_small_world(tmp_path / "small")


async def check_house(ground: Ground, credentials: Credentials) -> None:
    """What every loaded demo has: open and finished things, two refusals kept, a sealed log, logins that work."""
    found = await counts(ground)
    states = found["policy_application"]
    assert states["paid"] == states["accepted"] == states["returned"] == states["submitted"] == 1
    assert states["approved"] >= 1  # granted without application
    assert found["data_agreement"] == {"active": 1} and found["data_delivery"] == 1
    assert found["event_delivery"].keys() == {"done"} and found["job"].keys() == {"done"}
    assert not [kept for kept in (await read_marks(ground)).values() if "left_out" in kept]
    async with ground.database.read() as db:
        outcomes = Counter(await db.scalars(text("SELECT outcome FROM credit_score_query")))
        assert await money.find_differences(db) == []
        assert not await audit.checkpoint_age(db, ground.clock.now())
    assert outcomes == {"scored": 2, "refused": 1}
    checked = await audit.verify(ground.database, ground.keys, checkpoint_file=ground.settings.checkpoint_file)
    assert checked.is_sound and checked.waiting == 0
    for login in LOGINS:
        outcome = await log_in(ground, ground.act(ANONYMOUS), login.login, credentials.passwords[login.login])
        assert outcome.token, login.login


async def test_the_demo_that_ships_fills_every_room_and_a_second_load_changes_nothing(ground: Ground) -> None:
    credentials = await load_demo(ground, report)
    await check_house(ground, credentials)
    found = await counts(ground)
    assert found["enterprise"] == 60 and found["park_unit"] == 111 and found["park_lease"] == 60
    assert found["credit_bill_import"] >= 40 and found["fact"] > 5_000
    assert found["person"] == len(LOGINS) and found["machine_client"] == 2
    again = await load_demo(ground, report)
    assert again.passwords == credentials.passwords and again.machines == credentials.machines
    assert await counts(ground) == found


async def test_a_demo_loads_into_either_database(both_grounds: Ground, small_world: Path) -> None:
    await check_house(both_grounds, await load_demo(both_grounds, report, world_folder=small_world))


async def test_a_load_that_breaks_off_goes_on_where_it_stopped_and_ends_the_same(
    ground: Ground, small_world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(Exception):
        pass

    calls = Counter[str]()

    def killing(name: str, at: int, real: Any) -> Any:
        async def call(*arguments: Any, **named: Any) -> Any:
            calls[name] += 1
            if calls[name] == at:
                raise Killed
            return await real(*arguments, **named)

        return call

    with monkeypatch.context() as patch:  # between the two signatures of one agreement
        patch.setattr(sharing.data_exchange, "sign_agreement", killing("sign", 2, sharing.data_exchange.sign_agreement))
        with pytest.raises(Killed):
            await load_demo(ground, report, world_folder=small_world)
    half = await counts(ground)
    assert half["enterprise"] == len(SMALL) and half["data_agreement"] == {}
    with monkeypatch.context() as patch:  # in the middle of the bills
        patch.setattr(money_steps.credit, "import_bill", killing("import", 2, money_steps.credit.import_bill))
        with pytest.raises(ExceptionGroup):
            await load_demo(ground, report, world_folder=small_world)
    credentials = await load_demo(ground, report, world_folder=small_world)
    await check_house(ground, credentials)
    whole = await counts(ground)
    billed = [tenant for tenant in read_world(small_world).tenants if tenant.cloud != "none"]
    assert whole["enterprise"] == whole["park_lease"] == len(SMALL)
    assert whole["credit_bill_import"] == len(billed)
    assert (await read_marks(ground)).keys() == {step.key for step in story()}


async def test_a_house_with_other_data_gets_no_demo(ground: Ground, make: Make) -> None:
    await make.organisation()
    with pytest.raises(OperationError, match="other data"):
        await load_demo(ground, report)
    async with ground.database.read() as db:
        assert await db.scalar(select(func.count()).select_from(Organisation)) == 1
    assert not (ground.settings.data_dir / FILE).exists()


async def test_a_broken_file_loads_nothing(ground: Ground, tmp_path: Path) -> None:
    folder = tmp_path / "world"
    folder.mkdir()
    for name in ("park.yaml", "tenants.yaml"):
        (folder / name).write_text((WORLD_FOLDER / name).read_text("utf-8"), "utf-8")
    tenants = (folder / "tenants.yaml").read_text("utf-8")
    line = next(number for number, each in enumerate(tenants.splitlines(), 1) if "key: mianbao" in each)
    for old, new, field in (
        ('industry: "5222"', 'industry: "5999"', "industry"),
        ("{key: mianbao,", "{key: mianbao, unknown: [shoe_size],", "unknown"),
    ):
        (folder / "tenants.yaml").write_text(tenants.replace(old, new), "utf-8")
        with pytest.raises(WorldFileError) as caught:
            await load_demo(ground, report, world_folder=folder)
        assert (caught.value.line, caught.value.field) == (line, f"tenants[58].{field}")
    async with ground.database.read() as db:
        assert await db.scalar(select(func.count()).select_from(Organisation)) == 0
    assert not (ground.settings.data_dir / FILE).exists()


async def test_real_bills_and_load_shapes_load_beside_the_generated_ones(
    ground: Ground, small_world: Path, shared_data: Path
) -> None:
    """Steel and SimBench want companies of the full world; the bill is enough for the small one."""
    real = small_world.parent / "real"
    real.mkdir()
    shutil.copy(shared_data / FOCUS, real)
    await load_demo(ground, report, world_folder=small_world, real_data=real)
    async with ground.database.read() as db:
        rows = (
            await db.execute(
                text("SELECT state, rows FROM credit_bill_import WHERE file_name = :name"), {"name": FOCUS}
            )
        ).all()
    assert rows == [("loaded", 1000)]


def test_a_real_year_of_hours_becomes_days_that_sum_to_the_same(shared_data: Path) -> None:
    steel = read_daily(shared_data / STEEL, "date", ["Usage_kWh"], 1.0)["Usage_kWh"]
    assert len(steel) == 365 and min(steel).year == max(steel).year == 2018
    table = parquet.read_table(shared_data / STEEL, columns=["Usage_kWh"])
    assert math.isclose(sum(steel.values()), sum(table.column(0).to_pylist()), rel_tol=1e-9)


async def test_a_folder_without_real_data_is_named(ground: Ground, tmp_path: Path) -> None:
    with pytest.raises(OperationError, match="focus_sample"):
        await load_demo(ground, report, real_data=tmp_path)


async def test_a_step_and_its_mark_are_one(ground: Ground, clock: FixedClock) -> None:
    """What a deed wrote is gone with it when the mark cannot be written."""

    async def deed(stage: Stage, db: Any) -> None:
        audit.write(db, stage.ground.act(sequence.LOADER), "test.done", "test", "1")
        raise RuntimeError

    stage = Stage(ground, None, open_credentials(ground.settings.data_dir, local_date(clock.now())))  # type: ignore[arg-type]
    with pytest.raises(RuntimeError):
        await sequence.run_steps(stage, [sequence.Deed("one", Text("一", "one"), deed)], report)
    async with ground.database.read() as db:
        assert await db.scalar(select(func.count()).select_from(audit.AuditEntry)) == 0


def test_passwords_are_different_long_and_private(tmp_path: Path, clock: FixedClock) -> None:
    day = local_date(clock.now())
    first = open_credentials(tmp_path / "one", day)
    assert open_credentials(tmp_path / "one", day) == first
    second = open_credentials(tmp_path / "two", day)
    assert not set(first.passwords.values()) & set(second.passwords.values())
    assert len(set(first.passwords.values())) == len(LOGINS)
    assert (tmp_path / "one" / FILE).stat().st_mode & 0o777 == 0o600
    assert all(len(make_password("bada")) >= 12 and "bada" not in make_password("bada") for _ in range(200))


def test_every_role_has_a_login() -> None:
    assert {role for login in LOGINS for role in login.roles} == set(ROLES)


def test_step_keys_are_unique() -> None:
    keys = [step.key for step in story()]
    assert len(keys) == len(set(keys))
