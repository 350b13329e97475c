"""One search box over the rooms: policies, cases and companies, each only as far as the reader may see them."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get
from litestar.params import QueryParameter
from msgspec import Struct
from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

import policy_matching
from kernel import scope
from kernel.act import Act, Actor
from kernel.auth.policies import EVERYBODY, Policy
from kernel.identity import Organisation
from kernel.paging import ListQuery
from kernel.texts import gettext as _
from kernel.texts import local
from kernel.web import ActDep, ReadDb, StrictRequest, page

POLICY = Policy("search.use", EVERYBODY)
SHOWN = 8
HAS_CASES = frozenset({"enterprise", "government", "platform"})


class Hit(Struct, frozen=True):
    """One thing found: where it is, what it is called, one line about it."""

    path: str
    title: str
    text: str = ""


class Group(Struct, frozen=True):
    """What one room found."""

    title: str
    icon: str
    hits: Sequence[Hit]


@get("/search", opt={"policy": POLICY.name}, include_in_schema=False)
async def show_search(
    request: StrictRequest,
    read_db: ReadDb,
    act: ActDep,
    q: Annotated[str, QueryParameter(max_length=100, description="Search words.")] = "",
) -> Response[Any]:
    """Show what the words find."""
    words = q.split()
    groups = await search(read_db, act, words) if words else []
    return page(request, "portal/search.html", {"q": q, "groups": [group for group in groups if group.hits]})


async def search(db: AsyncSession, act: Act, words: Sequence[str]) -> list[Group]:
    """Return what each room finds for all of the words."""
    return [
        Group(_("Policies"), "rosette-discount-check", await find_policies(db, act.actor, words)),
        Group(_("Cases"), "file-text", await find_cases(db, act, words)),
        Group(_("Companies"), "building", await find_companies(db, act.actor, words)),
    ]


async def find_policies(db: AsyncSession, actor: Actor, words: Sequence[str]) -> list[Hit]:
    """Return the live policies whose name or code has every word; policies are public."""
    hits = []
    for item in await policy_matching.live_items(db):
        title = item.rules.title
        text = f"{title.zh} {title.en} {item.row.code}".casefold()
        if all(word.casefold() in text for word in words):
            hits.append(Hit(f"{policy_pages(actor)}/{item.row.code}", local(title)))
    return hits[:SHOWN]


def policy_pages(actor: Actor) -> str:
    """Return where this actor reads policies: against its own facts, as the office's own, or in the public library."""
    if actor.organisation_kind == "enterprise":
        return "/policies"
    return "/review/policies" if actor.has("officer") else "/library"


async def find_cases(db: AsyncSession, act: Act, words: Sequence[str]) -> list[Hit]:
    """Return the cases the actor may see that have every word in number, policy or company."""
    if act.actor.organisation_kind not in HAS_CASES:
        return []
    found = await policy_matching.page_of_cases(db, act.actor, ListQuery(q=" ".join(words), size=SHOWN))
    start = "/review" if act.actor.has("officer") else "/applications"
    return [
        Hit(
            f"{start}/{case.id}",
            local(case, "title"),
            " · ".join(part for part in (case.number, local(case, "enterprise"), _state(case.state)) if part),
        )
        for case in found.items
    ]


def _state(state: str) -> str:
    return _(policy_matching.STATE_LABELS.get(state, state))


async def find_companies(db: AsyncSession, actor: Actor, words: Sequence[str]) -> list[Hit]:
    """Return the companies within the actor's scope whose name or credit code has every word."""
    columns = (Organisation.name_zh, Organisation.name_en, Organisation.uscc)
    named = and_(*(or_(*(column.icontains(word, autoescape=True) for column in columns)) for word in words))
    statement = (
        select(Organisation.id, Organisation.name_zh, Organisation.name_en, Organisation.uscc)
        .where(Organisation.kind == "enterprise", scope.visible_to(actor, Organisation.id), named)
        .order_by(Organisation.name_zh)
        .limit(SHOWN)
    )
    return [Hit(company_path(actor, row.id), local(row, "name"), row.uscc or "") for row in await db.execute(statement)]


def company_path(actor: Actor, company_id: UUID) -> str:
    """Return the page on which this actor sees a company."""
    if company_id == actor.organisation_id:
        return "/enterprise"
    return f"/park/tenants/{company_id}" if actor.has("park_operator") else f"/enterprises/{company_id}"


HANDLERS = (show_search,)
