"""The sixty companies and what is known of them, recorded when it became known."""

from datetime import UTC, date, datetime, time, timedelta

import enterprises
from kernel.clock import SHANGHAI
from portal.demo.facts import Statement
from portal.demo.generate import DemoTenant
from portal.demo.loading.stage import Stage

REGISTERED = 430  # days ago
WAVES = (429, 75, 0)  # days ago: at registration, after the yearly settlement, today


async def register_companies(stage: Stage) -> None:
    """Register every company with its park address."""
    act = stage.act(REGISTERED)
    for tenant in stage.world.tenants:
        async with stage.ground.database.write() as db:
            await enterprises.register_enterprise(db, act, _registration(stage, tenant))


async def record_first_facts(stage: Stage) -> None:
    """What was known when the companies joined."""
    await _record(stage, None, WAVES[0])


async def record_later_facts(stage: Stage) -> None:
    """What came with the settlement of the last year."""
    await _record(stage, WAVES[0], WAVES[1])


async def record_latest_facts(stage: Stage) -> None:
    """What came since."""
    await _record(stage, WAVES[1], WAVES[2])


async def _record(stage: Stage, after: int | None, until: int) -> None:
    today = stage.world.today
    first = date.min if after is None else today - timedelta(days=after)
    act = stage.act(until, hour=0 if until == 0 else 10)
    for tenant in stage.world.tenants:
        news = [_fact(fact) for fact in tenant.facts if first <= fact.seen_on < today - timedelta(days=until)]
        if not news:
            continue
        enterprise_id = await stage.organisation_id(tenant.entry.key)
        async with stage.ground.database.write() as db:
            await enterprises.record_facts(db, act, enterprise_id, news)


def _fact(statement: Statement) -> enterprises.FactIn:
    seen = datetime.combine(statement.seen_on, time(9), SHANGHAI).astimezone(UTC)
    return enterprises.FactIn(
        name=statement.name,
        value=statement.value,
        period_start=statement.period_start,
        period_end=statement.period_end,
        source=statement.source,
        authority=statement.authority,
        seen_at=seen,
    )


def _registration(stage: Stage, tenant: DemoTenant) -> enterprises.EnterpriseIn:
    park = stage.world.place.park
    room = ", ".join(tenant.lease.units)
    return enterprises.EnterpriseIn(
        uscc=tenant.uscc,
        name_zh=tenant.name_zh,
        name_en=tenant.name_en,
        industry_code=tenant.entry.industry,
        division_code=park.division,
        registered_on=tenant.entry.founded,
        address_zh=f"{park.address_zh} {room}",
        address_en=f"{room}, {park.address_en}",
        source="demo:registry",
        authority="authoritative",
    )
