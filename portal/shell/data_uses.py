"""Who used my data: one list for a company of every use and every refused attempt, single reads and batches alike.

An organisation also sees what it did itself, so both sides of a use look at the same rows.
"""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromQuery
from msgspec import Struct
from sqlalchemy import ColumnElement, Select, String, and_, cast, literal, or_, select, union_all
from sqlalchemy.orm import aliased

import data_exchange
from kernel import scope
from kernel.act import Actor
from kernel.auth.policies import EVERYBODY, Policy
from kernel.clock import SHANGHAI
from kernel.data_use import PURPOSES, DataUse, DataUseRun, DataUseRunSubject
from kernel.identity import Organisation
from kernel.paging import Column, Listing, fetch_page, fetch_rows
from kernel.problems import BadInput, FieldProblem
from kernel.texts import N_, current_locale
from kernel.texts import gettext as _
from kernel.web import ActDep, Listed, PageOut, ReadDb, StrictRequest, page, page_out, problems
from kernel.web.downloads import download

POLICY = Policy("data_use.read", EVERYBODY, machines=True)
BASES = {
    "own": N_("Own data"),
    "consent": N_("Consent"),
    "agreement": N_("Data agreement"),
    "statutory": N_("Statutory duty"),
    "contract": N_("Contract"),
    "none": N_("None"),
}
OUTCOMES = {"allowed": N_("Allowed"), "refused": N_("Refused")}
MAXIMUM_NAMED = 4
UUID_LENGTH = 36
REFERENCE_PAGES = {"consent": "/consents", "agreement": "/data/agreements/{number}"}


def _uses() -> Any:
    """Single uses and the runs of batches, as one relation."""
    single = select(
        DataUse.id,
        DataUse.at,
        DataUse.subject_id,
        DataUse.recipient_id,
        DataUse.actor_name,
        DataUse.purpose,
        DataUse.basis,
        DataUse.reference,
        DataUse.what,
        DataUse.outcome,
        DataUse.detail,
        literal("single", String).label("source"),
    )
    batch = select(
        DataUseRun.id,
        DataUseRun.at,
        DataUseRunSubject.subject_id,
        DataUseRun.recipient_id,
        DataUseRun.actor_name,
        DataUseRun.purpose,
        DataUseRun.basis,
        DataUseRun.reference,
        DataUseRun.what,
        literal("allowed", String).label("outcome"),
        literal("", String).label("detail"),
        literal("batch", String).label("source"),
    ).join(DataUseRunSubject, DataUseRunSubject.run_id == DataUseRun.id)
    return union_all(single, batch).subquery("uses")


USES = _uses()
SUBJECT, RECIPIENT = aliased(Organisation, name="subject"), aliased(Organisation, name="recipient")


def _on_or_after(text: str) -> ColumnElement[bool]:
    return and_(USES.c.at >= _midnight("from", text))


def _on_or_before(text: str) -> ColumnElement[bool]:
    return and_(USES.c.at < _midnight("until", text) + timedelta(days=1))


def _midnight(name: str, text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), SHANGHAI)
    except (ValueError, OverflowError):
        raise BadInput(fields=[FieldProblem(name, _("Please enter a date such as 2026-11-23."))]) from None


LISTING = Listing(
    columns=(
        Column("at", USES.c.at, N_("When"), kind="moment"),
        Column("recipient_name", RECIPIENT.name_zh, N_("Who"), searchable=True),
        Column("subject_name", SUBJECT.name_zh, N_("Whose data"), searchable=True),
        Column("purpose", USES.c.purpose, N_("Purpose"), kind="enum", choices=PURPOSES),
        Column("basis", USES.c.basis, N_("Legal basis"), kind="enum", choices=BASES),
        Column("reference", USES.c.reference, N_("Reference of the right"), searchable=True, sortable=False),
        Column("what", cast(USES.c.what, String), N_("What was read"), sortable=False),
        Column("outcome", USES.c.outcome, N_("Outcome"), kind="enum", choices=OUTCOMES),
    ),
    default_sort="-at",
    filters={
        "purpose": USES.c.purpose,
        "basis": USES.c.basis,
        "outcome": USES.c.outcome,
        "recipient": USES.c.recipient_id,
        "from": _on_or_after,
        "until": _on_or_before,
    },
    tie=USES.c.id,
)


class DataUseOut(Struct, frozen=True, kw_only=True):
    """One use of a company's data, as both sides see it."""

    id: UUID
    at: datetime
    subject_id: UUID
    subject_name_zh: str
    subject_name_en: str
    recipient_id: UUID | None
    recipient_name_zh: str
    recipient_name_en: str
    actor_name: str
    purpose: str
    basis: str
    reference: str
    what: list[str]
    outcome: str
    reason: str
    is_batch: bool


class DataUseLine(Struct, frozen=True):
    """One use as a line of the page and of its export."""

    at: datetime
    recipient_name: str
    subject_name: str
    purpose: str
    basis: str
    reference: str
    reference_path: str
    what: str
    outcome: str
    names: tuple[str, ...]
    is_batch: bool
    reason: str


