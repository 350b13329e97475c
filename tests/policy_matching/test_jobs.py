"""The ranking that is fitted in a job, and cases that nobody applied for: each once, whatever is repeated."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from kernel.events.dispatch import drain
from kernel.ground import Ground
from kernel.jobs import Job, enqueue, run_due_jobs
from policy_matching import ranking, service
from policy_matching.jobs import FIT_RANKING, GRANT_AUTOMATIC
from policy_matching.models import Application, RankingModel
from policy_matching.service.ranking import text_of
from tests.policy_matching.books import ITEMS
from tests.policy_matching.world import World

GRANTED = {"recognitions": ["specialized_sme"], "listed_abnormal": False, "serious_dishonest": False}


@pytest.fixture
async def world(both_grounds: Ground) -> World:
    return await World(both_grounds).begin()


async def run(world: World, kind: str) -> None:
    async with world.ground.database.write() as db:
        await enqueue(db, world.system, kind, {})
    await run_due_jobs(world.ground)


async def test_loading_the_catalogue_leads_to_a_fitted_ranking(world: World) -> None:
    await drain(world.ground)
    await run_due_jobs(world.ground)
    async with world.ground.database.read() as db:
        model = (await db.scalars(select(RankingModel))).one()
    assert set(model.document["vectors"]) == set(ITEMS)
    assert model.sha256 == ranking.hash_model(model.document)
    await run(world, FIT_RANKING)
    async with world.ground.database.read() as db:
        assert await db.scalar(select(func.count()).select_from(RankingModel)) == 1


async def test_the_ranking_orders_within_a_verdict_and_gives_its_reasons(world: World) -> None:
    await run(world, FIT_RANKING)
    owner = await world.company()  # software and services, by its industry code
    async with world.ground.database.read() as db:
        matches = await service.match_company(db, world.ground.act(owner))
    depends = [m for m in matches if m.verdict == "depends" and m.state == "open"]
    nearness = [m.relevance for m in depends]
    assert nearness == sorted(nearness, reverse=True)
    near = {match.code: match for match in depends}
    assert any("软件" in word for word in near["cn-software-two-three"].reasons)
    assert near["cn-software-two-three"].relevance > near["cn-veterans-hiring"].relevance


def test_a_fitted_ranking_is_the_same_every_time_and_scores_as_scikit_learn_does() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = {code: text_of(item) for code, item in ITEMS.items()}
    document = ranking.fit(texts)
    assert ranking.hash_model(document) == ranking.hash_model(ranking.fit(dict(reversed(texts.items()))))
    query = "软件和信息技术服务业 应用软件开发"
    vectorizer = TfidfVectorizer(analyzer=ranking._grams, sublinear_tf=True)
    matrix = vectorizer.fit_transform([texts[code] for code in sorted(texts)])
    cosines = (matrix @ vectorizer.transform([query]).T).toarray()[:, 0]
    ours = ranking.rank(document, query, sorted(texts))
    for code, cosine in zip(sorted(texts), cosines, strict=True):
        assert ours[code].score == pytest.approx(cosine, abs=1e-3)


def test_an_item_the_ranking_has_not_seen_is_at_the_end_and_no_text_ranks_nothing() -> None:
    document = ranking.fit({"a": "软件企业", "b": "房租补贴"})
    ranked = ranking.rank(document, "软件", ["a", "b", "new"])
    assert ranked["a"].score > ranked["b"].score == ranked["new"].score == 0
    assert all(near.score == 0 for near in ranking.rank(document, "", ["a", "b"]).values())


async def test_the_job_grants_once_a_company_and_year(world: World) -> None:
    await world.company(**GRANTED)
    await world.company(**GRANTED)
    await world.company("declared", **GRANTED)
    await run(world, GRANT_AUTOMATIC)
    await run(world, GRANT_AUTOMATIC)
    async with world.ground.database.read() as db:
        cases = (await db.scalars(select(Application))).all()
        results = list(await db.scalars(select(Job.result).where(Job.kind == GRANT_AUTOMATIC).order_by(Job.created_at)))
    assert [case.approved_fen for case in cases] == [20_000_000, 20_000_000]
    assert sorted(result["granted"] for result in results) == [0, 2]


async def test_the_job_stops_granting_when_the_budget_is_used_up(world: World) -> None:
    for _number in range(11):  # the budget of two million holds ten awards of 200,000
        await world.company(**GRANTED)
    await run(world, GRANT_AUTOMATIC)
    async with world.ground.database.read() as db:
        assert await db.scalar(select(func.count()).select_from(Application)) == 10
        live = await service.find_live(db, "sample-specialised-award")
    assert live.free_fen == 0
    async with world.ground.database.write() as db:
        await service.grant_budget(db, world.office, "sample-specialised-award", Decimal(200000))
    await run(world, GRANT_AUTOMATIC)
    async with world.ground.database.read() as db:
        assert await db.scalar(select(func.count()).select_from(Application)) == 11
