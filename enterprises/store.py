"""Every SQL statement of enterprises; each read of a company's rows takes the actor who reads."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from enterprises.models import ContactRow, EnterpriseRow, FactRow, LicenceRow, TimelineRow
from kernel import scope
from kernel.act import Act, Actor
from kernel.identity import Organisation
from kernel.paging import Column, Listing, ListQuery, Page, fetch_page, fetch_rows
from kernel.texts import N_

CHUNK = 500

ENTERPRISES = Listing(
    columns=(
        Column("name_zh", EnterpriseRow.name_zh, N_("Name"), searchable=True),
        Column("name_en", EnterpriseRow.name_en, N_("English name"), searchable=True),
        Column("uscc", EnterpriseRow.uscc, N_("Unified social credit code"), searchable=True),
        Column("industry_code", EnterpriseRow.industry_code, N_("Industry")),
        Column("division_code", EnterpriseRow.division_code, N_("Division")),
        Column("registered_on", EnterpriseRow.registered_on, N_("Registered on"), kind="date"),
        Column("created_at", EnterpriseRow.created_at, N_("Entered"), kind="moment"),
    ),
    default_sort="name_zh",
    filters={"industry_code": EnterpriseRow.industry_code, "division_code": EnterpriseRow.division_code},
)

TIMELINE = Listing(
    columns=(
        Column("at", TimelineRow.at, N_("When"), kind="moment"),
        Column("room", TimelineRow.room, N_("Area")),
        Column("text_zh", TimelineRow.text_zh, N_("What happened (Chinese)"), searchable=True, sortable=False),
        Column("text_en", TimelineRow.text_en, N_("What happened (English)"), searchable=True, sortable=False),
    ),
    default_sort="-at",
    filters={"room": TimelineRow.room},
)

HISTORY = Listing(
    columns=(
        Column("name", FactRow.name, N_("Fact"), searchable=True),
        Column("value", FactRow.value, N_("Value"), sortable=False),
        Column("unit", FactRow.unit, N_("Unit"), sortable=False),
        Column("period_end", FactRow.period_end, N_("Period"), kind="date"),
        Column("source", FactRow.source, N_("Source"), searchable=True),
        Column("authority", FactRow.authority, N_("Authority"), kind="enum"),
        Column("seen_at", FactRow.seen_at, N_("Seen"), kind="moment"),
        Column("recorded_at", FactRow.recorded_at, N_("Recorded"), kind="moment"),
        Column("superseded_at", FactRow.superseded_at, N_("Superseded"), kind="moment"),
    ),
    default_sort="-recorded_at,name",
    filters={"name": FactRow.name, "authority": FactRow.authority},
)


async def find_enterprise(db: AsyncSession, actor: Actor, enterprise_id: UUID) -> EnterpriseRow:
    """Return a company the actor may see; NotFound otherwise."""
    return await scope.find(
        db,
        select(EnterpriseRow).where(EnterpriseRow.id == enterprise_id, scope.visible_to(actor, EnterpriseRow.id)),
    )


async def exists(db: AsyncSession, act: Act, enterprise_id: UUID) -> bool:
    """Tell whether an organisation is a registered company, whoever asks: used to record a refusal, never to answer."""
    return await db.scalar(select(EnterpriseRow.id).where(EnterpriseRow.id == enterprise_id)) is not None


async def find_by_uscc(db: AsyncSession, act: Act, uscc: str) -> EnterpriseRow | None:
    """Return the company with a credit code, for registration only."""
    found: EnterpriseRow | None = await db.scalar(select(EnterpriseRow).where(EnterpriseRow.uscc == uscc))
    return found


async def find_organisation(db: AsyncSession, act: Act, uscc: str) -> Organisation | None:
    """Return the organisation with a credit code, for registration only."""
    found: Organisation | None = await db.scalar(select(Organisation).where(Organisation.uscc == uscc))
    return found


def visible_enterprises(actor: Actor) -> Select[EnterpriseRow]:
    """Return the statement of all companies the actor may see."""
    return select(EnterpriseRow).where(scope.visible_to(actor, EnterpriseRow.id))


async def list_enterprises(db: AsyncSession, actor: Actor, query: ListQuery) -> Page[EnterpriseRow]:
    """Return one page of the companies the actor may see."""
    return await fetch_page(db, visible_enterprises(actor), ENTERPRISES, query)


async def all_enterprises(db: AsyncSession, actor: Actor, query: ListQuery) -> list[EnterpriseRow]:
    """Return every company of a list, for an export."""
    return await fetch_rows(db, visible_enterprises(actor), ENTERPRISES, query)


async def enterprise_ids(db: AsyncSession, actor: Actor) -> list[UUID]:
    """Return the ids of all companies the actor may see, in a steady order."""
    statement = select(EnterpriseRow.id).where(scope.visible_to(actor, EnterpriseRow.id)).order_by(EnterpriseRow.id)
    return list(await db.scalars(statement))


async def names_of(db: AsyncSession, actor: Actor, ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """Return the Chinese and English names of organisations; names are public (企业信息公示暂行条例)."""
    wanted = list(dict.fromkeys(ids))
    found: dict[UUID, tuple[str, str]] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = await db.execute(
            select(Organisation.id, Organisation.name_zh, Organisation.name_en).where(
                Organisation.id.in_(wanted[start : start + CHUNK])
            )
        )
        found |= {row.id: (row.name_zh, row.name_en) for row in rows}
    return found


async def registered_among(db: AsyncSession, act: Act, ids: Iterable[UUID]) -> set[UUID]:
    """Return which of the organisations are registered companies."""
    wanted = list(ids)
    found: set[UUID] = set()
    for start in range(0, len(wanted), CHUNK):
        found |= set(
            await db.scalars(select(EnterpriseRow.id).where(EnterpriseRow.id.in_(wanted[start : start + CHUNK])))
        )
    return found


_FACT_COLUMNS = (
    FactRow.id,
    FactRow.enterprise_id,
    FactRow.name,
    FactRow.kind,
    FactRow.value,
    FactRow.unit,
    FactRow.period_start,
    FactRow.period_end,
    FactRow.source,
    FactRow.authority,
    FactRow.note,
    FactRow.seen_at,
    FactRow.recorded_at,
)


async def known_facts(
    db: AsyncSession, act: Act, enterprise_ids: Sequence[UUID], names: Sequence[str], as_of: datetime
) -> list[Row[Any]]:
    """Return the fact rows that were known and not yet superseded at a moment; the caller holds the basis."""
    found: list[Row[Any]] = []
    for start in range(0, len(enterprise_ids), CHUNK):
        statement = select(*_FACT_COLUMNS).where(
            FactRow.enterprise_id.in_(enterprise_ids[start : start + CHUNK]),
            FactRow.name.in_(names),
            FactRow.recorded_at <= as_of,
            or_(FactRow.superseded_at.is_(None), FactRow.superseded_at > as_of),
        )
        found += (await db.execute(statement)).all()
    return found


async def standing_facts(db: AsyncSession, act: Act, enterprise_id: UUID, names: Iterable[str]) -> list[FactRow]:
    """Return the rows that a new value might supersede, locked against a second writer."""
    statement = (
        select(FactRow)
        .where(FactRow.enterprise_id == enterprise_id, FactRow.name.in_(set(names)), FactRow.superseded_by.is_(None))
        .with_for_update()
    )
    return list(await db.scalars(statement))


async def lock_enterprise(db: AsyncSession, act: Act, enterprise_id: UUID) -> EnterpriseRow | None:
    """Return the company's row, locked, so that two writers of its facts go one after the other."""
    found: EnterpriseRow | None = await db.scalar(
        select(EnterpriseRow).where(EnterpriseRow.id == enterprise_id).with_for_update()
    )
    return found


