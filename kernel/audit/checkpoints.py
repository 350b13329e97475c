"""Signed statements about the log, and the second place they are kept in.

The file beside the data is what shows that yesterday's database was put back: it knows a longer log. Copy it to
another machine and it shows that even to somebody who does not trust this one.
"""

import base64
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from kernel.audit.merkle import Hash
from kernel.audit.models import ORIGIN
from kernel.audit.suites import DEFAULT_SUITE, SUITES
from kernel.documents import timestamp
from kernel.keys import KeyRing

TAIL_BYTES = 16 * 1024


class Checkpoint(Struct, frozen=True, forbid_unknown_fields=True):
    """The log of an origin had this size and this root at this moment, says the key."""

    origin: str
    size: int
    root: Hash
    at: datetime
    suite: str
    key_id: str
    signature: bytes = b""

    def message(self) -> bytes:
        """Return the bytes that are signed: six lines of text."""
        root = base64.b64encode(self.root).decode()
        lines = (self.origin, str(self.size), root, timestamp(self.at), self.suite, self.key_id)
        return ("\n".join(lines) + "\n").encode()

    def is_signed_by(self, keys: KeyRing) -> bool:
        """Tell whether a known suite and a key of the ring stand behind it."""
        suite = SUITES.get(self.suite)
        return suite is not None and suite.verify(keys, self.message(), self.signature, self.key_id)


def make_checkpoint(keys: KeyRing, size: int, root: Hash, at: datetime) -> Checkpoint:
    """Return a signed checkpoint."""
    suite = DEFAULT_SUITE
    bare = Checkpoint(ORIGIN, size, root, at, suite.name, suite.key_id(keys))
    return msgspec.structs.replace(bare, signature=suite.sign(keys, bare.message(), bare.key_id))


def append_to_file(path: Path, checkpoints: Sequence[Checkpoint]) -> None:
    """Append checkpoints to the file, one JSON line each, and wait until they are on the disk.

    A line that a crash cut short is closed first, so that it cannot swallow the next one.
    """
    if not checkpoints:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write(b"".join(msgspec.json.encode(checkpoint) + b"\n" for checkpoint in checkpoints))
        file.flush()
        os.fsync(file.fileno())


def read_file(path: Path) -> Iterator[Checkpoint]:
    """Yield the whole checkpoints of a file; lines that a crash cut short are passed over."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            try:
                yield msgspec.json.decode(line, type=Checkpoint)
            except msgspec.MsgspecError:
                continue


def last_in_file(path: Path) -> Checkpoint | None:
    """Return the file's last whole checkpoint; looks only at its end."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        file.seek(-min(TAIL_BYTES, file.seek(0, os.SEEK_END)), os.SEEK_END)
        for line in reversed(file.read().splitlines()):
            try:
                return msgspec.json.decode(line, type=Checkpoint)
            except msgspec.MsgspecError:
                continue
    return None
