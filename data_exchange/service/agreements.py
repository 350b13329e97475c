"""Agreements (数字合约): asked for, agreed or declined, ended. Each step is a row of the table in rules.py."""

import hashlib
from typing import Any, Literal
from uuid import UUID

import rfc8785
from sqlalchemy.ext.asyncio import AsyncSession

from data_exchange import store
from data_exchange.models import AgreementRow, OfferRow, ProductRow
from data_exchange.rules import Verb, next_state
from kernel import audit, events
from kernel.act import Act, Actor
from kernel.identity import Organisation
from kernel.ids import new_id
from kernel.problems import BadInput, Conflict, FieldProblem, Forbidden, NotFound, PreconditionFailed
from kernel.texts import Text
from kernel.texts import gettext as _

TERMS_FORM = "parklink.agreement/1"
MAXIMUM_MESSAGE = 1000
WAITING = ("requested", "agreed", "signed_by_owner")


async def request_agreement(db: AsyncSession, act: Act, offer_id: UUID, message: str = "") -> UUID:
    """Ask for an agreement under an open offer and return its id; the terms are frozen as they stand now.

    Raises NotFound for a closed offer, Forbidden for one's own, Conflict while another request for it waits.
    """
    buyer_id = act.actor.organisation_id
    if buyer_id is None:
        raise Forbidden
    offer = await store.find_offer(db, act.actor, offer_id)
    if offer.state != "open":
        raise NotFound
    if offer.owner_id == buyer_id:
        raise Forbidden(_("An organisation makes no agreement with itself."))
    if len(message) > MAXIMUM_MESSAGE:
        raise BadInput(
            fields=[FieldProblem("message", _("Please use at most %(limit)s characters.", limit=MAXIMUM_MESSAGE))]
        )
    product, owner = await store.published_product(db, act.actor, offer.product_id)
    buyer = await store.organisation(db, act, buyer_id)
    if buyer is None:
        raise Forbidden
    if await store.waiting_request(db, act.actor, offer_id):
        raise Conflict(_("You have asked for this offer already; the owner has not finished with it."))
    limited = await store.limited_to(db, act.actor, product.id)
    agreement_id = new_id()
    terms = canonical_terms(agreement_id, offer, product, owner, buyer, limited, act)
    row = AgreementRow(
        id=agreement_id,
        offer_id=offer.id,
        product_id=product.id,
        owner_id=owner.id,
        buyer_id=buyer.id,
        state="requested",
        terms=terms.decode(),
        terms_hash=hashlib.sha256(terms).hexdigest(),
        purpose=offer.purpose,
        allowed_uses=offer.allowed_uses,
        valid_days=offer.valid_days,
        price_fen=offer.price_fen,
        message=message,
        owner_epoch=owner.control_epoch,
        buyer_epoch=buyer.control_epoch,
        requested_at=act.now,
    )
    db.add(row)
    await db.flush()
    audit.write(
        db, act, "agreement.requested", "data_agreement", row.id, subject_id=owner.id, detail={"offer_id": offer.id}
    )
    tell_parties(db, act, row, product, "agreement_requested", Text("申请使用数据产品", "Data product asked for"))
    return row.id


def canonical_terms(
    agreement_id: UUID,
    offer: OfferRow,
    product: ProductRow,
    owner: Organisation,
    buyer: Organisation,
    limited: list[UUID],
    act: Act,
) -> bytes:
    """Return the terms as canonical JSON (RFC 8785), the bytes whose hash both parties sign."""
    terms: dict[str, Any] = {
        "form": TERMS_FORM,
        "agreement_id": str(agreement_id),
        "requested_at": act.now.isoformat(),
        "owner": {"id": str(owner.id), "name": owner.name_zh, "uscc": owner.uscc or ""},
        "buyer": {"id": str(buyer.id), "name": buyer.name_zh, "uscc": buyer.uscc or ""},
        "product": {
            "id": str(product.id),
            "title_zh": product.title_zh,
            "title_en": product.title_en,
            "level": product.level,
            "identity": product.identity,
            "fields": product.fields,
            "filters": product.filters,
            "subjects": [str(subject) for subject in limited] or "consenting",
        },
        "offer_id": str(offer.id),
        "purpose": offer.purpose,
        "allowed_uses": offer.allowed_uses,
        "valid_days": offer.valid_days,
        "price_fen": offer.price_fen,
        "terms_zh": offer.terms_zh,
        "terms_en": offer.terms_en,
    }
    return rfc8785.dumps(terms)


