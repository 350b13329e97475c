"""Recording facts: append, never overwrite. What was known on any past day stays readable as it was."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from enterprises import store
from enterprises.contracts import FactIn, FactValue
from enterprises.models import EnterpriseRow, FactRow
from enterprises.rules import WrongFact, check_period, check_value, order_values, read_stored
from enterprises.vocabulary import VOCABULARY, FactDefinition
from kernel import audit, events, scope
from kernel.act import Act
from kernel.ids import new_id
from kernel.problems import BadInput, FieldProblem, NotFound
from kernel.texts import Text
from kernel.texts import gettext as _

NAMED_ON_TIMELINE = 3
MAXIMUM_AT_ONCE = 2000
DECLARED_SOURCE = "declared:company"
REGISTER_FIELDS = ("industry_code", "division_code", "registered_on")
Checked = tuple[FactIn, FactDefinition, Any]


async def record_facts(db: AsyncSession, act: Act, enterprise_id: UUID, facts: Sequence[FactIn]) -> list[UUID]:
    """Record values of a company and return the ids of the rows that are new (a value already known adds none).

    A company declares about itself; a park operator about its tenants; an office and the system may record what a
    state source said. Raises NotFound for a foreign company and BadInput naming `facts[2].value` and the like.
    """
    await _authorise(db, act, enterprise_id, facts)
    row = await store.lock_enterprise(db, act, enterprise_id)
    if row is None:
        raise NotFound
    made = await write_facts(db, act, row, facts)
    if made:
        names = list(dict.fromkeys(fact.name for fact in made))
        sources = sorted({fact.source for fact in made})
        audit.write(
            db,
            act,
            "fact.recorded",
            "enterprise",
            enterprise_id,
            subject_id=enterprise_id,
            detail={"names": names, "sources": sources, "count": len(made)},
        )
        events.emit(
            db,
            act,
            "enterprises.fact_recorded",
            subject_id=enterprise_id,
            payload={"names": names, "sources": sources, "authorities": sorted({fact.authority for fact in made})},
            timeline=_timeline_text(names, declared=all(fact.authority == "declared" for fact in made)),
            link="/enterprise/facts",
        )
    return [fact.id for fact in made]


async def write_facts(db: AsyncSession, act: Act, row: EnterpriseRow, facts: Sequence[FactIn]) -> list[FactRow]:
    """Check the values and add their rows; the caller holds the company's row and has authorised the act."""
    checked = _check_all(act, facts)
    standing: dict[tuple[Any, ...], FactRow] = {
        _key(old): old for old in await store.standing_facts(db, act, row.id, [fact.name for fact in facts])
    }
    made: list[FactRow] = []
    superseded: list[tuple[FactRow, FactRow]] = []
    for fact, definition, value in checked:
        new = _row_of(act, row.id, fact, definition, value)
        old = standing.get(_key(new))
        if old is not None:
            if _says_the_same(old, new):
                continue
            new.recorded_at = max(new.recorded_at, old.recorded_at)
            if new.seen_at < old.seen_at:  # late news of an older sight: kept in the history, counts no more
                new.superseded_by, new.superseded_at = old.id, new.recorded_at
                made.append(new)
                continue
            superseded.append((old, new))
        standing[_key(new)] = new
        made.append(new)
    db.add_all(made)
    await db.flush()
    for old, new in superseded:
        await store.supersede(db, old.id, new.id, new.recorded_at)
        db.expire(old, ["superseded_by", "superseded_at"])
    _update_register(row, list(standing.values()))
    await db.flush()
    return made


def as_value(row: Any) -> FactValue:
    """Return a stored fact as readers see it."""
    return FactValue(
        value=read_stored(row.kind, row.value),
        unit=row.unit,
        period_start=row.period_start,
        period_end=row.period_end,
        source=row.source,
        authority=row.authority,
        seen_at=row.seen_at,
        recorded_at=row.recorded_at,
        note=row.note,
    )


async def _authorise(db: AsyncSession, act: Act, enterprise_id: UUID, facts: Sequence[FactIn]) -> None:
    actor = act.actor
    if actor.kind == "system" or actor.has("officer"):
        return
    if actor.organisation_id == enterprise_id:
        allowed, message = {"declared"}, _("A company records its own word only: authority must be 'declared'.")
    elif actor.has("park_operator") and await scope.is_linked(db, _organisation(actor), enterprise_id, "tenant"):
        allowed, message = {"declared", "derived"}, _("A park operator cannot speak for a state source.")
    else:
        raise NotFound
    wrong = [FieldProblem(f"facts[{i}].authority", message) for i, f in enumerate(facts) if f.authority not in allowed]
    if wrong:
        raise BadInput(fields=wrong)


