"""`demo`: migrate, load the demo world, print the logins, serve."""

import json
import os
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import exists, select

from kernel.db import Database
from kernel.identity import Organisation
from kernel.settings import Settings
from portal.cli.logs import configure_logs
from portal.cli.processes import port_options, settings_for
from portal.cli.progress import Reporter, showing
from portal.cli.serving import run
from portal.cli.words import is_chinese, say
from portal.demo.logins import FILE, LOGINS, STORY, Credentials, read_credentials
from portal.operations import migrations


@click.command(
    help=say(
        "载入演示世界并运行(数据会保留,再次启动只需数秒)。",
        "Load the demo world and run (data is kept; a second start takes seconds).",
    )
)
@port_options
@click.option(
    "--real-data", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help=say("另外载入此目录中的真实数据(FOCUS 账单、负荷曲线)。", "Also load the real data of this folder (FOCUS bill, load shapes)."),
)  # fmt: skip
@click.option(
    "--world", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help=say("自己的演示文件目录(park.yaml、tenants.yaml)。", "A folder with demo files of your own (park.yaml, tenants.yaml)."),
)  # fmt: skip
@click.option("--no-serve", is_flag=True, help=say("只载入,不运行。", "Load only, do not serve."))
@click.option(
    "--json", "as_json", is_flag=True, help=say("机器可读输出(不运行)。", "Machine-readable output (does not serve).")
)
def demo(*, host: str, port: int, real_data: Path | None, world: Path | None, no_serve: bool, as_json: bool) -> None:
    """Load, print, serve."""
    settings = settings_for(host, port)
    configure_logs("WARNING")

    async def load(report: Reporter) -> Credentials:
        if real_data is None and world is None and (known := await loaded_before(settings)):
            return known
        from portal.cli.house import open_house
        from portal.demo.load import load_demo
        from portal.demo.worldfile import WORLD_FOLDER

        await migrations.migrate(settings)
        ground = open_house(settings)
        try:
            return await load_demo(ground, report, world_folder=world or WORLD_FOLDER, real_data=real_data)
        finally:
            await ground.close()

    with showing(say("载入演示数据", "Loading the demo"), quiet=as_json) as report:
        credentials = run(load(report))
    if as_json:
        click.echo(_as_json(credentials))
        return
    _print_logins(credentials, settings.data_dir / FILE)
    if not no_serve:
        sys.stdout.flush()
        # A fresh process: the load has needed much that a supervisor does not.
        os.execv(sys.executable, [sys.executable, "-m", "portal.cli", "up", "--host", host, "--port", str(port)])  # noqa: S606


async def loaded_before(settings: Settings) -> Credentials | None:
    """The logins of a demo that is there whole, found without a room: that is what makes the second start quick."""
    known = read_credentials(settings.data_dir)
    if known is None or known.story != STORY or await migrations.current(settings) != migrations.head():
        return None
    database = Database(settings.database_url)
    try:
        async with database.read() as db:
            return known if await db.scalar(select(exists(Organisation.id))) else None
    finally:
        await database.dispose()


def _print_logins(credentials: Credentials, file: Path) -> None:
    console = Console(width=None if Console().is_terminal else 140)
    table = Table(
        say("登录名", "Login"), say("密码", "Password"), say("角色", "Role"), say("试试", "Try"),
        title=say("演示登录(均为虚构)", "Demo logins (all invented)"), title_justify="left",
    )  # fmt: skip
    for login in LOGINS:
        table.add_row(
            login.login,
            credentials.passwords[login.login],
            ", ".join(login.roles),
            login.try_zh if is_chinese() else login.try_en,
        )
    console.print(table)
    machines = Table(
        say("机器客户端", "Machine client"), "client_id", "client_secret",
        title=say("接口凭据:POST /api/v1/token", "For the API: POST /api/v1/token"), title_justify="left",
    )  # fmt: skip
    for machine in credentials.machines.values():
        machines.add_row(machine.organisation, machine.client_id, machine.client_secret)
    console.print(machines)
    console.print(say(f"这些凭据保存在 {file}(仅本人可读)。", f"They are kept in {file} (readable by you only)."))


def _as_json(credentials: Credentials) -> str:
    return json.dumps(
        {
            "logins": [
                {
                    "login": login.login,
                    "password": credentials.passwords[login.login],
                    "roles": login.roles,
                    "organisations": login.organisations,
                    "try": {"zh": login.try_zh, "en": login.try_en},
                }
                for login in LOGINS
            ],
            "machines": [
                {"organisation": each.organisation, "client_id": each.client_id, "client_secret": each.client_secret}
                for each in credentials.machines.values()
            ],
        },
        ensure_ascii=False,
    )
