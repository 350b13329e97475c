"""Keys are files that only their owner reads; what they made stays readable after a change of keys."""

import multiprocessing
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.keys import PURPOSES, KeyProblem, KeyRing


@pytest.fixture
def ring(tmp_path):
    return KeyRing.open(tmp_path / "keys")


def files(tmp_path):
    return sorted((tmp_path / "keys").glob("*.key"))


def test_an_empty_directory_gets_one_key_of_each_purpose_that_others_cannot_read(tmp_path, ring):
    assert [path.name.split("-")[0] for path in files(tmp_path)] == sorted(PURPOSES)
    assert {oct(path.stat().st_mode & 0o777) for path in files(tmp_path)} == {"0o600"}
    assert oct((tmp_path / "keys").stat().st_mode & 0o777) == "0o700"
    again = KeyRing.open(tmp_path / "keys")
    assert again.signing_key_id == ring.signing_key_id
    assert again.mac("x") == ring.mac("x")
    assert len(files(tmp_path)) == len(PURPOSES)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_a_key_that_others_can_read_is_refused_by_name(tmp_path, ring, mode):
    path = files(tmp_path)[0]
    path.chmod(mode)
    with pytest.raises(KeyProblem, match=f"chmod 600 .*{path.name}"):
        KeyRing.open(tmp_path / "keys")


def test_a_directory_that_others_can_enter_and_a_link_are_refused(tmp_path, ring):
    (tmp_path / "keys").chmod(0o755)
    with pytest.raises(KeyProblem, match="chmod 700"):
        KeyRing.open(tmp_path / "keys")
    (tmp_path / "keys").chmod(0o700)
    path = files(tmp_path)[0]
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyProblem):
        KeyRing.open(tmp_path / "keys")


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"\xff", b'{"id":"a","purpose":"mac","created_at":"","secret":"YQ=="}']
)
def test_a_file_that_is_no_key_is_refused(tmp_path, ring, content):
    path = files(tmp_path)[0]
    path.write_bytes(content)
    with pytest.raises(KeyProblem, match="not a key file"):
        KeyRing.open(tmp_path / "keys")


def test_a_renamed_key_is_refused(tmp_path, ring):
    path = files(tmp_path)[0]
    path.rename(path.with_name("mac-other.key"))
    with pytest.raises(KeyProblem):
        KeyRing.open(tmp_path / "keys")


def test_signatures_hold_for_one_message_and_one_key(tmp_path, ring):
    first = ring.signing_key_id
    signature = ring.sign(b"message")
    assert ring.verify(b"message", signature, first)
    assert not ring.verify(b"massage", signature, first)
    assert not ring.verify(b"message", bytes([signature[0] ^ 1]) + signature[1:], first)
    assert not ring.verify(b"message", b"", first)
    assert not ring.verify(b"message", signature, "unknown")
    second = ring.rotate("signing")
    assert ring.signing_key_id == second != first
    assert ring.verify(b"message", signature, first)
    assert not ring.verify(b"message", signature, second)
    assert ring.sign(b"message", first) == signature
    assert set(ring.public_keys()) == {first, second}


def test_another_process_learns_of_new_keys_when_it_meets_them(tmp_path, ring):
    other = KeyRing.open(tmp_path / "keys")
    new = ring.rotate("sealing")
    sealed = ring.encrypt("secret", "t:c:1")
    assert sealed.startswith(new)
    assert other.decrypt(sealed, "t:c:1") == "secret"


def test_a_keyed_hash_is_stable_and_survives_a_change_of_keys(ring):
    before = ring.mac("address:1.2.3.4")
    assert before == ring.mac(b"address:1.2.3.4") != ring.mac("address:1.2.3.5")
    ring.rotate("mac")
    assert ring.mac("address:1.2.3.4") != before
    assert ring.is_mac("address:1.2.3.4", before)
    assert not ring.is_mac("address:1.2.3.5", before)


def test_a_sealed_value_opens_only_where_it_was_sealed(ring):
    sealed = ring.encrypt("6222 0000 0000 0000", "account:number:1")
    assert "6222" not in sealed
    ring.rotate("sealing")
    assert ring.decrypt(sealed, "account:number:1") == "6222 0000 0000 0000"
    for wrong, context in (
        (sealed, "account:number:2"),
        (sealed[:-4] + "AAAA", "account:number:1"),
        (sealed.replace(".", ".!"), "account:number:1"),
        ("unknown." + sealed.split(".")[1], "account:number:1"),
        ("", ""),
    ):
        with pytest.raises(KeyProblem):
            ring.decrypt(wrong, context)


def test_secrets_do_not_show(ring):
    key = ring._newest("mac")
    assert key.secret not in repr(key) + str(key) + repr([key])


@given(st.text(), st.text())
def test_every_text_opens_as_it_was_sealed(tmp_path_factory, value, context):
    ring = KeyRing.open(tmp_path_factory.getbasetemp() / "shared-keys")
    assert ring.decrypt(ring.encrypt(value, context), context) == value


def test_processes_that_start_together_share_one_set_of_keys(tmp_path):
    context = multiprocessing.get_context("fork")
    with context.Pool(4) as pool:
        found = pool.map(_signing_key, [str(tmp_path / "keys")] * 8)
    assert len(set(found)) == 1
    assert len(files(tmp_path)) == len(PURPOSES)


def _signing_key(directory):
    from pathlib import Path

    os.umask(0)
    return KeyRing.open(Path(directory)).signing_key_id
