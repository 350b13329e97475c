"""The main group: our own commands first, the rooms' groups when they are asked for.

Rooms are imported late, because a supervisor or `migrate` need none of them, and a room that cannot be imported must not
take `doctor` away with it.
"""

import sys
from importlib import import_module
from typing import Any

import click

from portal.cli.errors import as_one_line
from portal.cli.words import is_chinese, say

OWN = {
    "up": "portal.cli.processes:up",
    "serve": "portal.cli.processes:serve",
    "work": "portal.cli.processes:work",
    "clock": "portal.cli.processes:clock",
    "migrate": "portal.cli.upkeep:migrate",
    "demo": "portal.cli.demo:demo",
    "doctor": "portal.cli.upkeep:doctor",
    "audit": "portal.cli.audit:audit",
    "backup": "portal.cli.archive:backup",
    "restore": "portal.cli.archive:restore",
    "texts": "portal.cli.texts:texts",
}


class House(click.Group):
    """Finds a command by name, ours or a room's, and turns expected errors into one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*OWN, *_room_groups()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in OWN:
            module, _, name = OWN[cmd_name].partition(":")
            command: click.Command = getattr(import_module(module), name)
            return command
        return _room_groups().get(cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            line = as_one_line(error)
            if line is None:
                raise  # a bug: the trace is what helps
            raise click.ClickException(line) from error


def _room_groups() -> dict[str, click.Command]:
    from portal.cli.rooms import room_groups

    return room_groups()


@click.command(
    cls=House,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    help=say(
        "园企通 ParkLink:政策、云量贷与可控数据共享。",
        "ParkLink: policies, credit on cloud usage, governed data sharing.",
    ),
)
@click.version_option(package_name="parklink", prog_name="parklink")
def house() -> None:
    """Hold the commands together."""


def main() -> None:
    """Run the command line."""
    from kernel.texts import set_locale

    set_locale("zh_CN" if is_chinese() else "en")  # problems that come out of the rooms speak the same language
    house(prog_name="parklink", args=sys.argv[1:])
