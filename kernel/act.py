"""Who does something, when and from where: the one argument every use-case takes."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

ActorKind = Literal["person", "client", "system", "anonymous"]

ROLES = (
    "enterprise_owner",
    "enterprise_member",
    "agent",
    "park_operator",
    "officer",
    "lender",
    "data_owner",
    "data_buyer",
    "auditor",
    "administrator",
)
ORGANISATION_KINDS = ("enterprise", "park", "lender", "government", "platform")


class Actor(Struct, frozen=True):
    """A person, a machine client or the system itself, acting for one organisation."""

    kind: ActorKind
    id: UUID | None = None
    name: str = ""
    organisation_id: UUID | None = None
    organisation_kind: str = ""
    roles: frozenset[str] = frozenset()
    session_id: UUID | None = None
    epoch: int = 0
    locale: str = "zh_CN"
    organisation_name_zh: str = ""
    organisation_name_en: str = ""

    def has(self, *roles: str) -> bool:
        """Tell whether the actor holds at least one of the roles."""
        return not self.roles.isdisjoint(roles)

    @property
    def is_known(self) -> bool:
        """Tell whether somebody is logged in (person or machine) or the system acts."""
        return self.kind != "anonymous"

    @staticmethod
    def system(name: str) -> "Actor":
        """Return the system acting under the name of a job or command."""
        return Actor(kind="system", name=name)


ANONYMOUS = Actor(kind="anonymous")


class Act(Struct, frozen=True):
    """One deed: the actor, the moment, the request it belongs to and the address it came from."""

    actor: Actor
    now: datetime
    request_id: str = ""
    address: str = ""
