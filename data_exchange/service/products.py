"""Products and offers on the market place: published by their owner, closed by it, never changed in between."""

from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from data_exchange import store
from data_exchange.contracts import FieldIn, OfferIn, ProductIn, RowFilter
from data_exchange.models import OfferRow, ProductRow, ProductSubjectRow
from data_exchange.rules import (
    LONGEST_AGREEMENT_DAYS,
    MOST_FEN,
    MOST_USES,
    PUBLISHABLE,
    fitting_maskings,
    is_comparable,
)
from data_exchange.service.labels import LEVELS, OFFER_PURPOSES
from enterprises import VOCABULARY
from kernel import audit, events
from kernel.act import Act
from kernel.ids import new_id
from kernel.problems import BadInput, Conflict, FieldProblem, Forbidden
from kernel.texts import Text
from kernel.texts import gettext as _

MAXIMUM_TITLE, MAXIMUM_TEXT, MAXIMUM_FIELDS, MAXIMUM_FILTERS = 120, 2000, 60, 10
NUMERIC = ("integer", "decimal", "ratio", "money", "date")


async def publish_product(db: AsyncSession, act: Act, data: ProductIn, owner_id: UUID | None = None) -> UUID:
    """Publish a product of the actor's organisation (the system names the owner) and return its id.

    Raises BadInput naming each wrong field: an unknown fact, a grade that may not be traded, a masking that does not
    fit, a missing assessment, an unknown company.
    """
    owner = owner_id if act.actor.kind == "system" else act.actor.organisation_id
    if owner is None:
        raise Forbidden
    wrong = _product_problems(data)
    for index, subject_id in enumerate(data.subject_ids):
        subject = await store.organisation(db, act, subject_id)
        if subject is None or subject.kind != "enterprise":
            wrong.append(FieldProblem(f"subject_ids[{index}]", _("There is no such company.")))
    if wrong:
        raise BadInput(fields=wrong)
    row = ProductRow(
        id=new_id(),
        owner_id=owner,
        title_zh=data.title_zh.strip(),
        title_en=data.title_en.strip(),
        description_zh=data.description_zh,
        description_en=data.description_en,
        fields=msgspec.to_builtins(data.fields),
        filters=msgspec.to_builtins(data.filters),
        identity=data.identity,
        level=max(field.level for field in data.fields),
        assessment=data.assessment.strip(),
        state="published",
        created_at=act.now,
    )
    db.add(row)
    await db.flush()
    db.add_all(ProductSubjectRow(product_id=row.id, subject_id=subject) for subject in dict.fromkeys(data.subject_ids))
    await db.flush()
    audit.write(db, act, "product.published", "data_product", row.id, detail={"fields": [f.fact for f in data.fields]})
    events.emit(
        db,
        act,
        "data_exchange.product_published",
        subject_id=owner,
        payload={"product_id": row.id, "fields": [f.fact for f in data.fields]},
        timeline=Text(f"发布数据产品：{row.title_zh}", f"Data product published: {row.title_en or row.title_zh}"),
        link=f"/data/products/{row.id}",
    )
    return row.id


async def withdraw_product(db: AsyncSession, act: Act, product_id: UUID) -> None:
    """Take a product off the market place; agreements that stand go on. Raises NotFound, or Conflict when it is off."""
    row = await store.find_product(db, act.actor, product_id, lock=True)
    if row.state != "published":
        raise Conflict(_("This product is no longer on the market place."))
    row.state = "withdrawn"
    for offer in await store.offers_of(db, act.actor, product_id):
        offer.state = "closed"
    await db.flush()
    audit.write(db, act, "product.withdrawn", "data_product", row.id)
    events.emit(
        db,
        act,
        "data_exchange.product_withdrawn",
        subject_id=row.owner_id,
        payload={"product_id": row.id},
        timeline=Text(f"下架数据产品：{row.title_zh}", f"Data product withdrawn: {row.title_en or row.title_zh}"),
        link=f"/data/products/{row.id}",
    )


