"""Entries live and die with the deed, are sealed once and in order, and can be proved to anybody."""

import asyncio
import json
import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from kernel import audit
from kernel.act import Act, Actor
from kernel.audit import AuditCheckpoint, AuditEntry, AuditHead, AuditLeaf, AuditPending, LogBroken
from kernel.audit import checkpoints as kept
from kernel.audit.check_proof import check_proof
from kernel.ids import new_id
from kernel.keys import KeyRing
from kernel.problems import Forbidden, NotFound, Refusal, Unavailable
from tests.kernel.audit_log import (
    intruder,
    remember,
    seal,
    sealed_log,
    verify,
    write,
)

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
