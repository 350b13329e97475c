"""The house keeps its own rules (tests/house_rules.py), and each rule finds an offence planted for it."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests import house_rules as rules
from tests.house_rules import PACKAGES, ROOMS, ROOT, Rule

PLANTED = {
    rules.transactions_are_left_to_the_kernel: "async def pay(db): await db.commit()",
    rules.bases_of_consent_come_from_data_exchange: "basis = UseBasis('consent', a, b, 'credit_scoring', c, 'x')",
    rules.reads_take_an_actor: "async def all_tenants(db: AsyncSession): return await db.scalars(select(Tenant))",
    rules.handlers_have_real_annotations: "from __future__ import annotations\nfrom litestar import get",
    rules.handlers_name_their_policy: "from litestar import get\n@get('/x', opt={'name': 1})\nasync def read(): ...",
    rules.files_stay_short: "x = 1\n" * 401,
    rules.modules_say_why_they_exist: "x = 1",
    rules.ports_are_never_fixed: "serve(port=8123)\nprobe.bind(('127.0.0.1', 5432))",
    rules.tests_can_fail: "def test_it(): run()",
    rules.nothing_names_one_machine: "path = '/ro" + "ot/venv'",
    rules.words_promise_no_credit_rating: "本企业信用评" + "级为 A",
}
ALLOWED = {
    rules.transactions_are_left_to_the_kernel: "async def pay(db): await db.flush()",
    rules.bases_of_consent_come_from_data_exchange: "basis = UseBasis('own', a, b, 'own_view', c, 'x')",
    rules.reads_take_an_actor: "async def tenants(db: Db, actor: Actor): return await db.scalars(select(Tenant))",
    rules.handlers_have_real_annotations: "from __future__ import annotations\nimport msgspec",
    rules.handlers_name_their_policy: "from litestar import get\n@get('/x', opt={'policy': 'a.b'})\nasync def read(): ...",
    rules.files_stay_short: "x = 1\n" * 400,
    rules.modules_say_why_they_exist: '"""Why."""',
    rules.ports_are_never_fixed: "serve(port=0)\nprobe.bind(('127.0.0.1', 0))",
    rules.tests_can_fail: "def test_it(): assert run()",
    rules.nothing_names_one_machine: "url = '/api/v1/home/page'",
    rules.words_promise_no_credit_rating: "云量评估分",
}


def committed(*patterns: str) -> list[Path]:
    """Files that git would keep (tracked or new, not ignored) below the root, by shell patterns."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return [path for name in sorted(set(listed.split("\0")) - {""}) if (path := ROOT / name).is_file()]


def python_of(*folders: str) -> list[Path]:
    return [
        path for path in committed(*(f"{folder}/*.py" for folder in folders)) if "migrations/versions" not in str(path)
    ]


def text_files() -> Iterator[Path]:
    for path in committed():
        if path.suffix not in {".png", ".ico", ".woff2", ".parquet", ".gz"} and path.name != "package-lock.json":
            yield path


def assert_kept(rule: Rule, files: list[Path]) -> None:
    assert files, "the rule looked at nothing"
    offences = [
        f"{path.relative_to(ROOT)}:{offence.line} {offence.sentence}"
        for path in files
        for offence in rule(path.read_text("utf-8"))
    ]
    assert not offences, "\n".join([(rule.__doc__ or rule.__name__).strip(), *offences])


@pytest.mark.parametrize("rule", PLANTED, ids=lambda rule: rule.__name__)
def test_a_rule_finds_a_planted_offence_and_lets_the_right_way_pass(rule: Rule) -> None:
    assert list(rule(PLANTED[rule]))
    assert not list(rule(ALLOWED[rule]))


def test_rooms_and_portal_leave_transactions_to_the_kernel() -> None:
    files = [path for path in python_of(*ROOMS, "portal") if "migrations" not in path.parts]
    assert_kept(rules.transactions_are_left_to_the_kernel, files)


def test_only_data_exchange_makes_bases_of_consent_and_agreement() -> None:
    files = python_of(*(package for package in PACKAGES if package not in {"data_exchange", "kernel"}))
    assert_kept(rules.bases_of_consent_come_from_data_exchange, files)


