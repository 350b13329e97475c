"""The nightly watch over a park's meters: sums for the lists, signals with their evidence, and the record that we looked."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from kernel import audit, data_use, events
from kernel.act import Act, Actor
from kernel.ids import new_id
from kernel.problems import BadInput, Conflict, FieldProblem, PreconditionFailed
from kernel.texts import Text
from kernel.texts import gettext as _
from park import store
from park.contracts import WatchSettings
from park.models import Park, ParkTenant, WatchSignal
from park.service.energy import Series, company_series, month_of, watch_series
from park.service.leases import refresh_tenant
from park.service.places import park_to_run
from park.watch import Signal, Watched

if TYPE_CHECKING:
    from kernel.ground import Ground
    from kernel.jobs.run import JobRun

SETTINGS = WatchSettings()
ELECTRICITY = "electricity_use"
CHUNK = 4  # tenants a transaction: well under 200 ms
WATCHER = Actor.system("park.watch")
FRESH_DAYS = SETTINGS.merge_days


async def run_watch(ground: "Ground", job: "JobRun") -> dict[str, object]:
    """Watch one park (payload park_id), or every park."""
    async with ground.database.read() as db:
        if "park_id" in job.payload:
            parks: Sequence[Park] = [await store.places.find_park(db, WATCHER, UUID(str(job.payload["park_id"])))]
        else:
            parks = await store.places.list_parks(db, WATCHER)
    open_signals = 0
    for number, park in enumerate(parks):
        open_signals += await watch_park(ground, job.act, park)
        await job.progress(number + 1, len(parks), park.code)
    return {"parks": len(parks), "open_signals": open_signals}


async def watch_all(ground: "Ground", act: Act) -> int:
    """Watch every park now, for a loader that brings readings and wants to show the outcome; returns how many signals are open."""
    async with ground.database.read() as db:
        parks = await store.places.list_parks(db, WATCHER)
    return sum([await watch_park(ground, act, park) for park in parks])


async def watch_park(ground: "Ground", act: Act, park: Park) -> int:
    """Watch every tenant of a park and keep the outcome; returns how many signals are open.

    The use is recorded before the data is read: one run row with its population, visible to each company.
    """
    actor = Actor(kind="system", name="park.watch", organisation_id=park.operator_id, organisation_kind="park")
    act = msgspec.structs.replace(act, actor=actor)
    async with ground.database.write() as db:
        ids = [tenant.enterprise_id for tenant in await store.tenants.current_tenants(db, park.id)]
        if ids:
            data_use.record_run(
                db, act, "park_watch", "contract", f"{park.name_zh} / {park.name_en}", [ELECTRICITY], ids
            )
    async with ground.database.read() as db:
        series = await company_series(db, park.id, ids)
    watched = await asyncio.to_thread(_watch_all, series)
    found = 0
    for start in range(0, len(ids), CHUNK):
        async with ground.database.write() as db:
            for enterprise_id in ids[start : start + CHUNK]:
                # The days move on: leases begin, companies change their name.
                await refresh_tenant(db, act, park, enterprise_id)
                tenant = await store.tenants.tenant_row(db, park.id, enterprise_id)
                if tenant is not None and tenant.is_current:
                    found += await _keep(db, act, park, tenant, watched.get(enterprise_id))
    return found


def _watch_all(series: Mapping[UUID, Series]) -> dict[UUID, Watched]:
    return {enterprise_id: watch_series(one) for enterprise_id, one in series.items()}


async def _keep(db: AsyncSession, act: Act, park: Park, tenant: ParkTenant, watched: Watched | None) -> int:
    standing = {
        signal.raised_on: signal for signal in await store.tenants.signals_of(db, park.id, tenant.enterprise_id)
    }
    signals = watched.signals if watched is not None else ()
    month = month_of(watched) if watched is not None else None
    measured_to = watched.day(len(watched.actual) - 1) if watched is not None else None
    tenant.wh_30 = month.wh if month else None
    tenant.expected_wh_30 = month.expected if month and month.days else None
    tenant.change_30 = month.change if month else None
    tenant.path_value = round(float(watched.path[-1]), 3) if watched is not None else None
    tenant.measured_to = measured_to
    tenant.updated_at = act.now
    for signal in signals:
        assert measured_to is not None  # noqa: S101 - a signal has readings
        fresh = (measured_to - signal.last_on).days <= FRESH_DAYS
        known = standing.pop(signal.raised_on, None)
        if known is None:
            known = _new_signal(db, act, park, tenant, signal)
            if fresh:
                _tell(db, act, park, tenant, known)
        _update(known, signal, fresh=fresh)
    for left in standing.values():
        # Corrected readings took its ground away; what somebody has looked into stays as it was looked into.
        if left.state in ("open", "past") and (watched is None or left.raised_on >= watched.first_day):
            left.state, left.version = "withdrawn", left.version + 1
    await db.flush()
    still = [
        signal for signal in await store.tenants.signals_of(db, park.id, tenant.enterprise_id) if signal.state == "open"
    ]
    tenant.signal_on = max((signal.raised_on for signal in still), default=None)
    return len(still)


def _new_signal(db: AsyncSession, act: Act, park: Park, tenant: ParkTenant, signal: Signal) -> WatchSignal:
    row = WatchSignal(
        id=new_id(), park_id=park.id, enterprise_id=tenant.enterprise_id, since=signal.since, raised_on=signal.raised_on,
        last_on=signal.last_on, days=signal.days, actual_wh=0, expected_wh=0, slack=SETTINGS.slack,
        threshold=SETTINGS.threshold, state="open", created_at=act.now, version=1,
    )  # fmt: skip
    db.add(row)
    return row


def _update(row: WatchSignal, signal: Signal, *, fresh: bool) -> None:
    row.since, row.last_on, row.days = signal.since, signal.last_on, signal.days
    row.actual_wh, row.expected_wh = round(signal.actual * 1000), round(signal.expected * 1000)
    if row.state == "withdrawn":
        row.state = "open"
    if row.state in ("open", "past"):
        row.state = "open" if fresh else "past"


def _tell(db: AsyncSession, act: Act, park: Park, tenant: ParkTenant, row: WatchSignal) -> None:
    audit.write(
        db, act, "signal.raised", "park_signal", row.id, subject_id=tenant.enterprise_id,
        detail={"since": row.since, "raised_on": row.raised_on},
    )  # fmt: skip
    events.emit(
        db, act, "park.signal_raised", subject_id=tenant.enterprise_id, link="/park/my-lease",
        payload={"signal_id": row.id, "park_id": park.id, "since": row.since, "raised_on": row.raised_on},
        timeline=Text(
            f"电表显示自 {row.since} 起用电低于自身往期水平（仅为计量信号，不代表对企业的评价）",
            f"Meters show use below the company's own past since {row.since} (a reading, no judgement of the company)",
        ),
    )  # fmt: skip


async def review_signal(
    db: AsyncSession, act: Act, park_id: UUID, signal_id: UUID, *, note: str, version: int | None = None
) -> WatchSignal:
    """Note what the operator found out; the signal is closed with it. Raises Conflict when it is not open, BadInput without a note."""
    await park_to_run(db, act, park_id)
    row = await store.tenants.find_signal(db, act.actor, park_id, signal_id, lock=True)
    if version is not None and version != row.version:
        raise PreconditionFailed
    if not note.strip():
        raise BadInput(fields=[FieldProblem("note", _("Please write what you found out."))])
    if row.state not in ("open", "past"):
        raise Conflict(_("This signal is closed already."))
    row.state, row.note, row.version = "reviewed", note.strip()[:500], row.version + 1
    row.reviewed_by, row.reviewed_at = act.actor.name[:120], act.now
    await db.flush()
    tenant = await store.tenants.tenant_row(db, park_id, row.enterprise_id)
    if tenant is not None:
        still = [one for one in await store.tenants.signals_of(db, park_id, row.enterprise_id) if one.state == "open"]
        tenant.signal_on = max((one.raised_on for one in still), default=None)
    audit.write(db, act, "signal.reviewed", "park_signal", row.id, subject_id=row.enterprise_id)
    events.emit(
        db, act, "park.signal_reviewed", subject_id=row.enterprise_id, link="/park/my-lease",
        payload={"signal_id": row.id, "park_id": park_id},
        timeline=Text("园区已了解用电信号的情况并关闭该信号", "The park looked into the electricity signal and closed it"),
    )  # fmt: skip
    return row
