"""The ranking model: what it is fitted on, where it is kept, and the words a company is compared by."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from enterprises import RECOGNITIONS, VOCABULARY, industry_name
from kernel import audit
from kernel.act import Act
from kernel.ids import new_id
from policy_matching import ranking
from policy_matching.catalogue import ItemVersion
from policy_matching.engine import FactBook, criteria_of
from policy_matching.engine.codes import industry_path
from policy_matching.models import RankingModel
from policy_matching.store import items as store

_RECOGNITION_NAMES = {choice.code: choice.zh for choice in RECOGNITIONS}
_SPENT_ON = {
    "rd_expense": "研发费用",
    "cloud_spend": "上云 云服务",
    "rent_paid": "房租",
    "graduate_hires": "高校毕业生 就业",
}


def text_of(item: ItemVersion) -> str:
    """Return the words of an item: title, themes (twice, an author chose them), benefit, conditions."""
    themes = " ".join(item.themes)
    conditions = " ".join(criterion.zh for criterion in criteria_of(item.rule))
    return f"{item.title.zh} {themes} {themes} {item.summary.zh} {item.benefit.note_zh} {conditions}"


def words_of_company(book: FactBook) -> str:
    """Return the words of a company: its industry with every level above, its recognitions, what it spends money on."""
    words: list[str] = []
    industry = book.latest("industry_code")
    if industry is not None:
        path = industry_path(str(industry.value))
        words += [industry_name(code) or "" for code in (path[:1], *(path[1:end] for end in range(3, len(path) + 1)))]
    held = book.latest("recognitions")
    if held is not None and isinstance(held.value, tuple):
        words += [_RECOGNITION_NAMES.get(entry.partition("@")[0], "") for entry in held.value]
    words += [text for name, text in _SPENT_ON.items() if (known := book.latest(name)) is not None and known.value]
    ownership = book.latest("ownership")
    if ownership is not None:
        words += [choice.zh for choice in VOCABULARY["ownership"].choices if choice.code == ownership.value]
    return " ".join(word for word in words if word)


async def newest_model(db: AsyncSession) -> dict[str, Any] | None:
    """Return the model in use, or None before the first one was fitted."""
    found = await store.newest_model(db)
    return None if found is None else dict(found.document)


async def keep_model(db: AsyncSession, act: Act, document: dict[str, Any]) -> UUID:
    """Keep a fitted model; one that is the same as the one in use is not kept twice."""
    digest = ranking.hash_model(document)
    newest = await store.newest_model(db)
    if newest is not None and newest.sha256 == digest:
        return newest.id
    row = RankingModel(id=new_id(), fitted_at=act.now, sha256=digest, document=document)
    db.add(row)
    await db.flush()
    audit.write(db, act, "policy.ranking_fitted", "policy_ranking_model", row.id, detail={"sha256": digest})
    return row.id
