"""Checking the log against itself, its signatures and the checkpoints kept elsewhere.

One pass over the leaves recomputes every hash and every root that a checkpoint signed. Whoever changes a row must
also change its leaf, then the root, then the signature; and at last the file that is not in the database.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.checkpoints import Checkpoint, read_file
from kernel.audit.leaves import COLUMNS, leaf_hash
from kernel.audit.merkle import Frontier
from kernel.audit.models import ORIGIN, AuditCheckpoint, AuditEntry, AuditHead, AuditLeaf, AuditPending
from kernel.audit.seal import read_checkpoint
from kernel.db import Database
from kernel.keys import KeyRing

PAGE = 2000
MOST_FINDINGS = 100

Progress = Callable[[int, int], None]


class Finding(Struct, frozen=True):
    """Something wrong in leaves `seq` to `until` (numbers from 0, both included); `kind` says what."""

    seq: int
    until: int
    kind: str
    detail: str


class Report(Struct):
    """What a verification found. `size` leaves were read, `waiting` entries are not sealed yet."""

    size: int = 0
    waiting: int = 0
    checkpoints: int = 0
    external: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Tell whether nothing was found."""
        return not self.findings

    @property
    def first_bad_seq(self) -> int | None:
        """The lowest number that is not what it was when it was sealed.

        A wrong root says "somewhere in these leaves"; where a leaf among them is found wrong by itself, that one counts.
        """
        exact = [finding.seq for finding in self.findings if finding.kind != "root"]
        first = [
            min((seq for seq in exact if finding.seq <= seq <= finding.until), default=finding.seq)
            for finding in self.findings
            if finding.kind == "root"
        ]
        return min([*exact, *first], default=None)

    def add(self, seq: int, kind: str, detail: str, *, until: int | None = None) -> None:
        """Note a finding; after the hundredth only lower numbers count."""
        if len(self.findings) < MOST_FINDINGS or seq < min(finding.seq for finding in self.findings):
            self.findings.append(Finding(seq, until if until is not None else seq, kind, detail))


class _Roots:
    """The roots that were signed, checked as the pass reaches their sizes."""

    def __init__(self, report: Report, keys: KeyRing, own: list[Checkpoint], external: list[Checkpoint]) -> None:
        self._report = report
        self._signed: dict[int, list[tuple[Checkpoint, bool]]] = defaultdict(list)
        self._good = 0
        self._broken = {False: False, True: False}
        for checkpoint, is_external in [(one, False) for one in own] + [(one, True) for one in external]:
            self._signed[checkpoint.size].append((checkpoint, is_external))
        self._forged = {id(one) for one in [*own, *external] if one.origin != ORIGIN or not one.is_signed_by(keys)}
        self.largest_own = max((one.size for one in own), default=0)

    def check(self, frontier: Frontier) -> None:
        """Compare every root signed for the frontier's size with the one that the leaves give."""
        signed = self._signed.pop(frontier.size, None)
        if signed is None:
            return
        root, good = frontier.root(), True
        for checkpoint, is_external in signed:
            where = "checkpoint file" if is_external else "checkpoint"
            if id(checkpoint) in self._forged:
                good = False
                self._add(
                    "signature", f"{where} of {frontier.size} entries is not signed by a key of this house", frontier
                )
            if checkpoint.root != root:
                good = False
                # A wrong leaf makes every later root wrong too: only the first says something.
                if not self._broken[is_external]:
                    self._add("root", f"{where} of {frontier.size} entries has another root", frontier)
                self._broken[is_external] = True
        if good:
            self._good = frontier.size

    def finish(self, size: int) -> None:
        """Note the signed sizes that the log does not reach, and leaves that nothing has signed."""
        for beyond in sorted(self._signed):
            for checkpoint, is_external in self._signed[beyond]:
                where = "checkpoint file" if is_external else "checkpoint"
                forged = " (not signed by a key of this house)" if id(checkpoint) in self._forged else ""
                self._report.add(size, "truncated", f"{where} knows {beyond} entries, the log has {size}{forged}")
        if size > self.largest_own:
            self._report.add(self.largest_own, "unsigned", "no checkpoint covers these leaves", until=size - 1)

    def _add(self, kind: str, detail: str, frontier: Frontier) -> None:
        self._report.add(self._good, kind, detail, until=max(frontier.size - 1, 0))


