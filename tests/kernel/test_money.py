"""Money moves in double entry or not at all; limited accounts are never overdrawn, whatever races for them."""

import asyncio
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DBAPIError

from kernel import money
from kernel.act import Act, Actor
from kernel.ids import new_id
from kernel.money import LedgerAccount, LedgerEntry, LedgerPosting
from kernel.problems import NotFound, Problem
from tests.schema import empty_database


@pytest.fixture
async def accounts(house, act, organisation):
    async with house.database.write() as db:
        bank = await money.open_account(db, act, owner_id=None, kind="outside", code="bank", floor=None)
        budget = await money.open_account(db, act, owner_id=organisation, kind="budget", code="budget")
        shop = await money.open_account(db, act, owner_id=organisation, kind="purse", code="shop")
        await money.post_entry(db, act, "funding", "fund", [(bank, -1000), (budget, 1000)])
    return bank, budget, shop


async def held(house, *ids):
    async with house.database.read() as db:
        return [await money.balance(db, account) for account in ids]


async def differences(house):
    async with house.database.read() as db:
        return await money.find_differences(db)


async def test_money_leaves_one_account_and_reaches_another(house, act, accounts):
    bank, budget, shop = accounts
    async with house.database.write() as db:
        await money.post_entry(db, act, "purchase", "p1", [(budget, -300), (shop, 250), (bank, 50)], note="cloud")
    assert await held(house, bank, budget, shop) == [-950, 700, 250]
    async with house.database.read() as db:
        lines = await money.statement(db, budget)
        assert await money.find_account(db, "budget") == budget
        assert await money.find_account(db, "none") is None
    assert [(line.reference, line.fen, line.balance) for line in lines] == [("p1", -300, 700), ("fund", 1000, 1000)]
    assert await differences(house) == []


async def test_a_limited_account_is_never_overdrawn_and_nothing_of_the_attempt_remains(house, act, accounts):
    bank, budget, shop = accounts
    with pytest.raises(money.Overdrawn):
        async with house.database.write() as db:
            await money.post_entry(db, act, "purchase", "p1", [(shop, 1001), (budget, -1001)])
    assert await held(house, budget, shop) == [1000, 0]
    async with house.database.write() as db:
        await money.post_entry(db, act, "purchase", "p1", [(shop, 1000), (budget, -1000)])
    assert await held(house, bank, budget, shop) == [-1000, 0, 1000]


async def test_a_reference_is_posted_once(house, act, accounts):
    bank, budget, _shop = accounts
    with pytest.raises(money.EntryExists):
        async with house.database.write() as db:
            await money.post_entry(db, act, "funding", "fund", [(bank, -1), (budget, 1)])
    assert await held(house, bank, budget) == [-1000, 1000]
    with pytest.raises(money.AccountExists):
        async with house.database.write() as db:
            await money.open_account(db, act, owner_id=None, kind="purse", code="budget")


async def test_an_entry_is_reversed_once_and_a_reversal_never(house, act, accounts):
    bank, budget, shop = accounts
    async with house.database.write() as db:
        paid = await money.post_entry(db, act, "purchase", "p1", [(budget, -300), (shop, 300)])
        back = await money.reverse_entry(db, act, paid)
    assert await held(house, bank, budget, shop) == [-1000, 1000, 0]
    for entry in (paid, back):
        with pytest.raises(money.AlreadyReversed):
            async with house.database.write() as db:
                await money.reverse_entry(db, act, entry, reference=f"again {entry}")
    with pytest.raises(money.EntryExists):
        async with house.database.write() as db:
            other = await money.post_entry(db, act, "purchase", "p2", [(budget, -1), (shop, 1)])
            await money.reverse_entry(db, act, other, reference="fund")
    with pytest.raises(NotFound):
        async with house.database.write() as db:
            await money.reverse_entry(db, act, new_id())


