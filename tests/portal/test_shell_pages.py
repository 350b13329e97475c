"""The shell's pages: each party's desk, who used my data, jobs, the audit log, search, the statements, errors."""

import csv
import io
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from sqlalchemy import select, update

from kernel import audit, data_use
from kernel.act import Actor
from kernel.jobs import Job, enqueue, run_due_jobs
from kernel.problems import Refusal
from tests.make import Make

Client = AsyncTestClient[Litestar]
ROLES = ("enterprise_owner", "park_operator", "officer", "lender", "administrator", "auditor", "data_buyer", "agent")
HTML = {"Accept": "text/html"}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("locale", ["zh_CN", "en"])
async def test_every_party_has_a_desk_even_when_nothing_is_there_yet(client_for: Any, role: str, locale: str) -> None:
    visitor = await client_for(role, locale=locale)
    answer = await visitor.get("/")
    assert answer.status_code == 200
    assert ("Good morning" if locale == "en" else "早上好") in answer.text
    assert f'<html lang="{locale.replace("_", "-")}"' in answer.text
    assert 'aria-current="page"' in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/about", "/library", "/data-use-statement", "/accessibility", "/docs", "/docs/console", "/login"]
)
async def test_pages_for_everybody_need_no_account(client: Client, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert "<h1" in answer.text
    assert 'src="http' not in answer.text
    assert "<script>" not in answer.text, "the security policy forbids scripts in the page"


async def _uses(make: Make, subject: UUID) -> tuple[Actor, Actor]:
    """One use by an office, one refused attempt by a lender, one batch; all of the subject's data."""
    officer, lender = await make.person("officer"), await make.person("lender")
    act = make.act(officer)
    async with make.ground.database.write() as db:
        basis = data_use.statutory_basis(act, subject, "policy_review", "示范办法第 8 条")
        data_use.record(db, act, basis, ["staff", "revenue"])
        data_use.record_run(db, act, "policy_matching", "statutory", "nightly", ["staff"], [subject])
    with pytest.raises(Refusal):
        async with make.ground.database.write():
            raise data_use.refuse(make.act(lender), subject, "credit_scoring", ["revenue"], "withdrawn")
    return officer, lender


async def test_a_company_sees_every_use_every_batch_and_every_refusal(client_for: Any, make: Make) -> None:
    visitor = await client_for("enterprise_owner", locale="en")
    await _uses(make, visitor.organisation_id)
    shown = await visitor.get("/data-uses")
    assert "3 entries" in shown.text
    assert "Refused" in shown.text
    assert "in a batch of many companies" in shown.text
    assert "Staff" in shown.text, "facts are called by their names"
    found = (await visitor.get("/api/v1/data-uses")).json()
    assert found["total"] == 3
    assert {item["outcome"] for item in found["items"]} == {"allowed", "refused"}
    assert [item["reason"] for item in found["items"] if item["outcome"] == "refused"] == ["withdrawn"]


async def test_uses_are_narrowed_by_purpose_outcome_day_and_words(client_for: Any, make: Make) -> None:
    visitor = await client_for("enterprise_owner", locale="en")
    await _uses(make, visitor.organisation_id)
    for query, count in (
        ("purpose=policy_review", 1), ("outcome=refused", 1), ("basis=statutory", 2), ("q=nightly", 1),
        ("from=2026-11-23&until=2026-11-23", 3), ("from=2026-11-24", 0), ("until=2026-11-22", 0),
    ):  # fmt: skip
        assert (await visitor.get(f"/api/v1/data-uses?{query}")).json()["total"] == count, query
        assert (await visitor.get(f"/data-uses?{query}")).status_code == 200
    for query in ("from=yesterday", "until=9999-12-31x", "sort=password", "colour=red"):
        assert (await visitor.get(f"/api/v1/data-uses?{query}")).status_code == 400, query
        assert (await visitor.get(f"/data-uses?{query}", headers=HTML)).status_code == 400, query


async def test_nobody_sees_the_uses_of_another_company(client_for: Any, make: Make) -> None:
    mine, other = await client_for("enterprise_owner"), await client_for("enterprise_owner")
    officer, _lender = await _uses(make, mine.organisation_id)
    assert (await other.get("/api/v1/data-uses")).json()["total"] == 0
    same_office = await client_for("officer", organisation=officer.organisation_id)
    assert (await same_office.get("/api/v1/data-uses")).json()["total"] == 2, "what the office did itself"


async def test_the_list_of_uses_can_be_kept_as_a_file(client_for: Any, make: Make) -> None:
    visitor = await client_for("enterprise_owner", locale="en")
    await _uses(make, visitor.organisation_id)
    answer = await visitor.get("/data-uses?export=csv&outcome=refused")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][:3] == ["When", "Who", "Whose data"]
    assert len(rows) == 2
    assert (await visitor.get("/data-uses?export=xlsx")).content[:2] == b"PK"
    assert (await visitor.get("/data-uses?export=pdf", headers=HTML)).status_code == 400


