"""How a long command shows where it is: a bar on a terminal, plain lines in a log, nothing beside machine output."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


class Reporter(Protocol):
    """Told of each step: how many are done, of how many, and what comes now."""

    def __call__(self, done: int, total: int, note: str, /) -> None: ...


@contextmanager
def showing(title: str, *, quiet: bool = False) -> Iterator[Reporter]:
    """A reporter for the time of one command; writes to standard error only."""
    if quiet:
        yield _nothing
        return
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _line(title)
        return
    columns = (
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[note]}"),
    )  # fmt: skip
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(title, total=None, note="")

        def report(done: int, total: int, note: str, /) -> None:
            progress.update(task, completed=done, total=total, note=note)

        yield report


def _nothing(done: int, total: int, note: str, /) -> None:
    """Report to nobody."""


def _line(title: str) -> Reporter:
    last: list[object] = [None]

    def report(done: int, total: int, note: str, /) -> None:
        subject = note.partition(" ")[0]
        if (done, subject) != last[0]:
            last[0] = (done, subject)
            print(f"{title} {done}/{total} {note}", file=sys.stderr, flush=True)

    return report
