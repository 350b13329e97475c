"""Statements about the questions that lenders asked."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from credit.models import ScoreQueryRow, ScoreRow
from kernel.act import Act, Actor
from kernel.identity import Organisation
from kernel.paging import Column, Listing, ListQuery, Page, fetch_page
from kernel.problems import NotFound
from kernel.texts import N_

Company = aliased(Organisation, name="company")
Lender = aliased(Organisation, name="lender")
OUTCOMES = {"scored": N_("Scored"), "no_data": N_("No bills"), "refused": N_("Refused")}
PURPOSES = {
    "loan_application": N_("Loan application"), "credit_review": N_("Review of a limit"),
    "loan_monitoring": N_("Watching a loan"),
}  # fmt: skip


class QueryView(Struct, frozen=True, kw_only=True):
    """A question with the names of both sides and the answer it got; a refused one names no company to the lender."""

    id: UUID
    asked_at: datetime
    asked_for: str
    asked_by_kind: str
    purpose: str
    note: str
    outcome: str
    reference: str
    consent_until: datetime | None
    legal_basis: str
    lender_id: UUID
    lender_name_zh: str
    lender_name_en: str
    company_id: UUID | None
    company_name_zh: str | None
    company_name_en: str | None
    score_id: UUID | None
    points: int | None
    grade: str | None
    as_of: date | None
    data_until: date | None
    data_age_days: int | None
    source_grade: str | None
    model_name: str | None
    model_version: str | None
    model_sha256: str | None


QUERIES = Listing(
    columns=(
        Column("asked_at", ScoreQueryRow.asked_at, N_("Asked"), kind="moment"),
        Column("company_name_zh", Company.name_zh, N_("Company"), searchable=True),
        Column("lender_name_zh", Lender.name_zh, N_("Lender"), searchable=True),
        Column("purpose", ScoreQueryRow.purpose, N_("Purpose"), kind="enum", choices=PURPOSES),
        Column("outcome", ScoreQueryRow.outcome, N_("Outcome"), kind="enum", choices=OUTCOMES),
        Column("points", ScoreRow.points, N_("Score"), kind="number"),
        Column("grade", ScoreRow.grade, N_("Band"), kind="enum"),
        Column("data_age_days", ScoreRow.data_age_days, N_("Data age"), kind="number"),
    ),
    default_sort="-asked_at",
    filters={"outcome": ScoreQueryRow.outcome, "purpose": ScoreQueryRow.purpose},
    tie=ScoreQueryRow.id,
)


async def find_subject(db: AsyncSession, act: Act, enterprise_id: UUID | None, uscc: str | None) -> UUID | None:
    """Return the id of the company a lender names by id or credit code, or None; the caller tells nobody which."""
    condition = Organisation.id == enterprise_id if uscc is None else Organisation.uscc == uscc
    found: UUID | None = await db.scalar(select(Organisation.id).where(condition, Organisation.kind == "enterprise"))
    return found


def queries_of(actor: Actor) -> Select[*tuple[Any, ...]]:
    """Return the statement of the questions the actor's organisation asked, or that were asked about it."""
    # A refused question must look the same for a company that exists and for one that does not: not even a search by
    # name may tell them apart, so the company is not joined at all.
    named = or_(ScoreQueryRow.outcome != "refused", ScoreQueryRow.enterprise_id == actor.organisation_id)
    return (
        select(
            ScoreQueryRow.id, ScoreQueryRow.asked_at, ScoreQueryRow.asked_for, ScoreQueryRow.asked_by_kind,
            ScoreQueryRow.purpose, ScoreQueryRow.note, ScoreQueryRow.outcome, ScoreQueryRow.reference,
            ScoreQueryRow.consent_until, ScoreQueryRow.legal_basis, ScoreQueryRow.lender_id,
            Lender.name_zh.label("lender_name_zh"), Lender.name_en.label("lender_name_en"),
            Company.id.label("company_id"), Company.name_zh.label("company_name_zh"),
            Company.name_en.label("company_name_en"),
            ScoreQueryRow.score_id, ScoreRow.points, ScoreRow.grade, ScoreRow.as_of, ScoreRow.data_until,
            ScoreRow.data_age_days, ScoreRow.source_grade, ScoreRow.model_name, ScoreRow.model_version,
            ScoreRow.model_sha256,
        )
        .join(Lender, Lender.id == ScoreQueryRow.lender_id)
        .outerjoin(Company, and_(Company.id == ScoreQueryRow.enterprise_id, named))
        .outerjoin(ScoreRow, ScoreRow.id == ScoreQueryRow.score_id)
        .where(_mine(actor))
    )  # fmt: skip


async def find_query(db: AsyncSession, actor: Actor, query_id: UUID) -> QueryView:
    """Return one question the actor's organisation asked, or that was asked about it; NotFound otherwise."""
    row = (await db.execute(queries_of(actor).where(ScoreQueryRow.id == query_id))).one_or_none()
    if row is None:
        raise NotFound
    return _view(row)


async def fetch_queries(db: AsyncSession, actor: Actor, query: ListQuery) -> Page[QueryView]:
    """Return a page of the questions the actor's organisation asked, or that were asked about it."""
    return (await fetch_page(db, queries_of(actor), QUERIES, query)).map(_view)


async def latest_queries(db: AsyncSession, actor: Actor, count: int) -> Sequence[QueryView]:
    """Return the newest questions, as in `fetch_queries`."""
    statement = queries_of(actor).order_by(ScoreQueryRow.asked_at.desc(), ScoreQueryRow.id.desc()).limit(count)
    return [_view(row) for row in await db.execute(statement)]


def _mine(actor: Actor) -> ColumnElement[bool]:
    """Own questions, and questions about oneself; nobody else's, whatever the role."""
    if actor.kind == "system":
        return true()
    own = actor.organisation_id
    return or_(ScoreQueryRow.lender_id == own, ScoreQueryRow.enterprise_id == own) if own else false()


def _view(row: Any) -> QueryView:
    return QueryView(**{name: getattr(row, name) for name in QueryView.__struct_fields__})
