"""Companies, lenders and a small market for the tests of data exchange."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest

import data_exchange
import enterprises
from data_exchange import ConsentIn, FieldIn, OfferIn, ProductIn
from data_exchange.service import decide_request, request_agreement, sign_agreement
from data_exchange.store import find_agreement
from enterprises import FactIn
from kernel.act import Actor
from kernel.ground import Ground
from tests.make import Make

Register = Callable[..., Awaitable[UUID]]
_serial = count(1)
FACTS = ("staff", "revenue", "industry_code", "registered_on")
YEAR = {"period_start": date(2025, 1, 1), "period_end": date(2025, 12, 31)}


def company_in(**more: Any) -> enterprises.EnterpriseIn:
    """A company with a valid credit code nobody else has."""
    head = f"91330106MA3{next(_serial):05d}"
    given = {
        "uscc": enterprises.complete_uscc(head),
        "name_zh": f"测试科技{head[-4:]}有限公司",
        "name_en": f"Test Technology {head[-4:]}",
        "industry_code": "6513",
        "division_code": "330106",
        "registered_on": date(2019, 5, 6),
    }
    return enterprises.EnterpriseIn(**(given | more))


class Market:
    """A subject company, a data owner, a buyer, and the steps to an agreement between them."""

    def __init__(self, ground: Ground, register: Register) -> None:
        self.ground, self.register, self.make = ground, register, Make(ground)
        self.system = Actor.system("test")

    async def open(self, subjects: int = 2) -> "Market":
        self.owner = await self.make.person(
            "data_owner", "enterprise_owner", organisation=await self.register(self.ground)
        )
        self.buyer = await self.make.person(
            "data_buyer", "enterprise_owner", organisation=await self.register(self.ground)
        )
        self.subjects = []
        for number in range(subjects):
            company = await self.register(self.ground)
            self.subjects.append(await self.make.person("enterprise_owner", organisation=company))
            await self.facts(company, staff=10 + number, revenue=f"{1_234_567 + number}.00")
        return self

    async def facts(self, company: UUID, **values: Any) -> None:
        facts = [
            FactIn(
                name=name, value=value, source="test", authority="authoritative", **(YEAR if name == "revenue" else {})
            )
            for name, value in values.items()
        ]
        async with self.ground.database.write() as db:
            await enterprises.record_facts(db, self.ground.act(self.system), company, facts)

    async def consent(self, subject: Actor, recipient: UUID | None = None, **more: Any) -> data_exchange.ConsentView:
        given = {
            "recipient_id": recipient or self.owner.organisation_id,
            "purpose": "data_product",
            "scope": frozenset(FACTS),
            "expires_at": self.ground.clock.now() + timedelta(days=90),
        }
        async with self.ground.database.write() as db:
            return await data_exchange.grant_consent(db, self.ground.act(subject), ConsentIn(**(given | more)))

    async def withdraw(self, subject: Actor, consent_id: UUID) -> data_exchange.ConsentView:
        async with self.ground.database.write() as db:
            return await data_exchange.withdraw_consent(db, self.ground.act(subject), consent_id)

    async def product(self, **more: Any) -> UUID:
        given = {
            "title_zh": "软件企业概况",
            "title_en": "Software companies at a glance",
            "description_zh": "人数与营收",
            "fields": (
                FieldIn(fact="staff", level="general_2"),
                FieldIn(fact="revenue", level="general_3", masking="band"),
                FieldIn(fact="registered_on", level="general_1", masking="year"),
            ),
            "assessment": "PIA-2026-001",
        }
        async with self.ground.database.write() as db:
            return await data_exchange.publish_product(db, self.ground.act(self.owner), ProductIn(**(given | more)))

    async def offer(self, product_id: UUID, **more: Any) -> UUID:
        given = {"purpose": "industry_analysis", "allowed_uses": 3, "valid_days": 30}
        async with self.ground.database.write() as db:
            data = OfferIn(product_id=product_id, **(given | more))
            return await data_exchange.make_offer(db, self.ground.act(self.owner), data)

    async def version(self, agreement_id: UUID) -> int:
        return (await self.row(agreement_id)).version

    async def row(self, agreement_id: UUID) -> Any:
        async with self.ground.database.read() as db:
            return (await find_agreement(db, self.system, agreement_id))[0]

    async def request(self, offer_id: UUID) -> UUID:
        async with self.ground.database.write() as db:
            return await request_agreement(db, self.ground.act(self.buyer), offer_id)

    async def decide(self, agreement_id: UUID, verdict: Any = "agree", actor: Actor | None = None) -> None:
        version = await self.version(agreement_id)
        async with self.ground.database.write() as db:
            await decide_request(db, self.ground.act(actor or self.owner), agreement_id, version, verdict)

    async def sign(self, agreement_id: UUID, actor: Actor) -> None:
        row = await self.row(agreement_id)
        async with self.ground.database.write() as db:
            act = self.ground.act(actor)
            await sign_agreement(db, act, self.ground.keys, agreement_id, row.version, row.terms_hash)

    async def active(self, allowed_uses: int = 3, **product: Any) -> UUID:
        """An active agreement over a fresh product, with the consents of all subjects."""
        for subject in self.subjects:
            await self.consent(subject)
        offer = await self.offer(await self.product(**product), allowed_uses=allowed_uses)
        agreement = await self.request(offer)
        await self.decide(agreement)
        await self.sign(agreement, self.owner)
        await self.sign(agreement, self.buyer)
        return agreement

    async def deliver(self, agreement_id: UUID, actor: Actor | None = None, format: Any = "csv") -> Any:
        async with self.ground.database.write() as db:
            act = self.ground.act(actor or self.buyer)
            return await data_exchange.deliver(db, act, self.ground.keys, agreement_id, format)

    async def fetch(self, delivery_id: UUID, actor: Actor | None = None) -> bytes:
        act = self.ground.act(actor or self.buyer)
        _delivery, content = await data_exchange.open_delivery(self.ground, act, delivery_id)
        return b"".join([piece async for piece in content])


@pytest.fixture
def register() -> Register:
    """`await register(ground, uscc=…)` registers a company and returns its id."""

    async def make(ground: Ground, **more: Any) -> UUID:
        act = ground.act(Actor.system("test"))
        async with ground.database.write() as db:
            return await enterprises.register_enterprise(db, act, company_in(**more))

    return make


@pytest.fixture
def market(register: Register) -> Callable[..., Awaitable[Market]]:
    """`await market(ground)` opens a market on a ground."""

    async def open_market(ground: Ground, subjects: int = 2) -> Market:
        return await Market(ground, register).open(subjects)

    return open_market
