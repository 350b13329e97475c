"""Checks of the demo files that need the code tables: every industry, division and fact must be a real one."""

from pathlib import Path

import enterprises
from kernel.texts import Text
from portal.demo.worldfile import WorldFileError, WorldFiles, lines_of


def check_world(world: WorldFiles, folder: Path) -> None:
    """Raise WorldFileError for the first unknown industry, division or fact, naming file, line and field."""
    division = enterprises.check_division(world.place.park.division)
    if not division.ok:
        line = lines_of(folder / "park.yaml")[("park", "division")]
        raise WorldFileError(folder / "park.yaml", line, "park.division", Text(division.zh, division.en).local())
    file = folder / "tenants.yaml"
    lines = lines_of(file)
    for number, tenant in enumerate(world.tenants):
        industry = enterprises.check_industry(tenant.industry)
        if not industry.ok:
            where = ("tenants", number, "industry")
            raise WorldFileError(
                file, lines[where], f"tenants[{number}].industry", Text(industry.zh, industry.en).local()
            )
        for group in ("exact", "unknown"):
            for name in getattr(tenant, group):
                if enterprises.find_definition(name) is None:
                    why = Text(f"没有名为 {name} 的事实", f"there is no fact called {name}").local()
                    raise WorldFileError(file, lines[("tenants", number, group)], f"tenants[{number}].{group}", why)
