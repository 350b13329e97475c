"""One fact: what is known of it, all that was ever said, and a form to declare it or correct it."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from enterprises import display, rules, service, store
from enterprises.contracts import FactIn
from enterprises.pages.company import fact_line
from enterprises.vocabulary import VOCABULARY, FactDefinition
from kernel.act import Act
from kernel.clock import local_date
from kernel.data_use import own_basis
from kernel.paging import ListQuery
from kernel.problems import NotFound
from kernel.texts import Text
from kernel.texts import gettext as _
from kernel.web import ActDep, Db, Form, Once, ReadDb, StrictRequest, page, read_form, redirect, submit

YEARS_SHOWN = 5
HUNDRED = 100


class DeclareForm(Struct):
    """A declared value as a person enters it: one entry, or the ticked ones of a list."""

    value: Annotated[str, Meta(max_length=500)] | None = None
    values: list[Annotated[str, Meta(max_length=80)]] = []
    period: Annotated[str, Meta(max_length=7)] = ""
    note: Annotated[str, Meta(max_length=500)] = ""


@get("/enterprise/facts/{name:str}", opt={"policy": "company.page"}, include_in_schema=False)
async def show_fact(request: StrictRequest, read_db: ReadDb, act: ActDep, name: FromPath[str]) -> Any:
    """Show one fact of the actor's company with its history, and the form to declare it."""
    return page(request, "enterprises/fact.html", await _context(read_db, act, _definition(name), None))


@post("/enterprise/facts/{name:str}", opt={"policy": "fact.record"}, include_in_schema=False)
async def declare_fact(request: StrictRequest, db: Db, act: ActDep, once: Once, name: FromPath[str]) -> Response[Any]:
    """Record what the company says about itself."""
    definition = _definition(name)
    form = await read_form(request, DeclareForm)
    company = await service.find_own(db, act.actor)
    if form.value is not None and form.is_valid:
        fact = _fact_of(definition, form.value, form)
        if fact is not None:

            async def effect() -> str:
                await service.record_facts(db, act, company.id, [fact])
                return f"/enterprise/facts/{name}"

            if path := await submit(db, once, form, effect):
                return redirect(request, path, notice=_("Recorded. What was known before stays in the history."))
    found = page(request, "enterprises/fact.html", await _context(db, act, definition, form), status=422)
    return found


def _definition(name: str) -> FactDefinition:
    definition = VOCABULARY.get(name)
    if definition is None:
        raise NotFound
    return definition


def _fact_of(definition: FactDefinition, sent: DeclareForm, form: Form[DeclareForm]) -> FactIn | None:
    """Turn what a person typed into a value of the fact's kind; mistakes go beside the field."""
    try:
        start, end = _period(definition, sent.period)
        value = rules.check_value(definition, _raw(definition, sent))
    except rules.WrongFact as wrong:
        form.errors[wrong.field] = Text(wrong.zh, wrong.en).local()
        return None
    return FactIn(name=definition.name, value=value, period_start=start, period_end=end, note=sent.note)


def _raw(definition: FactDefinition, sent: DeclareForm) -> Any:
    if definition.kind == "codes":
        return sent.values
    text = (sent.value or "").strip()
    if not text:
        raise rules.WrongFact("value", "请填写", "Please fill in this field.")
    if definition.kind == "bool":
        return {"true": True, "false": False}.get(text, text)
    plain = text.replace(",", "").replace("，", "")
    if definition.kind == "integer":
        return int(plain) if plain.removeprefix("-").isascii() and plain.removeprefix("-").isdigit() else text
    if definition.kind == "ratio":
        try:
            return Decimal(plain.rstrip("%％")) / HUNDRED
        except InvalidOperation:
            return text
    return plain if definition.kind in ("money", "decimal") else text


def _period(definition: FactDefinition, text: str) -> tuple[date | None, date | None]:
    if definition.period == "none":
        return None, None
    try:
        if definition.period == "year":
            year = int(text)
            return date(year, 1, 1), rules.year_end(year)
        first = date.fromisoformat(f"{text}-01")
        return first, rules.month_end(first)
    except ValueError:
        raise rules.WrongFact("period", "请选择所属期间", "Choose the period it is for.") from None


async def _context(
    db: AsyncSession, act: Act, definition: FactDefinition, form: Form[DeclareForm] | None
) -> dict[str, Any]:
    company = await service.find_own(db, act.actor)
    facts = await service.read_facts(db, act, own_basis(act), [definition.name])
    history = await store.fact_history(
        db, act.actor, company.id, ListQuery(filters={"name": definition.name}, size=HUNDRED)
    )
    this_year = local_date(act.now).year
    return {
        "company": company,
        "definition": definition,
        "question": Text(definition.question_zh, definition.question_en).local(),
        "line": fact_line(definition.name, facts[definition.name], act.now),
        "topic": display.topic_label(definition.topic),
        "form": form,
        "years": [str(year) for year in range(this_year, this_year - YEARS_SHOWN, -1)],
        "choices": [(one.code, Text(one.zh, one.en).local()) for one in definition.choices],
        "unit": "%" if definition.kind == "ratio" else display.unit_label(definition.unit),
        "authorities": display.AUTHORITIES,
        "history": [
            {
                "value": display.show_value(row.name, rules.read_stored(row.kind, row.value)),
                "period": display.show_period(row.period_start, row.period_end),
                "source": display.show_source(row.source),
                "authority": row.authority,
                "seen_at": row.seen_at,
                "recorded_at": row.recorded_at,
                "superseded_at": row.superseded_at,
                "note": row.note,
                "counts": row.superseded_at is None and service.as_value(row) in facts.series(definition.name),
            }
            for row in history.items
        ],
    }
