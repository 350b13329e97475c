"""Moving money: double entry in integer fen. Nothing is ever changed or removed; a mistake is reversed, once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.act import Act
from kernel.ids import new_id
from kernel.money.models import CURRENCY, LedgerAccount, LedgerEntry, LedgerPosting
from kernel.problems import Conflict, NotFound
from kernel.texts import N_
from kernel.upsert import insert_if_absent

LARGEST_FEN = 10**15  # ten trillion yuan: beyond it something is wrong, and sums stay far inside 64 bits

Posting = tuple[UUID, int]


class AccountExists(Conflict):
    """The code of the account is taken."""

    code, title_text = "account_exists", N_("There is already an account with this code")


class EntryExists(Conflict):
    """The reference has been posted before: the movement it names took place already."""

    code, title_text = "entry_exists", N_("This movement of money has already been recorded")


class Overdrawn(Conflict):
    """A limited account holds less than the movement would take."""

    code, title_text = "overdrawn", N_("The account does not hold enough for this")


class AlreadyReversed(Conflict):
    """The entry was reversed before, or is itself a reversal."""

    code, title_text = "already_reversed", N_("This movement of money cannot be reversed again")


class StatementLine(Struct, frozen=True):
    """One posting on an account, with the balance after it; amounts in fen."""

    entry_id: UUID
    kind: str
    reference: str
    note: str
    posted_at: datetime
    reversal_of: UUID | None
    fen: int
    balance: int


async def open_account(
    db: AsyncSession, act: Act, *, owner_id: UUID | None, kind: str, code: str, floor: int | None = 0
) -> UUID:
    """Open an account and return its id; `floor` in fen, None for an account without limit.

    Raises AccountExists when the code is taken.
    """
    if floor is not None:
        check_fen(floor, zero=True)
        if floor > 0:
            raise ValueError("a new account holds nothing, so its floor cannot be above it")
    account_id = new_id()
    row = {
        "id": account_id,
        "owner_id": owner_id,
        "kind": kind,
        "code": code,
        "currency": CURRENCY,
        "floor": floor,
        "balance": 0,
        "opened_at": act.now,
    }
    if not await insert_if_absent(db, LedgerAccount, row, ["code"]):
        raise AccountExists
    return account_id


async def find_account(db: AsyncSession, code: str) -> UUID | None:
    """Return the account with a code."""
    return await db.scalar(select(LedgerAccount.id).where(LedgerAccount.code == code))


async def post_entry(
    db: AsyncSession,
    act: Act,
    kind: str,
    reference: str,
    postings: Sequence[Posting],
    *,
    note: str = "",
) -> UUID:
    """Move money between accounts and return the entry's id. A posting is (account, fen): in positive, out negative.

    Raises EntryExists when the reference was posted before, Overdrawn when a limited account would go below its floor,
    NotFound for an unknown account, ValueError for postings that are no double entry, TypeError for anything but whole
    fen. After an exception the caller's transaction must not commit; `Database.write` sees to that.
    """
    _check_double_entry(postings)
    return await _post(db, act, kind, reference, postings, note, None)


async def reverse_entry(db: AsyncSession, act: Act, entry_id: UUID, *, reference: str = "", note: str = "") -> UUID:
    """Post the opposite of an entry, once, and return the new entry's id.

    Raises NotFound, AlreadyReversed, or Overdrawn when the money is no longer there.
    """
    first = await db.get(LedgerEntry, entry_id)
    if first is None:
        raise NotFound
    if first.reversal_of is not None:
        raise AlreadyReversed
    sides = await db.execute(
        select(LedgerPosting.account_id, LedgerPosting.fen).where(LedgerPosting.entry_id == entry_id)
    )
    opposite = [(account_id, -fen) for account_id, fen in sides]
    return await _post(db, act, first.kind, reference or f"reversal:{entry_id}", opposite, note, entry_id)


async def balance(db: AsyncSession, account_id: UUID) -> int:
    """Return what an account holds, in fen; NotFound for an unknown account."""
    held = await db.scalar(select(LedgerAccount.balance).where(LedgerAccount.id == account_id))
    if held is None:
        raise NotFound
    return held


async def statement(db: AsyncSession, account_id: UUID, *, limit: int = 100) -> list[StatementLine]:
    """Return the account's newest postings first, each with the balance after it."""
    running = func.sum(LedgerPosting.fen).over(order_by=LedgerPosting.id).label("balance")
    rows = await db.execute(
        select(
            LedgerEntry.id,
            LedgerEntry.kind,
            LedgerEntry.reference,
            LedgerEntry.note,
            LedgerEntry.posted_at,
            LedgerEntry.reversal_of,
            LedgerPosting.fen,
            running,
        )
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerPosting.account_id == account_id)
        .order_by(LedgerPosting.id.desc())
        .limit(limit)
    )
    return [StatementLine(*row[:7], int(row[7])) for row in rows]


