"""Signing: each party's person signs the hash of the terms; anybody with the public key can check it (存证核验).

What is signed is technical evidence that this person agreed to these bytes at this moment in this system. It is no
electronic signature in the sense of the law (电子签名法) unless a qualified service is plugged in.
"""

import base64
import hashlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import rfc8785
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from data_exchange import store
from data_exchange.contracts import Party
from data_exchange.models import AgreementRow, SignatureRow
from data_exchange.rules import Verb
from data_exchange.service.agreements import party_of, take_step, tell_parties
from kernel import audit
from kernel.act import Act, Actor
from kernel.ids import new_id
from kernel.keys import KeyRing
from kernel.problems import Conflict, Forbidden
from kernel.texts import Text
from kernel.texts import gettext as _

SIGNATURE_FORM = "parklink.signature/1"


class CheckedSignature(Struct, frozen=True, kw_only=True):
    """A signature and whether it holds."""

    party: str
    organisation_id: UUID
    person_id: UUID
    signed_at: datetime
    statement: str
    signature: str
    key_id: str
    public_key: str
    holds: bool


class Evidence(Struct, frozen=True, kw_only=True):
    """Everything needed to check an agreement without this system: the terms, the signed statements, the keys."""

    agreement_id: UUID
    terms: str
    terms_hash: str
    terms_hold: bool
    signatures: list[CheckedSignature]
    holds: bool


async def sign_agreement(
    db: AsyncSession, act: Act, keys: KeyRing, agreement_id: UUID, version: int, terms_hash: str
) -> None:
    """Sign for the actor's organisation; the owner signs first, the buyer's signature makes the agreement active.

    Raises Forbidden for a machine, Conflict when the hash is not that of the terms (somebody saw other terms) or the
    state does not allow it, NotFound for a stranger, PreconditionFailed for an old version.
    """
    if act.actor.kind != "person" or act.actor.id is None or act.actor.organisation_id is None:
        raise Forbidden(_("Only a person signs."))
    before, _product, _owner, _buyer = await store.find_agreement(db, act.actor, agreement_id)
    party = party_of(act.actor, before)
    verb: Verb = "sign_as_owner" if party == "owner" else "sign_as_buyer"
    row, product, owner, buyer = await take_step(db, act, agreement_id, version, verb)
    if terms_hash != row.terms_hash or hashlib.sha256(row.terms.encode()).hexdigest() != row.terms_hash:
        raise Conflict(_("These are not the terms of this agreement; please read them again."))
    if row.owner_epoch != owner.control_epoch or row.buyer_epoch != buyer.control_epoch:
        raise Conflict(_("Control of a party has changed since the request; please ask anew."))
    statement = rfc8785.dumps(_statement(act, row, party))
    db.add(
        SignatureRow(
            id=new_id(),
            agreement_id=row.id,
            party=party,
            organisation_id=act.actor.organisation_id,
            person_id=act.actor.id,
            signed_at=act.now,
            terms_hash=row.terms_hash,
            statement=statement.decode(),
            signature=base64.b64encode(keys.sign(statement)).decode(),
            key_id=keys.signing_key_id,
        )
    )
    if party == "buyer":
        row.active_at, row.expires_at = act.now, act.now + timedelta(days=row.valid_days)
    await db.flush()
    audit.write(
        db,
        act,
        "agreement.signed",
        "data_agreement",
        row.id,
        subject_id=row.owner_id,
        detail={"party": party, "terms_hash": row.terms_hash},
    )
    words = {
        "owner": Text("数据提供方签署合约", "Agreement signed by the data owner"),
        "buyer": Text("数据使用方签署合约，合约生效", "Agreement signed by the data buyer and active"),
    }
    tell_parties(db, act, row, product, "agreement_signed", words[party], party=party)


async def gather_evidence(db: AsyncSession, actor: Actor, keys: KeyRing, agreement_id: UUID) -> Evidence:
    """Return the evidence of an agreement, checked here and checkable elsewhere; NotFound for a stranger."""
    row, _product, _owner, _buyer = await store.find_agreement(db, actor, agreement_id)
    terms_hold = hashlib.sha256(row.terms.encode()).hexdigest() == row.terms_hash
    public = keys.public_keys()
    checked = [
        CheckedSignature(
            party=one.party,
            organisation_id=one.organisation_id,
            person_id=one.person_id,
            signed_at=one.signed_at,
            statement=one.statement,
            signature=one.signature,
            key_id=one.key_id,
            public_key=base64.b64encode(public.get(one.key_id, b"")).decode(),
            holds=_holds(keys, row, one),
        )
        for one in await store.signatures_of(db, actor, agreement_id)
    ]
    return Evidence(
        agreement_id=row.id,
        terms=row.terms,
        terms_hash=row.terms_hash,
        terms_hold=terms_hold,
        signatures=checked,
        holds=terms_hold and all(one.holds for one in checked),
    )


def _holds(keys: KeyRing, row: AgreementRow, one: SignatureRow) -> bool:
    """Tell whether a signature is of exactly this statement, and the statement about exactly these terms."""
    try:
        signature = base64.b64decode(one.signature, validate=True)
    except ValueError:
        return False
    said = f'"terms_hash":"{row.terms_hash}"' in one.statement and f'"party":"{one.party}"' in one.statement
    return said and keys.verify(one.statement.encode(), signature, one.key_id)


def _statement(act: Act, row: AgreementRow, party: Party) -> dict[str, Any]:
    return {
        "form": SIGNATURE_FORM,
        "agreement_id": str(row.id),
        "terms_hash": row.terms_hash,
        "party": party,
        "organisation_id": str(act.actor.organisation_id),
        "person_id": str(act.actor.id),
        "signed_at": act.now.isoformat(),
    }
