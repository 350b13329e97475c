"""`migrate` and `doctor`."""

import asyncio
import json
import os
import sys

import click
from rich.console import Console
from rich.table import Table

from kernel.settings import load_settings
from portal.cli.words import say

STYLES = {"ok": "green", "warning": "yellow", "error": "bold red"}
JSON_HELP = say("机器可读输出。", "Machine-readable output.")


@click.command(help=say("把数据库升级到程序需要的版本。", "Bring the database to the version the program needs."))
@click.option(
    "--check",
    is_flag=True,
    help=say("只检查:落后或与代码不符则以 1 退出。", "Only look: exit 1 when behind or different from the code."),
)
@click.option("--json", "as_json", is_flag=True, help=JSON_HELP)
def migrate(*, check: bool, as_json: bool) -> None:
    """Upgrade, or only look."""
    from portal.operations import migrations

    settings = load_settings(os.environ)
    if check:
        asyncio.run(migrations.require_head(settings))
        drift = asyncio.run(migrations.find_drift(settings))
        if as_json:
            click.echo(json.dumps({"drift": drift}, ensure_ascii=False))
        else:
            click.echo("\n".join(drift) or say("数据库与代码一致。", "Database and code agree."))
        sys.exit(1 if drift else 0)
    before, after = asyncio.run(migrations.migrate(settings))
    if as_json:
        click.echo(json.dumps({"before": before, "after": after}))
    elif before == after:
        click.echo(say(f"已是最新:{after}。", f"Up to date: {after}."))
    else:
        click.echo(say(f"已从 {before or '空库'} 升级到 {after}。", f"Migrated from {before or 'nothing'} to {after}."))


@click.command(
    help=say(
        "检查部署:数据库、迁移、密钥、磁盘、审计、事件、双因素。",
        "Examine the deployment: database, migrations, keys, disk, audit, outbox, second factor.",
    )
)
@click.option("--json", "as_json", is_flag=True, help=JSON_HELP)
@click.option("--strict", is_flag=True, help=say("有警告也以 1 退出。", "Exit 1 on warnings, too."))
def doctor(*, as_json: bool, strict: bool) -> None:
    """Examine, print, and exit 1 when something is wrong."""
    from kernel.ground import open_ground
    from portal.operations.doctor import Finding, examine, worst

    async def look() -> list[Finding]:
        ground = open_ground(load_settings(os.environ))
        try:
            return await examine(ground)
        finally:
            await ground.close()

    findings = asyncio.run(look())
    if as_json:
        listed = [
            {"name": f.name, "grade": f.grade, "seen": f.seen, "zh": f.advice.zh, "en": f.advice.en} for f in findings
        ]
        click.echo(json.dumps(listed, ensure_ascii=False))
    else:
        table = Table(say("检查", "Check"), say("结果", "Result"), say("所见", "Seen"), say("建议", "Advice"))
        for finding in findings:
            style = STYLES[finding.grade]
            table.add_row(finding.name, f"[{style}]{finding.grade}[/]", finding.seen, finding.advice.local())
        Console().print(table)
    grade = worst(findings)
    sys.exit(1 if grade == "error" or (strict and grade == "warning") else 0)
