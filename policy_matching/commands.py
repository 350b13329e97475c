"""The room's commands: check policy files before anybody loads them."""

import json
from pathlib import Path

import click

from policy_matching.catalogue import CatalogueFault, ItemVersion, hash_item, load_folder, load_text

EXISTING = click.Path(exists=True, path_type=Path)


@click.command("check", help="检查政策文件。 / Check policy files: every fault with its file, line and field.")
@click.argument("paths", nargs=-1, required=True, type=EXISTING)
@click.option("--json", "as_json", is_flag=True, help="机器可读输出。 / Machine output.")
def check_policies(paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Read files or folders without loading anything; ends with 1 when one of them has a fault."""
    items: list[ItemVersion] = []
    faults = []
    for path in paths:
        try:
            items += load_folder(path) if path.is_dir() else load_text(path.name, path.read_text(encoding="utf-8"))
        except CatalogueFault as fault:
            faults += fault.faults
        except UnicodeDecodeError:
            raise click.ClickException(f"{path}: UTF-8?") from None
    if as_json:
        listed = [{"file": one.file, "line": one.line, "field": one.field, "message": one.message} for one in faults]
        hashes = {item.id: hash_item(item) for item in items}
        click.echo(json.dumps({"faults": listed, "items": hashes}, ensure_ascii=False))
    else:
        for one in faults:
            click.echo(str(one), err=True)
        for item in items:
            click.echo(f"{item.id}  {hash_item(item)[:16]}  {item.title.zh} / {item.title.en}")
    if faults:
        raise SystemExit(1)


COMMANDS = (check_policies,)
