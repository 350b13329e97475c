"""Reads the demo world from its YAML files, strictly.

A demo that loads half of a broken file is worse than none, so a file is either wholly right or refused with the line
and the field, before anything is written.
"""

import re
from collections.abc import Hashable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
import yaml
from msgspec import Meta, Struct, field

WORLD_FOLDER = Path(__file__).parent / "world"

Name = Annotated[str, Meta(min_length=1, max_length=120)]
Key = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
Kind = Literal["office", "factory", "lab", "data", "retail"]
Cloud = Literal["none", "growing", "stable", "shrinking", "credits", "step_up"]
Story = Literal["steady", "expanding", "winding_down"]
Portfolio = Literal["strong", "average", "thin"]


class WorldFileError(Exception):
    """A demo file is broken; says which file, line and field, and why."""

    def __init__(self, file: Path, line: int, where: str, why: str) -> None:
        self.file, self.line, self.field, self.why = file, line, where, why
        super().__init__(f"{file}, line {line}, {where}: {why}")


class ParkEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """The park itself; area in square metres."""

    name_zh: Name
    name_en: Name
    division: Annotated[str, Meta(pattern=r"^[1-9]\d{5}$")]
    address_zh: Name
    address_en: Name
    land_area_square_metres: Annotated[int, Meta(ge=1)]
    opened: date


class OrganisationEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """An organisation that is not a tenant: operator, office, lender."""

    name_zh: Name
    name_en: Name


class BuildingEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """One building; unit_area in square metres, rent in yuan per square metre and month, shape as points of the plan."""

    code: Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9]{0,3}$")]
    use: Kind
    name_zh: Name
    name_en: Name
    floors: Annotated[int, Meta(ge=1, le=60)]
    units_per_floor: Annotated[int, Meta(ge=1, le=40)]
    unit_area: Annotated[int, Meta(ge=10, le=50_000)]
    rent_per_square_metre_month: Annotated[int, Meta(ge=1, le=2_000)]
    shape: Annotated[str, Meta(pattern=r"^\d+,\d+( \d+,\d+){2,}$")]


class ParkFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of park.yaml."""

    park: ParkEntry
    operator: OrganisationEntry
    office: OrganisationEntry
    lenders: tuple[OrganisationEntry, OrganisationEntry]
    buildings: Annotated[tuple[BuildingEntry, ...], Meta(min_length=1)]


class TenantEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """One company as described in tenants.yaml; money in yuan, ratios as fractions of one."""

    key: Key
    zh: Name
    en: Name
    kind: Kind
    industry: Annotated[str, Meta(pattern=r"^\d{4}$")]
    founded: date
    staff: Annotated[int, Meta(ge=1, le=100_000)]
    revenue: Annotated[int, Meta(ge=0, le=10**12)]
    growth: Annotated[float, Meta(gt=-1, le=5)]
    margin: Annotated[float, Meta(ge=-5, le=1)]
    research: Annotated[float, Meta(ge=0, le=1)]
    cloud: Cloud
    portfolio: Portfolio
    debt: Annotated[float, Meta(ge=0, le=2)] | None = None
    story: Story = "steady"
    exact: dict[str, int | float] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


class TenantFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of tenants.yaml."""

    tenants: Annotated[tuple[TenantEntry, ...], Meta(min_length=1)]


class WorldFiles(Struct, frozen=True):
    """Everything the demo world is generated from."""

    place: ParkFile
    tenants: tuple[TenantEntry, ...]


T = TypeVar("T")
Lines = dict[tuple[Hashable, ...], int]


def read_world(folder: Path = WORLD_FOLDER) -> WorldFiles:
    """Read both files of a world; raises WorldFileError for the first thing that is wrong."""
    place, _ = _read(folder / "park.yaml", ParkFile)
    listed, lines = _read(folder / "tenants.yaml", TenantFile)
    seen: dict[str, int] = {}
    for number, tenant in enumerate(listed.tenants):
        for name in ("key", "zh"):
            value = getattr(tenant, name)
            if value in seen:
                raise WorldFileError(
                    folder / "tenants.yaml",
                    lines[("tenants", number, name)],
                    f"tenants[{number}].{name}",
                    f"{value!r} is used twice, first on line {seen[value]}",
                )
            seen[value] = lines[("tenants", number, name)]
    return WorldFiles(place=place, tenants=listed.tenants)


def lines_of(file: Path) -> Lines:
    """The line of every place in a file, for checks that need more than the file."""
    lines: Lines = {}
    node = yaml.compose(file.read_text("utf-8"), Loader=yaml.SafeLoader)
    if node is not None:
        _plain(file, node, (), lines)
    return lines


def _read(file: Path, kind: type[T]) -> tuple[T, Lines]:
    try:
        node = yaml.compose(file.read_text("utf-8"), Loader=yaml.SafeLoader)
    except FileNotFoundError:
        raise WorldFileError(file, 0, "file", "is missing") from None
    except UnicodeDecodeError as error:
        raise WorldFileError(file, 1, "file", f"is not UTF-8: {error.reason}") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise WorldFileError(file, line, "file", str(error.problem)) from None
    if node is None:
        raise WorldFileError(file, 1, "file", "is empty")
    lines: Lines = {}
    document = _plain(file, node, (), lines)
    try:
        return msgspec.convert(document, kind), lines
    except msgspec.ValidationError as error:
        message, path = _split(str(error))
        raise WorldFileError(file, _nearest(lines, path), _dotted(path) or "file", message) from None


def _plain(file: Path, node: yaml.Node, path: tuple[Hashable, ...], lines: Lines) -> Any:
    """Python values of a YAML tree, noting the line of every place and refusing a key that is given twice."""
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        mapping: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if key in mapping:
                raise WorldFileError(file, key_node.start_mark.line + 1, _dotted((*path, key)), "is given twice")
            mapping[key] = _plain(file, value_node, (*path, key), lines)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_plain(file, each, (*path, number), lines) for number, each in enumerate(node.value)]
    try:
        return _construct(node)
    except (yaml.YAMLError, ValueError) as error:
        raise WorldFileError(file, lines[path], _dotted(path), str(error)) from None


def _construct(node: yaml.Node) -> Any:
    constructor = yaml.constructor.SafeConstructor()
    return constructor.construct_object(node, deep=True)


def _split(message: str) -> tuple[str, tuple[Hashable, ...]]:
    """msgspec says 'Expected `int`, got `str` - at `$.tenants[3].staff`'."""
    text, _, place = message.partition(" - at `$")
    path: list[Hashable] = [
        int(number) if number else name for name, number in re.findall(r"\.([^.\[`]+)|\[(\d+)\]", place)
    ]
    missing = re.search(r"(?:required|unknown) field `([^`]+)`", text)
    return text, (*path, missing[1]) if missing else tuple(path)


def _nearest(lines: Lines, path: tuple[Hashable, ...]) -> int:
    while path and path not in lines:
        path = path[:-1]
    return lines[path]


def _dotted(path: tuple[Hashable, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