async def supersede(db: AsyncSession, old: UUID, new: UUID, at: datetime) -> None:
    """Mark a fact as superseded by another."""
    await db.execute(
        update(FactRow)
        .where(FactRow.id == old, FactRow.superseded_by.is_(None))
        .values(superseded_by=new, superseded_at=at)
        .execution_options(synchronize_session=False)
    )


def own_history(actor: Actor, enterprise_id: UUID) -> Select[FactRow]:
    """Return the statement of all values ever recorded of the actor's own company."""
    return select(FactRow).where(FactRow.enterprise_id == enterprise_id, scope.owned_by(actor, FactRow.enterprise_id))


async def fact_history(db: AsyncSession, actor: Actor, enterprise_id: UUID, query: ListQuery) -> Page[FactRow]:
    """Return one page of all values ever recorded of the actor's own company."""
    return await fetch_page(db, own_history(actor, enterprise_id), HISTORY, query)


async def all_history(db: AsyncSession, actor: Actor, enterprise_id: UUID, query: ListQuery) -> list[FactRow]:
    """Return the whole history, for an export."""
    return await fetch_rows(db, own_history(actor, enterprise_id), HISTORY, query)


def visible_timeline(actor: Actor, enterprise_id: UUID, rooms: Iterable[str] | None) -> Select[TimelineRow]:
    """Return the statement of a company's timeline, narrowed to some rooms where the reader is not the company."""
    wanted = and_(TimelineRow.enterprise_id == enterprise_id, scope.visible_to(actor, TimelineRow.enterprise_id))
    statement = select(TimelineRow).where(wanted)
    return statement if rooms is None else statement.where(TimelineRow.room.in_(sorted(rooms)))


