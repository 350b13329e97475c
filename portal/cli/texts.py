"""`texts check`: is every text of the house there in Chinese?"""

import json
import sys
from pathlib import Path

import click

from portal.cli.words import say
from portal.operations.texts import check_texts

HOUSE = Path(__file__).resolve().parents[2]


@click.group(help=say("界面文字。", "Texts of the pages."))
def texts() -> None:
    """Hold the commands about texts together."""


@texts.command(
    help=say(
        "每条文字都有中文译文,且没有过时或存疑的译文。",
        "Every text has a Chinese translation, none is fuzzy or left over.",
    )
)
@click.option("--json", "as_json", is_flag=True, help=say("机器可读输出。", "Machine-readable output."))
def check(*, as_json: bool) -> None:
    """Compare what the code says with what the catalogues hold; exit 1 on any difference."""
    faults = check_texts(HOUSE)
    if as_json:
        click.echo(
            json.dumps(
                [{"where": fault.where, "message": fault.message, "why": fault.why} for fault in faults],
                ensure_ascii=False,
            )
        )
    else:
        for fault in faults:
            click.echo(f"{fault.where}: {fault.why}: {fault.message!r}")
        if not faults:
            click.echo(say("所有文字都有译文。", "Every text is translated."))
    sys.exit(1 if faults else 0)
