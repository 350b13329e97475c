"""Check the proof of one audit entry, far from the house that made it: `python check_proof.py proof.json [key]`.

Imports nothing of the house. The key is the house's public signing key in base64, had by another way than the proof;
without it the key inside the proof is used, which shows only that the proof agrees with itself.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def check_proof(proof: dict[str, Any], public_key: str) -> str:
    """Return "" when the entry is in the log that the key signed, else what is wrong."""
    checkpoint, seq = proof["checkpoint"], proof["leaf"]["seq"]
    # RFC 8785 for documents without fractions: sorted keys, no spaces, UTF-8.
    data = json.dumps(proof["leaf"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    path = [base64.b64decode(node) for node in proof["path"]]
    root = climb(hashlib.sha256(b"\x00" + data).digest(), seq, checkpoint["size"], path)
    if root != base64.b64decode(checkpoint["root"]):
        return f"entry {seq} does not lead to the root of the checkpoint"
    if checkpoint["suite"] != "ed25519-sha256":
        return f"unknown suite {checkpoint['suite']}"
    names = ("origin", "size", "root", "at", "suite", "key_id")
    message = "".join(f"{_moment(checkpoint[name]) if name == 'at' else checkpoint[name]}\n" for name in names)
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key))
        key.verify(base64.b64decode(checkpoint["signature"]), message.encode())
    except (InvalidSignature, ValueError):
        return "the checkpoint is not signed by this key"
    return ""


def climb(leaf: bytes, position: int, size: int, path: list[bytes]) -> bytes | None:
    """Return the root above a leaf (RFC 9162, 2.1.3.2), None when the path does not fit the tree."""
    last = size - 1
    if not 0 <= position <= last:
        return None
    for sibling in path:
        if last == 0:
            return None
        if position & 1 or position == last:
            leaf = hashlib.sha256(b"\x01" + sibling + leaf).digest()
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            leaf = hashlib.sha256(b"\x01" + leaf + sibling).digest()
        position, last = position >> 1, last >> 1
    return leaf if last == 0 else None


def _moment(text: str) -> str:
    """Write the checkpoint's moment as it was signed: always six decimals."""
    whole, _dot, fraction = text.rstrip("Z").partition(".")
    return f"{whole}.{fraction:0<6}Z"


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    wrong = check_proof(given, sys.argv[2] if len(sys.argv) > 2 else given["public_key"])
    sys.stdout.write(f"{wrong or 'The entry is in the log that this key signed.'}\n")
    sys.exit(1 if wrong else 0)
