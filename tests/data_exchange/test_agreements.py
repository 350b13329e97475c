"""Agreements on both databases: steps, versions, signatures, frozen terms, and random deeds against the table of transitions."""

import asyncio
import base64
import csv
import hashlib
import io
import json
from datetime import timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from data_exchange import FieldIn, RowFilter, store
from data_exchange.models import AgreementRow, SignatureRow
from data_exchange.rules import FINAL, TRANSITIONS, next_state
from data_exchange.service import (
    close_offer,
    decide_request,
    expire_agreement,
    gather_evidence,
    revoke_agreement,
    sign_agreement,
    withdraw_product,
)
from kernel.audit import AuditEntry
from kernel.data_use import DataUse
from kernel.problems import BadInput, Conflict, Forbidden, NotFound, PreconditionFailed, Refusal


async def count(ground, what, *where):
    async with ground.database.read() as db:
        return await db.scalar(select(func.count()).select_from(what).where(*where))


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


async def test_the_whole_way_from_offer_to_delivery(both_grounds, market):
    place = await market(both_grounds)
    agreement = await place.active(allowed_uses=2)
    row = await place.row(agreement)
    assert row.state == "active" and row.expires_at - row.active_at == timedelta(days=30)
    delivery = await place.deliver(agreement)
    content = await place.fetch(delivery.id)
    assert hashlib.sha256(content).hexdigest() == delivery.sha256
    lines = rows_of(content)
    assert sorted(line["staff"] for line in lines) == ["", "10", "11"]  # the owner itself has said nothing yet
    assert {line["revenue"] for line in lines} == {"", "1000000..2000000"}
    assert {line["registered_on"] for line in lines} == {"2019"}
    assert all(len(line["company"]) == 16 for line in lines)
    async with both_grounds.database.read() as db:
        uses = (await db.scalars(select(DataUse).where(DataUse.basis == "agreement"))).all()
    told = {use.subject_id for use in uses}
    assert {subject.organisation_id for subject in place.subjects} <= told
    assert {use.recipient_id for use in uses} == {place.buyer.organisation_id}
    assert {use.reference for use in uses} == {f"agreement:{agreement}"}
    second = await place.deliver(agreement, format="json")
    assert json.loads(await place.fetch(second.id))[0].keys() == {"company", "staff", "revenue", "registered_on"}
    assert (await place.row(agreement)).state == "exhausted"


async def test_steps_in_the_wrong_order_by_the_wrong_party_or_on_an_old_version_change_nothing(both_grounds, market):
    place = await market(both_grounds)
    agreement = await place.request(await place.offer(await place.product()))
    stranger = await place.make.person("data_buyer")
    row = await place.row(agreement)

    async def try_step(actor, verb, version=row.version, terms_hash=row.terms_hash):
        act = both_grounds.act(actor)
        async with both_grounds.database.write() as db:
            if verb == "sign":
                await sign_agreement(db, act, both_grounds.keys, agreement, version, terms_hash)
            elif verb == "revoke":
                await revoke_agreement(db, act, agreement, version, "why")
            else:
                await decide_request(db, act, agreement, version, verb)

    for actor, verb, problem in (
        (place.buyer, "agree", Conflict),
        (place.owner, "sign", Conflict),
        (place.buyer, "sign", Conflict),
        (place.owner, "revoke", Conflict),
        (stranger, "agree", NotFound),
        (stranger, "sign", NotFound),
        (await place.make.person("administrator"), "agree", Forbidden),
    ):
        with pytest.raises(problem):
            await try_step(actor, verb)
    with pytest.raises(PreconditionFailed):
        await try_step(place.owner, "agree", version=row.version + 1)
    assert (await place.row(agreement)).state == "requested"
    await place.decide(agreement)
    row = await place.row(agreement)
    with pytest.raises(Conflict):
        await try_step(place.owner, "sign", row.version, "0" * 64)
    machine, _token = await place.make.machine("data_owner", organisation=place.owner.organisation_id)
    with pytest.raises(Forbidden):
        await try_step(machine, "sign", row.version, row.terms_hash)
    await place.sign(agreement, place.owner)
    with pytest.raises(Conflict):
        await place.sign(agreement, place.owner)
    with pytest.raises(Refusal) as caught:
        await place.deliver(agreement)
    assert (caught.value.status, caught.value.code) == (409, "agreement_signed_by_owner")
    await place.sign(agreement, place.buyer)
    with pytest.raises(Forbidden):
        await place.deliver(agreement, place.owner)
    with pytest.raises(NotFound):
        await place.deliver(agreement, stranger)


