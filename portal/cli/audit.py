"""`audit verify`, `audit prove`, `audit checkpoints`: the log can be checked by anybody who can read it."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click
import msgspec
from rich.console import Console
from rich.table import Table

from kernel.ground import Ground, open_ground
from kernel.settings import load_settings
from portal.cli.progress import showing
from portal.cli.words import say

JSON_HELP = say("机器可读输出。", "Machine-readable output.")
T = TypeVar("T")


@click.group(help=say("审计日志:校验、证明、检查点。", "The audit log: verify, prove, checkpoints."))
def audit() -> None:
    """Hold the commands about the audit log together."""


@audit.command(
    help=say(
        "从头校验整个日志;有改动则以 1 退出并指出第一处。",
        "Check the whole log; exit 1 and name the first place that was changed.",
    )
)
@click.option(
    "--checkpoint-file", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=say("另处保存的检查点文件。", "A file of checkpoints that was kept elsewhere."),
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help=JSON_HELP)
def verify(*, checkpoint_file: Path | None, as_json: bool) -> None:
    """Verify."""
    from kernel import audit as log

    with showing(say("校验", "Verify"), quiet=as_json) as report:
        checked = _with_ground(
            lambda ground: log.verify(
                ground.database,
                ground.keys,
                checkpoint_file=checkpoint_file or ground.settings.checkpoint_file,
                progress=lambda done, total: report(done, total, ""),
            )
        )
    if as_json:
        click.echo(
            json.dumps(
                {"sound": checked.is_sound, "first_bad_seq": checked.first_bad_seq, **msgspec.to_builtins(checked)}
            )
        )
    elif checked.is_sound:
        click.echo(
            say(
                f"完好:{checked.size} 条已封存,{checked.checkpoints} 个检查点(另处 {checked.external} 个),{checked.waiting} 条待封存。",
                f"Sound: {checked.size} entries sealed, {checked.checkpoints} checkpoints "
                f"({checked.external} kept elsewhere), {checked.waiting} waiting.",
            )
        )
    else:
        for finding in sorted(checked.findings, key=lambda each: each.seq):
            click.echo(f"{finding.seq}-{finding.until} {finding.kind}: {finding.detail}")
        click.echo(
            say(
                f"日志被改动,第一处是第 {checked.first_bad_seq} 条。",
                f"The log was changed; the first bad entry is {checked.first_bad_seq}.",
            )
        )
    sys.exit(0 if checked.is_sound else 1)


@audit.command(
    help=say(
        "输出一条记录的收录证明(JSON),任何人可离线核验。",
        "Print the inclusion proof of an entry (JSON), to be checked offline by anybody.",
    )
)
@click.argument("seq", type=click.IntRange(min=0))
def prove(*, seq: int) -> None:
    """Prove that one entry is in the log."""
    from kernel import audit as log

    proof = _with_ground(lambda ground: log.prove(ground.database, ground.keys, seq))
    click.echo(msgspec.json.format(msgspec.json.encode(proof), indent=1).decode())


@audit.command(help=say("列出最近的检查点。", "List the latest checkpoints."))
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help=say("条数。", "How many."))
@click.option("--json", "as_json", is_flag=True, help=JSON_HELP)
def checkpoints(*, limit: int, as_json: bool) -> None:
    """List checkpoints, the newest first."""
    from kernel.audit.checkpoints import read_file

    path = load_settings(os.environ).checkpoint_file
    latest = list(read_file(path))[-limit:][::-1]
    if as_json:
        click.echo(msgspec.json.encode(latest).decode())
        return
    table = Table(say("记录数", "Entries"), say("时间", "Moment"), say("根", "Root"), say("密钥", "Key"))
    for checkpoint in latest:
        table.add_row(
            str(checkpoint.size),
            checkpoint.at.isoformat(timespec="seconds"),
            checkpoint.root.hex()[:16],
            checkpoint.key_id,
        )
    Console().print(table)


def _with_ground(work: Callable[[Ground], Awaitable[T]]) -> T:
    async def run() -> T:
        ground = open_ground(load_settings(os.environ))
        try:
            return await work(ground)
        finally:
            await ground.close()

    return asyncio.run(run())
