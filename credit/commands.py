"""The room's commands: seal a draft card into an artefact, and check artefacts and bills offline."""

import json
from datetime import date
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

import click
import msgspec

from credit.features import ALLOWED
from credit.focus import read_bill
from credit.scorecard import ModelRefusedError, dump_artefact, load_artefact

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("credit", help="云量贷：评分卡与账单。 / Credit: scorecards and bills.")
def credit() -> None:
    """Group of the room's commands."""


@credit.command("seal-card", help="给评分卡草稿加上哈希。 / Write a draft card as a sealed artefact.")
@click.argument("draft", type=EXISTING)
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
def seal_card(draft: Path, target: Path) -> None:
    """Seal a draft: canonical form, SHA-256, all checks of a model."""
    try:
        content = dump_artefact(json.loads(draft.read_bytes()))
        artefact = load_artefact(content, frozenset(ALLOWED))
    except (ModelRefusedError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    target.write_bytes(content)
    click.echo(f"{artefact.name} {artefact.version} {artefact.sha256}")


@credit.command("check-card", help="检查评分卡文件。 / Check that a card is what was sealed.")
@click.argument("card", type=EXISTING)
def check_card(card: Path) -> None:
    """Check an artefact byte for byte."""
    try:
        artefact = load_artefact(card.read_bytes(), frozenset(ALLOWED))
    except ModelRefusedError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{artefact.name} {artefact.version} {artefact.sha256}")


@credit.command("check-bill", help="离线检查 FOCUS 账单。 / Read a FOCUS bill offline and print its report.")
@click.argument("bill", type=EXISTING)
@click.option("--json", "as_json", is_flag=True, help="机器可读输出。 / Machine output.")
def check_bill(bill: Path, *, as_json: bool) -> None:
    """Read a bill without keeping anything; ends with 1 when it would be refused."""
    with TemporaryDirectory(prefix="bill-") as name:
        copy = Path(name) / "bill"
        copyfile(bill, copy)
        found = read_bill(copy, Path(name), today=date.today())  # noqa: DTZ011 - the person's own calendar
    if as_json:
        click.echo(msgspec.json.encode({"rows": found.rows, "rows_new": found.rows_new, "report": found.report}))
    else:
        click.echo(f"{found.report.verdict}: {found.rows_new} / {found.rows}")
        for one in found.report.findings:
            place = f" {one.column}" if one.column else ""
            click.echo(f"  {one.severity:7}{one.rule}{place} ×{one.rows} {list(one.examples[:5])} {one.zh} / {one.en}")
    if found.report.verdict == "refused":
        raise SystemExit(1)


COMMANDS = (credit,)
