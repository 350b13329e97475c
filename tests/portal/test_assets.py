"""The front-end files: what pages name is there, a second run does nothing, a wrong name is said with its place."""

from pathlib import Path

import pytest

from portal import assets

VENDOR = assets.VENDOR


def _checkout(folder: Path, template: str) -> Path:
    """A checkout with one template, a lockfile, and packages of which only the icons matter."""
    for package in assets.PACKAGES:
        (folder / package).mkdir(parents=True)
    (folder / "portal" / "page.html").write_text(template, "utf-8")
    (folder / "package-lock.json").write_text("{}", "utf-8")
    modules = folder / "node_modules"
    for name in assets.FILES:
        path = modules / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, "utf-8")
    icons = modules / "@tabler" / "icons" / "icons"
    for kind, name in (("outline", "sun"), ("outline", "moon"), ("outline", "building"), ("filled", "star")):
        (icons / kind).mkdir(parents=True, exist_ok=True)
        (icons / kind / f"{name}.svg").write_text(f'<svg class="x">\n  <path d="{kind} {name}"/>\n</svg>', "utf-8")
    (modules / ".parklink-lock").write_text(assets._digest(b"{}"), "utf-8")
    return folder


def test_the_sprite_holds_every_icon_that_is_named_and_no_other(tmp_path: Path) -> None:
    root = _checkout(tmp_path, "{{ icon('sun' if light else 'moon') }} {{ icon(\"star-filled\") }}")
    (root / "park" / "room.py").write_text('NavigationItem(label="x", icon="building")', "utf-8")

    assert assets.prepare_assets(root, root / "vendor")
    sprite = (root / "vendor" / "icons.svg").read_text("utf-8")
    assert [name for name in ("sun", "moon", "star-filled", "building") if f'id="{name}"' not in sprite] == []
    assert sprite.count("<symbol") == 4


def test_a_second_run_does_nothing_and_a_new_icon_makes_a_new_sprite(tmp_path: Path) -> None:
    root = _checkout(tmp_path, "{{ icon('sun') }}")
    assert assets.prepare_assets(root, root / "vendor")
    assert not assets.prepare_assets(root, root / "vendor")

    (root / "portal" / "page.html").write_text("{{ icon('moon') }}", "utf-8")
    assert assets.prepare_assets(root, root / "vendor")
    assert 'id="moon"' in (root / "vendor" / "icons.svg").read_text("utf-8")


def test_a_lost_file_is_brought_back(tmp_path: Path) -> None:
    root = _checkout(tmp_path, "{{ icon('sun') }}")
    assets.prepare_assets(root, root / "vendor")
    (root / "vendor" / "htmx.min.js").unlink()
    assert assets.prepare_assets(root, root / "vendor")
    assert (root / "vendor" / "htmx.min.js").exists()


def test_an_unknown_icon_is_named_with_its_place_and_the_old_files_stay(tmp_path: Path) -> None:
    root = _checkout(tmp_path, "{{ icon('sun') }}")
    assets.prepare_assets(root, root / "vendor")
    (root / "portal" / "page.html").write_text("{{ icon('sunn') }}", "utf-8")

    with pytest.raises(assets.AssetsFailed, match=r"sunn \(portal/page.html\)"):
        assets.prepare_assets(root, root / "vendor")
    assert 'id="sun"' in (root / "vendor" / "icons.svg").read_text("utf-8")
    assert list(root.glob("vendor.*")) == []


def test_the_real_files_load_nothing_from_elsewhere() -> None:
    """The pages' security policy would refuse it; better to see it here than in a browser's console."""
    sheets = sorted(VENDOR.glob("*.css"))
    assert sheets, "run `make setup`"
    for sheet in sheets:
        text = sheet.read_text("utf-8")
        assert "url(http" not in text.replace('"', "").replace("'", ""), sheet.name
        assert "@import" not in text, sheet.name


def test_licences_travel_with_the_files() -> None:
    assert len(list((VENDOR / "licenses").iterdir())) >= 6