async def test_both_signatures_can_be_checked_without_this_system_and_changes_show(both_grounds, market):
    place = await market(both_grounds)
    agreement = await place.active()
    async with both_grounds.database.read() as db:
        evidence = await gather_evidence(db, place.buyer, both_grounds.keys, agreement)
    assert evidence.holds and [one.party for one in evidence.signatures] == ["owner", "buyer"]
    assert hashlib.sha256(evidence.terms.encode()).hexdigest() == evidence.terms_hash
    for one in evidence.signatures:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(one.public_key))
        key.verify(base64.b64decode(one.signature), one.statement.encode())
        statement = json.loads(one.statement)
        assert statement["terms_hash"] == evidence.terms_hash and statement["person_id"] == str(one.person_id)
    for change in (
        "UPDATE data_signature SET party = 'x'",
        "DELETE FROM data_signature",
        "UPDATE data_delivery SET number = 9",
    ):
        await place.deliver(agreement) if "delivery" in change else None
        with pytest.raises(DBAPIError, match="append-only"):
            async with both_grounds.database.write() as db:
                await db.execute(text(change))
    async with both_grounds.database.write() as db:
        row = await db.get(AgreementRow, agreement)
        row.terms = row.terms.replace('"allowed_uses":3', '"allowed_uses":9')
    async with both_grounds.database.read() as db:
        evidence = await gather_evidence(db, place.buyer, both_grounds.keys, agreement)
    assert not evidence.terms_hold and not evidence.holds
    assert await count(both_grounds, SignatureRow) == 2


async def test_terms_are_frozen_when_they_are_asked_for_and_closed_offers_cannot_be_asked(both_grounds, market):
    place = await market(both_grounds)
    product = await place.product()
    offer = await place.offer(product)
    agreement = await place.request(offer)
    with pytest.raises(Conflict):
        await place.request(offer)
    async with both_grounds.database.write() as db:
        await close_offer(db, both_grounds.act(place.owner), offer)
    await place.decide(agreement, "decline", place.buyer)
    with pytest.raises(NotFound):
        await place.request(offer)
    second = await place.offer(product)
    async with both_grounds.database.write() as db:
        await withdraw_product(db, both_grounds.act(place.owner), product)
    with pytest.raises(NotFound):
        await place.request(second)
    own = await place.product()
    own_offer = await place.offer(own)
    place.buyer = place.owner
    with pytest.raises(Forbidden):
        await place.request(own_offer)


async def test_expiry_is_written_down_once_by_the_clock(both_grounds, market, clock):
    place = await market(both_grounds)
    agreement = await place.active()
    system = both_grounds.act(place.system)
    async with both_grounds.database.read() as db:
        assert await store.agreements_to_expire(db, system) == []
    clock.advance(timedelta(days=30))
    with pytest.raises(Refusal) as caught:
        await place.deliver(agreement)
    assert caught.value.code == "agreement_expired"
    system = both_grounds.act(place.system)
    async with both_grounds.database.read() as db:
        assert await store.agreements_to_expire(db, system) == [agreement]
    for _again in range(2):
        async with both_grounds.database.write() as db:
            await expire_agreement(db, system, agreement)
    assert (await place.row(agreement)).state == "expired"
    assert await count(both_grounds, AuditEntry, AuditEntry.action == "agreement.expired") == 1