async def test_spent_money_cannot_be_reversed_out_of_an_empty_purse(house, act, accounts):
    bank, budget, shop = accounts
    async with house.database.write() as db:
        paid = await money.post_entry(db, act, "purchase", "p1", [(budget, -300), (shop, 300)])
        await money.post_entry(db, act, "payout", "p2", [(shop, -300), (bank, 300)])
    with pytest.raises(money.Overdrawn):
        async with house.database.write() as db:
            await money.reverse_entry(db, act, paid)


@pytest.mark.parametrize("fen", [1.0, True, "1", None, 1.5])
async def test_only_whole_fen_are_money(house, act, accounts, fen):
    bank, budget, _shop = accounts
    async with house.database.write() as db:
        with pytest.raises(TypeError):
            await money.post_entry(db, act, "funding", "f", [(bank, fen), (budget, -1)])
        with pytest.raises(TypeError):
            await money.open_account(db, act, owner_id=None, kind="x", code="x", floor=fen if fen is not None else 0.0)


@pytest.mark.parametrize(
    "sides", [[], [(0, 1)], [(0, 1), (1, 1)], [(0, 1), (0, -1)], [(0, 0), (1, 0)], [(0, 10**16), (1, -(10**16))]]
)
async def test_what_is_no_double_entry_is_refused(house, act, accounts, sides):
    async with house.database.write() as db:
        with pytest.raises(ValueError):
            await money.post_entry(db, act, "funding", "f", [(accounts[place], fen) for place, fen in sides])


async def test_an_unknown_account_is_not_found(house, act, accounts):
    for call in (
        lambda db: money.post_entry(db, act, "funding", "f", [(accounts[0], -1), (new_id(), 1)]),
        lambda db: money.balance(db, new_id()),
    ):
        with pytest.raises(NotFound):
            async with house.database.write() as db:
                await call(db)


async def test_neither_database_lets_an_entry_be_changed_or_removed(house, accounts):
    for statement in (
        "UPDATE ledger_posting SET fen = 5",
        "DELETE FROM ledger_posting",
        "UPDATE ledger_entry SET kind = 'x'",
        "DELETE FROM ledger_entry",
    ):
        with pytest.raises(DBAPIError, match="append-only"):
            async with house.database.write() as db:
                await db.execute(text(statement))
    with pytest.raises(DBAPIError):
        async with house.database.write() as db:
            await db.execute(update(LedgerAccount).where(LedgerAccount.code == "budget").values(balance=-1))


async def test_rows_that_bypass_the_ledger_are_refused_or_found(house, act, accounts):
    bank, _budget, _shop = accounts
    entry = {"id": new_id(), "kind": "x", "reference": "forged", "posted_at": act.now, "actor_kind": "system"}

    async def forge():
        async with house.database.write() as db:
            await db.execute(insert(LedgerEntry).values(**entry))
            await db.execute(insert(LedgerPosting).values(id=new_id(), entry_id=entry["id"], account_id=bank, fen=7))

    if house.database.dialect == "postgresql":
        with pytest.raises(DBAPIError, match="does not balance"):
            await forge()
        assert await differences(house) == []
    else:
        await forge()
        assert await differences(house) == [
            f"entry {entry['id']} is out by 7 fen",
            "account bank says -1000 fen, its postings -993",
        ]


async def test_two_hundred_race_for_ten(house, act, accounts):
    _bank, budget, shop = accounts

    async def take(number):
        try:
            async with house.database.write() as db:
                await money.post_entry(db, act, "claim", f"claim {number}", [(budget, -100), (shop, 100)])
        except money.Overdrawn:
            return 0
        return 1

    gate = asyncio.Semaphore(40)

    async def gated(number):
        async with gate:
            return await take(number)

    assert sum(await asyncio.gather(*map(gated, range(200)))) == 10
    assert await held(house, budget, shop) == [0, 1000]
    assert await differences(house) == []


async def test_many_with_one_reference_move_money_once(house, act, accounts):
    _bank, budget, shop = accounts

    async def pay():
        try:
            async with house.database.write() as db:
                await money.post_entry(db, act, "pay", "invoice 1", [(budget, -100), (shop, 100)])
        except money.EntryExists:
            return 0
        return 1

    assert sum(await asyncio.gather(*(pay() for _ in range(20)))) == 1
    assert await held(house, budget, shop) == [900, 100]


