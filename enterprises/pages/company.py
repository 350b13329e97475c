"""My company: what is known about it, from where and how fresh; its licences and contacts."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Template
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from enterprises import codes, display, service, store
from enterprises.contracts import ContactIn, Facts, FactValue, LicenceIn
from enterprises.service.contacts import DUTIES
from enterprises.service.licences import LICENCE_KINDS
from enterprises.vocabulary import VOCABULARY
from kernel.act import Act
from kernel.data_use import own_basis
from kernel.ground import Ground
from kernel.paging import ListQuery
from kernel.texts import gettext as _
from kernel.web import ActDep, Db, Form, GroundDep, Once, ReadDb, StrictRequest, page, read_form, redirect, submit

NEWEST = 6


class LicenceForm(Struct):
    """A licence as a person enters it."""

    kind: str
    number: Annotated[str, Meta(min_length=1, max_length=80)]
    name_zh: Annotated[str, Meta(min_length=1, max_length=200)]
    issuer_zh: Annotated[str, Meta(max_length=200)] = ""
    issued_on: date | None = None
    valid_until: date | None = None


class ContactForm(Struct):
    """A contact as a person enters it."""

    duty: Literal["legal_representative", "policy", "finance", "data", "other"]
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    phone: Annotated[str, Meta(max_length=30, pattern=r"^[0-9+() -]*$")] = ""


class FactLine(Struct, frozen=True):
    """A fact as a line of the page."""

    name: str
    label: str
    known: bool
    value: str
    period: str
    source: str
    authority: str
    seen_at: datetime | None
    freshness: str
    can_declare: bool


@get("/enterprise", opt={"policy": "company.page"}, include_in_schema=False)
async def show_company(request: StrictRequest, read_db: ReadDb, ground: GroundDep, act: ActDep) -> Any:
    """Show what ParkLink knows about the actor's company."""
    return page(request, "enterprises/company.html", await _context(read_db, ground, act))


@post("/enterprise/licences", opt={"policy": "licence.write"}, include_in_schema=False)
async def enter_licence(request: StrictRequest, db: Db, ground: GroundDep, act: ActDep, once: Once) -> Response[Any]:
    """Enter a licence from the company's page."""
    form = await read_form(request, LicenceForm)
    company = await service.find_own(db, act.actor)
    if form.value is not None and form.is_valid:
        sent = form.value
        data = LicenceIn(**{name: getattr(sent, name) for name in LicenceForm.__struct_fields__})

        async def effect() -> str:
            await service.record_licence(db, act, company.id, data)
            return "/enterprise#licences"

        if path := await submit(db, once, form, effect):
            return redirect(request, path, notice=_("The licence was entered."))
    return await _again(request, db, ground, act, licence_form=form)


@post("/enterprise/licences/{licence_id:uuid}/retire", opt={"policy": "licence.write"}, include_in_schema=False)
async def retire_licence(request: StrictRequest, db: Db, act: ActDep, licence_id: FromPath[UUID]) -> Response[Any]:
    """Take a licence out of the list."""
    await service.retire_licence(db, act, licence_id)
    return redirect(request, "/enterprise#licences", notice=_("The licence was taken out of the list."))


@post("/enterprise/contacts", opt={"policy": "licence.write"}, include_in_schema=False)
async def add_contact(request: StrictRequest, db: Db, ground: GroundDep, act: ActDep, once: Once) -> Response[Any]:
    """Add a contact from the company's page."""
    form = await read_form(request, ContactForm)
    company = await service.find_own(db, act.actor)
    if form.value is not None and form.is_valid:
        data = ContactIn(duty=form.value.duty, name=form.value.name, phone=form.value.phone)

        async def effect() -> str:
            await service.add_contact(db, act, ground.keys, company.id, data)
            return "/enterprise#contacts"

        if path := await submit(db, once, form, effect):
            return redirect(request, path, notice=_("The contact was added."))
    return await _again(request, db, ground, act, contact_form=form)


@post("/enterprise/contacts/{contact_id:uuid}/remove", opt={"policy": "licence.write"}, include_in_schema=False)
async def remove_contact(request: StrictRequest, db: Db, act: ActDep, contact_id: FromPath[UUID]) -> Response[Any]:
    """Erase a contact."""
    await service.remove_contact(db, act, contact_id)
    return redirect(request, "/enterprise#contacts", notice=_("The contact was erased."))


def fact_line(name: str, fact: FactValue | None, now: datetime) -> FactLine:
    """Return a fact as a line; an unknown one says so."""
    definition = VOCABULARY[name]
    if fact is None:
        return FactLine(name, display.fact_label(name), False, "", "", "", "", None, "unknown", not definition.derived)
    return FactLine(
        name=name,
        label=display.fact_label(name),
        known=True,
        value=display.show_value(name, fact.value),
        period=display.show_period(fact.period_start, fact.period_end),
        source=display.show_source(fact.source),
        authority=fact.authority,
        seen_at=fact.seen_at,
        freshness=display.freshness(fact, now),
        can_declare=not definition.derived,
    )


def topics_of(facts: Facts, now: datetime) -> list[dict[str, Any]]:
    """Return the facts by topic, the known ones first."""
    topics: dict[str, list[FactLine]] = {}
    for name, fact in facts.items():
        topics.setdefault(VOCABULARY[name].topic, []).append(fact_line(name, fact, now))
    return [
        {
            "name": topic,
            "label": display.topic_label(topic),
            "lines": sorted(lines, key=lambda line: not line.known),
            "known": sum(line.known for line in lines),
        }
        for topic, lines in topics.items()
    ]


async def _context(
    db: AsyncSession, ground: Ground, act: Act, *, licence_form: Any = None, contact_form: Any = None
) -> dict[str, Any]:
    company = await service.find_own(db, act.actor)
    facts = await service.read_facts(db, act, own_basis(act))
    known = [fact for fact in facts.values() if fact is not None]
    newest = await service.timeline_of(db, act.actor, company.id, ListQuery(size=NEWEST))
    return {
        "company": company,
        "industry": codes.industry_name(company.industry_code),
        "division": "".join(codes.division_path(company.division_code)),
        "size": display.show_value("size_class", facts.value("size_class")),
        "topics": topics_of(facts, act.now),
        "known": len(known),
        "total": len(facts),
        "old": sum(display.freshness(fact, act.now) == "old" for fact in known),
        "newest_seen": max((fact.seen_at for fact in known), default=None),
        "licences": await store.licences_of(db, act.actor, company.id),
        "contacts": await service.open_contacts(db, act.actor, ground.keys, company.id),
        "entries": newest.items,
        "licence_form": licence_form,
        "contact_form": contact_form,
        "licence_kinds": LICENCE_KINDS,
        "duties": DUTIES,
        "authorities": display.AUTHORITIES,
        "today": act.now,
    }


async def _again(request: StrictRequest, db: AsyncSession, ground: Ground, act: Act, **forms: Form[Any]) -> Template:
    return page(request, "enterprises/company.html", await _context(db, ground, act, **forms), status=422)
