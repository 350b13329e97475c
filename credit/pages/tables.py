"""The table of questions, as the company and as the lender read it."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct

from credit import store
from credit.scorecard.artefact import UNIT
from kernel.paging import Column
from kernel.texts import local


class QueryLine(Struct, frozen=True):
    """One question as a line of a page and of its export; the names are in the reader's language."""

    id: UUID
    asked_at: datetime
    company_name_zh: str
    lender_name_zh: str
    purpose: str
    outcome: str
    points: Decimal | None
    grade: str | None
    data_age_days: int | None


def query_line(view: Any) -> QueryLine:
    """Return a question as a line; a refused one shows the lender what it wrote, and no name."""
    return QueryLine(
        id=view.id, asked_at=view.asked_at,
        company_name_zh=local(view, "company_name") if view.company_id else view.asked_for,
        lender_name_zh=local(view, "lender_name"), purpose=view.purpose, outcome=view.outcome,
        points=None if view.points is None else Decimal(view.points) / UNIT, grade=view.grade,
        data_age_days=view.data_age_days,
    )  # fmt: skip


def query_columns(side: str) -> list[Column]:
    """Return the columns a side needs: nobody is told its own name in every line."""
    hidden = {"company": "company_name_zh", "lender": "lender_name_zh"}[side]
    return [column for column in store.QUERIES.columns if column.name != hidden]
