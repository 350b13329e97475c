"""Statements about models."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from credit.models import ModelRow
from credit.scorecard import Artefact
from kernel.act import Act
from kernel.ids import new_id
from kernel.upsert import insert_if_absent


async def register_model(db: AsyncSession, act: Act, artefact: Artefact, content: bytes) -> None:
    """Keep the bytes of a model; a model that is there already stays as it is."""
    values = {
        "id": new_id(), "name": artefact.name, "version": artefact.version, "kind": artefact.kind,
        "sha256": artefact.sha256, "artefact": content.decode(), "registered_at": act.now,
    }  # fmt: skip
    await insert_if_absent(db, ModelRow, values, ["sha256"])


async def find_artefact(db: AsyncSession, sha256: str) -> bytes | None:
    """Return the bytes of a model. Unscoped: models are public to everybody who is scored or asks for scores."""
    found = await db.scalar(select(ModelRow.artefact).where(ModelRow.sha256 == sha256))
    return None if found is None else found.encode()


async def list_models(db: AsyncSession) -> Sequence[ModelRow]:
    """Return every model that has scored, newest first. Unscoped: models are public."""
    return list(await db.scalars(select(ModelRow).order_by(ModelRow.registered_at.desc(), ModelRow.name)))
