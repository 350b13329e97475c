"""Every address of the house, read from the application itself: what nobody listed is still tested."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Litestar

from kernel.ids import new_id

PROGRAM_PATHS = ("/api/", "/schema", "/dsp", "/delta-sharing", "/live", "/ready", "/metrics")
MISSING_NUMBER = 2_000_000_000


class Address(NamedTuple):
    """One method at one path, with the policy its handler names."""

    method: str
    path: str
    policy: str
    parameters: tuple[tuple[str, str], ...]
    takes_body: bool

    @property
    def is_for_programs(self) -> bool:
        return self.path.startswith(PROGRAM_PATHS)

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"

    def with_missing_objects(self) -> str:
        """The path with ids that nothing has."""
        return self.filled({})

    def filled(self, values: dict[str, Any]) -> str:
        """The path with these values for its parameters, and ids that nothing has for the others."""
        path = self.path
        for name, kind in self.parameters:
            absent = {"UUID": new_id(), "int": MISSING_NUMBER}.get(kind, "missing")
            path = path.replace(f"{{{name}}}", str(values.get(name, absent)))
        return path


def addresses_of(app: Litestar) -> list[Address]:
    return sorted(set(_walk(app)))


def _walk(app: Litestar) -> Iterator[Address]:
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            parameters = tuple((name, p.type.__name__) for name, p in route.path_parameters.items())
            for method in handler.http_methods:
                if method in {"HEAD", "OPTIONS"} or route.path_format.startswith("/static"):
                    continue
                takes_body = getattr(handler, "parsed_data_field", None) is not None
                yield Address(str(method), route.path_format, str(handler.opt.get("policy")), parameters, takes_body)


def as_id(value: object) -> str:
    return str(value) if isinstance(value, UUID | int | str) else ""
