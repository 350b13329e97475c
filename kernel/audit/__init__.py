"""The audit log: who did what to which object, sealed into a Merkle tree so that any later change shows.

Entries are written in the transaction of the deed; a sequencer seals them in batches (RFC 6962) and signs
checkpoints, because hashing inside every transaction would cost the writer what the batch gives away free.
"""

from kernel.audit.checkpoints import Checkpoint
from kernel.audit.entries import conceal_addresses, entry, write
from kernel.audit.freshness import LONGEST_UNSEALED, checkpoint_age, require_sealed
from kernel.audit.models import AuditCheckpoint, AuditEntry, AuditHead, AuditLeaf, AuditPending
from kernel.audit.prove import Proof, prove
from kernel.audit.seal import LogBroken, seal, seal_all
from kernel.audit.verify import Finding, Report, verify

__all__ = [
    "LONGEST_UNSEALED",
    "AuditCheckpoint",
    "AuditEntry",
    "AuditHead",
    "AuditLeaf",
    "AuditPending",
    "Checkpoint",
    "Finding",
    "LogBroken",
    "Proof",
    "Report",
    "checkpoint_age",
    "conceal_addresses",
    "entry",
    "prove",
    "require_sealed",
    "seal",
    "seal_all",
    "verify",
    "write",
]
