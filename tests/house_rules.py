"""The rules of the house that no linter knows, each as a function from a module's text to its offences.

An offence is a line number and a sentence. tests/test_house_rules.py runs each over the whole house, and over a planted
offence, so that a rule which finds nothing is known to be able to find something.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("enterprises", "data_exchange", "park", "policy_matching", "credit")
PACKAGES = ("kernel", *ROOMS, "portal")
LONGEST_FILE = 400


class Offence(NamedTuple):
    """Where, and what is wrong there."""

    line: int
    sentence: str


Rule = Callable[[str], Iterator[Offence]]
HANDLERS = {"get", "post", "put", "patch", "delete", "head", "route", "websocket", "websocket_listener"}
READS = {"select", "exists", "text"}
ABSOLUTE_PATH = re.compile(r"(?<![\w.~/:])/(?:work|root|home)/\w+")
REGISTRY = re.compile(r"\b(?:files\.pythonhosted\.org|pypi\.org|registry\.npmjs\.org|deb\.debian\.org)\b")
PRODUCT_WORDS = re.compile("征信分|信用评级")


def _name(node: ast.expr) -> str:
    """The last part of a dotted name: `commit` of `db.commit`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def transactions_are_left_to_the_kernel(source: str) -> Iterator[Offence]:
    """Rooms and portal neither commit nor roll back: the session dependency does, once, before the answer."""
    for call in _calls(ast.parse(source)):
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"commit", "rollback"}:
            yield Offence(call.lineno, f"calls {call.func.attr}()")


def bases_of_consent_come_from_data_exchange(source: str) -> Iterator[Offence]:
    """Only data_exchange turns a consent or an agreement into the right to read; others ask it for a basis."""
    for call in _calls(ast.parse(source)):
        if _name(call.func) != "UseBasis":
            continue
        kinds = [call.args[0]] if call.args else [k.value for k in call.keywords if k.arg == "kind"]
        if not kinds or not isinstance(kinds[0], ast.Constant) or kinds[0].value in {"consent", "agreement"}:
            yield Offence(call.lineno, "makes a UseBasis of consent or agreement (or of a kind that cannot be seen)")


def reads_take_an_actor(source: str) -> Iterator[Offence]:
    """A store function that reads says for whom: it takes an Actor or an Act. One that reads for nobody in particular says
    why that is right, in its docstring: "Unscoped: names are public", "Unscoped: of a lease found under scope".
    """
    for function in ast.parse(source).body:
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) or function.name.startswith("_"):
            continue
        if not any(_name(call.func) in READS or _name(call.func) == "get" for call in _calls(function)):
            continue
        annotations = " ".join(
            ast.unparse(argument.annotation)
            for argument in (*function.args.args, *function.args.kwonlyargs)
            if argument.annotation
        )
        if re.search(r"\b(Actor|Act|UseBasis)\b", annotations):
            continue
        if not re.search(r"\bUnscoped: \w", ast.get_docstring(function) or ""):
            yield Offence(
                function.lineno, f"{function.name} reads without an Actor or an Act, and does not say `Unscoped: why`"
            )


def handlers_have_real_annotations(source: str) -> Iterator[Offence]:
    """Litestar reads annotations at run time: a module with handlers does not postpone them."""
    tree = ast.parse(source)
    uses_litestar = any(
        isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "litestar" for node in ast.walk(tree)
    )
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "__future__" and uses_litestar:
            yield Offence(node.lineno, "imports from __future__ in a module that uses Litestar")


def handlers_name_their_policy(source: str) -> Iterator[Offence]:
    """Each handler says who may call it: opt={"policy": …}. Start-up refuses too; this names the line."""
    tree = ast.parse(source)
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "litestar"
        for alias in node.names
    }
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for decorator in function.decorator_list:
            if not isinstance(decorator, ast.Call) or _name(decorator.func) not in HANDLERS & imported:
                continue
            opt = next((k.value for k in decorator.keywords if k.arg == "opt"), None)
            keys = [ast.unparse(key) for key in opt.keys if key] if isinstance(opt, ast.Dict) else []
            if "'policy'" not in keys:
                yield Offence(function.lineno, f"{function.name} names no policy in opt")


def files_stay_short(source: str) -> Iterator[Offence]:
    """400 lines are the end: a longer file wants to be a folder with one verb a file."""
    lines = source.count("\n")
    if lines > LONGEST_FILE:
        yield Offence(lines, f"has {lines} lines; {LONGEST_FILE} is the end")


def modules_say_why_they_exist(source: str) -> Iterator[Offence]:
    if not ast.get_docstring(ast.parse(source)):
        yield Offence(1, "has no docstring")


def ports_are_never_fixed(source: str) -> Iterator[Offence]:
    """Two runs on one machine must not meet: a test asks the system for a port."""
    for call in _calls(ast.parse(source)):
        for keyword in call.keywords:
            if keyword.arg == "port" and isinstance(keyword.value, ast.Constant) and keyword.value.value:
                yield Offence(call.lineno, f"fixes port {keyword.value.value}")
        if _name(call.func) in {"bind", "connect", "create_connection", "start_server"}:
            for pair in call.args:
                port = pair.elts[-1] if isinstance(pair, ast.Tuple) and pair.elts else None
                if isinstance(port, ast.Constant) and isinstance(port.value, int) and port.value:
                    yield Offence(call.lineno, f"fixes port {port.value}")


def tests_can_fail(source: str) -> Iterator[Offence]:
    """A test asserts something, expects an exception, or calls a helper that is named after checking."""
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) or not function.name.startswith("test_"):
            continue
        checks = any(isinstance(node, ast.Assert) for node in ast.walk(function)) or any(
            re.match(
                r"_?(assert|check|expect|raises|fail|call_and_validate|validate|refuse|run_state_machine)",
                _name(call.func),
            )
            for call in _calls(function)
        )
        if not checks:
            yield Offence(function.lineno, f"{function.name} checks nothing")


def nothing_names_one_machine(source: str) -> Iterator[Offence]:
    """No path of one machine and no registry host: neither is true anywhere else."""
    for number, line in enumerate(source.splitlines(), 1):
        for found in (*ABSOLUTE_PATH.findall(line), *REGISTRY.findall(line)):
            yield Offence(number, f"names {found}")


def words_promise_no_credit_rating(source: str) -> Iterator[Offence]:
    """征信 and 信用评级 are licensed trades (征信业管理条例): ours is 云量评估分."""
    for number, line in enumerate(source.splitlines(), 1):
        if found := PRODUCT_WORDS.search(line):
            yield Offence(number, f"says {found.group()}")
