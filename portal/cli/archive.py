"""`backup` and `restore`."""

import asyncio
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from kernel.settings import load_settings
from portal.cli.progress import Reporter, showing
from portal.cli.words import say

JSON_HELP = say("机器可读输出。", "Machine-readable output.")


@click.command(
    help=say(
        "备份数据库、文件与检查点(不含密钥),系统可继续运行。",
        "Back up database, files and checkpoints (not the keys) while the house runs.",
    )
)
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--portable", is_flag=True, help=say("与数据库种类无关的格式。", "A form that any kind of database can take.")
)
@click.option("--json", "as_json", is_flag=True, help=JSON_HELP)
def backup(*, target: Path, portable: bool, as_json: bool) -> None:
    """Write one archive."""
    from kernel.ground import open_ground
    from portal.operations.archive import Manifest
    from portal.operations.backup import back_up

    async def write(report: Reporter) -> Manifest:
        ground = open_ground(load_settings(os.environ))
        try:
            return await back_up(ground, target, datetime.now(UTC), report, portable=portable)
        finally:
            await ground.close()

    with showing(say("备份", "Backup"), quiet=as_json) as report:
        manifest = asyncio.run(write(report))
    size = target.stat().st_size
    rows = sum(manifest.rows.values())
    if as_json:
        click.echo(json.dumps({"target": str(target), "bytes": size, **msgspec.to_builtins(manifest)}))
        return
    click.echo(
        say(
            f"{target}:{size / 2**20:.1f} MiB,{rows} 行,{len(manifest.members)} 个文件。密钥目录不在其中,请另行妥善备份。",
            f"{target}: {size / 2**20:.1f} MiB, {rows} rows, {len(manifest.members)} files. "
            "The key directory is not in it; keep it safe apart.",
        )
    )


@click.command(help=say("把备份恢复到空的位置并校验。", "Restore a backup into an empty place and prove it."))
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--without-keys",
    is_flag=True,
    help=say("签名密钥已丢失:自行担保备份来源。", "The signing key is lost: vouch for the source yourself."),
)
@click.option("--json", "as_json", is_flag=True, help=JSON_HELP)
def restore(*, source: Path, without_keys: bool, as_json: bool) -> None:
    """Restore and prove."""
    from portal.operations.restore import restore as put_back

    settings = load_settings(os.environ)
    with showing(say("恢复", "Restore"), quiet=as_json) as report:
        proof = asyncio.run(put_back(settings, source, report, check_signature=not without_keys))
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(proof)))
        return
    click.echo(
        say(
            f"已恢复并校验:{proof.rows} 行,{proof.files} 个文件,{proof.audit_entries} 条已封存审计记录,{proof.ledger_entries} 笔账目。",
            f"Restored and proved: {proof.rows} rows, {proof.files} files, {proof.audit_entries} sealed audit entries, "
            f"{proof.ledger_entries} ledger entries.",
        )
    )