def test_every_read_of_a_store_takes_an_actor() -> None:
    files = [path for path in python_of(*ROOMS) if path.stem == "store" or "store" in path.parts]
    assert_kept(rules.reads_take_an_actor, files)


def test_handler_modules_do_not_postpone_annotations() -> None:
    assert_kept(rules.handlers_have_real_annotations, python_of(*PACKAGES))


def test_every_handler_names_its_policy() -> None:
    assert_kept(rules.handlers_name_their_policy, python_of(*PACKAGES))


def test_files_stay_short() -> None:
    assert_kept(rules.files_stay_short, python_of(*PACKAGES, "tests", "benchmarks"))


def test_every_module_says_why_it_exists() -> None:
    assert_kept(rules.modules_say_why_they_exist, python_of(*PACKAGES, "tests", "benchmarks"))


def test_no_test_fixes_a_port() -> None:
    assert_kept(rules.ports_are_never_fixed, python_of("tests", "benchmarks"))


def test_every_test_can_fail() -> None:
    files = [path for path in python_of("tests") if path.name.startswith("test_")]
    assert_kept(rules.tests_can_fail, files)


def test_no_committed_file_names_one_machine_or_a_registry() -> None:
    files = [path for path in text_files() if path.name != "house_rules.py"]
    assert_kept(rules.nothing_names_one_machine, files)


def test_no_text_for_people_promises_a_credit_rating() -> None:
    assert_kept(rules.words_promise_no_credit_rating, committed("*.po", "*.html"))


def test_rooms_import_as_the_design_says() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_serving_does_not_load_scikit_learn() -> None:
    """It costs a second and 140 MB; jobs and engines import it when they run."""
    done = subprocess.run(
        [sys.executable, "-c", "import portal.app, portal.cli, sys; sys.exit('sklearn' in sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:] or "portal loads sklearn"


def _imported(folders: tuple[str, ...]) -> dict[str, str]:
    """Top-level name -> one file that imports it."""
    found: dict[str, str] = {}
    for path in python_of(*folders):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in names:
                found.setdefault(name.split(".")[0], str(path.relative_to(ROOT)))
    return found


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _declared() -> dict[str, set[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = {"": project["dependencies"], **project["optional-dependencies"]}
    return {group: {_normal(re.split(r"[\[<>=!~; ]", line)[0]) for line in lines} for group, lines in groups.items()}


# Used without an import: as a driver or a loop found by name, or by a library that asks for it.
BY_NAME = {"uvloop", "httptools", "aiosqlite", "asyncpg", "tzdata", "litestar-htmx"}


def test_what_is_imported_is_declared_and_what_is_declared_is_used() -> None:
    declared = _declared()
    imported = _imported(PACKAGES)
    providers = packages_distributions()
    of_import = {
        name: {_normal(distribution) for distribution in providers[name]}
        for name in imported
        if name in providers and name not in {*PACKAGES, "tests", "benchmarks"} and name not in sys.stdlib_module_names
    }
    runtime = declared[""] | declared["assets"]
    undeclared = {name: imported[name] for name, sources in of_import.items() if not sources & runtime}
    assert undeclared == {}

    used = set().union(*of_import.values()) | BY_NAME
    assert declared[""] - used == set()


def test_every_installed_package_is_pinned() -> None:
    pinned = {
        _normal(line.split("==")[0]) for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line
    }
    declared = _declared()
    wanted = declared[""] | declared["assets"] | declared["test"] | declared["postgresql"]
    assert wanted - pinned == set()


def test_the_front_end_lockfile_names_exact_versions_and_no_addresses() -> None:
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text("utf-8")
    versions = re.findall(r'^    "[^"]+": "([^"]+)"', (ROOT / "package.json").read_text("utf-8"), re.MULTILINE)
    assert versions
    assert [version for version in versions if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


def test_what_tests_and_benchmarks_import_is_declared() -> None:
    declared = _declared()
    known = set().union(*declared.values())
    providers = packages_distributions()
    undeclared = {
        name: where
        for name, where in _imported(("tests", "benchmarks")).items()
        if name in providers
        and name not in {*PACKAGES, "tests", "benchmarks"}
        and not {_normal(source) for source in providers[name]} & known
    }
    assert undeclared == {}
