"""The park's API: the whole thread over JSON, other people's objects are not found, bad input names the field."""

from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar

from kernel.jobs import run_due_jobs
from park.service.watching import watch_all
from tests.park.world import TODAY, World, series, weekly, winding_down


@pytest.fixture
async def operator(app: Litestar, world: World) -> Any:
    return await world.make.visitor(app, "park_operator", organisation=world.operator_id)


@pytest.fixture
async def stranger(app: Litestar, world: World) -> Any:
    return await world.make.visitor(app, "park_operator")


def lease_body(company: Any, **more: Any) -> dict[str, Any]:
    return {
        "number": "API-1", "enterprise_id": str(company), "unit_codes": ["A-101"], "start_on": "2026-01-01",
        "end_on": "2027-12-31", "rent_fen_per_m2_month": 5800,
    } | more  # fmt: skip


async def test_a_machine_of_the_operator_runs_the_whole_thread(app: Litestar, world: World) -> None:
    machine = await world.make.visitor(app, "park_operator", organisation=world.operator_id, machine=True)
    parks = (await machine.get("/api/v1/parks")).json()
    assert [park["code"] for park in parks] == ["binhai"]
    base = f"/api/v1/parks/{parks[0]['id']}"
    company = await world.company()

    signed = await machine.post(f"{base}/leases", lease_body(company), key="key-sign-lease-1")
    assert signed.status_code == 201 and signed.json()["state"] == "running"
    again = await machine.post(f"{base}/leases", lease_body(company), key="key-sign-lease-1")
    assert again.json() == signed.json() and again.headers["Idempotent-Replayed"] == "true"
    other = await machine.post(f"{base}/leases", lease_body(company, number="API-2"))
    assert other.status_code == 409 and other.json()["errors" if "errors" in other.json() else "fields"]

    delivered = await machine.post(
        f"{base}/readings",
        {"source": "meter system", "series": [{"meter_code": "M1", "unit_code": "A-101", "first_day": "2026-11-20", "daily_kwh": ["1.5", None, "2"]}]},
    )  # fmt: skip
    assert delivered.status_code == 200 and (delivered.json()["state"], delivered.json()["total_kwh"]) == (
        "live",
        "3.500",
    )

    occupancy = (await machine.get(f"{base}/occupancy")).json()
    assert (occupancy["let_m2"], occupancy["total_m2"]) == ("420.00", "5200.50")
    assert {one["code"]: one["units_let"] for one in occupancy["buildings"]} == {"A": 1, "B": 0}
    units = (await machine.get(f"{base}/units?state=let")).json()
    assert [(unit["code"], unit["lease_number"]) for unit in units["items"]] == [("A-101", "API-1")]
    tenants = (await machine.get(f"{base}/tenants?q=Binhai")).json()
    assert tenants["total"] == 1 and tenants["items"][0]["area_m2"] == "420.00"
    tenant = (await machine.get(f"{base}/tenants/{company}")).json()
    assert tenant["legal_basis"] == "API-1" and {fact["name"] for fact in tenant["facts"]} >= {"staff", "revenue"}
    assert all(fact["value"] is None for fact in tenant["facts"] if fact["name"] == "staff")
    energy = (await machine.get(f"{base}/tenants/{company}/energy?days=30")).json()
    assert (len(energy["days"]) == 30 and energy["actual"][-1] == 0) or energy["actual"][-1] is None or energy["actual"]

    lease = signed.json()
    path = f"{base}/leases/{lease['id']}/end"
    assert (await machine.post(path, {"last_day": str(TODAY)})).status_code == 428
    stale = await machine.post(path, {"last_day": str(TODAY)}, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    ended = await machine.post(path, {"last_day": str(TODAY)}, headers={"If-Match": '"1"'})
    assert ended.status_code == 200 and ended.json()["state"] == "ended"
    assert (await machine.get(f"{base}/tenants/{company}")).status_code == 404
    assert (await machine.get(f"{base}/tenants")).json()["total"] == 0


async def test_a_file_over_the_api_is_checked_started_and_undone(operator: Any, world: World) -> None:
    await world.read(series("A-101", [1.0]))
    base = f"/api/v1/parks/{world.park_id}/imports"
    content = b"meter,date,kwh\nM-A-101,2026-11-20,2\nM-A-101,2026-11-20,2\n"
    headers = {"X-CSRF-Token": operator.csrf}
    checked = await operator.client.post(base, files={"file": ("a.csv", content, "text/csv")}, headers=headers)
    assert checked.status_code == 201
    body = checked.json()
    assert (body["state"], body["rows_good"], body["rows_bad"]) == ("checked", 1, 1)
    assert (body["faults"][0]["line"], body["faults"][0]["column"], body["faults"][0]["code"]) == (3, "date", "twice")
    started = await operator.post(f"{base}/{body['id']}/start")
    assert started.status_code == 202 and started.json()["job_id"]
    await run_due_jobs(world.ground)
    assert (await operator.get(f"{base}/{body['id']}")).json()["state"] == "live"
    assert (await operator.post(f"{base}/{body['id']}/cancel")).status_code == 409
    assert (await operator.post(f"{base}/{body['id']}/undo")).json()["state"] == "undone"
    assert (await operator.post(f"{base}/{body['id']}/start")).status_code == 409
    assert (await operator.client.post(base, json={}, headers=headers)).status_code == 415
    assert (await operator.client.post(base, data={"x": "1"}, headers=headers)).status_code == 400


async def test_places_are_registered_and_brought_up_to_date_by_their_code(operator: Any, world: World) -> None:
    base = f"/api/v1/parks/{world.park_id}"
    building = {
        "code": "C",
        "name_zh": "三号",
        "name_en": "Hall 3",
        "floors": 2,
        "shape": [[500, 60], [600, 60], [600, 150]],
    }
    first = await operator.send("PUT", f"{base}/buildings", building)
    assert first.status_code == 200
    renamed = await operator.send("PUT", f"{base}/buildings", building | {"name_en": "Hall Three"})
    assert renamed.json() == first.json()
    names = {one["code"]: one["name_en"] for one in (await operator.get(f"{base}/buildings")).json()}
    assert names["C"] == "Hall Three"
    unit = {"building_code": "C", "code": "C-1", "floor": 1, "area_m2": "10.25", "use": "shop"}
    assert (await operator.send("PUT", f"{base}/units", unit)).status_code == 200
    bulk = await operator.post(f"{base}/units/bulk", [unit | {"code": "C-2"}, unit | {"code": "C-3", "floor": 9}])
    assert bulk.status_code == 400 and "[1].floor" in bulk.text
    assert (await operator.get(f"{base}/units?building=C")).json()["total"] == 1  # all or none
    park = {"code": "second", "name_zh": "二期", "name_en": "Phase Two"}
    assert (await operator.send("PUT", "/api/v1/parks", park)).status_code == 200
    assert (await operator.send("PUT", "/api/v1/parks", park | {"operator_id": str(world.park_id)})).status_code == 400


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"number": ""}, "number"),
        ({"number": "a b"}, "number"),
        ({"unit_codes": []}, "unit_codes"),
        ({"unit_codes": ["A-101", "A-101"]}, "unit_codes"),
        ({"unit_codes": ["A-999"]}, "unit_codes"),
        ({"start_on": "2026-13-01"}, "start_on"),
        ({"end_on": "2025-12-31"}, "end_on"),
        ({"start_on": "9990-01-01", "end_on": "9999-12-31"}, "start_on"),
        ({"start_on": "0001-01-01", "end_on": "0002-01-01"}, "start_on"),
        ({"rent_fen_per_m2_month": 58.5}, "rent_fen_per_m2_month"),
        ({"rent_fen_per_m2_month": "5800"}, "rent_fen_per_m2_month"),
        ({"rent_fen_per_m2_month": 10**12}, "rent_fen_per_m2_month"),
        ({"enterprise_id": "x"}, "enterprise_id"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_a_bad_lease_names_the_field(operator: Any, world: World, change: dict[str, Any], field: str) -> None:
    answer = await operator.post(f"/api/v1/parks/{world.park_id}/leases", lease_body(await world.company()) | change)
    assert answer.status_code == 400 and field in answer.text, answer.text


@pytest.mark.parametrize(
    "body",
    [
        {"source": "x", "series": []},
        {"source": "x", "series": [{"meter_code": "M", "unit_code": "nowhere", "first_day": "2026-11-20", "daily_kwh": ["1"]}]},
        {"source": "x", "series": [{"meter_code": "M", "unit_code": "A-101", "first_day": "2026-11-24", "daily_kwh": ["1"]}]},
        {"source": "x", "series": [{"meter_code": "M", "unit_code": "A-101", "first_day": "2026-11-20", "daily_kwh": ["-1"]}]},
        {"source": "x", "series": [{"meter_code": "M", "unit_code": "A-101", "first_day": "2026-11-20", "daily_kwh": []}]},
        {"source": "x", "series": [{"meter_code": "M", "unit_code": "A-101", "first_day": "9999-12-31", "daily_kwh": ["1", "2"]}]},
        {"source": "x", "series": [{"meter_code": "M", "unit_code": "A-101", "first_day": "0001-01-01", "daily_kwh": ["1"]}]},
        {"source": "x", "series": [{"meter_code": "a b", "unit_code": "A-101", "first_day": "2026-11-20", "daily_kwh": ["1"]}]},
    ],
)  # fmt: skip
async def test_bad_readings_are_refused_and_leave_nothing_live(
    operator: Any, world: World, body: dict[str, Any]
) -> None:
    answer = await operator.post(f"/api/v1/parks/{world.park_id}/readings", body)
    assert answer.status_code == 400, answer.text
    assert (await operator.get(f"/api/v1/parks/{world.park_id}/imports")).json()["total"] == 0


@pytest.mark.parametrize(
    "query", ["page=0", "size=101", "size=99999999999999999999", "sort=colour", "colour=red", "page=1&page=2", "q=%00"]
)
async def test_lists_refuse_what_they_do_not_know(operator: Any, world: World, query: str) -> None:
    for name in ("units", "leases", "tenants", "imports"):
        answer = await operator.get(f"/api/v1/parks/{world.park_id}/{name}?{query}")
        assert answer.status_code == 400, (name, answer.text)


async def test_a_foreign_park_is_not_found_whatever_is_asked_of_it(stranger: Any, world: World) -> None:
    company = await world.company()
    lease = await world.sign(world.lease(company))
    import_id = await world.read(series("A-101", [1.0]))
    base = f"/api/v1/parks/{world.park_id}"
    for path in (
        "", "/buildings", "/units", "/occupancy", "/leases", "/leases/ending", "/leases/calendar", "/tenants", f"/tenants/{company}",
        f"/tenants/{company}/energy", "/energy", "/signals", "/imports", f"/imports/{import_id}",
    ):  # fmt: skip
        assert (await stranger.get(base + path)).status_code == 404, path
    match = {"If-Match": '"1"'}
    for path, body in (
        ("/leases", lease_body(company)), (f"/leases/{lease}/end", {"last_day": str(TODAY)}),
        (f"/imports/{import_id}/start", None), (f"/imports/{import_id}/undo", None), (f"/imports/{import_id}/cancel", None),
        ("/readings", {"source": "x", "series": [{"meter_code": "M", "unit_code": "A-101", "first_day": "2026-11-20", "daily_kwh": ["1"]}]}),
        (f"/signals/{import_id}/review", {"note": "x"}),
    ):  # fmt: skip
        assert (await stranger.post(base + path, body, headers=match)).status_code == 404, path
    assert (await stranger.get("/api/v1/parks")).json() == []


@pytest.mark.parametrize(
    ("role", "reads"), [("officer", 403), ("lender", 403), ("enterprise_owner", 403), ("auditor", 200)]
)
async def test_others_may_not_run_a_park(app: Litestar, world: World, role: str, reads: int) -> None:
    visitor = await world.make.visitor(app, role)
    company = await world.company()
    await world.sign(world.lease(company))
    base = f"/api/v1/parks/{world.park_id}"
    assert (await visitor.get(f"{base}/tenants")).status_code == reads
    assert (await visitor.get(f"{base}/tenants/{company}")).status_code == 403
    assert (await visitor.post(f"{base}/leases", lease_body(company))).status_code == 403


async def test_leases_that_end_soon_tell_when_they_are_renewed(operator: Any, world: World) -> None:
    one, other, late = await world.company(), await world.company(), await world.company()
    await world.sign(world.lease(one, "A-101", number="L-1", end=TODAY + timedelta(days=25)))
    await world.sign(
        world.lease(one, "A-101", number="L-1b", start=TODAY + timedelta(days=26), end=TODAY + timedelta(days=900))
    )
    await world.sign(world.lease(other, "A-102", number="L-2", end=TODAY + timedelta(days=88)))
    await world.sign(world.lease(late, "A-201", number="L-3", end=TODAY + timedelta(days=181)))
    found = (await operator.get(f"/api/v1/parks/{world.park_id}/leases/ending")).json()
    assert [(lease["number"], lease["step"], lease["is_renewed"]) for lease in found] == [
        ("L-1", 30, True),
        ("L-2", 90, False),
    ]
    calendar = (await operator.get(f"/api/v1/parks/{world.park_id}/leases/calendar")).text
    assert calendar.count("BEGIN:VEVENT") == 2 and "L-1" not in calendar  # renewed, and then beyond two years


async def test_signals_carry_evidence_and_the_company_reads_its_own(app: Litestar, operator: Any, world: World) -> None:
    company = await world.company()
    await world.sign(world.lease(company))
    await world.read(series("A-101", winding_down(300)))
    assert await watch_all(world.ground, world.act) == 1
    signals = (await operator.get(f"/api/v1/parks/{world.park_id}/signals")).json()
    assert len(signals) == 1 and float(signals[0]["actual_kwh"]) < float(signals[0]["expected_kwh"])
    assert (signals[0]["slack"], signals[0]["threshold"]) == (0.2, 5.0)
    owner = await world.make.visitor(app, "enterprise_owner", organisation=company)
    own = (await owner.get("/api/v1/parks/my-lease")).json()
    assert own[0]["leases"][0]["number"] == "L-1" and own[0]["signals"][0]["id"] == signals[0]["id"]
    energy = (await owner.get(f"/api/v1/parks/{world.park_id}/my-energy?days=90")).json()
    assert len(energy["actual"]) == 90 and energy["change_30"] < -0.3
    path = f"/api/v1/parks/{world.park_id}/signals/{signals[0]['id']}/review"
    assert (await operator.post(path, {"note": "Asked: fewer shifts."}, headers={"If-Match": '"9"'})).status_code == 412
    closed = await operator.post(
        path, {"note": "Asked: fewer shifts."}, headers={"If-Match": f'"{signals[0]["version"]}"'}
    )
    assert closed.status_code == 200 and closed.json()["state"] == "reviewed"
    assert (await operator.get(f"/api/v1/parks/{world.park_id}/signals")).json() == []


async def test_park_energy_compares_like_with_like(operator: Any, world: World) -> None:
    old, new = await world.company(), await world.company()
    await world.sign(world.lease(old, "A-101", number="L-1"))
    await world.sign(world.lease(new, "A-102", number="L-2", start=TODAY - timedelta(days=30)))
    await world.read(series("A-101", weekly(300, 100)), series("A-102", weekly(300, 1000)))
    energy = (await operator.get(f"/api/v1/parks/{world.park_id}/energy?days=30")).json()
    assert max(value for value in energy["actual"] if value is not None) == 100  # the newcomer has no expectation yet
    assert abs(energy["change_30"]) < 0.01
