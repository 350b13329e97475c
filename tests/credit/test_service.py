"""Use-cases on both databases: bills that count once, scores under consent only, refusals that stay visible, replay."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import func, select

from credit import store
from credit.models import BillImportRow, BillMonthRow, ScoreQueryRow, ScoreRow
from credit.service import ask_score, replay, replay_score, score_history, score_subject, withdraw_import
from credit.service.loading import subject_basis
from kernel.act import Actor
from kernel.audit import AuditEntry
from kernel.clock import FixedClock
from kernel.data_use import DataUse
from kernel.events.models import EventRecord
from kernel.ground import Ground
from kernel.identity import Organisation
from kernel.ids import new_id
from kernel.paging import ListQuery
from kernel.problems import Conflict, Forbidden, NotFound, Refusal
from tests.credit import bills
from tests.credit.world import World, found

LEGAL = "test: own-model mode"


@pytest.fixture
async def world(both_grounds: Ground) -> World:
    return await found(both_grounds)


async def ask(world: World, lender: Actor | None = None, **who: object) -> tuple[ScoreQueryRow, ScoreRow | None]:
    named = who or {"enterprise_id": world.company_id}
    async with world.ground.database.write() as db:
        return await ask_score(
            db,
            world.ground.act(lender or world.lender),
            purpose="loan_application",
            legal_basis=LEGAL,
            **named,  # type: ignore[arg-type]
        )


async def count(world: World, table: type) -> int:
    async with world.ground.database.read() as db:
        return await db.scalar(select(func.count()).select_from(table)) or 0


class TestBills:
    async def test_sums_in_the_database_are_exact(self, world: World) -> None:
        done = await world.bring_bill(bills.content(bills.steady(24, "8000.123456789012")))
        assert (done.state, done.rows_new, done.months) == ("loaded", 24, 24)
        async with world.ground.database.read() as db:
            months = await store.months_of(db, subject_basis(world.company_id))
        assert sum(month.effective for month in months) == Decimal("8000.123456789012") * 24

    async def test_the_same_file_again_changes_nothing(self, world: World) -> None:
        first = await world.bring_bill()
        again = await world.bring_bill()
        assert (again.id, again.repeated) == (first.id, True)
        assert await count(world, BillMonthRow) == 24

    async def test_a_longer_file_adds_the_new_rows_only(self, world: World) -> None:
        rows = bills.steady(3)
        await world.bring_bill(bills.content(rows))
        done = await world.bring_bill(bills.content([*rows, bills.row("2026-10", "5", ResourceId="new")]))
        assert (done.rows, done.rows_new) == (4, 1)
        async with world.ground.database.read() as db:
            row = await db.get_one(BillImportRow, done.id)
            months = await store.months_of(db, subject_basis(world.company_id))
        assert row.rows_known == 3
        assert "month.overlap" in {finding["rule"] for finding in row.report["findings"]}
        assert sum(month.rows for month in months) == 4

    async def test_a_broken_file_changes_nothing_and_says_where(self, world: World) -> None:
        await world.bring_bill()
        before = await self._state(world)
        done = await world.bring_bill(bills.content([bills.row(), bills.row(cost="NaN")]))
        assert (done.state, done.verdict) == ("refused", "refused")
        assert await self._state(world) == before
        async with world.ground.database.read() as db:
            report = (await db.get_one(BillImportRow, done.id)).report
        assert {"amount.unreadable"} <= {finding["rule"] for finding in report["findings"]}
        assert report["findings"][0]["examples"] == [3]

    async def _state(self, world: World) -> tuple[int, int, int]:
        async with world.ground.database.read() as db:
            revision = await store.profile_revision(db, world.ground.act(world.company), world.company_id)
        return revision, await count(world, BillMonthRow), await count(world, ScoreRow)

    async def test_two_overlapping_files_at_once_never_count_a_row_twice(self, world: World) -> None:
        rows = bills.steady(6)
        bodies = [
            bills.content([*rows, bills.row("2026-10", f"{number}", ResourceId=f"r{number}")]) for number in range(1, 4)
        ]
        await asyncio.gather(*(world.bring_bill(body) for body in bodies))
        async with world.ground.database.read() as db:
            months = await store.months_of(db, subject_basis(world.company_id))
        assert sum(month.rows for month in months) == 6 + 3
        assert sum(month.effective for month in months) == bills.total(rows) + 6

    async def test_a_withdrawn_bill_counts_no_more_and_may_come_again(self, world: World) -> None:
        done = await world.bring_bill()
        async with world.ground.database.write() as db:
            await withdraw_import(db, world.ground.act(world.company), done.id, version=None)
        async with world.ground.database.write() as db:
            assert await score_subject(db, world.ground.act(world.company), subject_basis(world.company_id)) is None
        again = await world.bring_bill()
        assert (again.state, again.repeated, again.rows_new) == ("loaded", False, 24)

    async def test_a_bill_that_later_ones_lean_on_is_not_withdrawn_under_them(self, world: World) -> None:
        first = await world.bring_bill(bills.content(bills.steady(3)))
        await world.bring_bill(bills.content(bills.steady(4)))
        with pytest.raises(Conflict):
            async with world.ground.database.write() as db:
                await withdraw_import(db, world.ground.act(world.company), first.id, version=None)

    async def test_only_the_system_claims_a_better_source(self, world: World) -> None:
        from credit.service import import_bill

        with pytest.raises(Forbidden):
            await import_bill(
                world.ground,
                world.ground.act(world.company),
                world.company_id,
                bills.content(bills.steady(2)),
                grade="A",
            )
        await world.bring_bill(grade="A")
        async with world.ground.database.write() as db:
            score = await score_subject(db, world.ground.act(world.company), subject_basis(world.company_id))
        assert score
        assert (score.source_grade, score.features["verified_share_12"]) == ("A", "1.000000")

    async def test_another_company_cannot_see_or_withdraw_it(self, world: World) -> None:
        done = await world.bring_bill()
        stranger = await world.make.person("enterprise_owner")
        async with world.ground.database.write() as db:
            with pytest.raises(NotFound):
                await withdraw_import(db, world.ground.act(stranger), done.id, version=None)
            assert (await store.fetch_imports(db, stranger, ListQuery())).total == 0


class TestConsent:
    async def test_with_consent_the_score_comes_and_everything_is_recorded(self, world: World) -> None:
        await world.bring_bill()
        consent = await world.consent()
        row, score = await ask(world)
        assert score
        assert (row.outcome, row.reference, row.legal_basis) == ("scored", f"consent:{consent}", LEGAL)
        assert score.base + sum(each["points"] for each in score.contributions) == score.points
        async with world.ground.database.read() as db:
            use = (await db.scalars(select(DataUse).where(DataUse.purpose == "credit_scoring"))).one()
            assert (use.subject_id, use.recipient_id, use.outcome) == (
                world.company_id,
                world.lender.organisation_id,
                "allowed",
            )
            assert (use.what, use.detail) == (["cloud_score"], f"score_query:{row.id}")
            assert await db.scalar(select(func.count()).where(AuditEntry.action == "score.queried")) == 1
            event = (await db.scalars(select(EventRecord).where(EventRecord.name == "credit.score_queried"))).one()
            assert event.subject_id == world.company_id
            assert event.timeline_zh
            assert event.timeline_en

    async def test_without_consent_the_refusal_is_kept_for_both_sides(self, world: World) -> None:
        await world.bring_bill()
        with pytest.raises(Refusal) as refused:
            await ask(world)
        assert (refused.value.status, refused.value.code) == (403, "no_live_consent")
        async with world.ground.database.read() as db:
            mine = await store.fetch_queries(db, world.company, ListQuery())
            theirs = await store.fetch_queries(db, world.lender, ListQuery())
            use = (await db.scalars(select(DataUse))).one()
        assert [(view.outcome, view.company_id) for view in mine.items] == [("refused", world.company_id)]
        assert [(view.outcome, view.company_id, view.company_name_zh) for view in theirs.items] == [
            ("refused", None, None)
        ]
        assert (use.outcome, use.subject_id) == ("refused", world.company_id)
        assert await count(world, ScoreQueryRow) == 1

    async def test_a_company_without_consent_and_no_company_look_the_same(self, world: World) -> None:
        await world.bring_bill()
        answers = []
        for who in (world.company_id, new_id(), world.other_lender.organisation_id):
            with pytest.raises(Refusal) as refused:
                await ask(world, enterprise_id=who)
            answers.append((refused.value.status, refused.value.code, refused.value.detail, refused.value.title))
        with pytest.raises(Refusal) as refused:
            await ask(world, uscc="91350100M000100Y43")
        answers.append((refused.value.status, refused.value.code, refused.value.detail, refused.value.title))
        assert len(set(answers)) == 1
        async with world.ground.database.read() as db:
            listed = await store.fetch_queries(db, world.lender, ListQuery())
            company = await db.get_one(Organisation, world.company_id)
            by_name = await store.fetch_queries(db, world.lender, ListQuery(q=company.name_zh))
        shown = {(v.outcome, v.company_id, v.company_name_zh, v.score_id, v.reference) for v in listed.items}
        assert (listed.total, len(shown)) == (4, 1)
        assert by_name.total == 0

    async def test_withdrawal_counts_at_once(self, world: World) -> None:
        await world.bring_bill()
        consent = await world.consent()
        await ask(world)
        await world.withdraw(consent)
        with pytest.raises(Refusal):
            await ask(world)
        async with world.ground.database.read() as db:
            outcomes = [view.outcome for view in (await store.fetch_queries(db, world.company, ListQuery())).items]
        assert sorted(outcomes) == ["refused", "scored"]

    async def test_a_consent_ends_with_its_period(self, world: World, clock: FixedClock) -> None:
        await world.bring_bill()
        await world.consent(days=5)
        clock.advance(timedelta(days=5, seconds=1))
        with pytest.raises(Refusal):
            await ask(world)

    async def test_a_consent_is_for_one_lender(self, world: World) -> None:
        await world.bring_bill()
        await world.consent(world.lender)
        with pytest.raises(Refusal):
            await ask(world, world.other_lender)

    async def test_other_lenders_questions_are_not_found(self, world: World) -> None:
        await world.bring_bill()
        await world.consent()
        row, _score = await ask(world)
        async with world.ground.database.read() as db:
            assert (await store.find_query(db, world.lender, row.id)).id == row.id
            assert (await store.find_query(db, world.company, row.id)).id == row.id
            for stranger in (
                world.other_lender,
                await world.make.person("enterprise_owner"),
                await world.make.person("auditor"),
            ):
                with pytest.raises(NotFound):
                    await store.find_query(db, stranger, row.id)
            assert (await store.fetch_queries(db, world.other_lender, ListQuery())).total == 0

    async def test_a_company_without_bills_is_answered_so(self, world: World) -> None:
        await world.consent()
        row, score = await ask(world)
        assert (row.outcome, score) == ("no_data", None)

    async def test_a_company_cannot_ask(self, world: World) -> None:
        with pytest.raises(Forbidden):
            await ask(world, world.company)


class TestScores:
    async def test_one_day_and_one_state_of_bills_is_one_score(self, world: World, clock: FixedClock) -> None:
        await world.bring_bill()
        await world.consent()
        ids = {(await ask(world))[0].score_id for _number in range(3)}
        assert len(ids) == 1
        await world.bring_bill(bills.content([bills.row("2026-10", "1", ResourceId="more")]))
        ids.add((await ask(world))[0].score_id)
        clock.advance(timedelta(days=1))
        ids.add((await ask(world))[0].score_id)
        assert len(ids) == 3

    async def test_replay_is_bit_identical(self, world: World, clock: FixedClock) -> None:
        await world.bring_bill()
        await world.consent()
        row, _score = await ask(world)
        clock.advance(timedelta(days=40))
        await world.bring_bill(bills.content([bills.row("2026-11", "90000", ResourceId="later")]))
        async with world.ground.database.read() as db:
            assert (await replay(db, world.lender, row.id)).identical
            kept = await db.get_one(ScoreRow, UUID(str(row.score_id)))
            kept.features = kept.features | {"tenure_months": "1"}
            assert not (await replay_score(db, kept)).identical

    async def test_a_past_state_of_the_bills_can_be_rebuilt(self, world: World, clock: FixedClock) -> None:
        done = await world.bring_bill()
        then = clock.now()
        clock.advance(timedelta(days=2))
        async with world.ground.database.write() as db:
            await withdraw_import(db, world.ground.act(world.company), done.id, version=None)
        basis = subject_basis(world.company_id)
        async with world.ground.database.read() as db:
            assert await store.months_of(db, basis) == []
            assert len(await store.months_of(db, basis, known_at=then)) == 24

    async def test_history_goes_back_month_by_month(self, world: World) -> None:
        await world.bring_bill(bills.content(bills.steady(20)))
        async with world.ground.database.read() as db:
            points = await score_history(db, world.ground.act(world.company), subject_basis(world.company_id))
        assert len(points) == 12
        assert [point.as_of for point in points] == sorted({point.as_of for point in points})


class TestRaces:
    async def test_no_answer_slips_past_a_withdrawal(self, world: World) -> None:
        await world.bring_bill()
        consent = await world.consent()
        await ask(world)
        done = await asyncio.gather(
            *(ask(world) for _number in range(4)), world.withdraw(consent), return_exceptions=True
        )
        assert all(one is None or isinstance(one, tuple | Refusal) for one in done)
        with pytest.raises(Refusal):
            await ask(world)
        async with world.ground.database.read() as db:
            rows = list(await db.scalars(select(ScoreQueryRow)))
            uses = list(await db.scalars(select(DataUse)))
        scored = [row for row in rows if row.outcome == "scored"]
        assert len(rows) == 6
        assert len([use for use in uses if use.outcome == "allowed"]) == len(scored)
        assert len([use for use in uses if use.outcome == "refused"]) == 6 - len(scored)

    async def test_many_first_questions_make_one_score(self, world: World, clock: FixedClock) -> None:
        await world.bring_bill()
        await world.consent()
        clock.advance(timedelta(days=1))
        answers = await asyncio.gather(*(ask(world) for _number in range(5)))
        assert len({score.id for _row, score in answers if score}) == 1
