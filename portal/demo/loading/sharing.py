"""Consents, score queries, a data product and one agreement with one delivery."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

import credit
import data_exchange
from kernel.problems import Conflict, Refusal
from portal.demo.loading.stage import Stage

SHARED = ("industry_code", "staff", "revenue", "cloud_spend", "electricity_use")
SHARING = ("yunji", "qinglan", "beichuan", "xinlu", "fangzhen", "wulian", "pingtai", "anquan")


async def consent_to_the_bank(stage: Stage, db: AsyncSession) -> None:
    """Live for ninety days: the bank may ask for the score."""
    await _consent(stage, db, "owner", "yunji", "bank", days_ago=30, days=90)
    await _consent(stage, db, "seller", "hanxing", "bank", days_ago=12, days=60)


async def consent_and_withdraw(stage: Stage, db: AsyncSession) -> None:
    """Given to the microcredit company and taken back: its next query is refused."""
    given = await _consent(stage, db, "owner", "yunji", "microcredit", days_ago=26, days=60)
    owner = await stage.person("owner", "yunji")
    await data_exchange.withdraw_consent(db, stage.act(16, 15, owner), given.id)


async def ask_for_scores(stage: Stage, db: AsyncSession) -> None:
    """The bank asks and is answered."""
    bank = await stage.person("bank", "bank")
    for key, days_ago in (("yunji", 14), ("hanxing", 8)):
        await credit.ask_score(
            db,
            stage.act(days_ago, 16, bank),
            enterprise_id=await stage.organisation_id(key),
            purpose="loan_application",
            legal_basis=stage.ground.settings.credit_legal_basis,
        )


async def ask_without_consent(stage: Stage) -> None:
    """The microcredit company asks after the withdrawal; the refusal is kept where both sides see it."""
    lender = await stage.person("microcredit", "microcredit")
    enterprise_id = await stage.organisation_id("yunji")
    try:
        async with stage.ground.database.write() as db:
            await credit.ask_score(
                db,
                stage.act(13, 9, lender),
                enterprise_id=enterprise_id,
                purpose="loan_application",
                legal_basis=stage.ground.settings.credit_legal_basis,
            )
    except Refusal:
        return
    raise AssertionError("a withdrawn consent was answered")


async def consent_to_the_product(stage: Stage, db: AsyncSession) -> None:
    """Companies that let their figures, masked, be part of the product."""
    act = stage.act(45)
    for key in SHARING:
        consent = data_exchange.ConsentIn(
            subject_id=await stage.organisation_id(key),
            recipient_id=await stage.organisation_id("hanxing"),
            purpose="data_product",
            scope=frozenset(SHARED),
            expires_at=act.now + timedelta(days=365),
            note="示例授权 / demo consent",
        )
        await data_exchange.grant_consent(db, act, consent)


async def publish_and_agree(stage: Stage, db: AsyncSession) -> dict[str, str]:
    """A product with an offer, asked for, agreed to and signed by both."""
    seller, buyer = await stage.person("seller", "hanxing"), await stage.person("buyer", "luoxing")
    product_id = await data_exchange.publish_product(
        db,
        stage.act(40, 10, seller),
        data_exchange.ProductIn(
            title_zh="园区企业用云与用电画像(示例)",
            title_en="Cloud and electricity profile of park companies (demo)",
            description_zh="授权企业的行业、规模、用云与用电区间,企业以代号出现。数据为示例。",
            description_en="Industry, size, cloud and electricity bands of consenting companies under pseudonyms. Demo data.",
            fields=(
                data_exchange.FieldIn(fact="industry_code", level="general_1", masking="prefix"),
                *(data_exchange.FieldIn(fact=fact, level="general_2", masking="band") for fact in SHARED[1:]),
            ),
            assessment="DEMO-PIA-2026-001",
        ),
    )
    offer_id = await data_exchange.make_offer(
        db,
        stage.act(39, 10, seller),
        data_exchange.OfferIn(
            product_id=product_id,
            purpose="industry_analysis",
            allowed_uses=3,
            valid_days=180,
            terms_zh="仅限行业分析,不得再识别企业,不得转让。",
            terms_en="For industry analysis only; no re-identification, no transfer.",
        ),
    )
    agreement_id = await data_exchange.request_agreement(
        db, stage.act(24, 10, buyer), offer_id, "用于边缘计算节点选址分析 / to choose sites for edge nodes"
    )
    agreement, *_ = await data_exchange.find_agreement(db, seller, agreement_id)
    await data_exchange.decide_request(db, stage.act(23, 10, seller), agreement_id, agreement.version, "agree")
    for days_ago, party in ((22, seller), (21, buyer)):
        await data_exchange.sign_agreement(
            db, stage.act(days_ago, 14, party), stage.ground.keys, agreement_id, agreement.version, agreement.terms_hash
        )
    return {"agreement": str(agreement_id)}


async def take_a_delivery(stage: Stage, db: AsyncSession) -> dict[str, str]:
    """The buyer takes one of three uses."""
    buyer = await stage.person("buyer", "luoxing")
    agreement_id = UUID(stage.kept["agreement"]["agreement"])
    delivery = await data_exchange.deliver(db, stage.act(10, 15, buyer), stage.ground.keys, agreement_id, "csv")
    return {"delivery": str(delivery.id)}


async def fetch_the_delivery(stage: Stage) -> None:
    """And downloads it; a download that was finished before a crash is finished."""
    act = stage.act(10, 15, await stage.person("buyer", "luoxing"))
    try:
        _delivery, content = await data_exchange.open_delivery(
            stage.ground, act, UUID(stage.kept["delivery"]["delivery"])
        )
    except Conflict:
        return
    async for _piece in content:
        pass


async def _consent(
    stage: Stage, db: AsyncSession, login: str, company: str, lender: str, *, days_ago: int, days: int
) -> data_exchange.ConsentView:
    act = stage.act(days_ago, 10, await stage.person(login, company))
    consent = data_exchange.ConsentIn(
        recipient_id=await stage.organisation_id(lender),
        purpose="credit_scoring",
        scope=credit.SCORE_SCOPE,
        expires_at=act.now + timedelta(days=days),
    )
    return await data_exchange.grant_consent(db, act, consent)
