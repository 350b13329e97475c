"""The tree is the one of RFC 6962: its published values, and proofs that hold for one leaf at one place only."""

import hashlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kernel.audit.merkle import EMPTY_ROOT, Frontier, hash_leaf, inclusion_path, root_from_path, root_of

# The inputs and roots that the reference implementations of Certificate Transparency test with.
INPUTS = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
SIZES = st.integers(1, 200)


def leaves(count):
    return [hash_leaf(str(number).encode()) for number in range(count)]


def test_the_published_roots():
    assert EMPTY_ROOT.hex() == hashlib.sha256(b"").hexdigest()
    hashed = [hash_leaf(data) for data in INPUTS]
    assert [root_of(hashed[: size + 1]).hex() for size in range(8)] == ROOTS
    assert root_of([]) == EMPTY_ROOT


def test_a_published_path():
    hashed = [hash_leaf(data) for data in INPUTS]
    assert [node.hex()[:8] for node in inclusion_path(hashed, 0)] == ["96a296d2", "5f083f0a", "6b47aaf2"]


@given(SIZES, st.data())
def test_each_leaf_leads_to_the_root_from_its_own_place_only(size, data):
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1))
    tree = leaves(size)
    path = inclusion_path(tree, index)
    root = root_of(tree)
    assert root_from_path(tree[index], index, size, path) == root
    assert len(path) <= (size - 1).bit_length()
    assume(other != index)
    assert root_from_path(tree[other], index, size, path) != root
    assert root_from_path(tree[index], other, size, path) != root


@given(SIZES, st.data())
def test_a_path_of_another_length_or_with_another_hash_leads_nowhere(size, data):
    index = data.draw(st.integers(0, size - 1))
    tree = leaves(size)
    path, root = inclusion_path(tree, index), root_of(tree)
    assert root_from_path(tree[index], index, size, [*path, b"\0" * 32]) != root
    assert root_from_path(tree[index], index, size, []) == (root if size == 1 else None)
    for place in range(len(path)):
        assert root_from_path(tree[index], index, size, [*path[:place], b"\0" * 32, *path[place + 1 :]]) != root
        assert root_from_path(tree[index], index, size, path[:place] + path[place + 1 :]) != root


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_frontier_goes_on_where_it_was_put_down(first, second):
    tree = leaves(first + second)
    frontier = Frontier()
    for leaf in tree[:first]:
        frontier.append(leaf)
    again = Frontier(frontier.size, frontier.hashes)
    for leaf in tree[first:]:
        again.append(leaf)
    assert again.root() == root_of(tree)
    assert len(again.hashes) == (first + second).bit_count()


def test_a_frontier_that_cannot_be_is_refused():
    with pytest.raises(ValueError):
        Frontier(3, [b""])
    with pytest.raises(IndexError):
        inclusion_path(leaves(3), 3)
    assert root_from_path(b"", -1, 3, []) is None
    assert root_from_path(b"", 3, 3, []) is None
