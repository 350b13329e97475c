"""Writing readings in small chunks, and the one changed row that makes them count.

A chunk holds the writer for at most about 200 ms (SQLite has one), so that everybody else goes on working during an import.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date
from uuid import UUID

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from kernel import audit, events, jobs
from kernel.act import Act
from kernel.problems import Conflict
from kernel.texts import Text
from kernel.texts import gettext as _
from park import rules, store
from park.models import ReadingImport
from park.reading_file import WHOLE_DAY, ReadingRow

Writer = Callable[[], AbstractAsyncContextManager[AsyncSession]]
Report = Callable[[int, int], Awaitable[None]]
Slot = tuple[int, int, int]  # meter key, day ordinal or hour number, Wh

CHUNK_SECONDS = 0.15  # aimed at, so that 200 ms hold on a busy machine too
FIRST_CHUNK, SMALLEST_CHUNK, LARGEST_CHUNK = 500, 50, 10_000
WATCH_JOB = "park.watch_tenants"


class Staged(Struct, frozen=True):
    """Rows ready to be written: sums of days, and hours where the source has them."""

    days: Sequence[Slot]
    hours: Sequence[Slot]

    @property
    def count(self) -> int:
        return len(self.days) + len(self.hours)


def arrange(rows: Sequence[ReadingRow], keys: dict[str, int]) -> Staged:
    """Turn good rows into slots by integer key; hours are kept and summed up to days."""
    days: dict[tuple[int, int], int] = {}
    hours: list[Slot] = []
    for row in rows:
        key, ordinal = keys[row.meter_code], row.day.toordinal()
        if row.hour != WHOLE_DAY:
            hours.append((key, ordinal * 24 + row.hour, row.wh))
        days[key, ordinal] = days.get((key, ordinal), 0) + row.wh
    return Staged(days=[(key, day, wh) for (key, day), wh in days.items()], hours=hours)


async def stage(write: Writer, import_key: int, staged: Staged, report: Report) -> float:
    """Write all slots in chunks, each in a transaction of its own; returns the longest chunk in seconds.

    May be called again after a crash: slots of this import that stand already are written over.
    """
    done, size, longest = 0, FIRST_CHUNK, 0.0
    for slots, put in ((staged.days, store.readings.stage_days), (staged.hours, store.readings.stage_hours)):
        start = 0
        while start < len(slots):
            chunk = slots[start : start + size]
            begun = time.perf_counter()
            async with write() as db:
                await put(db, import_key, chunk)
            taken = time.perf_counter() - begun
            longest = max(longest, taken)
            start += len(chunk)
            done += len(chunk)
            size = max(SMALLEST_CHUNK, min(LARGEST_CHUNK, size * 2, int(len(chunk) * CHUNK_SECONDS / max(taken, 1e-6))))
            await report(done, staged.count)
    return longest


async def make_live(db: AsyncSession, act: Act, row: ReadingImport, staged: Staged) -> None:
    """The flip: from here on the readings count. Tells each company measured, and asks the watch to look again."""
    row.state, row.live_at, row.rows_done = "live", act.now, staged.count
    row.total_wh = sum(wh for _key, _day, wh in staged.days)
    row.meter_count = len({key for key, _day, _wh in staged.days})
    ordinals = [day for _key, day, _wh in staged.days]
    row.first_day, row.last_day = date.fromordinal(min(ordinals)), date.fromordinal(max(ordinals))
    row.version += 1
    await db.flush()
    await _tell(
        db, act, row, "park.reading_imported", sorted({key for key, _day, _wh in staged.days}),
        Text(
            f"园区导入了 {row.first_day} 至 {row.last_day} 的用电读数",
            f"The park imported electricity readings of {row.first_day} to {row.last_day}",
        ),
    )  # fmt: skip
    audit.write(
        db, act, "import.made_live", "park_import", row.id,
        detail={"meters": row.meter_count, "from": row.first_day, "to": row.last_day, "slots": staged.count},
    )  # fmt: skip


async def undo(db: AsyncSession, act: Act, park_id: UUID, import_id: UUID) -> ReadingImport:
    """Take an import back: what counted before it counts again. Raises Conflict when it does not count now."""
    row = await store.readings.find_import(db, act.actor, park_id, import_id, lock=True)
    if not rules.may_move(row.state, "undone"):  # type: ignore[arg-type]
        raise Conflict(_("Only an import that is live can be undone."))
    row.state, row.undone_at, row.version = "undone", act.now, row.version + 1
    await db.flush()
    await _tell(
        db, act, row, "park.reading_undone", await store.readings.meters_of_import(db, row.key),
        Text(
            f"园区撤回了 {row.first_day} 至 {row.last_day} 的用电读数",
            f"The park took back electricity readings of {row.first_day} to {row.last_day}",
        ),
    )  # fmt: skip
    audit.write(db, act, "import.undone", "park_import", row.id, detail={"from": row.first_day, "to": row.last_day})
    return row


async def _tell(
    db: AsyncSession, act: Act, row: ReadingImport, name: str, meter_keys: Sequence[int], text: Text
) -> None:
    first, last = row.first_day, row.last_day
    assert first is not None and last is not None  # noqa: S101 - an import that counted has readings
    payload = {"import_id": row.id, "park_id": row.park_id, "first_day": first, "last_day": last}
    for enterprise_id in await store.readings.companies_measured(db, row.park_id, meter_keys, first, last):
        events.emit(db, act, name, subject_id=enterprise_id, payload=payload, timeline=text, link="/park/my-lease")
    await jobs.enqueue(db, act, WATCH_JOB, {"park_id": row.park_id}, key=f"{WATCH_JOB}:{row.id}:{row.version}")
