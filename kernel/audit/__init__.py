"""The audit log: who did what to which object, sealed into a Merkle tree so that any later change shows.

Entries are written in the transaction of the deed; a sequencer seals them in batches (RFC 6962) and signs
checkpoints, because hashing inside every transaction would cost the writer what the batch gives away free.
"""

from kernel.audit.entries import conceal_addresses, entry, write
from kernel.audit.models import AuditCheckpoint, AuditEntry, AuditHead, AuditLeaf, AuditPending

__all__ = [
    "AuditCheckpoint",
    "AuditEntry",
    "AuditHead",
    "AuditLeaf",
    "AuditPending",
    "conceal_addresses",
    "entry",
    "write",
]
