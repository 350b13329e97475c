"""Signing and ending leases, and what hangs on them: the tenant's row, the operator's view of the company, the timeline."""

from collections import defaultdict
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from enterprises import find_enterprise
from kernel import audit, events, scope
from kernel.act import Act, Actor
from kernel.clock import local_date
from kernel.ids import new_id
from kernel.problems import BadInput, Conflict, FieldProblem, PreconditionFailed
from kernel.texts import Text
from kernel.texts import gettext as _
from kernel.upsert import insert_if_absent
from park import rules, store
from park.contracts import LeaseIn
from park.models import Lease, LeaseUnit, Park, ParkTenant, Unit
from park.rules import Period
from park.service.places import check_code, may_run, park_to_run_by_code, refuse_faults

MOST_UNITS = 50
HIGHEST_RENT_FEN = 100_000_00  # 100,000 yuan a square metre and month
READER = Actor.system("park")


async def sign_lease(db: AsyncSession, act: Act, data: LeaseIn) -> UUID:
    """Sign a lease and return its id; the same contract number with the same content signs only once.

    Raises BadInput naming the field, Conflict when a unit is held by another lease on some day of the period, or when the
    contract number stands for something else. Two signers of one unit wait in line, so only one of them can succeed.
    """
    park = await park_to_run_by_code(db, act, data.park_code)
    units = await _check(db, park, data)
    unit_ids = [unit.id for unit in units]
    await store.leases.queue_for_units(db, unit_ids)
    before = await store.leases.find_lease_by_number(db, park.id, data.number)
    if before is not None:
        return await _same_or_conflict(db, before, data)
    taken = await store.leases.holders(db, unit_ids, data.start_on, data.end_on)
    if taken:
        raise Conflict(
            _("A unit is already let on some of these days."),
            fields=[
                FieldProblem(
                    "unit_codes",
                    _(
                        "%(unit)s is held under lease %(number)s from %(start)s to %(end)s.",
                        unit=row.code, number=row.number, start=row.start_on, end=row.end_on,
                    ),
                )
                for row in taken[:10]
            ],
        )  # fmt: skip
    lease_id = new_id()
    values = {
        "id": lease_id, "park_id": park.id, "number": data.number, "enterprise_id": data.enterprise_id,
        "start_on": data.start_on, "end_on": data.end_on, "agreed_end_on": data.end_on,
        "rent_fen_per_m2_month": data.rent_fen_per_m2_month, "state": "signed", "end_reason": "", "created_at": act.now,
        "version": 1,
    }  # fmt: skip
    if not await insert_if_absent(db, Lease, values, ["park_id", "number"]):
        raise Conflict(_("The contract number %(number)s was used by somebody else just now.", number=data.number))
    db.add_all(LeaseUnit(lease_id=lease_id, unit_id=unit.id, area_dm2=unit.area_dm2) for unit in units)
    await db.flush()
    await refresh_tenant(db, act, park, data.enterprise_id)
    await scope.link(db, act, park.operator_id, data.enterprise_id, "tenant")
    codes = ", ".join(sorted(data.unit_codes))
    audit.write(
        db, act, "lease.signed", "park_lease", lease_id, subject_id=data.enterprise_id,
        detail={"number": data.number, "units": sorted(data.unit_codes), "from": data.start_on, "to": data.end_on},
    )  # fmt: skip
    events.emit(
        db, act, "park.lease_signed", subject_id=data.enterprise_id, link="/park/my-lease",
        payload={"lease_id": lease_id, "park_id": park.id, "number": data.number, "start_on": data.start_on, "end_on": data.end_on},
        timeline=Text(
            f"与{park.name_zh}签订租赁合同 {data.number}：{codes}，{data.start_on} 至 {data.end_on}",
            f"Lease {data.number} signed with {park.name_en}: {codes}, {data.start_on} to {data.end_on}",
        ),
    )  # fmt: skip
    return lease_id


