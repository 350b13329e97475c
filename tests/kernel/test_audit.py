"""Entries are sealed once and in order; whoever changes, removes, adds or reorders one is found at the right number."""

import asyncio
import json
import random
import subprocess
import sys
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from kernel import audit
from kernel.act import Act, Actor
from kernel.audit import AuditCheckpoint, AuditEntry, AuditHead, AuditLeaf, AuditPending, LogBroken
from kernel.audit import checkpoints as kept
from kernel.audit.check_proof import check_proof
from kernel.audit.leaves import leaf_hash
from kernel.audit.merkle import Frontier
from kernel.ids import new_id
from kernel.keys import KeyRing
from kernel.problems import Forbidden, NotFound, Refusal, Unavailable

TABLES = (AuditEntry, AuditPending, AuditLeaf, AuditHead, AuditCheckpoint)
BATCH = 7


async def write(house, count, **more):
    act = house.act(Actor(kind="person", id=new_id(), organisation_id=new_id()))
    async with house.database.write() as db:
        for number in range(count):
            audit.write(db, act, "thing.done", "thing", str(number), detail={"number": number, **more})


async def seal(house, **more):
    return await audit.seal_all(house.database, house.keys, house.clock, **more)


async def sealed_log(house, batches=5, file=None):
    """A log of several checkpoints, each of one batch."""
    for _batch in range(batches):
        await write(house, BATCH)
        house.clock.advance(timedelta(minutes=1))
        assert await audit.seal(house.database, house.keys, house.clock, checkpoint_file=file)
    return batches * BATCH


async def verify(house, **more):
    return await audit.verify(house.database, house.keys, **more)


@asynccontextmanager
async def intruder(house):
    """A session of somebody who owns the database: no trigger and no reference stops them."""
    async with house.database.engine.connect() as connection:
        if house.database.dialect == "sqlite":
            raw = await connection.get_raw_connection()
            await raw.driver_connection.execute("PRAGMA foreign_keys=OFF")
            for table in TABLES:
                for verb in ("update", "delete"):
                    await raw.driver_connection.execute(f"DROP TRIGGER IF EXISTS {table.__tablename__}_no_{verb}")
        else:
            await connection.execute(text("SET session_replication_role = replica"))
        yield connection
        await connection.commit()
        if house.database.dialect == "sqlite":
            await raw.driver_connection.execute("PRAGMA foreign_keys=ON")
        else:
            await connection.execute(text("SET session_replication_role = origin"))
            await connection.commit()


async def remember(house):
    async with house.database.read() as db:
        return {
            table: [dict(row) for row in (await db.execute(select(table.__table__))).mappings()] for table in TABLES
        }


async def put_back(house, tables):
    async with intruder(house) as connection:
        for table, rows in tables.items():
            await connection.execute(delete(table.__table__))
            if rows:
                await connection.execute(insert(table.__table__), rows)


# -- writing ------------------------------------------------------------------------------------------------------


async def test_an_entry_lives_and_dies_with_the_deed(house, act):
    with pytest.raises(RuntimeError):
        async with house.database.write() as db:
            audit.write(db, act, "thing.done", "thing", "1")
            raise RuntimeError
    assert (await remember(house))[AuditEntry] == []
    with pytest.raises(Refusal):
        async with house.database.write() as db:
            audit.write(db, act, "thing.done", "thing", "1")
            raise Refusal(Forbidden(), [audit.entry(act, "thing.refused", "thing", "1", outcome="refused")])
    rows = await remember(house)
    assert [row["action"] for row in rows[AuditEntry]] == ["thing.refused"]
    assert len(rows[AuditPending]) == 1


async def test_an_entry_holds_no_address_and_no_name_of_a_person(house):
    person = Act(Actor(kind="person", id=new_id(), name="张三"), house.clock.now(), "r1", "10.1.2.3")
    async with house.database.write() as db:
        audit.write(db, person, "login.accepted", "person", person.actor.id)
        audit.write(db, house.act(Actor.system("clock")), "thing.done", "thing", "1")
    first, second = sorted((await remember(house))[AuditEntry], key=lambda row: row["id"])
    assert first["actor_name"] == ""
    assert first["address"] == house.keys.mac("address:10.1.2.3")
    assert (second["actor_name"], second["address"]) == ("clock", "")


