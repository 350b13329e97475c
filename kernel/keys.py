"""The key ring: every secret of the house, as files that only its owner can read, each with an id and a purpose.

Three purposes: "signing" (Ed25519, checkpoints and receipts), "mac" (HMAC-SHA256: form tokens, address hashes) and
"sealing" (AES-256-GCM, single fields at rest). A purpose may have several keys: the newest makes, all of them read,
so a key can be changed without a day on which old data is lost.
"""

import base64
import fcntl
import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Purpose = Literal["signing", "mac", "sealing"]
PURPOSES: tuple[Purpose, ...] = ("signing", "mac", "sealing")
SECRET_BYTES = 32
NONCE_BYTES = 12
OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeyProblem(Exception):
    """The key directory cannot be trusted or a key is missing; the message names the file and what to do."""


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One key as its file holds it; `secret` is base64."""

    id: str
    purpose: Purpose
    created_at: str
    secret: str

    @property
    def raw(self) -> bytes:
        """The raw secret."""
        return base64.b64decode(self.secret, validate=True)

    def __repr__(self) -> str:
        """Name the key without its secret, for tracebacks and logs."""
        return f"Key({self.id!r}, {self.purpose!r})"


class KeyRing:
    """The keys of one deployment, read from its key directory."""

    def __init__(self, directory: Path, keys: dict[str, Key]) -> None:
        self._directory = directory
        self._keys = keys

    @classmethod
    def open(cls, directory: Path) -> "KeyRing":
        """Open a key directory; an empty one gets a key of each purpose.

        Raises KeyProblem when the directory or a key file can be read by others, or a file is not a key.
        """
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        ring = cls(directory, {})
        with ring._alone():
            ring._keys = _read_keys(directory)
            for purpose in PURPOSES:
                if not ring._of(purpose):
                    ring._make(purpose)
        return ring

    def rotate(self, purpose: Purpose) -> str:
        """Make a new key of a purpose and return its id; older ones go on reading."""
        with self._alone():
            self._keys = _read_keys(self._directory)
            return self._make(purpose).id

    # -- signing ------------------------------------------------------------------------------------------

    @property
    def signing_key_id(self) -> str:
        """The id of the key that signs now."""
        return self._newest("signing").id

    def sign(self, message: bytes, key_id: str | None = None) -> bytes:
        """Sign with Ed25519 (RFC 8032), with the newest key or a named one."""
        key = self._find(key_id, "signing") if key_id else self._newest("signing")
        return Ed25519PrivateKey.from_private_bytes(key.raw).sign(message)

    def verify(self, message: bytes, signature: bytes, key_id: str) -> bool:
        """Tell whether a signature is of this message by the named key of this ring; False for an unknown key."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key(key_id)).verify(signature, message)
        except (InvalidSignature, KeyProblem):
            return False
        return True

    def public_key(self, key_id: str) -> bytes:
        """Return the 32 public bytes of a signing key, to give to whoever checks our signatures."""
        private = Ed25519PrivateKey.from_private_bytes(self._find(key_id, "signing").raw)
        return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def public_keys(self) -> dict[str, bytes]:
        """Return the public bytes of every signing key by id, retired ones included."""
        return {key.id: self.public_key(key.id) for key in self._of("signing")}

    # -- keyed hashes -------------------------------------------------------------------------------------

    def mac(self, message: str | bytes) -> str:
        """Return the HMAC-SHA256 of a message in hex. Begin the message with its purpose ("csrf:…")."""
        return _mac(self._newest("mac"), message)

    def is_mac(self, message: str | bytes, given: str) -> bool:
        """Tell in constant time whether a hash was made from the message by any mac key of the ring."""
        matches = [hmac.compare_digest(_mac(key, message), given) for key in self._of("mac")]
        return any(matches)

    # -- sealing ------------------------------------------------------------------------------------------

    def encrypt(self, value: str, context: str) -> str:
        """Seal a text with AES-256-GCM. The context (table, column, row) is bound to it: moved elsewhere, it is shut."""
        key, nonce = self._newest("sealing"), secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(key.raw).encrypt(nonce, value.encode(), _bound(key.id, context))
        return f"{key.id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def decrypt(self, sealed: str, context: str) -> str:
        """Open a sealed text; raises KeyProblem when the key is missing, the context differs or a bit was changed."""
        key_id, _dot, body = sealed.partition(".")
        key = self._find(key_id, "sealing")
        try:
            raw = base64.b64decode(body.encode(), altchars=b"-_", validate=True)
            return AESGCM(key.raw).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound(key_id, context)).decode()
        except (InvalidTag, ValueError) as error:
            raise KeyProblem(f"a value sealed by key {key_id} does not open in its place") from error

    # -- the files ----------------------------------------------------------------------------------------

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the directory's lock, so that two processes starting together make one key, not two."""
        _refuse_readable(self._directory)
        handle = os.open(self._directory / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _make(self, purpose: Purpose) -> Key:
        now = datetime.now(UTC)
        secret = base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
        key = Key(f"{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}", purpose, now.isoformat(), secret)
        path = self._directory / f"{purpose}-{key.id}.key"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(key))
            file.flush()
            os.fsync(file.fileno())
        self._keys = {**self._keys, key.id: key}
        return key

    def _of(self, purpose: Purpose) -> list[Key]:
        return [self._keys[key_id] for key_id in sorted(self._keys) if self._keys[key_id].purpose == purpose]

    def _newest(self, purpose: Purpose) -> Key:
        return self._of(purpose)[-1]

    def _find(self, key_id: str, purpose: Purpose) -> Key:
        if key_id not in self._keys:  # another process may have rotated since
            self._keys = _read_keys(self._directory)
        key = self._keys.get(key_id)
        if key is None or key.purpose != purpose:
            raise KeyProblem(f"no {purpose} key {key_id[:80]} in {self._directory}")
        return key


def _read_keys(directory: Path) -> dict[str, Key]:
    keys = {}
    for path in sorted(directory.glob("*.key")):
        _refuse_readable(path)
        try:
            key = msgspec.json.decode(path.read_bytes(), type=Key)
            whole = len(key.raw) == SECRET_BYTES
        except (msgspec.MsgspecError, ValueError) as error:
            raise KeyProblem(f"{path} is not a key file") from error
        if not whole or path.name != f"{key.purpose}-{key.id}.key":
            raise KeyProblem(f"{path} is not a key file")
        keys[key.id] = key
    return keys


def _refuse_readable(path: Path) -> None:
    if path.is_symlink() or path.stat().st_mode & OTHERS:
        right = "700" if path.is_dir() else "600"
        raise KeyProblem(f"{path} can be reached by others: chmod {right} {path}")


def _mac(key: Key, message: str | bytes) -> str:
    data = message.encode() if isinstance(message, str) else message
    return hmac.new(key.raw, data, hashlib.sha256).hexdigest()


def _bound(key_id: str, context: str) -> bytes:
    return f"{key_id}\n{context}".encode()