async def _check(db: AsyncSession, park: Park, data: LeaseIn) -> list[Unit]:
    faults: list[FieldProblem] = []
    check_code("number", data.number, faults)
    fault = rules.lease_period_fault(data.start_on, data.end_on)
    if fault == "order":
        faults.append(FieldProblem("end_on", _("The lease ends before it begins.")))
    elif fault == "too_long":
        faults.append(FieldProblem("end_on", _("A lease lasts at most 20 years (Civil Code, article 705).")))
    elif fault == "unlikely":
        faults.append(FieldProblem("start_on", _("The first day lies between 1980 and 2099.")))
    if not 0 <= data.rent_fen_per_m2_month <= HIGHEST_RENT_FEN:
        faults.append(
            FieldProblem("rent_fen_per_m2_month", _("Give the rent in fen per m² and month, at most 10,000,000."))
        )
    if not data.unit_codes:
        faults.append(FieldProblem("unit_codes", _("Name at least one unit.")))
    if len(data.unit_codes) > MOST_UNITS or len(set(data.unit_codes)) != len(data.unit_codes):
        faults.append(FieldProblem("unit_codes", _("Name each unit once, at most %(limit)s.", limit=MOST_UNITS)))
    known = await store.places.find_units(db, park.id, data.unit_codes[:MOST_UNITS])
    for code in data.unit_codes[:MOST_UNITS]:
        unit = known.get(code)
        if unit is None:
            faults.append(FieldProblem("unit_codes", _("There is no unit %(code)s.", code=code)))
        elif unit.use == store.places.COMMON:
            faults.append(FieldProblem("unit_codes", _("Unit %(code)s is a common area and cannot be let.", code=code)))
    company = await store.places.find_organisation(db, data.enterprise_id)
    if company is None or company.kind != "enterprise":
        faults.append(FieldProblem("enterprise_id", _("There is no registered company with this id.")))
    refuse_faults(faults)
    return [known[code] for code in sorted(data.unit_codes)]


async def _same_or_conflict(db: AsyncSession, before: Lease, data: LeaseIn) -> UUID:
    units = {row.code for row in await store.leases.units_of_lease(db, before.id)}
    same = (
        before.enterprise_id == data.enterprise_id
        and before.start_on == data.start_on
        and before.agreed_end_on == data.end_on
        and before.rent_fen_per_m2_month == data.rent_fen_per_m2_month
        and units == set(data.unit_codes)
    )
    if not same:
        raise Conflict(
            _("The contract number %(number)s already stands for another lease.", number=data.number),
            fields=[FieldProblem("number", _("This contract number is taken."))],
        )
    return before.id


async def end_lease(
    db: AsyncSession, act: Act, lease_id: UUID, *, last_day: date, reason: str = "", version: int | None = None
) -> Lease:
    """End a lease early (or on its day): its last day becomes `last_day`, and if that day has come the company leaves.

    A lease that has not begun is cancelled by a last day before its first. With its last lease over, the operator no longer
    sees the company. Raises PreconditionFailed when the lease changed since `version`, Conflict when it is over already,
    BadInput for a day outside the lease.
    """
    lease = await store.leases.find_lease(db, act.actor, lease_id, lock=True)
    park = await store.places.find_park(db, act.actor, lease.park_id)
    if not may_run(act.actor, park):
        raise Conflict
    if version is not None and version != lease.version:
        raise PreconditionFailed
    if lease.state != "signed":
        raise Conflict(_("This lease is over already."))
    today = local_date(act.now)
    if last_day > lease.end_on:
        raise BadInput(fields=[FieldProblem("last_day", _("The lease ends earlier; to go on, sign a new one."))])
    if last_day < lease.start_on and lease.start_on <= today:
        raise BadInput(fields=[FieldProblem("last_day", _("The lease began later than this day."))])
    if last_day < lease.start_on:
        lease.state, lease.closed_at = "cancelled", act.now
    else:
        lease.end_on = last_day
        if last_day <= today:
            lease.state, lease.closed_at = "closed", act.now
    lease.end_reason = reason.strip()[:200]
    lease.version += 1
    await db.flush()
    await _tell_end(db, act, park, lease, last_day)
    return lease