async def test_the_database_refuses_to_change_or_remove_entries(house):
    await sealed_log(house, 1)
    for table in (AuditEntry, AuditLeaf, AuditCheckpoint):
        for statement in (
            delete(table),
            update(table).values({next(iter(table.__table__.c)).name: next(iter(table.__table__.c))}),
        ):
            with pytest.raises(DBAPIError, match="append-only"):
                async with house.database.write() as db:
                    await db.execute(statement)


# -- sealing ------------------------------------------------------------------------------------------------------


async def test_everything_waiting_is_sealed_in_batches(house, tmp_path):
    assert await seal(house) == 0
    await write(house, 2500)
    assert await seal(house, checkpoint_file=tmp_path / "log") == 3
    report = await verify(house, checkpoint_file=tmp_path / "log")
    assert (report.size, report.waiting, report.checkpoints, report.external) == (2500, 0, 3, 3)
    assert report.is_sound, report.findings
    assert report.first_bad_seq is None


async def test_a_hundred_clean_runs_raise_no_alarm(house, tmp_path):
    chance = random.Random(7)
    for _run in range(100 if house.database.dialect == "sqlite" else 25):
        await write(house, chance.randrange(4), note="园区 \U0001f600 \x00 1.10", part=0.1)
        if chance.random() < 0.8:
            await seal(house, checkpoint_file=tmp_path / "log")
        report = await verify(house, checkpoint_file=tmp_path / "log")
        assert report.is_sound, report.findings


async def test_many_sequencers_give_each_entry_one_number(house, tmp_path):
    async def sequencer():
        for _round in range(6):
            await audit.seal(house.database, house.keys, house.clock, limit=5)
            await asyncio.sleep(0)

    for _round in range(3):
        await asyncio.gather(write(house, 20), *(sequencer() for _ in range(4)))
    await seal(house, checkpoint_file=tmp_path / "log")
    report = await verify(house, checkpoint_file=tmp_path / "log")
    assert report.is_sound, report.findings
    assert report.size == 60
    assert report.external == report.checkpoints


async def test_age_counts_from_the_oldest_entry_that_waits(house):
    async def age():
        async with house.database.read() as db:
            return await audit.checkpoint_age(db, house.clock.now())

    assert await age() == timedelta(0)
    await write(house, 1)
    house.clock.advance(timedelta(hours=3))
    await write(house, 1)
    house.clock.advance(timedelta(hours=2))
    assert await age() == timedelta(hours=5) > audit.LONGEST_UNSEALED
    with pytest.raises(Unavailable) as refused:
        await audit.require_sealed(house.database, house.clock.now())
    assert refused.value.headers == {"Retry-After": "60"}
    await seal(house)
    await audit.require_sealed(house.database, house.clock.now())
    house.clock.advance(timedelta(days=9))
    assert await age() == timedelta(0)


async def test_nothing_is_built_on_a_head_that_contradicts_its_checkpoint(house):
    size = await sealed_log(house, 2)
    before = await remember(house)
    await write(house, 1)
    for values in (
        {"frontier": ["00" * 32] * size.bit_count()},
        {"frontier": []},
        {"size": size - 1, "frontier": ["00" * 32] * (size - 1).bit_count()},
    ):
        async with intruder(house) as connection:
            await connection.execute(update(AuditHead).values(**values))
        with pytest.raises(LogBroken):
            await seal(house)
        assert not (await verify(house)).is_sound
        async with intruder(house) as connection:
            await connection.execute(
                update(AuditHead).values(**{k: before[AuditHead][0][k] for k in ("size", "frontier")})
            )
    assert await seal(house) == 1
    assert (await verify(house)).is_sound