async def decide_request(
    db: AsyncSession, act: Act, agreement_id: UUID, version: int, verdict: Literal["agree", "decline"], reason: str = ""
) -> None:
    """Agree to a request, or decline it (until it is active, either party may still decline).

    Raises NotFound for a stranger, PreconditionFailed for an old version, Conflict in the wrong state.
    """
    row, product, _owner, _buyer = await take_step(db, act, agreement_id, version, verdict)
    if verdict == "decline":
        row.reason, row.ended_at = reason[:MAXIMUM_MESSAGE], act.now
    await db.flush()
    audit.write(db, act, f"agreement.{row.state}", "data_agreement", row.id, subject_id=row.owner_id, reason=reason)
    words = {
        "agree": Text("数据使用申请获同意", "Request agreed"),
        "decline": Text("数据使用申请未达成", "Request declined"),
    }
    tell_parties(db, act, row, product, f"agreement_{row.state}", words[verdict])


async def revoke_agreement(db: AsyncSession, act: Act, agreement_id: UUID, version: int, reason: str) -> None:
    """End an agreement for good; either party may, at any time. What is being downloaded stops.

    Raises as decide_request, and BadInput without a reason.
    """
    if not reason.strip():
        raise BadInput(fields=[FieldProblem("reason", _("Say why; the other party will read it."))])
    row, product, _owner, _buyer = await take_step(db, act, agreement_id, version, "revoke")
    row.reason, row.ended_at = reason.strip()[:MAXIMUM_MESSAGE], act.now
    await db.flush()
    audit.write(db, act, "agreement.revoked", "data_agreement", row.id, subject_id=row.owner_id, reason=row.reason)
    tell_parties(db, act, row, product, "agreement_revoked", Text("终止数据使用合约", "Agreement revoked"))


async def expire_agreement(db: AsyncSession, act: Act, agreement_id: UUID) -> None:
    """Write down that an agreement's time is over; it was dead at that moment already."""
    row, product, _owner, _buyer = await store.find_agreement(db, act.actor, agreement_id, lock=True)
    if row.state != "active" or row.expires_at is None or row.expires_at > act.now:
        return
    row.state, row.ended_at = "expired", row.expires_at
    await db.flush()
    audit.write(db, act, "agreement.expired", "data_agreement", row.id, subject_id=row.owner_id)
    tell_parties(db, act, row, product, "agreement_expired", Text("数据使用合约到期", "Agreement expired"))


async def take_step(
    db: AsyncSession, act: Act, agreement_id: UUID, version: int, verb: Verb
) -> tuple[AgreementRow, ProductRow, Organisation, Organisation]:
    """Lock an agreement, check version, party and state, and move it on; the caller adds what belongs to the step."""
    row, product, owner, buyer = await store.find_agreement(db, act.actor, agreement_id, lock=True)
    party = party_of(act.actor, row)
    if row.version != version:
        raise PreconditionFailed
    after = next_state(store.state_now(row, owner, buyer, act.now), verb, party)
    if after is None:
        raise Conflict(_("The agreement is not in a state in which you can do this."))
    row.state = after
    return row, product, owner, buyer


def party_of(actor: Actor, row: AgreementRow) -> Literal["owner", "buyer"]:
    """Return which party the actor is; Forbidden for somebody who only looks on (an auditor)."""
    if actor.organisation_id == row.owner_id:
        return "owner"
    if actor.organisation_id == row.buyer_id:
        return "buyer"
    raise Forbidden


def tell_parties(
    db: AsyncSession, act: Act, row: AgreementRow, product: ProductRow, verb: str, words: Text, **payload: Any
) -> None:
    """Tell both parties what happened; each has it on its own timeline."""
    for party_id in (row.owner_id, row.buyer_id):
        events.emit(
            db,
            act,
            f"data_exchange.{verb}",
            subject_id=party_id,
            payload={"agreement_id": row.id, "product_id": row.product_id, "state": row.state, **payload},
            timeline=Text(f"{words.zh}：{product.title_zh}", f"{words.en}: {product.title_en or product.title_zh}"),
            link=f"/data/agreements/{row.id}",
        )
