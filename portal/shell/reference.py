"""The API reference as data for a page: what the routes themselves declare, grouped by room."""

from typing import Any

from litestar import Litestar
from msgspec import Struct

from kernel.auth.policies import PUBLIC, PolicyTable

METHODS = ("get", "post", "put", "patch", "delete")


Rights = dict[tuple[str, str], tuple[tuple[str, ...], bool]]
"""By method and path: the roles that may call it (none: everybody), and whether machines may."""


class Operation(Struct, frozen=True):
    """One method on one path."""

    method: str
    path: str
    summary: str
    roles: tuple[str, ...]
    """Who may call it; empty means everybody."""
    machines: bool
    parameters: tuple[str, ...]
    anchor: str


class OperationGroup(Struct, frozen=True):
    """The operations under one heading."""

    name: str
    operations: tuple[Operation, ...]


def describe_api(app: Litestar) -> list[OperationGroup]:
    """Return the documented operations, grouped by the first part of their path after the version."""
    policies: PolicyTable = app.state.policies
    rights = _rights(app, policies)
    groups: dict[str, list[Operation]] = {}
    for path, item in sorted((app.openapi_schema.paths or {}).items()):
        for method in METHODS:
            operation = getattr(item, method)
            if operation is not None:
                found = _describe(method, path, operation, rights)
                groups.setdefault(_group(path), []).append(found)
    return [OperationGroup(name, tuple(operations)) for name, operations in groups.items()]


def _describe(method: str, path: str, operation: Any, rights: Rights) -> Operation:
    roles, machines = rights.get((method.upper(), path), ((), True))
    summary = (operation.description or operation.summary or "").strip().split("\n")[0]
    parameters = tuple(one.name for one in operation.parameters or () if getattr(one, "param_in", "") != "path")
    return Operation(
        method.upper(), path, summary, roles, machines, parameters, (operation.operation_id or f"{method}-{path}")
    )


def _rights(app: Litestar, policies: PolicyTable) -> Rights:
    rights: Rights = {}
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            name = str(handler.opt.get("policy", PUBLIC))
            for method in handler.http_methods:
                if name == PUBLIC:
                    rights[method, route.path_format] = ((), True)
                else:
                    policy = policies.get(name)
                    rights[method, route.path_format] = (tuple(sorted(policy.roles)), policy.machines)
    return rights


def _group(path: str) -> str:
    parts = [part for part in path.split("/") if part]
    return parts[2] if len(parts) > 2 and parts[0] == "api" else parts[0] if parts else "/"