async def _tell_end(db: AsyncSession, act: Act, park: Park, lease: Lease, last_day: date) -> None:
    await refresh_tenant(db, act, park, lease.enterprise_id)
    if not await store.leases.has_signed_lease(db, park.operator_id, lease.enterprise_id):
        await scope.unlink(db, park.operator_id, lease.enterprise_id, "tenant")
    verb = "lease.cancelled" if lease.state == "cancelled" else "lease.ended"
    audit.write(
        db, act, verb, "park_lease", lease.id, subject_id=lease.enterprise_id,
        detail={"number": lease.number, "last_day": last_day, "agreed_end": lease.agreed_end_on},
    )  # fmt: skip
    zh, en = (
        (f"租赁合同 {lease.number} 未起租即解除", f"Lease {lease.number} cancelled before it began")
        if lease.state == "cancelled"
        else (f"租赁合同 {lease.number} 于 {last_day} 终止", f"Lease {lease.number} ends on {last_day}")
    )
    events.emit(
        db, act, "park.lease_ended", subject_id=lease.enterprise_id, link="/park/my-lease",
        payload={"lease_id": lease.id, "park_id": park.id, "number": lease.number, "last_day": last_day, "state": lease.state},
        timeline=Text(zh, en),
    )  # fmt: skip


async def close_run_out(db: AsyncSession, act: Act, limit: int = 20) -> int:
    """Close leases whose last day has passed, a few at a time; returns how many. The daily job calls it until it returns 0."""
    today = local_date(act.now)
    leases = await store.leases.signed_leases_run_out(db, today, limit)
    for lease in leases:
        park = await store.places.find_park(db, act.actor, lease.park_id)
        lease.state, lease.closed_at, lease.version = "closed", act.now, lease.version + 1
        await db.flush()
        await _tell_end(db, act, park, lease, lease.end_on)
    return len(leases)


async def refresh_tenant(db: AsyncSession, act: Act, park: Park, enterprise_id: UUID) -> None:
    """Bring a company's row in the park's list up to date with its leases and its registered identity."""
    today = local_date(act.now)
    company = await find_enterprise(db, READER, enterprise_id)
    rows = await store.leases.leases_of_company(db, enterprise_id, park_id=park.id, with_cancelled=False)
    signed = [row for row in rows if row.Lease.state == "signed"]
    running = [row for row in signed if row.Lease.start_on <= today <= row.Lease.end_on]
    shown = running or signed
    by_unit: defaultdict[object, list[Period]] = defaultdict(list)
    for row in signed:
        by_unit[row.unit_id].append(Period(row.Lease.start_on, row.Lease.end_on))
    values = {
        "is_current": bool(signed),
        "name_zh": company.name_zh, "name_en": company.name_en, "uscc": company.uscc, "industry_code": company.industry_code,
        "unit_codes": ", ".join(sorted({row.unit_code for row in shown}))[:400],
        "area_dm2": sum(row.area_dm2 for row in shown),
        "rent_fen_month": sum(rules.monthly_rent_fen(row.area_dm2, row.Lease.rent_fen_per_m2_month) for row in shown),
        "since_on": min((row.Lease.start_on for row in rows), default=None),
        "ends_on": rules.tenancy_end(by_unit, today),
        "updated_at": act.now,
    }  # fmt: skip
    await insert_if_absent(
        db, ParkTenant, {"id": new_id(), "park_id": park.id, "enterprise_id": enterprise_id, **values},
        ["park_id", "enterprise_id"],
    )  # fmt: skip
    tenant = await store.tenants.tenant_row(db, park.id, enterprise_id)
    assert tenant is not None  # noqa: S101 - inserted above
    for name, value in values.items():
        setattr(tenant, name, value)
    if not signed:
        tenant.signal_on = None
    await db.flush()