async def _job(make: Make, actor: Actor, **state: Any) -> UUID:
    async with make.ground.database.write() as db:
        job_id = await enqueue(db, make.act(actor), "park.import_readings", {})
        if state:
            await db.execute(update(Job).where(Job.id == job_id).values(**state))
    return job_id


async def test_a_job_shows_how_far_it_is_and_can_be_stopped(client_for: Any, make: Make) -> None:
    visitor = await client_for("park_operator", locale="en")
    job_id = await _job(make, visitor.actor, done=3, total=12, note="row 300")
    shown = await visitor.get(f"/jobs/{job_id}")
    assert '<progress max="12" value="3"' in shown.text
    assert 'http-equiv="refresh"' in shown.text, "without JavaScript the page asks again by itself"
    assert (await visitor.get(f"/api/v1/jobs/{job_id}")).json()["done"] == 3
    assert (await visitor.form(f"/jobs/{job_id}/cancel")).status_code == 303
    after = await visitor.get(f"/jobs/{job_id}")
    assert "Cancelled" in after.text
    assert 'http-equiv="refresh"' not in after.text


async def test_a_job_of_others_is_no_job(client_for: Any, make: Make) -> None:
    visitor, other = await client_for("park_operator"), await client_for("park_operator")
    job_id = await _job(make, visitor.actor)
    for path in (f"/jobs/{job_id}", f"/api/v1/jobs/{job_id}"):
        assert (await other.get(path, headers=HTML)).status_code == 404
    assert (await other.form(f"/jobs/{job_id}/cancel")).status_code == 404
    assert (await other.post(f"/api/v1/jobs/{job_id}/cancel")).status_code == 404


async def test_an_administrator_starts_a_dead_job_again(client_for: Any, make: Make) -> None:
    administrator = await client_for("administrator", locale="en")
    operator = await client_for("park_operator")
    job_id = await _job(make, operator.actor, state="dead", attempts=7)
    shown = await administrator.get("/administration/jobs?state=dead")
    assert "Failed for good" in shown.text
    assert (await administrator.form(f"/administration/jobs/{job_id}/retry")).status_code == 303
    async with make.ground.database.read() as db:
        job = await db.get_one(Job, job_id)
    assert (job.state, job.attempts) == ("queued", 0)
    again = await administrator.form(f"/administration/jobs/{job_id}/retry")
    assert again.status_code == 409, "only what failed can be tried again"
    assert (await operator.form(f"/administration/jobs/{job_id}/retry")).status_code == 403


async def test_the_log_is_checked_from_the_page_and_a_changed_entry_is_named(
    client_for: Any, make: Make, app: Litestar
) -> None:
    auditor = await client_for("auditor", locale="en")
    ground = make.ground
    answer = await auditor.form("/administration/audit/verify")
    assert answer.headers["location"].startswith("/jobs/")
    await audit.seal_all(ground.database, ground.keys, ground.clock, checkpoint_file=ground.settings.checkpoint_file)
    ground.rooms = app.state.ground.rooms
    assert await run_due_jobs(ground) == 1
    shown = await auditor.get("/administration/audit")
    assert "Sound" in shown.text
    assert "audit.verification_requested" in shown.text
    job = await auditor.get(answer.headers["location"])
    assert "sound" in job.text