async def test_a_checkpoint_that_a_crash_kept_from_the_file_follows_later(house, tmp_path):
    file = tmp_path / "place" / "log"
    await sealed_log(house, 2)
    await sealed_log(house, 1, file=file)
    assert [one.size for one in kept.read_file(file)] == [7, 14, 21]
    whole = file.read_bytes()
    file.write_bytes(whole[:-30])
    await sealed_log(house, 1, file=file)
    assert [one.size for one in kept.read_file(file)] == [7, 14, 21, 28]
    assert (await verify(house, checkpoint_file=file)).is_sound
    file.write_bytes(b"")
    await seal(house, checkpoint_file=file)
    assert [one.size for one in kept.read_file(file)] == [7, 14, 21, 28]


async def test_signatures_stay_good_after_a_change_of_keys(house, tmp_path):
    await sealed_log(house, 1)
    house.keys.rotate("signing")
    await sealed_log(house, 1)
    assert (await verify(house)).is_sound
    stranger = KeyRing.open(tmp_path / "other-keys")
    report = await audit.verify(house.database, stranger)
    assert {finding.kind for finding in report.findings} == {"signature"}
    assert report.first_bad_seq == 0


# -- tampering ----------------------------------------------------------------------------------------------------


def resealed(rows, size):
    """What an intruder makes who changes leaves and head to fit, but has no key."""
    entries = {row["id"]: row for row in rows[AuditEntry]}
    frontier = Frontier()
    leaves = []
    for seq, entry_id in enumerate(
        [leaf["entry_id"] for leaf in sorted(rows[AuditLeaf], key=lambda leaf: leaf["seq"])][:size]
    ):
        made = leaf_hash(seq, entries[entry_id])
        frontier.append(made)
        leaves.append({"seq": seq, "entry_id": entry_id, "leaf_hash": made})
    head = [
        {"origin": rows[AuditHead][0]["origin"], "size": size, "frontier": [node.hex() for node in frontier.hashes]}
    ]
    return leaves, head


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


# -- proving ------------------------------------------------------------------------------------------------------


async def test_a_proof_convinces_somebody_without_the_house(house, tmp_path):
    size = await sealed_log(house, 3)
    for seq in range(size):
        proof = json.loads(msgspec.json.encode(await audit.prove(house.database, house.keys, seq)))
        assert check_proof(proof, proof["public_key"]) == ""
        for wrong in (
            {**proof, "leaf": {**proof["leaf"], "action": "thing.undone"}},
            {**proof, "leaf": {**proof["leaf"], "seq": (seq + 1) % size}},
            {**proof, "path": proof["path"][1:]},
            {**proof, "path": [*proof["path"], proof["path"][0]]},
            {**proof, "checkpoint": {**proof["checkpoint"], "size": proof["checkpoint"]["size"] * 2}},
            {**proof, "checkpoint": {**proof["checkpoint"], "at": "2020-01-01T00:00:00Z"}},
            {**proof, "checkpoint": {**proof["checkpoint"], "suite": "none"}},
        ):
            assert check_proof(wrong, proof["public_key"]) != ""
    other = KeyRing.open(tmp_path / "other")
    assert "not signed" in check_proof(
        proof, msgspec.json.decode(msgspec.json.encode(other.public_key(other.signing_key_id)))
    )
    for missing in (size, -1):
        with pytest.raises(NotFound):
            await audit.prove(house.database, house.keys, missing)


async def test_the_checker_runs_as_a_program_of_its_own(house, tmp_path):
    await sealed_log(house, 1)
    proof = msgspec.json.encode(await audit.prove(house.database, house.keys, 3))
    program = Path(audit.__file__).with_name("check_proof.py")

    def run(content):
        (tmp_path / "proof.json").write_bytes(content)
        return subprocess.run(
            [sys.executable, "-I", program, tmp_path / "proof.json"],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )

    assert run(proof).returncode == 0
    refused = run(proof.replace(b"thing.done", b"thing.gone"))
    assert refused.returncode == 1
    assert "does not lead" in refused.stdout
