"""Everything that was ever recorded of the company, and everything that happened to it."""

from typing import Any

from litestar import Response, get
from litestar.params import FromQuery
from msgspec import Struct

from enterprises import display, rules, service, store
from kernel.paging import Column, Listing
from kernel.texts import N_, Text
from kernel.web import ActDep, Listed, ReadDb, StrictRequest, download, page

ROOMS = {
    "enterprises": N_("Company"),
    "park": N_("Park"),
    "policy_matching": N_("Policies"),
    "credit": N_("Credit"),
    "data_exchange": N_("Data"),
}


class HistoryLine(Struct, frozen=True):
    """One recorded value as a line of the page and of its export."""

    id: str
    name: str
    value: str
    unit: str
    period_end: str
    source: str
    authority: str
    seen_at: Any
    recorded_at: Any
    superseded_at: Any
    fact: str


TIMELINE_LINES = Listing(
    columns=(
        Column("at", store.TIMELINE.columns[0].expression, N_("When"), kind="moment"),
        Column("room", store.TIMELINE.columns[1].expression, N_("Area"), kind="enum", choices=ROOMS),
        Column("text", store.TIMELINE.columns[2].expression, N_("What happened"), sortable=False),
    ),
    default_sort="-at",
)


def history_line(row: Any) -> HistoryLine:
    """Return a recorded value as people read it."""
    return HistoryLine(
        id=str(row.id),
        name=display.fact_label(row.name),
        value=display.show_value(row.name, rules.read_stored(row.kind, row.value)),
        unit=display.unit_label(row.unit),
        period_end=display.show_period(row.period_start, row.period_end),
        source=display.show_source(row.source),
        authority=row.authority,
        seen_at=row.seen_at,
        recorded_at=row.recorded_at,
        superseded_at=row.superseded_at,
        fact=row.name,
    )


@get("/enterprise/facts", opt={"policy": "company.page"}, include_in_schema=False)
async def show_history(
    request: StrictRequest, read_db: ReadDb, act: ActDep, listed: Listed, export: FromQuery[str] = ""
) -> Response[Any]:
    """Show every value ever recorded of the actor's company."""
    company = await service.find_own(read_db, act.actor)
    if export:
        rows = await store.all_history(read_db, act.actor, company.id, listed)
        return download(store.HISTORY, [history_line(row) for row in rows], export, "facts")
    found = await store.fact_history(read_db, act.actor, company.id, listed)
    context = {
        "company": company,
        "found": found.map(history_line),
        "columns": [column for column in store.HISTORY.columns if column.name != "unit"],
        "authorities": display.AUTHORITIES,
    }
    return page(request, "enterprises/history.html", context)


@get("/enterprise/timeline", opt={"policy": "company.page"}, include_in_schema=False)
async def show_timeline(
    request: StrictRequest, read_db: ReadDb, act: ActDep, listed: Listed, export: FromQuery[str] = ""
) -> Response[Any]:
    """Show what happened to the actor's company, from every room."""
    company = await service.find_own(read_db, act.actor)
    found = await service.timeline_of(read_db, act.actor, company.id, listed)
    if export:
        rows = await service.whole_timeline(read_db, act.actor, company.id, listed)
        lines = [{"at": e.at, "room": e.room, "text": Text(e.text_zh, e.text_en).local()} for e in rows]
        return download(TIMELINE_LINES, lines, export, "timeline")
    return page(request, "enterprises/timeline.html", {"company": company, "found": found, "rooms": ROOMS})