async def test_what_the_check_finds_is_told_on_the_page(client_for: Any, make: Make) -> None:
    auditor = await client_for("auditor", locale="en")
    result = {"sound": False, "first_bad_entry": 4, "findings": ["4: entry x is not what was sealed"]}
    async with make.ground.database.write() as db:
        job_id = await enqueue(db, make.act(auditor.actor), "portal.verify_audit", {})
        now = make.ground.clock.now()
        await db.execute(update(Job).where(Job.id == job_id).values(state="done", result=result, finished_at=now))
    shown = await auditor.get("/administration/audit")
    assert "The log is not what was sealed" in shown.text
    assert "4: entry x is not what was sealed" in shown.text
    assert "The log is not what was sealed" in (await auditor.get("/")).text


async def test_search_finds_only_what_the_reader_may_see(client_for: Any, make: Make) -> None:
    mine = await client_for("enterprise_owner", locale="en")
    name = f"Test {mine.organisation_id.hex[-6:]}"
    own = await mine.get(f"/search?q={name}")
    assert 'href="/enterprise"' in own.text
    other = await client_for("enterprise_owner", locale="en")
    assert "Nothing found" in (await other.get(f"/search?q={name}")).text
    administrator = await client_for("administrator", locale="en")
    assert f"/enterprises/{mine.organisation_id}" in (await administrator.get(f"/search?q={name}")).text
    assert (await mine.get("/search?q=%25")).status_code == 200
    assert (await mine.get(f"/search?q={'x' * 101}", headers=HTML)).status_code == 400


async def test_the_reference_lists_what_runs_and_who_may_call_it(client: Client, app: Litestar) -> None:
    shown = (await client.get("/docs", headers={"Accept-Language": "en"})).text
    documented = [path for path in app.openapi_schema.paths or {} if path.startswith("/api/")]
    assert len(documented) > 10
    assert [path for path in documented if path not in shown] == []


@pytest.mark.parametrize(("path", "status"), [("/nope", 404), ("/jobs/not-a-number", 404), ("/login?q=%00", 400)])
async def test_errors_are_pages_with_a_way_onward_and_documents_for_programs(
    client: Client, path: str, status: int
) -> None:
    shown = await client.get(path, headers=HTML)
    assert shown.status_code == status
    assert 'href="/"' in shown.text
    document = await client.get(f"/api/v1{path}")
    assert document.headers["content-type"].startswith("application/problem+json")
    assert document.json()["status"] in (400, 404)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 428, 429, 500, 503])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_error_page_says_what_to_do(status: int, language: str, app: Litestar) -> None:
    from kernel.texts import use_locale
    from kernel.web.errors import BY_STATUS
    from kernel.web.templates import Frame

    with use_locale(language):
        problem = BY_STATUS[status]() if status in BY_STATUS else _problem(status)
        engine: Any = app.template_engine
        html = engine.engine.get_template("portal/error.html").render(
            problem=problem, frame=Frame(request_id="0190-event")
        )
    assert str(status) in html
    assert problem.title in html
    assert ("0190-event" in html) == (status >= 500)
    assert 'class="btn btn-primary"' in html


def _problem(status: int) -> Any:
    from kernel import problems

    kinds = [
        kind for kind in vars(problems).values()
        if isinstance(kind, type) and issubclass(kind, problems.Problem) and kind is not problems.Refusal
    ]  # fmt: skip
    return next(kind() for kind in kinds if kind.status == status)


async def test_the_library_is_open_and_narrowed(client: Client, make: Make) -> None:
    import policy_matching

    office = await make.organisation("government")
    async with make.ground.database.write() as db:
        count = await policy_matching.load_catalogue(db, make.act(), office)
    assert count > 20
    english = {"Accept-Language": "en"}
    everything = await client.get("/library", headers=english)
    assert f"{count} policies" in everything.text
    taxes = await client.get("/library?kind=tax&route=self_declared", headers=english)
    assert 0 < taxes.text.count('href="/library/') < count
    assert "Nothing matches these filters" in (await client.get("/library?q=zzzz", headers=english)).text
    async with make.ground.database.read() as db:
        code = (await db.scalars(select(policy_matching.models.PolicyItem.code).limit(1))).one()
    item = await client.get(f"/library/{code}", headers=english)
    assert "Check my company" in item.text
    assert (await client.get("/library/no-such-policy", headers=HTML)).status_code == 404
