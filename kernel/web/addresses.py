"""Which policy guards an address, so that a page offers no link that its reader may not open."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from kernel.act import Actor
from kernel.auth.policies import PolicyTable

PLACE = re.compile(r"\{[^}]*\}")


class AddressBook:
    """The addresses of all pages with their policies; addresses with fewer places go first."""

    def __init__(self, routes: Iterable[Any], table: PolicyTable) -> None:
        self._table = table
        found = []
        for route in routes:
            for handler in getattr(route, "route_handlers", []):
                if "GET" in handler.http_methods and "policy" in handler.opt:
                    pattern = "[^/]+".join(re.escape(part) for part in PLACE.split(route.path))
                    found.append((len(PLACE.findall(route.path)), re.compile(pattern), str(handler.opt["policy"])))
        self._found = [entry[1:] for entry in sorted(found, key=lambda entry: entry[0])]

    def allows(self, address: str, actor: Actor) -> bool:
        """Tell whether the actor's roles may open an address; one that is no page of ours is left alone."""
        path = urlsplit(address).path
        for pattern, policy in self._found:
            if pattern.fullmatch(path):
                return self._table.allows(policy, actor)
        return True