def _organisation(actor: Any) -> UUID:
    if actor.organisation_id is None:
        raise NotFound
    found: UUID = actor.organisation_id
    return found


def _check_all(act: Act, facts: Sequence[FactIn]) -> list[Checked]:
    if len(facts) > MAXIMUM_AT_ONCE:
        raise BadInput(fields=[FieldProblem("facts", _("At most %(limit)s values at once.", limit=MAXIMUM_AT_ONCE))])
    checked: list[Checked] = []
    wrong: list[FieldProblem] = []
    for index, fact in enumerate(facts):
        definition = VOCABULARY.get(fact.name)
        if definition is None:
            wrong.append(
                FieldProblem(f"facts[{index}].name", _("There is no fact called %(name)s.", name=fact.name[:60]))
            )
            continue
        try:
            checked.append((fact, definition, _check_one(act, fact, definition)))
        except WrongFact as problem:
            wrong.append(FieldProblem(f"facts[{index}].{problem.field}", Text(problem.zh, problem.en).local()))
    if wrong:
        raise BadInput(fields=wrong)
    return checked


def _check_one(act: Act, fact: FactIn, definition: FactDefinition) -> Any:
    if definition.derived and fact.authority == "declared":
        raise WrongFact(
            "name",
            f"“{definition.zh}”由其他信息推算，不能申报",
            f"'{definition.en}' follows from others; it is not declared",
        )
    if fact.seen_at is not None and fact.seen_at.tzinfo is None:
        raise WrongFact("seen_at", "时间须带时区", "the moment needs a time zone")
    if fact.seen_at is not None and fact.seen_at > act.now:
        raise WrongFact("seen_at", "来源日期不能在将来", "a source cannot have been seen in the future")
    if fact.authority != "declared" and not fact.source.strip():
        raise WrongFact("source", "请注明来源", "name the source")
    check_period(definition, fact.period_start, fact.period_end)
    return check_value(definition, fact.value)


def _row_of(act: Act, enterprise_id: UUID, fact: FactIn, definition: FactDefinition, value: Any) -> FactRow:
    return FactRow(
        id=new_id(),
        enterprise_id=enterprise_id,
        name=fact.name,
        kind=definition.kind,
        value=_stored(value),
        unit=definition.unit,
        period_start=fact.period_start,
        period_end=fact.period_end,
        source=(fact.source.strip() or DECLARED_SOURCE)[:200],
        authority=fact.authority,
        note=fact.note,
        seen_at=fact.seen_at or act.now,
        recorded_at=act.now,
        recorded_by=f"{act.actor.kind}:{act.actor.id or act.actor.name}"[:120],
        superseded_by=None,
        superseded_at=None,
    )


def _stored(value: Any) -> Any:
    if isinstance(value, bool | int | str):
        return value
    return list(value) if isinstance(value, tuple) else str(value)


def _key(row: FactRow) -> tuple[Any, ...]:
    """What a new value supersedes: the same fact and period, said with the same authority."""
    return (row.name, row.period_start, row.period_end, row.authority)


def _says_the_same(old: FactRow, new: FactRow) -> bool:
    """Tell whether nothing new was learned: same value, same source, and not seen on a later day."""
    same = old.value == new.value and old.source == new.source and old.note == new.note
    return same and old.seen_at.date() >= new.seen_at.date()


def _update_register(row: EnterpriseRow, standing: Sequence[FactRow]) -> None:
    """Keep the register's own columns at the value that counts, so that lists need not read facts."""
    for name in REGISTER_FIELDS:
        values = order_values(as_value(fact) for fact in standing if fact.name == name)
        if values and getattr(row, name) != values[0].value:
            setattr(row, name, values[0].value)


def _timeline_text(names: Sequence[str], *, declared: bool) -> Text:
    shown = [VOCABULARY[name] for name in names[:NAMED_ON_TIMELINE]]
    zh, en = "、".join(one.zh for one in shown), ", ".join(one.en for one in shown)
    if len(names) > NAMED_ON_TIMELINE:
        zh, en = f"{zh}等 {len(names)} 项", f"{en} and {len(names) - NAMED_ON_TIMELINE} more"
    return Text(f"企业申报信息：{zh}", f"Declared: {en}") if declared else Text(f"收到信息：{zh}", f"Received: {en}")
