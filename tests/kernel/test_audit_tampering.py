"""Whoever changes, removes, adds or reorders entries of the audit log is found, at the right number."""

import random
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import insert, update

from kernel.audit import AuditCheckpoint, AuditEntry, AuditHead, AuditLeaf, AuditPending, LogBroken
from kernel.audit import checkpoints as kept
from kernel.audit.merkle import Frontier
from kernel.ids import new_id
from tests.kernel.audit_log import BATCH, intruder, put_back, remember, resealed, seal, sealed_log, verify, write

CHANGES = {
    "at": lambda value: value + timedelta(microseconds=1),
    "actor_kind": lambda value: "system",
    "actor_id": lambda value: new_id(),
    "actor_name": lambda value: "x",
    "organisation_id": lambda value: None,
    "action": lambda value: "thing.undone",
    "object_kind": lambda value: "ting",
    "object_id": lambda value: value + "0",
    "subject_id": lambda value: new_id(),
    "outcome": lambda value: "refused",
    "reason": lambda value: "because",
    "request_id": lambda value: "",
    "address": lambda value: "0",
    "detail": lambda value: {**value, "number": -1},
}


async def test_a_change_to_any_column_is_found_at_its_number(house):
    assert set(CHANGES) == {column.key for column in AuditEntry.__table__.columns} - {"id"}
    size = await sealed_log(house)
    rows = await remember(house)
    ids = {leaf["seq"]: leaf["entry_id"] for leaf in rows[AuditLeaf]}
    chance = random.Random(1)
    for column, change in CHANGES.items():
        seq = chance.randrange(size)
        row = next(row for row in rows[AuditEntry] if row["id"] == ids[seq])
        async with intruder(house) as connection:
            await connection.execute(
                update(AuditEntry).where(AuditEntry.id == row["id"]).values({column: change(row[column])})
            )
        report = await verify(house)
        assert (report.first_bad_seq, [f.kind for f in report.findings]) == (seq, ["changed"]), column
        async with intruder(house) as connection:
            await connection.execute(update(AuditEntry).where(AuditEntry.id == row["id"]).values({column: row[column]}))
    assert (await verify(house)).is_sound


async def remove_entry(rows, seq):
    entry_id = next(leaf["entry_id"] for leaf in rows[AuditLeaf] if leaf["seq"] == seq)
    return {AuditEntry: [row for row in rows[AuditEntry] if row["id"] != entry_id]}, seq


async def remove_entry_and_leaf(rows, seq):
    entry_id = next(leaf["entry_id"] for leaf in rows[AuditLeaf] if leaf["seq"] == seq)
    return {
        AuditEntry: [row for row in rows[AuditEntry] if row["id"] != entry_id],
        AuditLeaf: [leaf for leaf in rows[AuditLeaf] if leaf["seq"] != seq],
    }, seq


async def add_entry(rows, seq):
    """An entry slipped in beside its neighbour, without a leaf."""
    entry_id = next(leaf["entry_id"] for leaf in rows[AuditLeaf] if leaf["seq"] == seq)
    model = next(row for row in rows[AuditEntry] if row["id"] == entry_id)
    ids = sorted(row["id"] for row in rows[AuditEntry])
    forged = {**model, "id": UUID(int=entry_id.int + 1)}
    return {AuditEntry: [*rows[AuditEntry], forged]}, ids.index(entry_id) + 1


async def swap_leaves(rows, seq):
    """Two leaves change places, whole."""
    other = seq + 1 if seq == 0 else seq - 1
    by_seq = {leaf["seq"]: leaf for leaf in rows[AuditLeaf]}
    swapped = {seq: {**by_seq[other], "seq": seq}, other: {**by_seq[seq], "seq": other}}
    return {AuditLeaf: [swapped.get(leaf["seq"], leaf) for leaf in rows[AuditLeaf]]}, min(seq, other)


async def change_leaf(rows, seq):
    changed = [{**leaf, "leaf_hash": b"\x01" * 32} if leaf["seq"] == seq else leaf for leaf in rows[AuditLeaf]]
    return {AuditLeaf: changed}, seq


async def rewrite_from(rows, seq):
    """An entry changed and everything after it hashed anew; only what was signed still tells."""
    entry_id = next(leaf["entry_id"] for leaf in rows[AuditLeaf] if leaf["seq"] == seq)
    changed = [{**row, "action": "thing.undone"} if row["id"] == entry_id else row for row in rows[AuditEntry]]
    leaves, head = resealed({**rows, AuditEntry: changed}, len(rows[AuditLeaf]))
    return {AuditEntry: changed, AuditLeaf: leaves, AuditHead: head}, seq // BATCH * BATCH


