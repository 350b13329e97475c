"""Tables of the ledger: accounts, entries, postings. An entry and its postings never change; only a balance does."""

from uuid import UUID

from sqlalchemy import DDL, BigInteger, CheckConstraint, ForeignKey, Index, String, event
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, Moment, append_only

CURRENCY = "CNY"


class LedgerAccount(Base):
    """A place where money is, seen from its owner. `balance` (fen) is the sum of its postings, kept beside them.

    With a `floor` the balance never goes below it; without one the account stands for the outside world.
    """

    __tablename__ = "ledger_account"
    __table_args__ = (CheckConstraint("floor IS NULL OR balance >= floor", name="floor"),)

    id: Mapped[Id]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(120), unique=True)
    currency: Mapped[str] = mapped_column(String(3), default=CURRENCY)
    floor: Mapped[int | None] = mapped_column(BigInteger)
    balance: Mapped[int] = mapped_column(BigInteger, default=0)
    opened_at: Mapped[Moment]


class LedgerEntry(Base):
    """One movement of money: postings that sum to nothing. `reference` names the business act, once for ever."""

    __tablename__ = "ledger_entry"

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(60))
    reference: Mapped[str] = mapped_column(String(200), unique=True)
    reversal_of: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_entry.id"), unique=True)
    note: Mapped[str] = mapped_column(String(300), default="")
    posted_at: Mapped[Moment]
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[UUID | None]
    organisation_id: Mapped[UUID | None]
    request_id: Mapped[str] = mapped_column(String(64), default="")


class LedgerPosting(Base):
    """One side of an entry: fen into (positive) or out of (negative) an account."""

    __tablename__ = "ledger_posting"
    __table_args__ = (CheckConstraint("fen <> 0", name="fen"), Index("ix_ledger_posting_account", "account_id", "id"))

    id: Mapped[Id]
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_entry.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_account.id"))
    fen: Mapped[int] = mapped_column(BigInteger)


# PostgreSQL itself refuses to commit an entry whose postings do not sum to nothing, whoever wrote them. SQLite has no
# deferred triggers; there `find_differences` is what finds rows that did not come through this package.
BALANCED_SQL = (
    (
        "CREATE OR REPLACE FUNCTION refuse_unbalanced_entry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF (SELECT sum(fen) FROM ledger_posting WHERE entry_id = NEW.entry_id) <> 0 THEN "
        "RAISE EXCEPTION 'ledger entry % does not balance', NEW.entry_id USING ERRCODE = 'check_violation'; "
        "END IF; RETURN NULL; END $$"
    ),
    (
        "CREATE CONSTRAINT TRIGGER ledger_posting_balanced AFTER INSERT ON ledger_posting "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced_entry()"
    ),
)

append_only(LedgerEntry.__table__)  # type: ignore[arg-type]
append_only(LedgerPosting.__table__)  # type: ignore[arg-type]
for _statement in BALANCED_SQL:
    event.listen(
        LedgerPosting.__table__,
        "after_create",
        DDL(_statement.replace("%", "%%")).execute_if(dialect="postgresql"),  # type: ignore[no-untyped-call]
    )