async def verify(
    database: Database, keys: KeyRing, *, checkpoint_file: Path | None = None, progress: Progress | None = None
) -> Report:
    """Check the whole log; the report names the first bad number and what is wrong there."""
    report = Report()
    external = list(read_file(checkpoint_file)) if checkpoint_file else []
    async with database.read() as db:
        if database.dialect == "postgresql":  # one snapshot for the whole pass; SQLite gives that by itself
            await db.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        own = [read_checkpoint(row) for row in await db.scalars(select(AuditCheckpoint).order_by(AuditCheckpoint.size))]
        report.checkpoints, report.external = len(own), len(external)
        roots = _Roots(report, keys, own, external)
        frontier = await _walk(db, report, roots, progress)
        roots.finish(report.size)
        await _check_head(db, report, frontier)
        await _find_strangers(db, report)
    return report


async def _walk(db: AsyncSession, report: Report, roots: _Roots, progress: Progress | None) -> Frontier:
    frontier = Frontier()
    total = await db.scalar(select(func.count()).select_from(AuditLeaf)) or 0
    expected = 0
    async for row in _leaves(db):
        seq = row["seq"]
        if seq != expected:
            # The numbers after a gap are shifted; their hashes hold, as the number is part of them.
            report.add(min(seq, expected), "leaf", "leaf missing" if seq > expected else "leaf out of place")
            expected = seq
        if row["id"] is None:
            report.add(seq, "deleted", f"entry {row['entry_id']} is gone")
        elif leaf_hash(seq, row) != row["leaf_hash"]:
            report.add(seq, "changed", f"entry {row['entry_id']} is not what was sealed")
        frontier.append(row["leaf_hash"])
        roots.check(frontier)
        expected += 1
        report.size = expected
        if progress and expected % PAGE == 0:
            progress(expected, total)
    if progress:
        progress(total, total)
    return frontier


async def _leaves(db: AsyncSession) -> AsyncIterator[dict[str, Any]]:
    columns = [AuditLeaf.seq, AuditLeaf.entry_id, AuditLeaf.leaf_hash, *(getattr(AuditEntry, name) for name in COLUMNS)]
    names = ("seq", "entry_id", "leaf_hash", *COLUMNS)
    wanted = select(*columns).join(AuditEntry, AuditEntry.id == AuditLeaf.entry_id, isouter=True)
    after: int | None = None
    while True:
        page = wanted.order_by(AuditLeaf.seq).limit(PAGE)
        rows = (await db.execute(page if after is None else page.where(AuditLeaf.seq > after))).all()
        for row in rows:
            yield dict(zip(names, row, strict=True))
        if len(rows) < PAGE:
            return
        after = rows[-1].seq


async def _check_head(db: AsyncSession, report: Report, frontier: Frontier) -> None:
    head = await db.get(AuditHead, ORIGIN)
    size = head.size if head else 0
    if size != report.size:
        report.add(min(size, report.size), "head", f"the head says {size} entries, the log has {report.size}")
    elif head and head.frontier != [node.hex() for node in frontier.hashes] and report.is_sound:
        report.add(size, "head", "the head's frontier is not that of the leaves")


async def _find_strangers(db: AsyncSession, report: Report) -> None:
    """Find entries that nobody gave to the sequencer, and sealed ones that wait again."""
    report.waiting = await db.scalar(select(func.count()).select_from(AuditPending)) or 0
    sealed = select(AuditLeaf.seq).where(AuditLeaf.entry_id == AuditEntry.id).exists()
    waiting = select(AuditPending.entry_id).where(AuditPending.entry_id == AuditEntry.id).exists()
    strangers = select(AuditEntry.id, sealed).where(or_(~sealed & ~waiting, sealed & waiting)).order_by(AuditEntry.id)
    for entry_id, is_sealed in await db.execute(strangers.limit(MOST_FINDINGS)):
        if is_sealed:
            seq = (await db.scalars(select(AuditLeaf.seq).where(AuditLeaf.entry_id == entry_id))).one()
            report.add(seq, "waiting", f"entry {entry_id} is sealed and waits to be sealed")
        else:
            place = await db.scalar(select(func.count()).select_from(AuditLeaf).where(AuditLeaf.entry_id < entry_id))
            report.add(place or 0, "inserted", f"entry {entry_id} was never sealed")