async def swap_root(rows, seq):
    """A checkpoint of the same size with another root."""
    size = (seq // BATCH + 1) * BATCH
    changed = [{**row, "root": b"\x02" * 32} if row["size"] == size else row for row in rows[AuditCheckpoint]]
    return {AuditCheckpoint: changed}, size - BATCH


async def forge_signature(rows, seq):
    size = (seq // BATCH + 1) * BATCH
    changed = [{**row, "signature": bytes(64)} if row["size"] == size else row for row in rows[AuditCheckpoint]]
    return {AuditCheckpoint: changed}, size - BATCH


async def cut_off(rows, seq):
    """The end of the log removed, head made to fit, its checkpoints left."""
    leaves, head = resealed(rows, seq)
    gone = {leaf["entry_id"] for leaf in rows[AuditLeaf] if leaf["seq"] >= seq}
    return {
        AuditEntry: [row for row in rows[AuditEntry] if row["id"] not in gone],
        AuditLeaf: leaves,
        AuditHead: head,
    }, seq


TAMPERS = (
    remove_entry, remove_entry_and_leaf, add_entry, swap_leaves, change_leaf, rewrite_from, swap_root, forge_signature,
    cut_off,
)  # fmt: skip


@pytest.mark.parametrize("tamper", TAMPERS)
async def test_tampering_is_found_at_the_first_bad_number(house, tamper):
    size = await sealed_log(house)
    rows = await remember(house)
    places = [
        0,
        size - 1,
        *random.Random(tamper.__name__).sample(range(size), 10 if house.database.dialect == "sqlite" else 3),
    ]
    for seq in places:
        changed, first = await tamper(rows, seq)
        await put_back(house, {**rows, **changed})
        report = await verify(house)
        assert report.first_bad_seq == first, (seq, report.findings)
    await put_back(house, rows)
    assert (await verify(house)).is_sound


async def test_leaves_that_nothing_signed_are_found(house):
    size = await sealed_log(house)
    rows = await remember(house)
    forged = {**rows[AuditEntry][0], "id": new_id()}
    leaves = sorted(rows[AuditLeaf], key=lambda leaf: leaf["seq"])
    more = {
        **rows,
        AuditEntry: [*rows[AuditEntry], forged],
        AuditLeaf: [*leaves, {"seq": size, "entry_id": forged["id"], "leaf_hash": b"\x00" * 32}],
    }
    fitting, head = resealed(more, size + 1)
    await put_back(house, {**more, AuditLeaf: fitting, AuditHead: head})
    report = await verify(house)
    assert (report.first_bad_seq, {finding.kind for finding in report.findings}) == (size, {"unsigned"})
    with pytest.raises(LogBroken):
        await write(house, 1)
        await seal(house)


async def test_a_sealed_entry_that_waits_again_is_found(house):
    await sealed_log(house)
    rows = await remember(house)
    victim = next(leaf for leaf in rows[AuditLeaf] if leaf["seq"] == 4)
    async with intruder(house) as connection:
        await connection.execute(insert(AuditPending).values(entry_id=victim["entry_id"], at=house.clock.now()))
    assert (await verify(house)).first_bad_seq == 4


async def test_yesterdays_database_is_found_by_the_file_that_lies_elsewhere(house, tmp_path):
    file = tmp_path / "elsewhere"
    size = await sealed_log(house, 2, file=file)
    yesterday = await remember(house)
    await sealed_log(house, 1, file=file)
    await put_back(house, yesterday)
    assert (await verify(house)).is_sound
    report = await verify(house, checkpoint_file=file)
    assert (report.first_bad_seq, [finding.kind for finding in report.findings]) == (size, ["truncated"])
    # And it stays found when the log grows past the size that the file knows.
    await sealed_log(house, 2, file=file)
    report = await verify(house, checkpoint_file=file)
    assert (report.first_bad_seq, {finding.kind for finding in report.findings}) == (size, {"root"})


async def test_a_log_signed_anew_with_the_right_key_is_found_by_the_file(house, tmp_path):
    file = tmp_path / "elsewhere"
    await sealed_log(house, 3, file=file)
    rows = await remember(house)
    changed, _first = await rewrite_from(rows, 9)
    frontier, signed = Frontier(), []
    for leaf in changed[AuditLeaf]:
        frontier.append(leaf["leaf_hash"])
        if frontier.size % BATCH == 0:
            old = next(row for row in rows[AuditCheckpoint] if row["size"] == frontier.size)
            made = kept.make_checkpoint(house.keys, frontier.size, frontier.root(), old["at"])
            signed.append({**old, "root": made.root, "signature": made.signature})
    await put_back(house, {**rows, **changed, AuditCheckpoint: signed})
    assert (await verify(house)).is_sound
    report = await verify(house, checkpoint_file=file)
    assert report.first_bad_seq == BATCH
    assert {finding.kind for finding in report.findings} == {"root"}


async def test_a_forged_line_in_the_file_is_found(house, tmp_path):
    file = tmp_path / "elsewhere"
    await sealed_log(house, 2, file=file)
    first, second = kept.read_file(file)
    kept.append_to_file(file, [msgspec.structs.replace(second, size=21, root=b"\x03" * 32)])
    report = await verify(house, checkpoint_file=file)
    assert report.first_bad_seq == 14
    assert "not signed" in report.findings[0].detail
    assert first.is_signed_by(house.keys)
    assert not msgspec.structs.replace(first, suite="none").is_signed_by(house.keys)
