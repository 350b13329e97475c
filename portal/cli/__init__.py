"""The command line `parklink`: processes, upkeep, and one group of commands for each room."""

from portal.cli.main import main

__all__ = ["main"]
