"""Deliveries on both databases: counted exactly, fetched once, stopped when the right to them ends."""

import asyncio
import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

import data_exchange
from data_exchange import RowFilter, store
from data_exchange.models import DeliveryContentRow, DeliveryRow
from data_exchange.service import (
    revoke_agreement,
)
from kernel.audit import AuditEntry
from kernel.identity import Organisation
from kernel.problems import Conflict, NotFound, Refusal, Unprocessable


async def count(ground, what, *where):
    async with ground.database.read() as db:
        return await db.scalar(select(func.count()).select_from(what).where(*where))


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


async def test_of_twenty_downloads_at_once_exactly_three_succeed(both_grounds, market):
    place = await market(both_grounds)
    agreement = await place.active(allowed_uses=3)
    outcomes = await asyncio.gather(*(place.deliver(agreement) for _try in range(20)), return_exceptions=True)
    taken = [one for one in outcomes if isinstance(one, DeliveryRow)]
    refused = [one for one in outcomes if isinstance(one, Refusal)]
    assert (len(taken), len(refused)) == (3, 17), [repr(one) for one in outcomes]
    assert sorted(one.number for one in taken) == [1, 2, 3]
    assert {one.code for one in refused} == {"agreement_exhausted"}
    row = await place.row(agreement)
    assert (row.state, row.uses_taken) == ("exhausted", 3)
    assert await count(both_grounds, DeliveryRow) == 3
    assert await count(both_grounds, AuditEntry, AuditEntry.action == "delivery.refused") == 17


async def test_content_is_fetched_once_and_then_erased(both_grounds, market, clock):
    place = await market(both_grounds)
    agreement = await place.active()
    delivery = await place.deliver(agreement)
    with pytest.raises(NotFound):
        await place.fetch(delivery.id, place.owner)
    assert await place.fetch(delivery.id)
    assert await count(both_grounds, DeliveryContentRow) == 0
    with pytest.raises(Conflict) as caught:
        await place.fetch(delivery.id)
    assert caught.value.code == "already_fetched"
    late = await place.deliver(agreement)
    clock.advance(timedelta(hours=24))
    with pytest.raises(Conflict):
        await place.fetch(late.id)


async def test_a_broken_download_may_be_begun_again_but_not_for_ever(both_grounds, market):
    place = await market(both_grounds)
    delivery = await place.deliver(await place.active())
    for _attempt in range(2):
        _row, content = await data_exchange.open_delivery(both_grounds, both_grounds.act(place.buyer), delivery.id)
        await content.aclose()
    assert await place.fetch(delivery.id)
    other = await place.deliver((await place.row(delivery.agreement_id)).id)
    for _attempt in range(3):
        _row, content = await data_exchange.open_delivery(both_grounds, both_grounds.act(place.buyer), other.id)
        await content.aclose()
    with pytest.raises(Conflict):
        await place.fetch(other.id)


@pytest.mark.parametrize("ending", ["revoked", "withdrawn", "expired", "control"])
async def test_a_running_download_stops_when_the_right_to_it_ends(both_grounds, market, clock, monkeypatch, ending):
    monkeypatch.setattr("data_exchange.service.delivery.CHUNK_BYTES", 16)
    place = await market(both_grounds)
    agreement = await place.active()
    delivery = await place.deliver(agreement)
    _row, content = await data_exchange.open_delivery(both_grounds, both_grounds.act(place.buyer), delivery.id)
    first = await anext(content)
    assert len(first) == 16 < delivery.byte_count
    if ending == "revoked":
        async with both_grounds.database.write() as db:
            version = await place.version(agreement)
            await revoke_agreement(db, both_grounds.act(place.owner), agreement, version, "misuse")
    elif ending == "withdrawn":
        async with both_grounds.database.read() as db:
            held = await store.live_consents(
                db, both_grounds.act(place.owner), place.owner.organisation_id, "data_product"
            )
        mine = next(one for one in held if one.subject_id == place.subjects[0].organisation_id)
        await place.withdraw(place.subjects[0], mine.id)
    elif ending == "expired":
        clock.advance(timedelta(days=30))
    else:
        async with both_grounds.database.write() as db:
            await db.execute(
                update(Organisation).where(Organisation.id == place.buyer.organisation_id).values(control_epoch=2)
            )
    with pytest.raises(ConnectionAbortedError):
        await anext(content)
    with pytest.raises(Refusal) as caught:
        await place.fetch(delivery.id)
    assert caught.value.code == "no_longer_live"


async def test_a_company_that_withdraws_is_in_no_later_delivery(both_grounds, market):
    place = await market(both_grounds, subjects=1)
    offer = await place.offer(await place.product())
    consent = await place.consent(place.subjects[0])
    agreement = await place.request(offer)
    await place.decide(agreement)
    await place.sign(agreement, place.owner)
    await place.sign(agreement, place.buyer)
    assert (await place.deliver(agreement)).row_count == 2
    await place.withdraw(place.subjects[0], consent.id)
    after = await place.deliver(agreement)
    assert after.row_count == 1 and after.subject_ids == [str(place.owner.organisation_id)]


async def test_only_named_companies_that_pass_the_filter_and_consented_to_every_fact_are_in(both_grounds, market):
    place = await market(both_grounds, subjects=4)
    few, many, narrow, outside = place.subjects
    await place.consent(few)
    await place.consent(many)
    await place.consent(narrow, scope=frozenset({"staff"}))
    await place.consent(outside)
    await place.facts(many.organisation_id, staff=99)
    product = await place.product(
        identity="named",
        subject_ids=tuple(one.organisation_id for one in (few, many, narrow)),
        filters=(RowFilter(fact="staff", operator="at_least", value="50"),),
    )
    agreement = await place.request(await place.offer(product))
    await place.decide(agreement)
    await place.sign(agreement, place.owner)
    await place.sign(agreement, place.buyer)
    delivery = await place.deliver(agreement)
    assert delivery.subject_ids == [str(many.organisation_id)]
    assert rows_of(await place.fetch(delivery.id))[0]["company"].startswith("测试科技")


async def test_pseudonyms_do_not_join_two_agreements(both_grounds, market):
    place = await market(both_grounds)
    first = await place.active()
    second = await place.active()
    deliveries = [await place.deliver(agreement) for agreement in (first, second)]
    companies = [{line["company"] for line in rows_of(await place.fetch(one.id))} for one in deliveries]
    assert companies[0].isdisjoint(companies[1])


async def test_a_product_too_large_for_a_download_takes_no_use(both_grounds, market, monkeypatch):
    monkeypatch.setattr("data_exchange.service.delivery.MOST_ROWS", 1)
    place = await market(both_grounds)
    agreement = await place.active()
    with pytest.raises(Unprocessable):
        await place.deliver(agreement)
    assert (await place.row(agreement)).uses_taken == 0