def visible_uses(actor: Actor) -> Select[Any]:
    """Return the statement of the uses an actor may see: of its own data, and its own uses of others' data.

    A refusal without any right, present or past, is shown to the company alone: to the one refused it would tell that
    the company exists.
    """
    return (
        select(
            USES,
            SUBJECT.name_zh.label("subject_name_zh"),
            SUBJECT.name_en.label("subject_name_en"),
            RECIPIENT.name_zh.label("recipient_name_zh"),
            RECIPIENT.name_en.label("recipient_name_en"),
        )
        .join(SUBJECT, SUBJECT.id == USES.c.subject_id)
        .outerjoin(RECIPIENT, RECIPIENT.id == USES.c.recipient_id)
        .where(
            or_(
                scope.owned_by(actor, USES.c.subject_id),
                and_(scope.owned_by(actor, USES.c.recipient_id), USES.c.basis != "none"),
            )
        )
    )


def uses_by_others(actor: Actor) -> Select[Any]:
    """Return the statement of the uses of the actor's own data by somebody else."""
    return visible_uses(actor).where(
        scope.owned_by(actor, USES.c.subject_id), USES.c.recipient_id.is_distinct_from(actor.organisation_id)
    )


def to_out(row: Any) -> DataUseOut:
    """Return a row for the wire; the name of a person at the other side stays there."""
    return DataUseOut(
        id=row.id,
        at=row.at,
        subject_id=row.subject_id,
        subject_name_zh=row.subject_name_zh,
        subject_name_en=row.subject_name_en,
        recipient_id=row.recipient_id,
        recipient_name_zh=row.recipient_name_zh or "",
        recipient_name_en=row.recipient_name_en or "",
        actor_name=row.actor_name,
        purpose=row.purpose,
        basis=row.basis,
        reference=row.reference,
        what=list(row.what),
        outcome=row.outcome,
        reason=row.detail if row.outcome == "refused" else "",
        is_batch=row.source == "batch",
    )


def to_line(row: Any, actor: Actor) -> DataUseLine:
    """Return a row as people read it: names in their language, facts by their titles."""
    names = tuple(fact_title(name) for name in row.what)
    return DataUseLine(
        at=row.at,
        recipient_name=_pick(row.recipient_name_zh, row.recipient_name_en) or _("ParkLink"),
        subject_name=_pick(row.subject_name_zh, row.subject_name_en),
        purpose=row.purpose,
        basis=row.basis,
        **name_reference(row.reference, is_party=row.recipient_id == actor.organisation_id),
        what=_list(names),
        outcome=row.outcome,
        names=names,
        is_batch=row.source == "batch",
        reason=row.detail if row.outcome == "refused" else "",
    )


def name_reference(reference: str, *, is_party: bool) -> dict[str, str]:
    """Return a reference in words and the page that shows it; ids become their last eight signs.

    An agreement's page is for its parties; a company that is only in the data gets the number without a link.
    """
    kind, _colon, number = reference.partition(":")
    if kind not in REFERENCE_PAGES or len(number) != UUID_LENGTH:
        return {"reference": reference, "reference_path": ""}
    words = {"consent": _("Consent"), "agreement": _("Data agreement")}[kind]
    path = REFERENCE_PAGES[kind].format(number=number) if is_party or kind == "consent" else ""
    return {"reference": f"{words} {number[-8:]}", "reference_path": path}


def fact_title(name: str) -> str:
    """Return what a fact is called in the reader's language; names outside the vocabulary stay as they are."""
    if name == "*":
        return _("all facts")
    return data_exchange.name_of_scope(name).local()


def _pick(chinese: str | None, english: str | None) -> str:
    first, second = (chinese, english) if current_locale() == "zh_CN" else (english, chinese)
    return first or second or ""


def _list(names: tuple[str, ...]) -> str:
    return ("、" if current_locale() == "zh_CN" else ", ").join(names)


@get("/api/v1/data-uses", opt={"policy": POLICY.name}, responses=problems(400), tags=["data uses"])
async def list_data_uses(read_db: ReadDb, act: ActDep, listed: Listed) -> PageOut[DataUseOut]:
    """List the uses of my organisation's data, and my organisation's uses of others' data."""
    return page_out(await fetch_page(read_db, visible_uses(act.actor), LISTING, listed), to_out)


@get("/data-uses", opt={"policy": POLICY.name}, include_in_schema=False)
async def show_data_uses(
    request: StrictRequest, read_db: ReadDb, act: ActDep, listed: Listed, export: FromQuery[str] = ""
) -> Response[Any]:
    """Show who used whose data, for what, on which basis, and what came of it."""
    statement = visible_uses(act.actor)
    if export:
        rows = await fetch_rows(read_db, statement, LISTING, listed)
        return download(LISTING, [to_line(row, act.actor) for row in rows], export, "data-uses")
    found = await fetch_page(read_db, statement, LISTING, listed)
    is_company = act.actor.organisation_kind == "enterprise"
    hidden = {"reference"} | ({"subject_name"} if is_company else set())
    context = {
        "found": found.map(lambda row: to_line(row, act.actor)),
        "columns": [column for column in LISTING.columns if column.name not in hidden],
        "is_company": is_company,
        "purposes": PURPOSES,
        "bases": BASES,
        "outcomes": OUTCOMES,
        "maximum": MAXIMUM_NAMED,
    }
    return page(request, "portal/data_uses.html", context)
