"""Which signature a checkpoint carries, by name, so that another one (SM2 with SM3) can stand beside it one day."""

from collections.abc import Callable

from msgspec import Struct

from kernel.keys import KeyRing


class Suite(Struct, frozen=True):
    """A way to sign and to check: the tree's hash is part of the name."""

    name: str
    key_id: Callable[[KeyRing], str]
    sign: Callable[[KeyRing, bytes, str], bytes]
    verify: Callable[[KeyRing, bytes, bytes, str], bool]


ED25519_SHA256 = Suite(
    name="ed25519-sha256",
    key_id=lambda keys: keys.signing_key_id,
    sign=lambda keys, message, key_id: keys.sign(message, key_id),
    verify=lambda keys, message, signature, key_id: keys.verify(message, signature, key_id),
)
SUITES: dict[str, Suite] = {ED25519_SHA256.name: ED25519_SHA256}
DEFAULT_SUITE = ED25519_SHA256
