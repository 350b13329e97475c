"""A broken demo file is refused with its line and field."""

import shutil
from pathlib import Path

import pytest

from portal.demo.worldfile import WORLD_FOLDER, WorldFileError, read_world


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(WORLD_FOLDER, tmp_path / "world"))


def refused(folder: Path, file: str, old: str, new: str) -> WorldFileError:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(WorldFileError) as caught:
        read_world(folder)
    return caught.value


def line_with(folder: Path, file: str, piece: str) -> int:
    lines = (folder / file).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if piece in line)


def test_the_files_that_ship_are_right() -> None:
    world = read_world()
    assert len(world.tenants) == 60
    assert len(world.place.buildings) == 8


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("staff: 86", "staff: many", "staff"),
        ("staff: 86", "staff: 0", "staff"),
        ("staff: 86", "staff: 8.6", "staff"),
        ('industry: "6519", founded: 2018-01-15', 'industry: "65", founded: 2018-01-15', "industry"),
        ("founded: 2018-01-15", "founded: 2018-02-30", "founded"),
        ("key: qinglan, ", "key: qinglan, colour: red, ", "colour"),
        ("cloud: growing, portfolio: strong}\n  - {key: boundary_hnte,", "portfolio: strong}\n  - {key: boundary_hnte,", "cloud"),
        ("key: qinglan", "key: yunji", "key"),
        ("staff: 86", "staff: 86, staff: 87", "staff"),
    ],
)  # fmt: skip
def test_a_wrong_tenant_is_named_by_line_and_field(folder: Path, old: str, new: str, field: str) -> None:
    line = line_with(folder, "tenants.yaml", "key: qinglan")
    error = refused(folder, "tenants.yaml", old, new)
    assert (error.line, error.field) == (line, f"tenants[2].{field}")
    assert f"line {line}" in str(error) and "tenants.yaml" in str(error)


def test_text_that_is_no_yaml_is_named_by_line(folder: Path) -> None:
    error = refused(folder, "tenants.yaml", "tenants:", "tenants: [")
    assert error.line > 1


def test_a_missing_file_an_empty_file_and_another_encoding_are_refused(folder: Path) -> None:
    (folder / "park.yaml").write_text("", "utf-8")
    with pytest.raises(WorldFileError, match="is empty"):
        read_world(folder)
    (folder / "park.yaml").write_bytes("park: 数字产业园".encode("gb18030"))
    with pytest.raises(WorldFileError, match="not UTF-8"):
        read_world(folder)
    (folder / "park.yaml").unlink()
    with pytest.raises(WorldFileError, match="is missing"):
        read_world(folder)


def test_a_building_without_a_shape_is_refused(folder: Path) -> None:
    line = line_with(folder, "park.yaml", "code: A,")
    error = refused(folder, "park.yaml", '"80,60 300,60 300,150 80,150"', '"80,60 300,60"')
    assert (error.line, error.field) == (line, "buildings[0].shape")
