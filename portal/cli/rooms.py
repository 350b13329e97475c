"""One group of commands for each room, made of what the room registers, and a way to see what that is."""

import json
from functools import cache

import click
from rich.console import Console
from rich.table import Table

from kernel.web.rooms import Room
from portal.cli.words import say


@cache
def room_groups() -> dict[str, click.Command]:
    """The groups by command name (park, policy-matching, …), in the order of the house."""
    from portal.rooms import ROOMS

    return {room.name.replace("_", "-"): _group(room) for room in ROOMS}


def _group(room: Room) -> click.Group:
    name = room.name.replace("_", "-")
    own = [
        command for command in room.commands if isinstance(command, click.Group) and command.name in {name, room.name}
    ]
    group = (
        own[0]
        if own
        else click.Group(name, help=say(f"{room.name} 房间的命令。", f"Commands of the room {room.name}."))
    )
    for command in room.commands:
        if command not in own:
            group.add_command(command)
    if "about" not in group.commands:
        group.add_command(_about(room))
    return group


def _about(room: Room) -> click.Command:
    @click.command(
        "about",
        help=say(
            "列出本房间登记的任务、日程、权限和事件。", "List the jobs, schedules, policies and events of this room."
        ),
    )
    @click.option("--json", "as_json", is_flag=True, help=say("机器可读输出。", "Machine-readable output."))
    def about(*, as_json: bool) -> None:
        listed = {
            "jobs": [kind.name for kind in room.jobs],
            "schedules": [f"{schedule.name} ({schedule.kind})" for schedule in room.schedules],
            "policies": [f"{policy.name}: {', '.join(sorted(policy.roles))}" for policy in room.policies],
            "subscribers": [f"{subscriber.name} <- {subscriber.event}" for subscriber in room.subscribers],
        }
        if as_json:
            click.echo(json.dumps({"room": room.name, **listed}, ensure_ascii=False))
            return
        table = Table("", room.name, show_lines=True)
        for kind, entries in listed.items():
            table.add_row(kind, "\n".join(entries) or "-")
        Console().print(table)

    return about
