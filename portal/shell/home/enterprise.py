"""A company's desk: what it can have, what is under way, what it must answer, who read its data."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

import credit
import data_exchange
import enterprises
import park
import policy_matching
from kernel.act import Act
from kernel.clock import local_date
from kernel.data_use import PURPOSES
from kernel.paging import ListQuery, fetch_page
from kernel.problems import Problem
from portal.shell.data_uses import LISTING, to_line, uses_by_others
from portal.shell.home.greeting import greeting

SHOWN_MATCHES = 5
SHOWN_ROWS = 4
USABLE = ("open", "closing_soon")
ROOM_ICONS = {
    "enterprises": "building", "park": "building-community", "policy_matching": "rosette-discount-check",
    "credit": "cloud", "data_exchange": "share",
}  # fmt: skip
"""icons: building building-community rosette-discount-check cloud share"""
OPEN_CASES = ("draft", "submitted", "accepted", "returned", "approved", "publicity", "payment_handed_over")


async def enterprise_desk(db: AsyncSession, act: Act) -> dict[str, Any]:
    """Return what waits for the actor's own company; the company may not be in the register yet."""
    company_id = act.actor.organisation_id
    if company_id is None or not await _is_registered(db, act, company_id):
        return {"greeting": greeting(act.now), "registered": False}
    matches = await policy_matching.match_company(db, act)
    cases = await policy_matching.page_of_cases(db, act.actor, ListQuery(size=20))
    under_way = [case for case in cases.items if case.state in OPEN_CASES]
    uses = await fetch_page(db, uses_by_others(act.actor), LISTING, ListQuery(size=SHOWN_ROWS))
    return {
        "greeting": greeting(act.now),
        "registered": True,
        "case_states": policy_matching.STATE_LABELS,
        "purposes": PURPOSES,
        "room_icons": ROOM_ICONS,
        "today": local_date(act.now),
        "matches": matches[:SHOWN_MATCHES],
        "total": len(matches),
        **summarise(matches),
        "cases": under_way[:SHOWN_ROWS],
        "under_way": len(under_way),
        "returned": sum(1 for case in under_way if case.state == "returned"),
        "paid_fen": sum(case.approved_fen or 0 for case in cases.items if case.state in ("paid", "closed")),
        "score": await credit.own_latest_score(db, act),
        "requests": await data_exchange.open_requests(db, act.actor),
        "tenancies": await park.tenancies(db, company_id),
        "uses": uses.map(lambda row: to_line(row, act.actor)).items,
        "timeline_entries": (
            await enterprises.timeline_of(db, act.actor, company_id, ListQuery(size=SHOWN_ROWS))
        ).items,
    }


def summarise(matches: list[policy_matching.Match]) -> dict[str, Any]:
    """Return how many items can be had now, what they are worth at most (yuan), and how many hang on open questions."""
    had = [match for match in matches if match.verdict == "eligible" and match.complete and match.state in USABLE]
    asked = [match for match in matches if match.verdict == "depends" and match.state in USABLE and match.questions]
    return {
        "eligible": len(had),
        "worth": sum((match.worth_high or Decimal(0) for match in had), Decimal(0)),
        "asked": len(asked),
        "questions": len({question for match in asked for question in match.questions}),
    }


async def _is_registered(db: AsyncSession, act: Act, company_id: UUID) -> bool:
    try:
        await enterprises.find_enterprise(db, act.actor, company_id)
    except Problem:
        return False
    return True
