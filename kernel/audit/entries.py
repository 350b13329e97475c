"""Writing into the audit log: one row in the caller's own transaction, so no deed is without its entry."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.act import Act
from kernel.audit.models import AuditEntry, AuditPending
from kernel.documents import clean, plain
from kernel.ids import new_id

_conceal: Callable[[str], str] | None = None


def conceal_addresses(mac: Callable[[str], str]) -> None:
    """Set the keyed hash that network addresses are kept as; until then entries keep none at all."""
    global _conceal  # noqa: PLW0603 - a property of the process, like its log format
    _conceal = mac


def write(
    db: AsyncSession,
    act: Act,
    action: str,
    object_kind: str,
    object_id: UUID | str,
    *,
    outcome: str = "done",
    subject_id: UUID | None = None,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Add an entry to the session; it is kept when the session commits. Arguments as in `entry`."""
    made = entry(
        act, action, object_kind, object_id, outcome=outcome, subject_id=subject_id, reason=reason, detail=detail
    )
    db.add(made)
    return made


def entry(
    act: Act,
    action: str,
    object_kind: str,
    object_id: UUID | str,
    *,
    outcome: str = "done",
    subject_id: UUID | None = None,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Return the row of one deed, for `Refusal.records` or to add oneself.

    `action` is "noun.verbed", `subject_id` the organisation whose data or rights are touched. `detail` holds ids,
    codes and counts, never personal values; a person appears by id only.
    """
    actor = act.actor
    made_id = new_id()
    return AuditEntry(
        id=made_id,
        at=act.now,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=clean(actor.name)[:120] if actor.kind == "system" else "",
        organisation_id=actor.organisation_id,
        action=action,
        object_kind=object_kind,
        object_id=clean(str(object_id))[:200],
        subject_id=subject_id,
        outcome=outcome,
        reason=clean(reason),
        request_id=clean(act.request_id)[:64],
        address=_conceal(act.address) if _conceal and act.address else "",
        detail=plain(detail or {}),
        pending=AuditPending(at=act.now),
    )
