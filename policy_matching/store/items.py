"""Items, their versions, decisions on them, recorded results and ranking models."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel import scope
from kernel.act import Actor
from kernel.money import LedgerAccount
from kernel.paging import Column, Listing, ListQuery, Page, fetch_page, fetch_rows
from kernel.texts import N_
from policy_matching.models import ExternalResult, PolicyDecision, PolicyItem, PolicyVersion, RankingModel

ROUTE_LABELS = {
    "self_declared": N_("Declared in the tax return"),
    "external": N_("Outside platform"),
    "here": N_("Apply here"),
    "promise": N_("Apply here by promise"),
    "automatic": N_("Paid without application"),
}
KIND_LABELS = {
    "recognition": N_("Recognition"),
    "tax": N_("Tax relief"),
    "levy": N_("Levy relief"),
    "subsidy": N_("Subsidy"),
    "interest_subsidy": N_("Interest subsidy"),
    "service": N_("Public service"),
}
ITEM_STATE_LABELS = {"published": N_("Published to companies"), "suspended": N_("Suspended")}

ITEMS = Listing(
    columns=(
        Column("code", PolicyItem.code, N_("Code"), searchable=True),
        Column("title_zh", PolicyVersion.title_zh, N_("Title (Chinese)"), searchable=True),
        Column("title_en", PolicyVersion.title_en, N_("Title (English)"), searchable=True),
        Column("document", PolicyVersion.document, N_("Document"), searchable=True),
        Column("route", PolicyVersion.route, N_("Route"), kind="enum", choices=ROUTE_LABELS),
        Column("kind", PolicyVersion.kind, N_("Kind"), kind="enum", choices=KIND_LABELS),
        Column("valid_from", PolicyVersion.valid_from, N_("Valid from"), kind="date"),
        Column("valid_until", PolicyVersion.valid_until, N_("Valid until"), kind="date"),
        Column("state", PolicyItem.state, N_("State"), kind="enum", choices=ITEM_STATE_LABELS),
        Column("granted_fen", PolicyItem.granted_fen, N_("Budget"), kind="money"),
        Column("free_fen", LedgerAccount.balance, N_("Budget left"), kind="money"),
    ),
    default_sort="code",
    filters={"route": PolicyVersion.route, "kind": PolicyVersion.kind, "state": PolicyItem.state},
)


ItemRow = tuple[PolicyItem, PolicyVersion, int | None]
"""An item, its version in use, and the money left in fen (None without a budget)."""


def current_items() -> Select[PolicyItem, PolicyVersion, int]:
    """The statement of every item with its version in use and the money left. Unscoped: policies are public."""
    return (
        select(PolicyItem, PolicyVersion, LedgerAccount.balance.label("free_fen"))
        .join(PolicyVersion, PolicyVersion.id == PolicyItem.current_version_id)
        .join(LedgerAccount, LedgerAccount.id == PolicyItem.free_account_id, isouter=True)
    )


async def all_items(db: AsyncSession) -> list[ItemRow]:
    """Return every item with version and money left. Unscoped: policies are public."""
    found = await db.execute(current_items().order_by(PolicyItem.code))
    return [(item, version, free) for item, version, free in found]


async def find_item(db: AsyncSession, code: str, *, lock: bool = False) -> ItemRow | None:
    """Return one item by its code. Unscoped: policies are public."""
    statement = current_items().where(PolicyItem.code == code)
    if lock:
        statement = statement.with_for_update(of=PolicyItem)
    found = (await db.execute(statement)).one_or_none()
    return None if found is None else (found[0], found[1], found[2])


async def item_by_id(db: AsyncSession, item_id: UUID) -> ItemRow:
    """Return one item by its id. Unscoped: policies are public."""
    found = (await db.execute(current_items().where(PolicyItem.id == item_id))).one()
    return found[0], found[1], found[2]


async def page_of_items(db: AsyncSession, actor: Actor, query: ListQuery) -> Page[Any]:
    """Return a page of the items an office looks after."""
    return await fetch_page(db, _listed(actor), ITEMS, query)


async def rows_of_items(db: AsyncSession, actor: Actor, query: ListQuery) -> list[Any]:
    """Return every item of the list, for an export."""
    return await fetch_rows(db, _listed(actor), ITEMS, query)


def _listed(actor: Actor) -> Select[Any]:
    statement = (
        select(PolicyItem.id, *(column.expression.label(column.name) for column in ITEMS.columns))
        .join(PolicyVersion, PolicyVersion.id == PolicyItem.current_version_id)
        .join(LedgerAccount, LedgerAccount.id == PolicyItem.free_account_id, isouter=True)
    )
    return statement.where(PolicyItem.office_id == actor.organisation_id) if actor.has("officer") else statement


async def items_by_code(db: AsyncSession) -> dict[str, PolicyItem]:
    """Return every item by its code. Unscoped: policies are public."""
    return {item.code: item for item in await db.scalars(select(PolicyItem))}


async def find_version(db: AsyncSession, version_id: UUID) -> PolicyVersion:
    """Return a version, current or not. Unscoped: policies are public."""
    return (await db.scalars(select(PolicyVersion).where(PolicyVersion.id == version_id))).one()


async def versions_of(db: AsyncSession, item_id: UUID) -> Sequence[PolicyVersion]:
    """Return every version of an item, newest first. Unscoped: policies are public."""
    statement = select(PolicyVersion).where(PolicyVersion.item_id == item_id).order_by(PolicyVersion.number.desc())
    return (await db.scalars(statement)).all()


async def find_decision(db: AsyncSession, actor: Actor, decision_id: UUID) -> PolicyDecision:
    """Return a decision on the actor's own company."""
    statement = select(PolicyDecision).where(
        PolicyDecision.id == decision_id, scope.owned_by(actor, PolicyDecision.enterprise_id)
    )
    return await scope.find(db, statement)


async def decision_of_case(db: AsyncSession, decision_id: UUID) -> PolicyDecision:
    """Return the decision behind a case. Unscoped: of an application found under scope."""
    return (await db.scalars(select(PolicyDecision).where(PolicyDecision.id == decision_id))).one()


async def results_of(db: AsyncSession, actor: Actor, item_id: UUID | None = None) -> Sequence[ExternalResult]:
    """Return the recorded results of the actor's company, newest first."""
    statement = (
        select(ExternalResult)
        .where(scope.owned_by(actor, ExternalResult.enterprise_id))
        .order_by(ExternalResult.recorded_at.desc())
    )
    if item_id is not None:
        statement = statement.where(ExternalResult.item_id == item_id)
    return (await db.scalars(statement)).all()


async def newest_model(db: AsyncSession) -> RankingModel | None:
    """Return the ranking model in use. Unscoped: it holds words of public policies only."""
    found: RankingModel | None = await db.scalar(
        select(RankingModel).order_by(RankingModel.fitted_at.desc(), RankingModel.id.desc()).limit(1)
    )
    return found
