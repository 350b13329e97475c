"""The form of a backup: a tar of the database, the files and the checkpoints, with a signed list of what must be in it."""

import gzip
import hashlib
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Literal

import msgspec
from msgspec import Struct

from kernel.keys import KeyRing
from portal.operations.errors import OperationError

FORMAT = "parklink-backup-1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.signature.json"
CHUNK = 1 << 20
LARGEST_MANIFEST = 256 << 20

DatabaseForm = Literal["sqlite", "pg_dump", "portable"]
Report = Callable[[int, int, str], None]


class Member(Struct, frozen=True):
    """One file of the archive; size in bytes."""

    sha256: str
    size: int


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """What an archive must hold. `rows` counts each table, `audit_size` the sealed entries of the audit log."""

    format: str
    created_at: datetime
    version: str
    database: DatabaseForm
    revision: str
    rows: dict[str, int]
    audit_size: int
    signing_key: str
    members: dict[str, Member]


class Signature(Struct, frozen=True, forbid_unknown_fields=True):
    """Ed25519 over the manifest's bytes, in hex."""

    key_id: str
    signature: str


class ArchiveWriter:
    """Writes members one after another and remembers their hashes; the file appears only when all of it is there."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._partial = target.with_name(target.name + ".partial")
        self.members: dict[str, Member] = {}
        handle = os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file = os.fdopen(handle, "wb")
        self._packed = gzip.GzipFile(filename="", mode="wb", compresslevel=1, fileobj=self._file)
        self._tar = tarfile.open(fileobj=self._packed, mode="w")  # noqa: SIM115 - closed with the archive

    def add(self, name: str, source: Path) -> None:
        """Add a file under a name."""
        digest = _hash(source)
        self.members[name] = Member(digest, source.stat().st_size)
        self._put(name, source)

    def close(self, manifest: Manifest, keys: KeyRing, folder: Path) -> None:
        """Add the manifest and its signature, and put the archive in its place."""
        content = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
        key_id = keys.signing_key_id
        signature = Signature(key_id, keys.sign(_signed(content), key_id).hex())
        for name, data in ((MANIFEST, content), (SIGNATURE, msgspec.json.encode(signature))):
            (folder / name).write_bytes(data)
            self._put(name, folder / name)
        self._tar.close()
        self._packed.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._partial.replace(self._target)

    def abandon(self) -> None:
        """Leave nothing behind."""
        self._packed.close()
        self._file.close()
        self._partial.unlink(missing_ok=True)

    def _put(self, name: str, source: Path) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode, entry.mtime = source.stat().st_size, 0o600, int(source.stat().st_mtime)
        with source.open("rb") as content:
            self._tar.addfile(entry, content)


@contextmanager
def writing(target: Path) -> Iterator[ArchiveWriter]:
    """An archive that is thrown away when the block fails."""
    if target.exists():
        raise OperationError(f"{target} 已存在,不会覆盖。", f"{target} exists already and is not overwritten.")
    target.parent.mkdir(parents=True, exist_ok=True)
    writer = ArchiveWriter(target)
    try:
        yield writer
    except BaseException:
        writer.abandon()
        raise


def unpack(source: Path, folder: Path, keys: KeyRing | None) -> Manifest:
    """Unpack an archive below `folder` and check every byte of it; OperationError names the file that is wrong.

    The signature is checked when the key that made it is in `keys`; an archive signed by a key we do not have is refused
    unless `keys` is None (the operator vouches for it).
    """
    found = _extract(source, folder)
    manifest_path, signature_path = folder / MANIFEST, folder / SIGNATURE
    if MANIFEST not in found or SIGNATURE not in found:
        raise OperationError(f"{source} 缺少 {MANIFEST} 或其签名。", f"{source} lacks {MANIFEST} or its signature.")
    content = manifest_path.read_bytes()
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
        signature = msgspec.json.decode(signature_path.read_bytes(), type=Signature)
    except msgspec.MsgspecError as error:
        raise OperationError(f"{MANIFEST} 无法读取:{error}", f"{MANIFEST} cannot be read: {error}") from error
    if manifest.format != FORMAT:
        raise OperationError(f"不认识的备份格式 {manifest.format}。", f"Unknown backup format {manifest.format}.")
    if keys is not None:
        _check_signature(keys, content, signature)
    _check_members(manifest, {name: member for name, member in found.items() if name not in {MANIFEST, SIGNATURE}})
    return manifest


def _extract(source: Path, folder: Path) -> dict[str, Member]:
    found: dict[str, Member] = {}
    try:
        with tarfile.open(source, mode="r|gz") as tar:
            for entry in tar:
                path = PurePosixPath(entry.name)
                if not entry.isreg() or path.is_absolute() or ".." in path.parts or entry.name in found:
                    raise _tampered(entry.name, "不是普通文件或重复", "it is no plain file, or there twice")
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                content = tar.extractfile(entry)
                if content is None:
                    raise _tampered(entry.name, "没有内容", "it has no content")
                found[entry.name] = _copy(content, target)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise OperationError(f"{source} 不是完整的备份:{error}", f"{source} is no complete backup: {error}") from error
    return found


def _copy(content: IO[bytes], target: Path) -> Member:
    digest, size = hashlib.sha256(), 0
    with target.open("wb") as out:
        while chunk := content.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
    return Member(digest.hexdigest(), size)


def _check_signature(keys: KeyRing, content: bytes, signature: Signature) -> None:
    if signature.key_id not in keys.public_keys():
        raise OperationError(
            f"备份由密钥 {signature.key_id} 签名,而密钥目录中没有它;请先恢复密钥目录,或用 --without-keys 自行担保来源。",
            f"The backup is signed by key {signature.key_id}, which the key directory does not hold; "
            "restore the key directory first, or vouch for the source with --without-keys.",
        )
    try:
        signed = bytes.fromhex(signature.signature)
    except ValueError:
        signed = b""
    if not keys.verify(_signed(content), signed, signature.key_id):
        raise _tampered(MANIFEST, "签名不符", "its signature does not match")


def _check_members(manifest: Manifest, found: dict[str, Member]) -> None:
    for name in sorted(manifest.members.keys() | found.keys()):
        expected, actual = manifest.members.get(name), found.get(name)
        if expected is None:
            raise _tampered(name, "清单中没有它", "the manifest does not list it")
        if actual is None:
            raise _tampered(name, "缺失", "it is missing")
        if actual != expected:
            raise _tampered(name, "内容与清单的 SHA-256 不符", "its SHA-256 is not the one in the manifest")


def _tampered(name: str, zh: str, en: str) -> OperationError:
    return OperationError(
        f"备份被改动:{name}({zh})。未恢复任何内容。", f"The backup was changed: {name} ({en}). Nothing was restored."
    )


def _signed(content: bytes) -> bytes:
    return b"parklink backup manifest\n" + content


def _hash(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
