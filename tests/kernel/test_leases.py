"""One holder at a time, known by a number that rises with each change of hands."""

import asyncio
from datetime import timedelta

from kernel.leases import acquire, release, renew

SECONDS = timedelta(seconds=10)


async def take(house, holder, name="thing"):
    return await acquire(house.database, house.clock, name, holder, SECONDS)


async def test_a_lease_is_held_until_it_lapses_or_is_let_go(house):
    assert await take(house, "one") == 1
    assert await take(house, "two") is None
    assert await take(house, "two", "other thing") == 1
    house.clock.advance(timedelta(seconds=9))
    assert await take(house, "one") == 1  # prolonged: the same holding
    house.clock.advance(timedelta(seconds=9))
    assert await take(house, "two") is None
    house.clock.advance(timedelta(seconds=1))
    assert await take(house, "two") == 2
    assert await take(house, "one") is None
    await release(house.database, house.clock, "thing", "one")  # a former holder lets go of nothing
    assert await take(house, "one") is None
    await release(house.database, house.clock, "thing", "two")
    assert await take(house, "one") == 3


async def test_one_who_slept_past_the_end_holds_anew(house):
    assert await take(house, "one") == 1
    house.clock.advance(timedelta(minutes=1))
    async with house.database.write() as db:
        assert not await renew(db, house.clock, "thing", "one", SECONDS)
    assert await take(house, "one") == 2


async def test_only_the_present_holding_can_be_prolonged(house):
    fence = await take(house, "one")
    async with house.database.write() as db:
        assert await renew(db, house.clock, "thing", "one", SECONDS, fence=fence)
        assert not await renew(db, house.clock, "thing", "one", SECONDS, fence=fence + 1)
        assert not await renew(db, house.clock, "thing", "two", SECONDS)
        assert not await renew(db, house.clock, "nothing", "one", SECONDS)


async def test_of_twenty_who_grasp_at_once_one_holds(house):
    for _round in range(3):
        won = await asyncio.gather(*(take(house, f"holder {number}") for number in range(20)))
        assert len([fence for fence in won if fence]) == 1
        house.clock.advance(timedelta(seconds=11))