async def timeline_page(
    db: AsyncSession, actor: Actor, enterprise_id: UUID, rooms: Iterable[str] | None, query: ListQuery
) -> Page[TimelineRow]:
    """Return one page of a company's timeline."""
    return await fetch_page(db, visible_timeline(actor, enterprise_id, rooms), TIMELINE, query)


async def timeline_rows(
    db: AsyncSession, actor: Actor, enterprise_id: UUID, rooms: Iterable[str] | None, query: ListQuery
) -> list[TimelineRow]:
    """Return the whole of a company's timeline, for an export."""
    return await fetch_rows(db, visible_timeline(actor, enterprise_id, rooms), TIMELINE, query)


async def licences_of(db: AsyncSession, actor: Actor, enterprise_id: UUID) -> list[LicenceRow]:
    """Return the standing licences of a company the actor may see."""
    statement = (
        select(LicenceRow)
        .where(
            LicenceRow.enterprise_id == enterprise_id,
            LicenceRow.retired_at.is_(None),
            scope.visible_to(actor, LicenceRow.enterprise_id),
        )
        .order_by(LicenceRow.kind, LicenceRow.number)
    )
    return list(await db.scalars(statement))


async def find_licence(db: AsyncSession, actor: Actor, licence_id: UUID) -> LicenceRow:
    """Return a standing licence of the actor's own company; NotFound otherwise."""
    return await scope.find(
        db,
        select(LicenceRow).where(
            LicenceRow.id == licence_id,
            LicenceRow.retired_at.is_(None),
            scope.owned_by(actor, LicenceRow.enterprise_id),
        ),
    )


async def contacts_of(db: AsyncSession, actor: Actor, enterprise_id: UUID) -> list[ContactRow]:
    """Return the contacts of a company the actor may see."""
    statement = (
        select(ContactRow)
        .where(ContactRow.enterprise_id == enterprise_id, scope.visible_to(actor, ContactRow.enterprise_id))
        .order_by(ContactRow.recorded_at)
    )
    return list(await db.scalars(statement))


async def find_contact(db: AsyncSession, actor: Actor, contact_id: UUID) -> ContactRow:
    """Return a contact of the actor's own company; NotFound otherwise."""
    return await scope.find(
        db,
        select(ContactRow).where(ContactRow.id == contact_id, scope.owned_by(actor, ContactRow.enterprise_id)),
    )
