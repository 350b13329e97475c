"""Under which right a company's data is read, and the record of every such use.

A company's facts are read under a legal basis only. The row that records the use is written in the same
transaction as the read, so there is no use without a record and no record without a use (个人信息保护法 13-15,
征信业务管理办法: each query is logged and visible to the subject).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy import Text as LongText
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from kernel import audit
from kernel.act import Act
from kernel.db import Base, Id, JsonDocument, Moment
from kernel.ids import new_id
from kernel.problems import Forbidden, Problem, Refusal
from kernel.texts import N_
from kernel.texts import gettext as _

BasisKind = Literal["own", "consent", "agreement", "statutory", "contract"]
EVERYTHING = frozenset({"*"})
PURPOSES = {
    "own_view": N_("Own view"),
    "policy_matching": N_("Policy matching"),
    "policy_review": N_("Policy review"),
    "credit_scoring": N_("Credit assessment"),
    "park_watch": N_("Park services"),
    "data_product": N_("Data product"),
}


class UseBasis(Struct, frozen=True):
    """The right to read some facts of one company for one purpose until a moment."""

    kind: BasisKind
    subject_id: UUID
    recipient_id: UUID | None
    purpose: str
    scope: frozenset[str]
    reference: str
    expires_at: datetime | None = None

    def covers(self, what: Iterable[str]) -> bool:
        """Tell whether every named fact is within the scope."""
        return self.scope >= EVERYTHING or self.scope.issuperset(what)


class DataUse(Base):
    """One use, or one refused attempt, of one company's data by one organisation."""

    __tablename__ = "data_use"
    __table_args__ = (
        Index("ix_data_use_subject_at", "subject_id", "at"),
        Index("ix_data_use_recipient_at", "recipient_id", "at"),
    )

    id: Mapped[Id]
    at: Mapped[Moment]
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    recipient_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(String(120))
    purpose: Mapped[str] = mapped_column(String(40))
    basis: Mapped[str] = mapped_column(String(20))
    reference: Mapped[str] = mapped_column(String(200))
    what: Mapped[JsonDocument]
    outcome: Mapped[str] = mapped_column(String(10))
    detail: Mapped[str] = mapped_column(LongText, default="")


class DataUseRun(Base):
    """One batch that read the same facts of many companies."""

    __tablename__ = "data_use_run"

    id: Mapped[Id]
    at: Mapped[Moment]
    recipient_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    actor_name: Mapped[str] = mapped_column(String(120))
    purpose: Mapped[str] = mapped_column(String(40))
    basis: Mapped[str] = mapped_column(String(20))
    reference: Mapped[str] = mapped_column(String(200))
    what: Mapped[JsonDocument]
    population: Mapped[int]


class DataUseRunSubject(Base):
    """A company that was in the population of a batch."""

    __tablename__ = "data_use_run_subject"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("data_use_run.id"), primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True, index=True)


def own_basis(act: Act) -> UseBasis:
    """Return the basis of a company that reads its own facts."""
    subject = act.actor.organisation_id
    if subject is None:
        raise Forbidden
    return UseBasis("own", subject, subject, "own_view", EVERYTHING, "own")


def statutory_basis(act: Act, subject_id: UUID, purpose: str, law: str) -> UseBasis:
    """Return the basis of an office that acts under a law it names; only officers and the system have one."""
    if act.actor.kind != "system" and not act.actor.has("officer"):
        raise Forbidden
    return UseBasis("statutory", subject_id, act.actor.organisation_id, purpose, EVERYTHING, law)


def contract_basis(
    act: Act, subject_id: UUID, purpose: str, reference: str, scope: frozenset[str] = EVERYTHING
) -> UseBasis:
    """Return the basis of a contract between the actor's organisation and the subject (a lease)."""
    return UseBasis("contract", subject_id, act.actor.organisation_id, purpose, scope, reference)


def record(db: AsyncSession, act: Act, basis: UseBasis, what: Iterable[str], detail: str = "") -> DataUse | None:
    """Record a use in the caller's transaction; a company's view of itself leaves no row.

    Raises Refusal when the basis has expired or does not cover what is read.
    """
    names = sorted(set(what))
    if basis.expires_at is not None and basis.expires_at <= act.now:
        raise refuse(act, basis.subject_id, basis.purpose, names, "expired", basis=basis)
    if not basis.covers(names):
        raise refuse(act, basis.subject_id, basis.purpose, names, "outside scope", basis=basis)
    if basis.kind == "own" and basis.recipient_id == basis.subject_id:
        return None
    row = _row(act, basis.subject_id, basis.purpose, names, basis.kind, basis.reference, "allowed", detail)
    db.add(row)
    return row


def record_run(
    db: AsyncSession,
    act: Act,
    purpose: str,
    kind: BasisKind,
    reference: str,
    what: Iterable[str],
    subjects: Sequence[UUID],
) -> UUID:
    """Record a batch: one row for the run and one for each company in its population."""
    run = DataUseRun(
        id=new_id(),
        at=act.now,
        recipient_id=act.actor.organisation_id,
        actor_name=act.actor.name,
        purpose=purpose,
        basis=kind,
        reference=reference,
        what=sorted(set(what)),
        population=len(subjects),
    )
    db.add(run)
    db.add_all(DataUseRunSubject(run_id=run.id, subject_id=subject) for subject in subjects)
    return run.id


def refuse(
    act: Act,
    subject_id: UUID | None,
    purpose: str,
    what: Iterable[str],
    reason: str,
    *,
    basis: UseBasis | None = None,
    problem: Problem | None = None,
) -> Refusal:
    """Return the refusal of a use, with the rows that both sides will see.

    The sentence is the same whether the company exists or not (`subject_id` None: no such company).
    """
    names = sorted(set(what))
    records: list[Base] = [
        audit.entry(
            act,
            "data_use.refused",
            "organisation",
            subject_id or "",
            outcome="refused",
            subject_id=subject_id,
            reason=reason,
            detail={"purpose": purpose, "what": names},
        )
    ]
    if subject_id is not None:
        kind, reference = (basis.kind, basis.reference) if basis else ("none", "")
        records.append(_row(act, subject_id, purpose, names, kind, reference, "refused", reason))
    return Refusal(
        problem or Forbidden(_("There is no live legal basis for this use."), code="no_legal_basis"), records
    )


def _row(
    act: Act, subject_id: UUID, purpose: str, names: list[str], kind: str, reference: str, outcome: str, detail: str
) -> DataUse:
    actor = act.actor
    return DataUse(
        at=act.now,
        subject_id=subject_id,
        recipient_id=actor.organisation_id,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        purpose=purpose,
        basis=kind,
        reference=reference[:200],
        what=names,
        outcome=outcome,
        detail=detail,
    )
