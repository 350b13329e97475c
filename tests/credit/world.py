"""A small credit world for tests: a company with bills, lenders, consents."""

from datetime import timedelta
from uuid import UUID

from msgspec import Struct

import data_exchange
from credit.contracts import ImportResult
from credit.service import import_bill
from kernel.act import Actor
from kernel.ground import Ground
from tests.credit import bills
from tests.make import Make

CONSENT = {"purpose": "credit_scoring", "scope": frozenset({"cloud_score"})}


class World(Struct):
    """The actors of a test and what they can do with one call."""

    ground: Ground
    make: Make
    company: Actor
    lender: Actor
    other_lender: Actor

    @property
    def company_id(self) -> UUID:
        assert self.company.organisation_id
        return self.company.organisation_id

    async def bring_bill(self, content: bytes | None = None, **options: object) -> ImportResult:
        """Count a bill of the company (24 steady months unless given)."""
        body = content if content is not None else bills.content(bills.steady())
        act = self.ground.act(Actor.system("test"))
        return await import_bill(self.ground, act, self.company_id, body, **options)  # type: ignore[arg-type]

    async def consent(self, lender: Actor | None = None, *, days: int = 30) -> UUID:
        """Let a lender ask; returns the consent."""
        recipient = (lender or self.lender).organisation_id
        assert recipient
        act = self.ground.act(self.company)
        given = data_exchange.ConsentIn(recipient_id=recipient, expires_at=act.now + timedelta(days=days), **CONSENT)  # type: ignore[arg-type]
        async with self.ground.database.write() as db:
            return (await data_exchange.grant_consent(db, act, given)).id

    async def withdraw(self, consent_id: UUID) -> None:
        """Take a consent back."""
        async with self.ground.database.write() as db:
            await data_exchange.withdraw_consent(db, self.ground.act(self.company), consent_id)


async def found(ground: Ground) -> World:
    """Make a company and two lenders."""
    make = Make(ground)
    return World(
        ground=ground, make=make, company=await make.person("enterprise_owner"), lender=await make.person("lender"),
        other_lender=await make.person("lender"),
    )  # fmt: skip
