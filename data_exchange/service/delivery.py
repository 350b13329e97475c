"""Governed delivery: one use, one counted and recorded hand-over, and content that dies with the agreement."""

import base64
import csv
import hashlib
import io
import json
from collections.abc import AsyncIterator, Sequence
from typing import Literal
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

import enterprises
from data_exchange import store
from data_exchange.contracts import FieldIn, GovernedTable, RowFilter
from data_exchange.models import AgreementRow, DeliveryContentRow, DeliveryRow, FetchRow, ProductRow
from data_exchange.rules import FETCH_WINDOW, MOST_FETCHES, MOST_ROWS, as_text, mask, next_state, passes
from data_exchange.service.agreements import party_of, tell_parties
from data_exchange.service.labels import scope_text
from kernel import audit, events
from kernel.act import Act
from kernel.data_use import UseBasis
from kernel.ground import Ground
from kernel.identity import Organisation
from kernel.ids import new_id
from kernel.keys import KeyRing
from kernel.problems import Conflict, Forbidden, Problem, Refusal, Unprocessable
from kernel.texts import Text
from kernel.texts import gettext as _

Format = Literal["csv", "json"]
MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
CHUNK_BYTES = 16_384
PURPOSE = "data_product"
COMPANY_COLUMN = "company"


async def deliver(db: AsyncSession, act: Act, keys: KeyRing, agreement_id: UUID, format: Format) -> DeliveryRow:
    """Take one use of an active agreement: build the governed result, count, record, keep it for the fetch.

    The agreement is locked, so of twenty at once only as many succeed as uses are left. Raises Refusal (recorded)
    when the agreement is not live, NotFound for a stranger, Forbidden for the owner.
    """
    row, product, owner, buyer = await store.find_agreement(db, act.actor, agreement_id, lock=True)
    if party_of(act.actor, row) != "buyer":
        raise Forbidden(_("Only the buyer takes deliveries."))
    state = store.state_now(row, owner, buyer, act.now)
    if next_state(state, "use", "buyer") is None:
        raise _refuse(act, row, Conflict(_("This agreement gives no further use."), code=f"agreement_{state}"))
    table = await _govern(db, act, keys, row, product)
    content = render(table, format)
    row.uses_taken += 1
    if row.uses_taken == row.allowed_uses:
        row.state = "exhausted"
    delivery = DeliveryRow(
        id=new_id(),
        agreement_id=row.id,
        number=row.uses_taken,
        format=format,
        at=act.now,
        delivered_by=act.actor.id,
        row_count=len(table.rows),
        byte_count=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        subject_ids=[str(subject) for subject in table.subject_ids],
    )
    db.add(delivery)
    await db.flush()
    db.add(DeliveryContentRow(delivery_id=delivery.id, content=content, keep_until=act.now + FETCH_WINDOW))
    await db.flush()
    audit.write(
        db,
        act,
        "delivery.made",
        "data_delivery",
        delivery.id,
        subject_id=row.owner_id,
        detail={
            "agreement_id": row.id,
            "number": delivery.number,
            "rows": delivery.row_count,
            "sha256": delivery.sha256,
        },
    )
    _tell_all(db, act, row, product, buyer, delivery, table.subject_ids)
    return delivery


async def open_delivery(ground: Ground, act: Act, delivery_id: UUID) -> tuple[DeliveryRow, AsyncIterator[bytes]]:
    """Begin the one fetch of a delivery's content and return it as a stream that stops when the right to it ends.

    A fetch that broke off may be begun again twice. Raises NotFound for anybody but the buyer, Refusal when the
    agreement or a consent has ended since, Conflict when the content was fetched or its time is over.
    """
    async with ground.database.write() as db:
        delivery = await store.delivery_of(db, act.actor, delivery_id, lock=True)
        row, _product, _owner, _buyer = await store.find_agreement(db, act.actor, delivery.agreement_id)
        if not await _is_live(db, act, delivery):
            raise _refuse(act, row, Conflict(_("The agreement or a consent has ended since."), code="no_longer_live"))
        fetches = await store.fetches_of(db, act.actor, [delivery.id])
        kept = await store.content_of(db, act.actor, delivery.id)
        if kept is None or kept.keep_until <= act.now or any(fetch.finished_at for fetch in fetches):
            raise Conflict(_("This delivery was fetched already, or its time is over."), code="already_fetched")
        if len(fetches) >= MOST_FETCHES:
            raise Conflict(_("This download broke off too often; please take a new delivery."), code="already_fetched")
        fetch = FetchRow(id=new_id(), delivery_id=delivery.id, attempt=len(fetches) + 1, begun_at=act.now)
        db.add(fetch)
        audit.write(
            db,
            act,
            "delivery.fetch_begun",
            "data_delivery",
            delivery.id,
            subject_id=row.owner_id,
            detail={"attempt": fetch.attempt},
        )
    return delivery, _stream(ground, act, delivery, fetch.id, kept.content)


async def _stream(
    ground: Ground, act: Act, delivery: DeliveryRow, fetch_id: UUID, content: bytes
) -> AsyncIterator[bytes]:
    """Yield the content piece by piece; before each piece the right to it is looked at again."""
    for start in range(0, len(content), CHUNK_BYTES):
        async with ground.database.read() as db:
            if not await _is_live(db, ground.act(act.actor), delivery):
                raise ConnectionAbortedError("the right to this delivery has ended")
        yield content[start : start + CHUNK_BYTES]
    async with ground.database.write() as db:
        await store.finish_fetch(db, ground.act(act.actor), fetch_id)
        await store.erase_content(db, act, delivery.id)


