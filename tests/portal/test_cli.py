"""The command line: what it lists, how it fails, and how its processes live and die."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from click.testing import CliRunner, Result

from portal.cli.main import OWN, house
from portal.cli.words import is_chinese
from tests.fixtures.ports import free_port
from tests.portal.worlds import write_small_world

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90.0


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An empty place, and English."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PARKLINK_", "LC_", "LANG", "PORT"))
    }
    return kept | {"PARKLINK_DATA_DIR": str(tmp_path / "data"), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}


class Answer(NamedTuple):
    """What a command said and how it ended."""

    returncode: int
    stdout: str
    stderr: str


def run(environment: dict[str, str], *arguments: str) -> Answer:
    """Run a command in this process, in an environment of its own; a bug in it is a failure of the test."""
    gone = {name: None for name in os.environ if name.startswith(("PARKLINK_", "LC_", "LANG", "PORT"))}
    result = CliRunner(env=gone | environment).invoke(house, list(arguments))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Answer(result.exit_code, result.stdout, result.stderr)


def inside(*arguments: str, **environment: str) -> Result:
    return CliRunner(env=environment).invoke(house, list(arguments))


def test_help_lists_every_command_and_one_group_for_each_room() -> None:
    shown = inside("--help").output
    listed = {line.split()[0] for line in shown.partition("Commands:")[2].splitlines() if line.strip()}
    assert {"up", "serve", "work", "clock", "migrate", "demo", "doctor", "audit", "backup", "restore", "texts"} == set(
        OWN
    )
    assert set(OWN) | {"enterprises", "park", "policy-matching", "credit", "data-exchange"} <= listed


@pytest.mark.parametrize("command", sorted(OWN))
def test_every_command_explains_itself(command: str) -> None:
    answer = inside(command, "--help")
    assert answer.exit_code == 0
    assert "Usage:" in answer.output


@pytest.mark.parametrize("room", ["enterprises", "park", "policy-matching", "credit", "data-exchange"])
def test_a_room_tells_what_it_registers(room: str) -> None:
    answer = inside(room, "about", "--json")
    told = json.loads(answer.output)
    assert told["room"] == room.replace("-", "_")
    assert told["policies"]


def test_an_unknown_command_is_named() -> None:
    answer = inside("teleport")
    assert answer.exit_code == 2
    assert "teleport" in answer.output


@pytest.mark.parametrize(
    ("variables", "chinese"),
    [
        ({"LANG": "zh_CN.UTF-8"}, True),
        ({"LANG": "en_GB.UTF-8"}, False),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, False),
        ({"LANG": "C", "LC_MESSAGES": "zh_TW"}, True),
        ({}, False),
    ],
)
def test_the_terminal_is_spoken_to_in_its_language(variables: dict[str, str], chinese: bool) -> None:
    assert is_chinese(variables) is chinese


@pytest.mark.parametrize(("language", "words"), [("zh_CN.UTF-8", "设置有误"), ("C.UTF-8", "Settings are wrong")])
def test_impossible_settings_are_listed_without_a_trace(environment: dict[str, str], language: str, words: str) -> None:
    broken = {"LANG": language, "PARKLINK_WORKERS": "many", "PARKLINK_COLOUR": "red", "PARKLINK_CHANNELS": "pigeons"}
    answer = run(environment | broken, "doctor")
    assert answer.returncode == 1
    assert words in answer.stderr and "Traceback" not in answer.stderr
    assert {name for name in broken if name != "LANG" and name in answer.stderr} == broken.keys() - {"LANG"}


def test_serving_an_unmigrated_database_is_refused_and_creates_nothing(
    environment: dict[str, str], tmp_path: Path
) -> None:
    for command in ("up", "serve"):
        answer = run(environment, command, "--port", str(free_port()))
        assert answer.returncode == 1
        assert "parklink migrate" in answer.stderr
    assert not (tmp_path / "data" / "parklink.db").exists()


def test_migrate_brings_an_empty_place_to_the_head_and_check_agrees(
    environment: dict[str, str], tmp_path: Path
) -> None:
    assert run(environment, "migrate", "--check").returncode == 1
    first = json.loads(run(environment, "migrate", "--json").stdout)
    again = json.loads(run(environment, "migrate", "--json").stdout)
    assert first["before"] == "" and first["after"] and again == {"before": first["after"], "after": first["after"]}
    checked = run(environment, "migrate", "--check", "--json")
    assert checked.returncode == 0 and json.loads(checked.stdout) == {"drift": []}
    assert stat.S_IMODE((tmp_path / "data" / "parklink.db").stat().st_mode) == 0o600


def test_the_doctor_finds_what_is_wrong(environment: dict[str, str], tmp_path: Path) -> None:
    run(environment, "migrate")
    healthy = run(environment, "doctor", "--json")
    findings = {finding["name"]: finding for finding in json.loads(healthy.stdout)}
    assert healthy.returncode == 0 and findings["migrations"]["grade"] == "ok"
    assert findings["production"]["grade"] == "warning" and run(environment, "doctor", "--strict").returncode == 1
    keys = tmp_path / "data" / "keys"
    (tmp_path / "data" / "parklink.db").chmod(0o644)
    loose = {finding["name"]: finding for finding in json.loads(run(environment, "doctor", "--json").stdout)}
    assert loose["database.file"]["grade"] == "warning"
    next(keys.glob("*.key")).chmod(0o644)
    answer = run(environment, "doctor")
    assert answer.returncode == 1 and "600" in answer.stderr and "Traceback" not in answer.stderr


def test_backup_and_restore_by_command(environment: dict[str, str], tmp_path: Path) -> None:
    run(environment, "migrate")
    archive = tmp_path / "house.tar.gz"
    made = run(environment, "backup", str(archive), "--json")
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["database"] == "sqlite"
    elsewhere = environment | {
        "PARKLINK_DATA_DIR": str(tmp_path / "elsewhere"),
        "PARKLINK_KEY_DIR": str(tmp_path / "data" / "keys"),
    }
    restored = run(elsewhere, "restore", str(archive), "--json")
    assert restored.returncode == 0, restored.stderr
    assert run(elsewhere, "migrate", "--check").returncode == 0
    again = run(elsewhere, "restore", str(archive))
    assert again.returncode == 1 and "exists already" in again.stderr


def test_a_portable_backup_restores_through_the_migrations(environment: dict[str, str], tmp_path: Path) -> None:
    run(environment, "migrate")
    archive = tmp_path / "house.tar.gz"
    assert json.loads(run(environment, "backup", str(archive), "--portable", "--json").stdout)["database"] == "portable"
    elsewhere = environment | {
        "PARKLINK_DATA_DIR": str(tmp_path / "elsewhere"),
        "PARKLINK_KEY_DIR": str(tmp_path / "data" / "keys"),
    }
    restored = run(elsewhere, "restore", str(archive))
    assert restored.returncode == 0, restored.stderr
    assert run(elsewhere, "migrate", "--check").returncode == 0


def test_an_audit_log_can_be_verified_and_listed_by_command(environment: dict[str, str]) -> None:
    run(environment, "migrate")
    verified = run(environment, "audit", "verify", "--json")
    assert verified.returncode == 0 and json.loads(verified.stdout)["sound"] is True
    assert json.loads(run(environment, "audit", "checkpoints", "--json").stdout) == []
    proof = run(environment, "audit", "prove", "7")
    assert proof.returncode == 1 and "Traceback" not in proof.stderr


def test_a_port_in_use_is_told_in_one_line(environment: dict[str, str]) -> None:
    run(environment, "migrate")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        answer = run(environment, "up", "--port", str(taken.getsockname()[1]))
    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1 and "--port" in answer.stderr


def test_a_second_demo_gives_the_same_logins_and_touches_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    world = write_small_world(tmp_path / "world")
    first = run(environment, "demo", "--world", str(world), "--no-serve", "--json")
    assert first.returncode == 0, first.stderr
    database = tmp_path / "data" / "parklink.db"
    before = database.stat().st_mtime_ns, database.stat().st_size
    again = run(environment, "demo", "--no-serve", "--json")
    assert json.loads(again.stdout) == json.loads(first.stdout)
    assert (database.stat().st_mtime_ns, database.stat().st_size) == before
    shown = run(environment, "demo", "--no-serve").stdout
    assert all(login["password"] in shown for login in json.loads(first.stdout)["logins"])


def test_a_broken_demo_file_is_told_by_line_and_field(environment: dict[str, str], tmp_path: Path) -> None:
    world = write_small_world(tmp_path / "world")
    file = world / "tenants.yaml"
    file.write_text(file.read_text("utf-8").replace("staff: 86", "staff: many"), "utf-8")
    answer = run(environment, "demo", "--world", str(world), "--no-serve")
    assert answer.returncode == 1
    assert "tenants.yaml, line " in answer.stderr and ".staff" in answer.stderr and "Traceback" not in answer.stderr


class Running:
    """`parklink up` on a port of its own."""

    def __init__(self, environment: dict[str, str], log: Path, *arguments: str) -> None:
        self.port = free_port()
        command = [sys.executable, "-m", "portal.cli", *arguments, "--port", str(self.port)]
        self.log = log
        self.process = subprocess.Popen(
            command, env=environment, cwd=ROOT, stdout=log.open("w"), stderr=subprocess.STDOUT
        )
        self.wait_for(self.is_live)

    def is_live(self) -> bool:
        try:
            return self.get("/live").status_code == 200
        except httpx.TransportError:
            return False

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=10)

    def children(self) -> dict[str, int]:
        """The pid of each child by its command."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        pids = [int(pid) for pid in listed.split()]
        commands = {pid: Path(f"/proc/{pid}/cmdline").read_text().split("\0") for pid in pids}
        return {words[3]: pid for pid, words in commands.items() if len(words) > 3}  # one that just died has none

    def wait_for(self, condition: Any, seconds: float = START_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                pytest.fail(f"ended with {self.process.returncode}:\n{self.log.read_text()[-3000:]}")
            if condition():
                return
            time.sleep(0.1)
        pytest.fail(f"waited {seconds} s in vain:\n{self.log.read_text()[-3000:]}")


@pytest.fixture
def up(environment: dict[str, str], tmp_path: Path) -> Iterator[Running]:
    run(environment, "migrate")
    running = Running(environment, tmp_path / "log", "up")
    yield running
    if running.process.poll() is None:
        running.process.kill()
    running.process.wait()


def gone(pid: int) -> bool:
    """Whether a process has ended (a zombie has)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_up_serves_and_works_and_a_signal_ends_all_of_it_with_code_0(up: Running) -> None:
    assert up.get("/ready").status_code == 200
    children = up.children()
    assert set(children) == {"serve", "work"}
    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(30) == 0
    assert all(gone(pid) for pid in children.values())


def test_a_request_that_has_begun_is_answered_after_the_signal(up: Running) -> None:
    with socket.create_connection(("127.0.0.1", up.port), timeout=15) as client:
        body = b"grant_type=client_credentials&client_id=nobody&client_secret=nothing"
        head = (
            f"POST /api/v1/token HTTP/1.1\r\nHost: 127.0.0.1:{up.port}\r\nConnection: close\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        client.sendall(head.encode() + body[:10])
        time.sleep(0.5)
        up.process.send_signal(signal.SIGTERM)
        time.sleep(1.0)
        client.sendall(body[10:])
        answer = b""
        while piece := client.recv(65_536):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 4"), answer[:200]
    assert up.process.wait(30) == 0


def test_a_child_that_dies_is_started_again_on_the_same_port(up: Running) -> None:
    before = up.children()
    os.kill(before["serve"], signal.SIGKILL)
    up.wait_for(lambda: up.children().get("serve", before["serve"]) != before["serve"] and up.is_live())
    assert up.children()["work"] == before["work"]


def test_children_do_not_outlive_a_supervisor_that_was_killed(up: Running) -> None:
    children = up.children()
    up.process.kill()
    up.process.wait()
    deadline = time.monotonic() + 30
    while not all(gone(pid) for pid in children.values()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert all(gone(pid) for pid in children.values())


def test_forwarded_addresses_are_not_trusted_unless_asked_for(environment: dict[str, str]) -> None:
    options = {option.name: option.default for option in house.get_command(None, "serve").params}  # type: ignore[arg-type,union-attr]
    assert options["proxy_headers"] is False
