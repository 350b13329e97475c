"""A small world for tests of policy_matching: an office with the catalogue, companies with facts."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from enterprises import VOCABULARY, EnterpriseIn, FactIn, complete_uscc, record_facts, register_enterprise
from kernel import money
from kernel.act import Act, Actor
from kernel.ground import Ground
from policy_matching import load_catalogue, service
from policy_matching.models import Application, PolicyItem
from policy_matching.service import Draft
from tests.make import Make

YEAR = 2025
ELIGIBLE_RD: dict[str, Any] = {
    "park_tenant": True,
    "rd_expense": "2000000",
    "revenue": "20000000",
    "serious_dishonest": False,
}
PAYEE = {"payee_bank": "示范银行滨海支行", "payee_account": "6222000011112222"}


class World:
    """The catalogue loaded for one office; companies come on demand."""

    def __init__(self, ground: Ground) -> None:
        self.ground, self.make = ground, Make(ground)
        self.count = 0

    async def begin(self) -> "World":
        self.officer = await self.make.person("officer")
        self.office_id = self.officer.organisation_id
        async with self.ground.database.write() as db:
            await load_catalogue(db, self.system, self.office_id)
        return self

    @property
    def system(self) -> Act:
        return self.ground.act(Actor.system("test"))

    @property
    def office(self) -> Act:
        return self.ground.act(self.officer)

    async def company(self, authority: str = "authoritative", **facts: Any) -> Actor:
        """A registered company with facts; yearly facts are last year's."""
        self.count += 1
        data = EnterpriseIn(
            uscc=complete_uscc(f"91330106MA2{self.count:05d}"),
            name_zh=f"测试企业{self.count}号有限公司",
            name_en=f"Test Company {self.count}",
            industry_code="6513",
            division_code="330106",
            registered_on=date(2020, 5, 6),
            source="test register",
            authority="authoritative",
        )
        async with self.ground.database.write() as db:
            company_id = await register_enterprise(db, self.system, data)
        await self.learn(company_id, authority, **facts)
        return await self.make.person("enterprise_owner", organisation=company_id)

    async def learn(self, company_id: UUID, authority: str = "authoritative", **facts: Any) -> None:
        """Record facts of a company."""
        made = []
        for name, value in facts.items():
            yearly = VOCABULARY[name].period == "year"
            made.append(
                FactIn(
                    name=name,
                    value=value,
                    period_start=date(YEAR, 1, 1) if yearly else None,
                    period_end=date(YEAR, 12, 31) if yearly else None,
                    source="test register",
                    authority=authority,  # type: ignore[arg-type]
                )
            )
        if made:
            async with self.ground.database.write() as db:
                await record_facts(db, self.system, company_id, made)


async def submitted(world: World, owner: Actor, code: str = "sample-rd-reward", *, promise: bool = False) -> UUID:
    """A case the company has submitted."""
    act = world.ground.act(owner)
    async with world.ground.database.write() as db:
        row = await service.start_application(db, act, code)
        row = await service.save_draft(db, act, row.id, Draft(**PAYEE), row.version)
        await service.submit_application(db, act, row.id, promise=promise)
        return row.id


async def approved(world: World, owner: Actor, amount: str = "100000") -> UUID:
    """A case the office has approved; its publicity runs."""
    case = await submitted(world, owner)
    async with world.ground.database.write() as db:
        await service.accept_application(db, world.office, case)
        await service.approve_application(db, world.office, case, Decimal(amount))
    return case


async def balances(world: World, code: str = "sample-rd-reward") -> tuple[int, int, int]:
    async with world.ground.database.read() as db:
        item = (await db.scalars(select(PolicyItem).where(PolicyItem.code == code))).one()
        accounts = (item.free_account_id, item.committed_account_id, item.paid_account_id)
        assert await money.find_differences(db) == []
        free, committed, paid = [await money.balance(db, account) for account in accounts if account]
        return free, committed, paid


async def state_of(world: World, case: UUID) -> Application:
    async with world.ground.database.read() as db:
        return (await db.scalars(select(Application).where(Application.id == case))).one()