async def _is_live(db: AsyncSession, act: Act, delivery: DeliveryRow) -> bool:
    """Tell whether the agreement stands and every company in the delivery still consents."""
    row, _product, owner, buyer = await store.find_agreement(db, act.actor, delivery.agreement_id)
    if store.state_now(row, owner, buyer, act.now) not in ("active", "exhausted"):
        return False
    if row.expires_at is not None and row.expires_at <= act.now:
        return False
    subjects = {UUID(subject) for subject in delivery.subject_ids} - {row.owner_id}
    live = await store.live_consents(db, act, row.owner_id, PURPOSE, subject_ids=subjects)
    return subjects.issubset(consent.subject_id for consent in live)


async def _govern(db: AsyncSession, act: Act, keys: KeyRing, row: AgreementRow, product: ProductRow) -> GovernedTable:
    """Read the selected facts of every company that consents, under this agreement, and mask them."""
    fields = msgspec.convert(product.fields, tuple[FieldIn, ...])
    filters = msgspec.convert(product.filters, tuple[RowFilter, ...])
    names = list(dict.fromkeys([*(field.fact for field in fields), *(one.fact for one in filters)]))
    subjects = await _consenting(db, act, row, product, names)
    if len(subjects) > MOST_ROWS:
        raise Unprocessable(_("This product is too large for a download."))
    bases = [
        UseBasis("agreement", subject, row.buyer_id, PURPOSE, frozenset(names), f"agreement:{row.id}", row.expires_at)
        for subject in subjects
    ]
    facts = await enterprises.read_facts_of_many(db, act, bases, names)
    labels = await enterprises.names_of(db, act.actor, subjects) if product.identity == "named" else {}

    def keyed(text: str) -> str:
        return keys.mac(f"data_product:{row.id}:{text}")[:16]

    rows, included = [], []
    for subject in subjects:
        values = {name: facts[subject].value(name) for name in names}
        if not passes(filters, values):
            continue
        shown = labels[subject].zh if product.identity == "named" else keyed(f"company:{subject}")
        rows.append((shown, *(mask(field, values[field.fact], keyed) for field in fields)))
        included.append(subject)
    order = sorted(range(len(rows)), key=lambda index: rows[index])
    return GovernedTable(
        columns=(COMPANY_COLUMN, *(field.fact for field in fields)),
        rows=tuple(rows[index] for index in order),
        subject_ids=tuple(included[index] for index in order),
    )


async def _consenting(
    db: AsyncSession, act: Act, row: AgreementRow, product: ProductRow, names: Sequence[str]
) -> list[UUID]:
    """Return the companies that may be in a delivery: those with a live consent to the owner, and the owner itself."""
    consents = await store.live_consents(db, act, row.owner_id, PURPOSE, lock=True)
    allowed = {consent.subject_id for consent in consents if set(names).issubset(consent.scope)} | {row.owner_id}
    limited = await store.limited_to(db, act.actor, product.id)
    if limited:
        allowed &= set(limited)
    known = await enterprises.registered_among(db, act, allowed)
    return sorted(known)


def render(table: GovernedTable, format: Format) -> bytes:
    """Return the governed result as a file. A cell that begins like a formula is quoted (CWE-1236)."""
    if format == "json":
        rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        return json.dumps(rows, ensure_ascii=False, indent=1).encode()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow([f"'{cell}" if cell.startswith(("=", "+", "@", "\t")) else cell for cell in row])
    return out.getvalue().encode("utf-8-sig")


def digest_header(delivery: DeliveryRow) -> str:
    """Return the content's SHA-256 in base64, as the Repr-Digest header wants it (RFC 9530)."""
    return base64.b64encode(bytes.fromhex(delivery.sha256)).decode()


def _refuse(act: Act, row: AgreementRow, problem: Problem) -> Refusal:
    """Return the refusal of a use of an agreement; the attempt stays in the log of both parties."""
    entry = audit.entry(
        act,
        "delivery.refused",
        "data_agreement",
        row.id,
        outcome="refused",
        subject_id=row.owner_id,
        reason=problem.code,
        detail={"state": row.state, "uses_taken": row.uses_taken},
    )
    return Refusal(problem, [entry])


def _tell_all(
    db: AsyncSession,
    act: Act,
    row: AgreementRow,
    product: ProductRow,
    buyer: Organisation,
    delivery: DeliveryRow,
    subjects: Sequence[UUID],
) -> None:
    number, allowed = as_text(delivery.number), row.allowed_uses
    words = Text(f"交付数据（第 {number}/{allowed} 次）", f"Data delivered (use {number} of {allowed})")
    tell_parties(db, act, row, product, "data_delivered", words, delivery_id=delivery.id, sha256=delivery.sha256)
    what = scope_text([field["fact"] for field in product.fields])
    for subject in subjects:
        if subject in (row.owner_id, row.buyer_id):
            continue
        events.emit(
            db,
            act,
            "data_exchange.data_delivered",
            subject_id=subject,
            payload={"agreement_id": row.id, "delivery_id": delivery.id, "buyer_id": row.buyer_id},
            timeline=Text(
                f"本企业数据经数据产品“{product.title_zh}”交付给{buyer.name_zh}（{what.zh}）",
                f"Data of this company reached {buyer.name_en or buyer.name_zh} through the data product "
                f"'{product.title_en or product.title_zh}' ({what.en})",
            ),
            link="/data-uses",
        )
