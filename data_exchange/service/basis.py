"""Issuing the right to use a company's data: from a live consent or a live agreement, or not at all."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from data_exchange import store
from data_exchange.store import ConsentView
from kernel import data_use
from kernel.act import Act
from kernel.data_use import UseBasis


async def issue_basis(db: AsyncSession, act: Act, subject_id: UUID, purpose: str, scope: Iterable[str]) -> UseBasis:
    """Return the basis on which the actor's organisation may use the named facts of a company for a purpose.

    It needs a write session: the consent is held until the caller's transaction ends, so that it cannot be withdrawn
    between this check and the record of the use. Raises Refusal, whose records both sides will see, when there is no
    live consent that covers purpose and scope, or control of either side has changed since it was given. The refusal
    names the consent it once rested on, if there was one: then the recipient knows the company and may see it, too.
    """
    wanted = frozenset(scope)
    recipient_id = act.actor.organisation_id
    subject = await store.organisation(db, act, subject_id)
    if recipient_id is None or subject is None:
        raise data_use.refuse(act, subject.id if subject else None, purpose, wanted, "no consent")
    consents = await store.live_consents(db, act, recipient_id, purpose, subject_ids=[subject_id], lock=True)
    for consent in consents:
        if wanted.issubset(consent.scope):
            return consent_basis(consent)
    ended = await store.last_consent(db, act, subject_id, recipient_id, purpose)
    reason = "outside scope" if consents else "no consent"
    raise data_use.refuse(act, subject_id, purpose, wanted, reason, basis=consent_basis(ended) if ended else None)


def consent_basis(consent: ConsentView) -> UseBasis:
    """Return the basis that a live consent gives its recipient."""
    return UseBasis(
        "consent",
        consent.subject_id,
        consent.recipient_id,
        consent.purpose,
        frozenset(consent.scope),
        f"consent:{consent.id}",
        consent.expires_at,
    )


async def consents_for(db: AsyncSession, act: Act, purpose: str, scope: Iterable[str] = ()) -> list[ConsentView]:
    """Return the live consents the actor's organisation holds for a purpose, one a company, the longest.

    For lists ("whose score may I query"); it gives no right to read: that is `issue_basis`, at the moment of use.
    """
    wanted = frozenset(scope)
    if act.actor.organisation_id is None:
        return []
    found: dict[UUID, ConsentView] = {}
    for consent in await store.live_consents(db, act, act.actor.organisation_id, purpose):
        if wanted.issubset(consent.scope):
            found.setdefault(consent.subject_id, consent)
    return list(found.values())
