"""Which model scores, and the way back from a hash to the model that scored once."""

from functools import cache
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from credit import store
from credit.features import ALLOWED
from credit.scorecard import Scorer, load_artefact
from kernel.act import Act
from kernel.problems import NotFound

CARD = Path(__file__).resolve().parent.parent / "cards" / "cloud_usage_expert_1.json"
FEATURE_NAMES = frozenset(ALLOWED)
_by_hash: dict[str, Scorer] = {}


@cache
def champion_bytes() -> bytes:
    """Return the artefact that scores today, as it was shipped."""
    return CARD.read_bytes()


@cache
def champion() -> Scorer:
    """Return the model that scores today; ModelRefusedError when its file is not what was shipped."""
    return Scorer(load_artefact(champion_bytes(), FEATURE_NAMES))


async def register_champion(db: AsyncSession, act: Act) -> None:
    """Keep the bytes of today's model beside the scores it makes."""
    await store.register_model(db, act, champion().artefact, champion_bytes())


async def find_scorer(db: AsyncSession, sha256: str) -> Scorer:
    """Return the model with this hash from what was kept, checked byte for byte; NotFound when none was."""
    if sha256 not in _by_hash:
        content = await store.find_artefact(db, sha256)
        if content is None:
            raise NotFound
        _by_hash[sha256] = Scorer(load_artefact(content, FEATURE_NAMES))
    return _by_hash[sha256]
