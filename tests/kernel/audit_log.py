"""An audit log to try things on, and somebody who owns its database and tries."""

from contextlib import asynccontextmanager
from datetime import timedelta

from sqlalchemy import delete, insert, select, text

from kernel import audit
from kernel.act import Actor
from kernel.audit import AuditCheckpoint, AuditEntry, AuditHead, AuditLeaf, AuditPending
from kernel.audit.leaves import leaf_hash
from kernel.audit.merkle import Frontier
from kernel.ids import new_id

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
