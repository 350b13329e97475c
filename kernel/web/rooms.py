"""What a room hands to portal: its routes, pages, jobs, policies and subscribers, and nothing else."""

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import click
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from kernel.auth.policies import Policy
from kernel.events import Subscriber
from kernel.jobs import JobKind, Schedule


class NavigationItem(Struct, frozen=True):
    """An entry of the main navigation, shown to people with one of the roles; the label is a msgid."""

    label: str
    path: str
    icon: str
    roles: frozenset[str]
    order: int = 100


class Room(Struct, frozen=True):
    """One room of the house, ready to be put together with the others."""

    name: str
    routes: Sequence[ControllerRouterHandler] = ()
    pages: Sequence[ControllerRouterHandler] = ()
    jobs: Sequence[JobKind] = ()
    schedules: Sequence[Schedule] = ()
    policies: Sequence[Policy] = ()
    subscribers: Sequence[Subscriber] = ()
    navigation: Sequence[NavigationItem] = ()
    commands: Sequence[click.Command] = ()
    models: ModuleType | None = None
    templates: Path | None = None
