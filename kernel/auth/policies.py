"""Policies: every route names one, and a route without one stops the start-up."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from kernel.act import ROLES, Actor

PUBLIC = "public"


class Policy(Struct, frozen=True):
    """Who may use the routes of this name: people with one of the roles, and machines if it says so."""

    name: str
    roles: frozenset[str]
    machines: bool = False

    def allows(self, actor: Actor) -> bool:
        """Decide for one actor; machines hold roles too and need the policy's word on top."""
        if not actor.is_known:
            return False
        if actor.kind == "client" and not self.machines:
            return False
        return actor.has(*self.roles)


EVERYBODY = frozenset(ROLES)


class PolicyTable:
    """All policies of a running house, by name."""

    def __init__(self, policies: Iterable[Policy]) -> None:
        self._by_name: dict[str, Policy] = {}
        for policy in policies:
            if policy.name in self._by_name or policy.name == PUBLIC:
                message = f"policy {policy.name!r} is declared twice"
                raise ValueError(message)
            unknown = policy.roles - EVERYBODY
            if unknown or not policy.roles:
                message = f"policy {policy.name!r} names no role or unknown roles {sorted(unknown)}"
                raise ValueError(message)
            self._by_name[policy.name] = policy

    def __contains__(self, name: object) -> bool:
        return name == PUBLIC or name in self._by_name

    def __iter__(self) -> Iterator[Policy]:
        return iter(self._by_name.values())

    def get(self, name: str) -> Policy:
        """Return the policy of that name (KeyError when there is none)."""
        return self._by_name[name]

    def allows(self, name: str, actor: Actor) -> bool:
        """Decide whether the actor may use routes of that policy."""
        return name == PUBLIC or self._by_name[name].allows(actor)
