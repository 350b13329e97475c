"""Asking for work: one row in the caller's own transaction, so no work is asked for by a deed that failed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.act import Act, Actor
from kernel.documents import plain
from kernel.ids import new_id
from kernel.jobs.models import QUEUED, Job
from kernel.upsert import insert_if_absent


async def enqueue(
    db: AsyncSession,
    act: Act,
    kind: str,
    payload: Mapping[str, Any],
    *,
    key: str | None = None,
    run_at: datetime | None = None,
) -> UUID:
    """Ask for a job of a kind and return its id; with a key, the job that already has it, whatever its state.

    `run_at` is the earliest moment it may run (default: now). The job runs on behalf of the act's actor.
    """
    job_id = new_id()
    row: dict[str, Any] = {
        "id": job_id,
        "kind": kind,
        "payload": plain(payload),
        "key": key,
        "state": QUEUED,
        "created_at": act.now,
        "run_at": run_at or act.now,
        "actor": describe_actor(act.actor),
        "actor_id": act.actor.id,
        "organisation_id": act.actor.organisation_id,
        "request_id": act.request_id[:64],
    }
    if key is None:
        db.add(Job(**row))
        await db.flush()
        return job_id
    if await insert_if_absent(db, Job, row, ["key"]):
        return job_id
    return (await db.scalars(select(Job.id).where(Job.key == key))).one()


def describe_actor(actor: Actor) -> dict[str, Any]:
    """Return what a job must know of the actor it runs for; a person's name stays out of the row."""
    return {
        "kind": actor.kind,
        "id": str(actor.id) if actor.id else None,
        "name": actor.name if actor.kind == "system" else "",
        "organisation_id": str(actor.organisation_id) if actor.organisation_id else None,
        "organisation_kind": actor.organisation_kind,
        "roles": sorted(actor.roles),
        "epoch": actor.epoch,
        "locale": actor.locale,
    }
