"""Companies for the tests of data exchange."""

from collections.abc import Awaitable, Callable
from itertools import count
from uuid import UUID

import pytest

import enterprises
from kernel.act import Actor
from kernel.ground import Ground

Register = Callable[..., Awaitable[UUID]]
_serial = count(1)


def company_in(**more: object) -> enterprises.EnterpriseIn:
    """A company with a valid credit code nobody else has."""
    head = f"91330106MA2{next(_serial):05d}"
    given = {
        "uscc": enterprises.complete_uscc(head),
        "name_zh": f"测试科技{head[-4:]}有限公司",
        "name_en": f"Test Technology {head[-4:]}",
        "industry_code": "6513",
        "division_code": "330106",
    }
    return enterprises.EnterpriseIn(**(given | more))


@pytest.fixture
def register() -> Register:
    """`await register(ground, uscc=…)` registers a company and returns its id."""

    async def make(ground: Ground, **more: object) -> UUID:
        act = ground.act(Actor.system("test"))
        async with ground.database.write() as db:
            return await enterprises.register_enterprise(db, act, company_in(**more))

    return make