async def find_differences(db: AsyncSession) -> list[str]:
    """Return a line for every entry that does not balance and every account whose balance is not its postings' sum."""
    entries = await db.execute(
        select(LedgerPosting.entry_id, func.sum(LedgerPosting.fen))
        .group_by(LedgerPosting.entry_id)
        .having(func.sum(LedgerPosting.fen) != 0)
    )
    found = [f"entry {entry_id} is out by {fen} fen" for entry_id, fen in entries]
    summed = func.coalesce(func.sum(LedgerPosting.fen), 0)
    accounts = await db.execute(
        select(LedgerAccount.code, LedgerAccount.balance, summed)
        .join(LedgerPosting, LedgerPosting.account_id == LedgerAccount.id, isouter=True)
        .group_by(LedgerAccount.id, LedgerAccount.code, LedgerAccount.balance)
        .having(summed != LedgerAccount.balance)
    )
    return found + [f"account {code} says {kept} fen, its postings {fen}" for code, kept, fen in accounts]


def check_fen(fen: object, *, zero: bool = False) -> int:
    """Return the amount when it is whole fen within bounds; TypeError for floats, decimals and truth values."""
    if type(fen) is not int:
        raise TypeError(f"money is integer fen, not {type(fen).__name__}")
    if (fen == 0 and not zero) or abs(fen) > LARGEST_FEN:
        raise ValueError(f"{fen} fen cannot be posted")
    return fen


def _check_double_entry(postings: Sequence[Posting]) -> None:
    for _account, fen in postings:
        check_fen(fen)
    if len(postings) < 2 or len({account for account, _fen in postings}) != len(postings):
        raise ValueError("an entry has two postings or more, each on an account of its own")
    if sum(fen for _account, fen in postings) != 0:
        raise ValueError("the postings of an entry must sum to nothing")


async def _post(
    db: AsyncSession,
    act: Act,
    kind: str,
    reference: str,
    postings: Sequence[Posting],
    note: str,
    reversal_of: UUID | None,
) -> UUID:
    entry_id = new_id()
    row: dict[str, Any] = {
        "id": entry_id,
        "kind": kind,
        "reference": reference,
        "reversal_of": reversal_of,
        "note": note,
        "posted_at": act.now,
        "actor_kind": act.actor.kind,
        "actor_id": act.actor.id,
        "organisation_id": act.actor.organisation_id,
        "request_id": act.request_id[:64],
    }
    if not await insert_if_absent(db, LedgerEntry, row):
        reversed_meanwhile = reversal_of and await db.scalar(
            select(LedgerEntry.id).where(LedgerEntry.reversal_of == reversal_of)
        )
        raise AlreadyReversed if reversed_meanwhile else EntryExists
    # Accounts are taken in one order everywhere, so that two movements never wait for each other.
    for account_id, fen in sorted(postings):
        await _move(db, account_id, fen)
    await db.execute(
        insert(LedgerPosting),
        [{"id": new_id(), "entry_id": entry_id, "account_id": account, "fen": fen} for account, fen in postings],
    )
    return entry_id


async def _move(db: AsyncSession, account_id: UUID, fen: int) -> None:
    enough = or_(LedgerAccount.floor.is_(None), LedgerAccount.balance + fen >= LedgerAccount.floor)
    moved = await db.scalar(
        update(LedgerAccount)
        .where(LedgerAccount.id == account_id, enough)
        .values(balance=LedgerAccount.balance + fen)
        .returning(LedgerAccount.id)
        .execution_options(synchronize_session=False)
    )
    if moved is None:
        await balance(db, account_id)  # NotFound when there is no such account
        raise Overdrawn
