"""A small demo world for tests: the park with the sixteen companies that the story needs."""

from pathlib import Path

from portal.demo.worldfile import WORLD_FOLDER, read_world

SMALL = {
    "yunji", "hengzhou", "qinglan", "hanxing", "beichuan", "luoxing", "xinlu", "fangzhen", "wulian", "pingtai", "anquan",
    "boundary_small", "weizhen", "guangmai", "jiance", "mianbao",
}  # fmt: skip


def write_small_world(folder: Path) -> Path:
    """Write the files of the small world; what holds for sixteen companies holds for sixty."""
    folder.mkdir()
    (folder / "park.yaml").write_text((WORLD_FOLDER / "park.yaml").read_text("utf-8"), "utf-8")
    lines = (WORLD_FOLDER / "tenants.yaml").read_text("utf-8").splitlines()
    kept = [line for line in lines if "{key:" not in line or line.partition("{key: ")[2].partition(",")[0] in SMALL]
    (folder / "tenants.yaml").write_text("\n".join(kept), "utf-8")
    assert len(read_world(folder).tenants) == len(SMALL)
    return folder