async def make_offer(db: AsyncSession, act: Act, data: OfferIn) -> UUID:
    """Offer a product of the actor's organisation under terms and return the offer's id.

    Raises NotFound for another's product, Conflict for a withdrawn one, BadInput naming the wrong terms.
    """
    product = await store.find_product(db, act.actor, data.product_id)
    if product.state != "published":
        raise Conflict(_("This product is no longer on the market place."))
    wrong = []
    if data.purpose not in OFFER_PURPOSES:
        wrong.append(FieldProblem("purpose", _("Please choose one of the purposes.")))
    if not 1 <= data.allowed_uses <= MOST_USES:
        wrong.append(FieldProblem("allowed_uses", _("Must be from 1 to %(limit)s.", limit=MOST_USES)))
    if not 1 <= data.valid_days <= LONGEST_AGREEMENT_DAYS:
        wrong.append(FieldProblem("valid_days", _("Must be from 1 to %(limit)s.", limit=LONGEST_AGREEMENT_DAYS)))
    if not 0 <= data.price_fen <= MOST_FEN:
        wrong.append(FieldProblem("price_fen", _("Must be from 0 to %(limit)s.", limit=MOST_FEN)))
    wrong += [
        FieldProblem(name, _("Please use at most %(limit)s characters.", limit=MAXIMUM_TEXT))
        for name in ("terms_zh", "terms_en")
        if len(getattr(data, name)) > MAXIMUM_TEXT
    ]
    if wrong:
        raise BadInput(fields=wrong)
    row = OfferRow(
        id=new_id(),
        product_id=product.id,
        owner_id=product.owner_id,
        purpose=data.purpose,
        allowed_uses=data.allowed_uses,
        valid_days=data.valid_days,
        price_fen=data.price_fen,
        terms_zh=data.terms_zh,
        terms_en=data.terms_en,
        state="open",
        created_at=act.now,
    )
    db.add(row)
    await db.flush()
    audit.write(db, act, "offer.made", "data_offer", row.id, detail={"product_id": product.id})
    events.emit(
        db,
        act,
        "data_exchange.offer_made",
        subject_id=product.owner_id,
        payload={"offer_id": row.id, "product_id": product.id},
    )
    return row.id


async def close_offer(db: AsyncSession, act: Act, offer_id: UUID) -> None:
    """Close an offer of the actor's organisation; nobody can ask for it any more. Raises NotFound for another's."""
    row = await store.find_offer(db, act.actor, offer_id, own=True)
    row.state = "closed"
    await db.flush()
    audit.write(db, act, "offer.closed", "data_offer", row.id)
    events.emit(
        db,
        act,
        "data_exchange.offer_closed",
        subject_id=row.owner_id,
        payload={"offer_id": row.id, "product_id": row.product_id},
    )


def _product_problems(data: ProductIn) -> list[FieldProblem]:
    wrong = []
    for name, limit in (("title_zh", MAXIMUM_TITLE), ("title_en", MAXIMUM_TITLE), ("description_zh", MAXIMUM_TEXT)):
        text = getattr(data, name).strip()
        if not text or len(text) > limit:
            wrong.append(
                FieldProblem(name, _("Please fill in this field, with at most %(limit)s characters.", limit=limit))
            )
    if not data.assessment.strip():
        wrong.append(FieldProblem("assessment", _("Name the impact assessment; without one nothing is published.")))
    if not 1 <= len(data.fields) <= MAXIMUM_FIELDS:
        wrong.append(FieldProblem("fields", _("A product has from 1 to %(limit)s fields.", limit=MAXIMUM_FIELDS)))
    if len({field.fact for field in data.fields}) != len(data.fields):
        wrong.append(FieldProblem("fields", _("A fact appears twice.")))
    for index, field in enumerate(data.fields):
        wrong += _field_problems(f"fields[{index}]", field)
    if len(data.filters) > MAXIMUM_FILTERS:
        wrong.append(FieldProblem("filters", _("At most %(limit)s filters.", limit=MAXIMUM_FILTERS)))
    for index, one in enumerate(data.filters):
        wrong += _filter_problems(f"filters[{index}]", one)
    return wrong


def _field_problems(path: str, field: FieldIn) -> list[FieldProblem]:
    definition = VOCABULARY.get(field.fact)
    if definition is None:
        return [FieldProblem(f"{path}.fact", _("There is no fact called %(name)s.", name=field.fact[:60]))]
    wrong = []
    if field.level not in PUBLISHABLE:
        grade = _(LEVELS[field.level])
        wrong.append(FieldProblem(f"{path}.level", _("%(grade)s may not be offered on a market place.", grade=grade)))
    if field.masking not in fitting_maskings(definition.kind):
        wrong.append(FieldProblem(f"{path}.masking", _("This masking does not fit the fact.")))
    return wrong


def _filter_problems(path: str, one: RowFilter) -> list[FieldProblem]:
    definition = VOCABULARY.get(one.fact)
    if definition is None:
        return [FieldProblem(f"{path}.fact", _("There is no fact called %(name)s.", name=one.fact[:60]))]
    ordered = one.operator in ("at_least", "at_most")
    if ordered and definition.kind not in NUMERIC:
        return [FieldProblem(f"{path}.operator", _("This fact has no order to compare by."))]
    if ordered and not is_comparable(definition.kind, one.value):
        return [FieldProblem(f"{path}.value", _("Give a number, or a date such as 2026-11-23."))]
    if (one.operator == "one_of") != isinstance(one.value, list | tuple):
        return [FieldProblem(f"{path}.value", _("A list belongs to the operator one_of, and only there."))]
    return []
