"""The Merkle tree of RFC 6962 (section 2.1) as pure functions over hashes: roots, inclusion proofs, the right edge.

A leaf hash begins with 0x00 and a node hash with 0x01, so that no node can pass for a leaf. The frontier of a tree
is the list of its complete subtrees from left to right; with it, appending costs O(log n) and the root is a fold.
"""

import hashlib
from collections.abc import Sequence

Hash = bytes
EMPTY_ROOT: Hash = hashlib.sha256(b"").digest()


def hash_leaf(data: bytes) -> Hash:
    """Return the hash of a leaf's bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def hash_node(left: Hash, right: Hash) -> Hash:
    """Return the hash of a node over its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The complete subtrees of a growing tree, largest first: one hash for each bit set in its size."""

    def __init__(self, size: int = 0, hashes: Sequence[Hash] = ()) -> None:
        if len(hashes) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} complete subtrees, not {len(hashes)}")
        self.size = size
        self.hashes = list(hashes)

    def append(self, leaf: Hash) -> None:
        """Add one leaf at the right."""
        merged, below = leaf, self.size
        while below & 1:
            merged = hash_node(self.hashes.pop(), merged)
            below >>= 1
        self.hashes.append(merged)
        self.size += 1

    def root(self) -> Hash:
        """Return the root of the tree as it stands."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = hash_node(left, root)
        return root


def root_of(leaves: Sequence[Hash]) -> Hash:
    """Return the root over leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def inclusion_path(leaves: Sequence[Hash], index: int) -> list[Hash]:
    """Return the audit path of a leaf (RFC 6962, 2.1.1), nearest sibling first."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"no leaf {index} in a tree of {len(leaves)}")
    path: list[Hash] = []
    start, end = 0, len(leaves)
    while end - start > 1:
        middle = start + _largest_power_below(end - start)
        if index < middle:
            path.append(root_of(leaves[middle:end]))
            end = middle
        else:
            path.append(root_of(leaves[start:middle]))
            start = middle
    path.reverse()
    return path


def root_from_path(leaf: Hash, index: int, size: int, path: Sequence[Hash]) -> Hash | None:
    """Return the root that a leaf at an index and its path lead to, or None when the path has the wrong length.

    RFC 9162, 2.1.3.2: the algorithm of a verifier, written apart from the one that makes paths.
    """
    if not 0 <= index < size:
        return None
    position, last, root = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if position & 1 or position == last:
            root = hash_node(sibling, root)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            root = hash_node(root, sibling)
        position >>= 1
        last >>= 1
    return root if last == 0 else None


def _largest_power_below(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)
