"""Handing in a bill: kept and queued at once, read by a job; or read on the spot by a loader."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credit import store
from credit.contracts import ImportResult, SourceGrade
from credit.models import WAITING, WITHDRAWN, BillImportRow
from credit.rules import may_become
from credit.service.loading import load_bill
from kernel import audit, events, files, jobs
from kernel.act import Act
from kernel.data_use import UseBasis, own_basis
from kernel.files import StoredFile
from kernel.ids import new_id
from kernel.problems import Conflict, Forbidden, PreconditionFailed
from kernel.texts import Text
from kernel.texts import gettext as _
from kernel.upsert import insert_if_absent

if TYPE_CHECKING:
    from kernel.ground import Ground

CHUNK = 256 * 1024
READ_JOB = "credit.read_bill"
MOST_BYTES = 30 * 1024 * 1024
MOST_LOADED_BYTES = 2 * 1024 * 1024 * 1024
UPLOAD = "upload"
MEDIA_TYPE = "application/octet-stream"


class Upload(Protocol):
    """A file in a form, as far as it matters here."""

    async def read(self, size: int = -1) -> bytes:
        """Return the next bytes, none at the end."""


async def receive_bill(
    ground: "Ground", act: Act, content: bytes | AsyncIterator[bytes], *, name: str
) -> tuple[BillImportRow, bool]:
    """Keep a bill that the actor's own company hands in and queue its reading; return the import and whether it is new.

    What a company hands in itself has grade C. The very same file again gives the import there is. Raises TooLarge,
    BadInput for a bad file name, Forbidden for an actor without a company. Call it outside any transaction.
    """
    if act.actor.organisation_kind != "enterprise":
        raise Forbidden(_("Only a company hands in its own bills."))
    basis = own_basis(act)
    file = await files.store(
        ground, act, content, name=name, media_type=MEDIA_TYPE, owner_id=basis.subject_id, limit=MOST_BYTES
    )
    row, new = await _register(ground, act, basis, file, grade="C", source=UPLOAD, queue=True)
    if not new:
        await files.discard(ground, act, file.id)
    return row, new


async def import_bill(
    ground: "Ground",
    act: Act,
    enterprise_id: UUID,
    content: bytes | AsyncIterator[bytes],
    *,
    name: str = "focus.csv",
    basis: UseBasis | None = None,
    grade: SourceGrade = "C",
    source: str = UPLOAD,
) -> ImportResult:
    """Keep, read and count one bill file of a company now, without a job: for loaders and for pulled bills.

    CSV or Parquet, told by its content. `basis` is the right under which the bill was obtained (default: the company's
    own doing). Only the system may say that a source has a better grade than C. Idempotent: the same file again gives
    the import there is, with `repeated` set.
    """
    if act.actor.kind != "system" and (grade != "C" or enterprise_id != act.actor.organisation_id):
        raise Forbidden(_("Only a company hands in its own bills."))
    held = basis or UseBasis("own", enterprise_id, enterprise_id, "own_view", frozenset({"*"}), "own")
    if held.subject_id != enterprise_id:
        raise Forbidden(_("This basis belongs to another company."))
    file = await files.store(
        ground, act, content, name=name, media_type=MEDIA_TYPE, owner_id=enterprise_id, limit=MOST_LOADED_BYTES
    )
    row, new = await _register(ground, act, held, file, grade=grade, source=source, queue=False)
    if not new:
        await files.discard(ground, act, file.id)
    return await load_bill(ground, act, row.id, write=ground.database.write)


async def withdraw_import(db: AsyncSession, act: Act, import_id: UUID, *, version: int | None) -> BillImportRow:
    """Take a bill back: from the commit on it counts in no new score; past scores keep what they were computed from.

    Raises NotFound for another company's import, PreconditionFailed for an old version, Conflict when it is not live or
    when a later bill skipped rows because this one has them.
    """
    row = await store.find_import(db, act.actor, import_id, lock=True)
    if version is not None and row.version != version:
        raise PreconditionFailed
    if not may_become(row.state, WITHDRAWN):
        raise Conflict(_("This bill does not count now."))
    if await store.leans_on(db, act, row):
        raise Conflict(_("Later bills repeat rows of this one and counted only what was new. Withdraw those first."))
    row.state, row.ended_at = WITHDRAWN, act.now
    await store.raise_revision(db, act, row.enterprise_id)
    await db.flush()
    audit.write(db, act, "bill.withdrawn", "bill_import", row.id, subject_id=row.enterprise_id)
    events.emit(
        db, act, "credit.bill_withdrawn", subject_id=row.enterprise_id, payload={"import_id": row.id},
        timeline=Text("云账单已撤回", "Cloud bill withdrawn"), link=f"/credit/bills/{row.id}",
    )  # fmt: skip
    return row


async def _register(
    ground: "Ground", act: Act, basis: UseBasis, file: StoredFile, *, grade: SourceGrade, source: str, queue: bool
) -> tuple[BillImportRow, bool]:
    """Make the import's row, and its job, unless this very file is live already."""
    values: dict[str, object] = {
        "id": new_id(), "enterprise_id": basis.subject_id, "file_id": file.id, "file_name": file.name,
        "file_sha256": file.sha256, "size": file.size, "grade": grade, "source": source, "basis": basis.kind,
        "reference": basis.reference, "state": WAITING, "created_at": act.now, "created_by": act.actor.id,
    }  # fmt: skip
    async with ground.database.write() as db:
        if not await insert_if_absent(db, BillImportRow, values):
            there = await store.live_import(db, act, basis.subject_id, file.sha256)
            if there is None:
                raise Conflict(_("The same bill is being changed at this moment. Please try again."))
            return there, False
        row = await db.get_one(BillImportRow, values["id"])
        if queue:
            row.job_id = await jobs.enqueue(db, act, READ_JOB, {"import_id": row.id}, key=f"{READ_JOB}:{row.id}")
        audit.write(
            db, act, "bill.received", "bill_import", row.id, subject_id=row.enterprise_id,
            detail={"sha256": file.sha256, "size": file.size, "grade": grade, "basis": basis.reference},
        )  # fmt: skip
        await db.flush()
        return row, True


async def upload_chunks(upload: Upload) -> AsyncIterator[bytes]:
    """Yield an uploaded file piece by piece."""
    while chunk := await upload.read(CHUNK):
        yield chunk
