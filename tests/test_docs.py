"""What the documents say can be done: their commands run, their links lead somewhere, their promises of length hold."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "README.zh-CN.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)(?:#[^)]*)?\)")
SECONDS = 240


def _commands(document: Path) -> list[str]:
    lines = "\n".join(BLOCK.findall(document.read_text("utf-8"))).splitlines()
    return [command for line in lines if (command := line.split("  #")[0].strip()) and not command.startswith("#")]


COMMANDS = [(document.relative_to(ROOT), command) for document in DOCUMENTS for command in _commands(document)]


@pytest.mark.parametrize(("document", "command"), COMMANDS)
def test_a_documented_command_runs(document: Path, command: str, tmp_path: Path) -> None:
    words = shlex.split(command)
    while "=" in words[0]:
        words.pop(0)
    if words[0] == "make":
        # `make` itself runs in CI and in test_make.py; here: does the target exist and can its recipe be read?
        words.insert(1, "--dry-run")
    elif words[0].startswith(".venv/bin/"):
        words[0] = str(Path(sys.executable).parent / Path(words[0]).name)
    else:
        pytest.fail(f"{document} shows a command that this test does not know how to try: {command}")
    done = subprocess.run(
        words,
        cwd=ROOT,
        env={**os.environ, "PARKLINK_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    finds_faults = words[-1] == "doctor"  # on an empty folder there is much to say, and that is its answer
    assert done.returncode in ({0, 1} if finds_faults else {0}), done.stdout[-2000:] + done.stderr[-2000:]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(document: Path) -> None:
    dead = [target for target in LINK.findall(document.read_text("utf-8")) if not (document.parent / target).exists()]
    assert dead == []


def test_both_readmes_are_short_and_show_the_same_commands() -> None:
    english, chinese = ROOT / "README.md", ROOT / "README.zh-CN.md"
    assert len(english.read_text("utf-8").splitlines()) < 80
    assert len(chinese.read_text("utf-8").splitlines()) < 80
    assert _commands(english) == _commands(chinese) != []


def test_the_readme_leads_with_the_two_commands() -> None:
    assert _commands(ROOT / "README.md")[:2] == ["make demo", "make test"]


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_says_what_why_and_what_follows_and_is_listed(decision: Path) -> None:
    text = decision.read_text("utf-8")
    places = [text.find(word) for word in ("**Decision.**", "**Why", "**Consequence.**")]
    assert -1 not in places
    assert places == sorted(places)
    assert f"({decision.name})" in (decision.parent / "README.md").read_text("utf-8")


def test_guides_are_short() -> None:
    guides = sorted((ROOT / "docs" / "guides").glob("*.md"))
    too_long = [guide.name for guide in guides if len(guide.read_text("utf-8").splitlines()) > 60]
    assert guides
    assert too_long == []
