"""From the park's objects to what its JSON API gives."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from park import rules
from park.models import Park, ParkTenant, ReadingImport, WatchSignal
from park.schemas import (
    BuildingOut,
    EndingLeaseOut,
    EnergyOut,
    FactOut,
    FaultOut,
    ImportOut,
    LeaseOut,
    OccupancyOut,
    OwnLeaseOut,
    ParkOut,
    SignalOut,
    TenantOut,
    TenantRowOut,
    TimelineOut,
    UnitOut,
)
from park.service.energy import Energy
from park.service.imports import faults_of
from park.service.overview import BuildingOccupancy, EndingLease, Overview
from park.service.tenants import LeaseView, OwnLease, TenantPage
from park.service.watching import SETTINGS
from park.texts import fault_text


def park_out(park: Park) -> ParkOut:
    return ParkOut(
        id=park.id, code=park.code, name_zh=park.name_zh, name_en=park.name_en, operator_id=park.operator_id,
        division_code=park.division_code, address_zh=park.address_zh, address_en=park.address_en, version=park.version,
    )  # fmt: skip


def building_out(building: BuildingOccupancy) -> BuildingOut:
    return BuildingOut(
        id=building.id, code=building.code, name_zh=building.name.zh, name_en=building.name.en, floors=building.floors,
        shape=[list(point) for point in building.shape], units=building.units, units_let=building.units_let,
        total_m2=building.total_m2, let_m2=building.let_m2, share=building.share,
    )  # fmt: skip


def occupancy_out(overview: Overview) -> OccupancyOut:
    return OccupancyOut(
        day=overview.day, total_m2=overview.total_m2, let_m2=overview.let_m2, share=overview.occupancy.share,
        buildings=[building_out(building) for building in overview.buildings],
    )  # fmt: skip


def unit_out(row: Any) -> UnitOut:
    return UnitOut(
        id=row.id, code=row.code, building_code=row.building_code, floor=row.floor, use=row.use,
        area_m2=rules.to_m2(row.area_dm2), enterprise_id=row.enterprise_id, tenant_zh=row.tenant_zh, tenant_en=row.tenant_en,
        lease_number=row.lease_number, lease_ends_on=row.ends_on,
    )  # fmt: skip


def lease_out(lease: LeaseView, enterprise_id: Any) -> LeaseOut:
    return LeaseOut(
        id=lease.id, number=lease.number, enterprise_id=enterprise_id, state=lease.state, start_on=lease.start_on,
        end_on=lease.end_on, agreed_end_on=lease.agreed_end_on, rent_fen_per_m2_month=lease.rent_fen_per_m2_month,
        version=lease.version, unit_codes=[code for code, _use, _area in lease.units],
    )  # fmt: skip


def lease_row_out(row: Any, units: Sequence[Any], today: date) -> LeaseOut:
    """A lease of a list; `units` are its (code, area) rows."""
    return LeaseOut(
        id=row.id, number=row.number, enterprise_id=row.enterprise_id,
        state=rules.lease_state(
            row.start_on, row.end_on, cancelled=row.state == "cancelled", closed=row.state == "closed", today=today
        ),
        start_on=row.start_on, end_on=row.end_on, agreed_end_on=row.agreed_end_on,
        rent_fen_per_m2_month=row.rent_fen_per_m2_month, version=row.version, unit_codes=[unit.code for unit in units],
    )  # fmt: skip


def ending_out(lease: EndingLease) -> EndingLeaseOut:
    return EndingLeaseOut(
        id=lease.id, number=lease.number, enterprise_id=lease.enterprise_id, company_zh=lease.company.zh,
        company_en=lease.company.en, unit_codes=list(lease.unit_codes), area_m2=lease.area_m2, end_on=lease.end_on,
        days_left=lease.days_left, step=lease.step, is_renewed=lease.is_renewed,
    )  # fmt: skip


def tenant_row_out(tenant: ParkTenant) -> TenantRowOut:
    return TenantRowOut(
        enterprise_id=tenant.enterprise_id, name_zh=tenant.name_zh, name_en=tenant.name_en, uscc=tenant.uscc,
        industry_code=tenant.industry_code, unit_codes=tenant.unit_codes, area_m2=rules.to_m2(tenant.area_dm2),
        lease_ends_on=tenant.ends_on, kwh_30=None if tenant.wh_30 is None else rules.to_kwh(tenant.wh_30),
        change_30=tenant.change_30, signal_on=tenant.signal_on, measured_to=tenant.measured_to,
    )  # fmt: skip


def signal_out(signal: WatchSignal) -> SignalOut:
    return SignalOut(
        id=signal.id, enterprise_id=signal.enterprise_id, state=signal.state, since=signal.since,
        raised_on=signal.raised_on, last_on=signal.last_on, days=signal.days, actual_kwh=rules.to_kwh(signal.actual_wh),
        expected_kwh=rules.to_kwh(signal.expected_wh), slack=signal.slack, threshold=signal.threshold, note=signal.note,
        version=signal.version,
    )  # fmt: skip


def fact_out(name: str, value: Any) -> FactOut:
    if value is None:
        return FactOut(name=name, value=None)
    return FactOut(
        name=name, value=value.value, unit=value.unit, period_end=value.period_end, source=value.source,
        authority=value.authority, seen_at=value.seen_at,
    )  # fmt: skip


def tenant_out(view: TenantPage) -> TenantOut:
    return TenantOut(
        enterprise_id=view.company.id, name_zh=view.company.name_zh, name_en=view.company.name_en, uscc=view.company.uscc,
        industry_code=view.company.industry_code, division_code=view.company.division_code, legal_basis=view.basis.reference,
        facts=[fact_out(name, value) for name, value in view.facts.items()],
        leases=[lease_out(lease, view.company.id) for lease in view.leases],
        signals=[signal_out(signal) for signal in view.signals],
        timeline=[
            TimelineOut(at=entry.at, event=entry.event, text_zh=entry.text_zh, text_en=entry.text_en, link=entry.link)
            for entry in view.timeline
        ],
    )  # fmt: skip


def energy_out(energy: Energy) -> EnergyOut:
    return EnergyOut(
        days=energy.days, actual=energy.actual, expected=energy.expected, path=energy.path, threshold=SETTINGS.threshold,
        change_30=energy.month.change,
    )  # fmt: skip


def import_out(row: ReadingImport) -> ImportOut:
    return ImportOut(
        id=row.id, source=row.source, state=row.state, hourly=row.hourly, rows_good=row.rows_good,  # type: ignore[arg-type]
        rows_bad=row.rows_bad, meter_count=row.meter_count, total_kwh=rules.to_kwh(row.total_wh), first_day=row.first_day,
        last_day=row.last_day, job_id=row.job_id, created_at=row.created_at, live_at=row.live_at, undone_at=row.undone_at,
        version=row.version,
        faults=[
            FaultOut(line=fault.line, column=fault.column, code=fault.code, value=fault.value, message=fault_text(fault))
            for fault in faults_of(row)
        ],
    )  # fmt: skip


def own_lease_out(own: OwnLease) -> OwnLeaseOut:
    return OwnLeaseOut(
        park_id=own.park.id, park_code=own.park.code, park_zh=own.park.name_zh, park_en=own.park.name_en,
        leases=[lease_out(lease, own.tenant.enterprise_id) for lease in own.leases],
        signals=[signal_out(signal) for signal in own.signals], change_30=own.energy.month.change,
    )  # fmt: skip


def all_out(signals: Sequence[WatchSignal]) -> list[SignalOut]:
    return [signal_out(signal) for signal in signals]
