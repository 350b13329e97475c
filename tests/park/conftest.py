"""The small park as a fixture, on SQLite and on both databases."""

import pytest

from kernel.ground import Ground
from tests.park.world import World, build_world


@pytest.fixture
async def world(ground: Ground) -> World:
    """A park on SQLite."""
    return await build_world(ground)


@pytest.fixture
async def both_worlds(both_grounds: Ground) -> World:
    """A park, once on SQLite and once on PostgreSQL."""
    return await build_world(both_grounds)