async def test_opposite_movements_do_not_lock_each_other(house, act, accounts):
    bank, budget, _shop = accounts

    async def move(number):
        sides = [(bank, -1), (budget, 1)] if number % 2 else [(budget, -1), (bank, 1)]
        async with house.database.write() as db:
            await money.post_entry(db, act, "swing", f"s{number}", sides)

    await asyncio.gather(*(move(number) for number in range(40)))
    assert await held(house, bank, budget) == [-1000, 1000]


class Ledger(RuleBasedStateMachine):
    """Any sequence of movements keeps the sum at nothing, every floor, and the balances of a plain dictionary."""

    walks = 0
    accounts = Bundle("accounts")
    entries = Bundle("entries")

    def __init__(self):
        super().__init__()
        import tempfile
        from pathlib import Path

        from kernel.db import Database
        from tests.kernel.moments import NOON

        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.database = Database(empty_database(Path(self.folder.name) / "ledger.db"))
        self.act = Act(Actor.system("test"), NOON)
        self.held, self.floors, self.posted = {}, {}, {}

    def run(self, deed):
        async def work():
            async with self.database.write() as db:
                return await deed(db)

        return self.loop.run_until_complete(work())

    @initialize(target=accounts)
    def outside(self):
        return self._open(None)

    def _open(self, floor):
        made = self.run(
            lambda db: money.open_account(db, self.act, owner_id=None, kind="x", code=str(uuid4()), floor=floor)
        )
        self.held[made], self.floors[made] = 0, floor
        return made

    @rule(target=accounts, floor=st.sampled_from([0, 0, -50, None]))
    def open(self, floor):
        return self._open(floor)

    @rule(
        target=entries,
        one=accounts,
        other=accounts,
        third=accounts,
        fen=st.integers(-100, 100),
        share=st.integers(-60, 60),
    )
    def post(self, one, other, third, fen, share):
        sides = [(one, fen), (other, -fen - share), (third, share)]
        sides = [(account, amount) for account, amount in sides if amount]
        return self._try(sides, lambda db, reference: money.post_entry(db, self.act, "move", reference, sides))

    @rule(target=entries, entry=entries)
    def reverse(self, entry):
        if entry is None:
            return None
        sides, reversed_already = self.posted[entry]
        opposite = [(account, -fen) for account, fen in sides]
        made = self._try(
            opposite,
            lambda db, reference: money.reverse_entry(db, self.act, entry, reference=reference),
            allowed=not reversed_already,
        )
        if made is not None:
            self.posted[entry] = (sides, True)
            self.posted[made] = (opposite, True)
        return made

    def _try(self, sides, deed, *, allowed=True):
        after = dict(self.held)
        for account, fen in sides:
            after[account] += fen
        fits = all(floor is None or after[account] >= floor for account, floor in self.floors.items())
        proper = len(sides) >= 2 and len({account for account, _fen in sides}) == len(sides)
        try:
            made = self.run(lambda db: deed(db, str(uuid4())))
        except (ValueError, Problem):
            assert not (fits and proper and allowed)
            return None
        assert fits and proper and allowed
        self.held = after
        self.posted[made] = (sides, False)
        return made

    @invariant()
    def books_agree(self):
        async def look():
            async with self.database.read() as db:
                kept = {account: await money.balance(db, account) for account in self.held}
                return kept, await money.find_differences(db)

        kept, found = self.loop.run_until_complete(look())
        assert kept == self.held
        assert found == []
        assert sum(kept.values()) == 0

    def teardown(self):
        Ledger.walks += 1
        self.loop.run_until_complete(self.database.dispose())
        self.loop.close()
        self.folder.cleanup()


def test_books_agree_after_any_sequence_of_movements():
    walks = settings(max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Ledger, settings=walks)
    assert Ledger.walks >= 15