async def test_wrong_products_are_refused_field_by_field(both_grounds, market):
    place = await market(both_grounds)
    cases = [
        ({"title_zh": " "}, "title_zh"),
        ({"assessment": ""}, "assessment"),
        ({"fields": ()}, "fields"),
        ({"fields": (FieldIn(fact="nope", level="general_1"),)}, "fields[0].fact"),
        ({"fields": (FieldIn(fact="staff", level="core"),)}, "fields[0].level"),
        ({"fields": (FieldIn(fact="staff", level="important"),)}, "fields[0].level"),
        ({"fields": (FieldIn(fact="staff", level="general_1", masking="year"),)}, "fields[0].masking"),
        ({"fields": (FieldIn(fact="staff", level="general_1"),) * 2}, "fields"),
        ({"subject_ids": (UUID(int=7),)}, "subject_ids[0]"),
        ({"filters": (RowFilter(fact="nope", operator="equal", value="1"),)}, "filters[0].fact"),
        ({"filters": (RowFilter(fact="ownership", operator="at_least", value="1"),)}, "filters[0].operator"),
        ({"filters": (RowFilter(fact="staff", operator="at_least", value="many"),)}, "filters[0].value"),
        ({"filters": (RowFilter(fact="staff", operator="one_of", value="1"),)}, "filters[0].value"),
    ]
    for more, field in cases:
        with pytest.raises(BadInput) as caught:
            await place.product(**more)
        assert [one.name for one in caught.value.fields] == [field], more
    product = await place.product()
    for more, field in (
        ({"purpose": "fun"}, "purpose"),
        ({"allowed_uses": 0}, "allowed_uses"),
        ({"valid_days": 9999}, "valid_days"),
        ({"price_fen": -1}, "price_fen"),
    ):
        with pytest.raises(BadInput) as caught:
            await place.offer(product, **more)
        assert [one.name for one in caught.value.fields] == [field]


class AgreementMachine(RuleBasedStateMachine):
    """Random deeds by random parties: the service and the table of transitions never disagree."""

    place = None
    loop = None

    def __init__(self) -> None:
        super().__init__()
        self.agreement = self.run(self.place.request(self.run(self.place.offer(self.product, allowed_uses=2))))
        self.state, self.uses = "requested", 0

    def run(self, deed):
        return asyncio.run_coroutine_threadsafe(deed, self.loop).result(60)

    @rule(
        party=st.sampled_from(["owner", "buyer"]), verb=st.sampled_from(["agree", "decline", "sign", "use", "revoke"])
    )
    def act(self, party, verb):
        actor = getattr(self.place, party)
        named = {"sign": f"sign_as_{party}"}.get(verb, verb)
        expected = next_state(self.state, named, party)
        try:
            self.run(self.deed(actor, verb))
            done = True
        except (Conflict, Forbidden, Refusal):
            done = False
        assert done == (expected is not None), (self.state, party, verb)
        if done:
            self.state = expected
            self.uses += verb == "use"
            if self.uses == 2 and verb == "use":
                self.state = "exhausted"
        row = self.run(self.place.row(self.agreement))
        assert (row.state, row.uses_taken) == (self.state, self.uses)
        assert (row.active_at is None) == (row.state in ("requested", "agreed", "signed_by_owner", "declined"))

    async def deed(self, actor, verb):
        if verb in ("agree", "decline"):
            await self.place.decide(self.agreement, verb, actor)
        elif verb == "sign":
            await self.place.sign(self.agreement, actor)
        elif verb == "use":
            await self.place.deliver(self.agreement, actor)
        else:
            async with self.place.ground.database.write() as db:
                version = await self.place.version(self.agreement)
                await revoke_agreement(db, self.place.ground.act(actor), self.agreement, version, "why")


async def test_random_deeds_never_leave_the_table_of_transitions(ground, market):
    AgreementMachine.place = await market(ground, subjects=1)
    AgreementMachine.product = await AgreementMachine.place.product()
    AgreementMachine.loop = asyncio.get_running_loop()
    few = settings(max_examples=12, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck))
    await asyncio.to_thread(run_state_machine_as_test, AgreementMachine, settings=few)
    assert set(TRANSITIONS) > FINAL
