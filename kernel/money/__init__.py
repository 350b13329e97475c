"""The ledger of money: payments, loans and settlements all move integer fen here, in double entry."""

from kernel.money.ledger import (
    AccountExists,
    AlreadyReversed,
    EntryExists,
    Overdrawn,
    StatementLine,
    balance,
    check_fen,
    find_account,
    find_differences,
    open_account,
    post_entry,
    reverse_entry,
    statement,
)
from kernel.money.models import LedgerAccount, LedgerEntry, LedgerPosting

__all__ = [
    "AccountExists",
    "AlreadyReversed",
    "EntryExists",
    "LedgerAccount",
    "LedgerEntry",
    "LedgerPosting",
    "Overdrawn",
    "StatementLine",
    "balance",
    "check_fen",
    "find_account",
    "find_differences",
    "open_account",
    "post_entry",
    "reverse_entry",
    "statement",
]
