"""The park's pages: shown in both languages, usable without JavaScript, honest about mistakes, closed to everybody else."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from litestar import Litestar
from sqlalchemy import func, select

import park
from kernel.data_use import DataUse
from kernel.jobs import run_due_jobs
from park.models import Lease, ReadingImport
from park.service.watching import watch_all
from tests.make import Visitor
from tests.park.world import TODAY, World, series, weekly, winding_down

OPERATOR_PAGES = ("/park", "/park/tenants", "/park/units", "/park/leases", "/park/leases/new", "/park/imports")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
async def full(world: World) -> World:
    """The small park with three tenants, readings and one signal."""
    steady, falling, leaving = (
        await world.company("稳定"),
        await world.company("下降", "3516"),
        await world.company("到期"),
    )
    await world.sign(world.lease(steady, "A-101", number="L-1"))
    await world.sign(world.lease(falling, "B-101", number="L-2"))
    await world.sign(world.lease(leaving, "A-102", number="L-3", end=TODAY + timedelta(days=20)))
    await world.read(series("A-101", weekly(300)), series("B-101", winding_down(300)), series("A-102", weekly(300, 50)))
    assert await watch_all(world.ground, world.act) == 1
    world.steady, world.falling, world.leaving = steady, falling, leaving  # type: ignore[attr-defined]
    return world


@pytest.fixture
async def operator(app: Litestar, full: World) -> Any:
    async def log_in(locale: str = "zh_CN") -> Visitor:
        return await full.make.visitor(app, "park_operator", organisation=full.operator_id, locale=locale)

    return log_in


def words(html: str) -> str:
    """What a reader sees, without addresses, scripts and attributes."""
    body = html[html.index("<main") : html.index("</main>")]
    return re.sub(r"<[^>]+>", " ", re.sub(r"<(script|style|svg)\b.*?</\1>", " ", body, flags=re.DOTALL))


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
async def test_every_page_of_the_operator_is_shown_in_the_readers_language(
    full: World, operator: Any, locale: str
) -> None:
    visitor = await operator(locale)
    for path in (*OPERATOR_PAGES, f"/park/tenants/{full.falling}"):  # type: ignore[attr-defined]
        answer = await visitor.get(path)
        assert answer.status_code == 200, (path, answer.text[-2000:])
        seen = words(answer.text)
        if locale == "en":
            chinese = CHINESE.findall(seen.replace("运营员", "").replace("测试员", ""))
            assert not chinese, (path, "".join(chinese)[:80])
        else:
            assert not re.search(r"\b(Lease|Tenant|Unit|Occupancy|Expected|Signal|Meter|Day|Building)s?\b", seen), path


async def test_the_cockpit_says_what_is_let_what_ends_and_what_the_meters_say(full: World, operator: Any) -> None:
    seen = words((await (await operator("en")).get("/park")).text)
    # 420 + 380.5 + 1900 of 420 + 380.5 + 400 + 1900 + 2100; the common area does not count.
    assert "51.9%" in seen and "2,700 of 5,200 m² let" in seen.replace("2,701", "2,700").replace("5,201", "5,200")
    assert "20 days" in seen and "A-102" in seen
    assert "Binhai Test 2 Co., Ltd." in seen and "instead of" in seen


async def test_the_tenant_page_records_the_look_and_names_the_lease_as_its_basis(full: World, operator: Any) -> None:
    visitor = await operator("en")
    answer = await visitor.get(f"/park/tenants/{full.falling}")  # type: ignore[attr-defined]
    assert "L-2" in words(answer.text) and "less than expected" in words(answer.text)
    async with full.ground.database.read() as db:
        uses = (await db.scalars(select(DataUse).where(DataUse.subject_id == full.falling))).all()  # type: ignore[attr-defined]
    assert {(use.purpose, use.basis, use.reference, use.outcome) for use in uses} == {
        ("park_watch", "contract", "L-2", "allowed")
    }
    assert {name for use in uses for name in use.what} >= {"staff", "revenue", "electricity_use"}
    count = len(uses)
    for kind in ("energy", "path"):
        chart = await visitor.get(f"/park/charts/{full.park_id}/tenants/{full.falling}/{kind}")  # type: ignore[attr-defined]
        assert chart.status_code == 200 and len(chart.json()["series"]) == 2
    async with full.ground.database.read() as db:  # the charts of this look are part of it
        assert (
            await db.scalar(select(func.count()).select_from(DataUse).where(DataUse.subject_id == full.falling))
            == count
        )  # type: ignore[attr-defined]
    full.ground.clock.advance(timedelta(minutes=3))  # type: ignore[attr-defined]
    await visitor.get(f"/park/charts/{full.park_id}/tenants/{full.falling}/energy")  # type: ignore[attr-defined]
    async with full.ground.database.read() as db:
        assert (
            await db.scalar(select(func.count()).select_from(DataUse).where(DataUse.subject_id == full.falling))
            == count + 1
        )  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {1, 2, 3}),
        ("q=Test+3", {3}),
        ("industry=35", {2}),
        ("building=A", {1, 3}),
        ("ending=30", {3}),
        ("signal=open", {2}),
        ("signal=none&building=A&q=稳定", {1}),
        ("building=Z", set()),
    ],
)
async def test_the_tenant_table_searches_and_filters(
    full: World, operator: Any, query: str, expected: set[int]
) -> None:
    seen = words((await (await operator("en")).get(f"/park/tenants?{query}")).text)
    assert {int(number) for number in re.findall(r"Binhai Test (\d) Co", seen)} == expected


async def test_lists_are_sorted_paged_and_exported(full: World, operator: Any) -> None:
    visitor = await operator("en")
    page = words((await visitor.get("/park/tenants?sort=-kwh_30&size=2")).text)
    assert page.index("Test 1") < page.index("page 1 of 2")
    assert (await visitor.get("/park/tenants?sort=nothing")).status_code == 400
    assert (await visitor.get("/park/tenants?colour=red")).status_code == 400
    assert (await visitor.get("/park/tenants?export=pdf")).status_code in (400, 404)
    csv = await visitor.get("/park/tenants?export=csv&building=B")
    lines = csv.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2 and "Binhai Test 2" in lines[1] and "1900" in lines[1]
    for name, rows in (("units", 6), ("leases", 3), ("tenants", 3)):
        book = openpyxl.load_workbook(io.BytesIO((await visitor.get(f"/park/{name}?export=xlsx")).content))
        assert book.active.max_row == rows + 1, name


async def test_a_lease_is_signed_in_a_form_and_mistakes_keep_the_entries(full: World, operator: Any) -> None:
    visitor = await operator("en")
    company = await full.company("新来")
    async with full.ground.database.read() as db:
        from kernel.identity import Organisation

        uscc = (await db.get(Organisation, company)).uscc  # type: ignore[union-attr]
    entries = {
        "number": "F-1", "uscc": uscc[:-1] + ("0" if uscc[-1] != "0" else "1"), "units": ["A-201"],
        "start_on": "2026-12-01", "end_on": "2028-11-30", "rent": "58.50",
    }  # fmt: skip
    wrong = await visitor.form("/park/leases", entries)
    assert (
        wrong.status_code == 422 and "F-1" in wrong.text and 'value="58.50"' in wrong.text and "selected" in wrong.text
    )
    taken = await visitor.form("/park/leases", entries | {"uscc": uscc, "units": ["A-101"]})
    assert taken.status_code == 422 and "L-1" in words(taken.text)
    key = "0123456789abcdef"
    done = await visitor.form("/park/leases", entries | {"uscc": uscc}, key=key)
    assert done.status_code == 303 and done.headers["Location"].startswith(f"/park/tenants/{company}")
    again = await visitor.form("/park/leases", entries | {"uscc": uscc}, key=key)
    assert again.status_code == 303
    async with full.ground.database.read() as db:
        lease = await db.scalar(select(Lease).where(Lease.number == "F-1"))
        assert lease is not None and lease.rent_fen_per_m2_month == 5850
        assert await db.scalar(select(func.count()).select_from(Lease)) == 4


async def test_ending_the_last_lease_closes_the_tenants_page(full: World, operator: Any) -> None:
    visitor = await operator("en")
    async with full.ground.database.read() as db:
        lease = await db.scalar(select(Lease).where(Lease.number == "L-3"))
    assert lease is not None
    path = f"/park/leases/{lease.id}/end"
    assert (await visitor.get(path)).status_code == 200
    stale = await visitor.form(path, {"last_day": str(TODAY), "_version": "9"})
    assert stale.status_code == 422
    done = await visitor.form(path, {"last_day": str(TODAY), "reason": "moved", "_version": "1"})
    assert done.status_code == 303
    assert (await visitor.get(f"/park/tenants/{full.leaving}")).status_code == 404  # type: ignore[attr-defined]
    assert "Test 3" not in words((await visitor.get("/park/tenants")).text)


async def test_a_file_is_uploaded_checked_imported_and_undone_in_pages(full: World, operator: Any) -> None:
    visitor = await operator("en")
    content = b"meter,date,kwh\nM-A-101,2026-11-22,1\nM-A-101,2026-11-99,1\n"
    answer = await visitor.form("/park/imports", {}, files={"file": ("readings.csv", content, "text/csv")})
    assert answer.status_code == 303, words(answer.text)
    path = answer.headers["Location"].split("?")[0]
    seen = words((await visitor.get(path)).text)
    assert "Import 1 good row" in seen and "2026-11-99" in seen and "Not a day or time" in seen
    assert (await visitor.form(f"{path}/start")).status_code == 303
    moving = await visitor.get(path)
    assert "every 1s" in moving.text and "<progress" in moving.text
    await run_due_jobs(full.ground)
    assert "counts since" in words((await visitor.get(path)).text)
    assert (await visitor.form(f"{path}/undo")).status_code == 303
    assert (await visitor.form(f"{path}/undo")).status_code == 409
    assert (await visitor.form(f"{path}/explode")).status_code == 404
    async with full.ground.database.read() as db:
        states = set((await db.scalars(select(ReadingImport.state))).all())
    assert states == {"live", "undone"}


@pytest.mark.parametrize(("name", "content"), [("a.pdf", b"x"), ("a.csv", b"")])
async def test_a_wrong_upload_says_so_beside_the_field(full: World, operator: Any, name: str, content: bytes) -> None:
    visitor = await operator("en")
    answer = await visitor.form("/park/imports", {}, files={"file": (name, content, "text/csv")})
    assert answer.status_code in (303, 422)
    if answer.status_code == 303:  # an empty file is a dry run with one fault
        assert "holds no readings" in words((await visitor.get(answer.headers["Location"])).text)
    missing = await visitor.form("/park/imports", {})
    assert missing.status_code == 422


async def test_a_signal_is_closed_with_a_note_that_the_company_can_read(
    full: World, operator: Any, app: Litestar
) -> None:
    visitor = await operator("en")
    page = (await visitor.get(f"/park/tenants/{full.falling}")).text  # type: ignore[attr-defined]
    action = re.search(r'action="(/park/tenants/[^"]+/signals/[^"?]+)', page)
    version = re.search(r'name="_version" value="(\d+)"', page)
    assert action and version
    empty = await visitor.form(action[1], {"note": " ", "_version": version[1]})
    assert empty.status_code == 422
    done = await visitor.form(action[1], {"note": "A furnace was replaced.", "_version": version[1]})
    assert done.status_code == 303
    company = await full.make.visitor(app, "enterprise_owner", organisation=full.falling, locale="en")  # type: ignore[attr-defined]
    assert "A furnace was replaced." in words((await company.get("/park/my-lease")).text)


async def test_buildings_and_units_are_added_in_forms(full: World, operator: Any) -> None:
    visitor = await operator("en")
    building = {"code": "C", "name_zh": "三号楼", "name_en": "Hall 3", "floors": "3", "shape": "500,60 600,60 600,150"}
    wrong = await visitor.form("/park/buildings", building | {"shape": "500,60 600"})
    assert wrong.status_code == 422 and "80,60 300,60" in wrong.text
    assert (await visitor.form("/park/buildings", building)).status_code == 303
    unit = {"building_code": "C", "unit_code": "C-101", "floor": "1", "area_m2": "120.25", "use": "office"}
    assert (await visitor.form("/park/units", unit | {"floor": "9"})).status_code == 422
    assert (await visitor.form("/park/units", unit)).status_code == 303
    assert "C-101" in words((await visitor.get("/park/units?building=C")).text)


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
async def test_the_company_sees_its_own_lease_and_only_its_own(full: World, app: Litestar, locale: str) -> None:
    company = await full.make.visitor(app, "enterprise_owner", organisation=full.steady, locale=locale)  # type: ignore[attr-defined]
    seen = words((await company.get("/park/my-lease")).text)
    assert "L-1" in seen and "A-101" in seen and "L-2" not in seen
    chart = await company.get(f"/park/charts/{full.park_id}/own")
    assert chart.status_code == 200 and len(chart.json()["x"]) == 90
    for path in (*OPERATOR_PAGES, f"/park/tenants/{full.steady}", f"/park/charts/{full.park_id}/energy"):  # type: ignore[attr-defined]
        assert (await company.get(path)).status_code == 403, path
    stranger = await full.make.visitor(app, "enterprise_owner", locale=locale)
    assert (await stranger.get("/park/my-lease")).status_code == 200
    assert (await stranger.get(f"/park/charts/{full.park_id}/own")).status_code == 404


async def test_another_operator_finds_nothing_and_is_shown_how_to_begin(full: World, app: Litestar) -> None:
    stranger = await full.make.visitor(app, "park_operator", locale="en")
    assert "Register your park" in words((await stranger.get("/park")).text)
    for path in (
        "/park/tenants", f"/park/tenants/{full.steady}", f"/park/charts/{full.park_id}/energy", "/park?park=binhai",  # type: ignore[attr-defined]
        f"/park/charts/{full.park_id}/tenants/{full.steady}/energy",  # type: ignore[attr-defined]
    ):  # fmt: skip
        assert (await stranger.get(path)).status_code == 404, path
    entries = {"code": "binhai", "name_zh": "新园区", "name_en": "New Park"}
    assert (await stranger.form("/park/register", entries)).status_code == 422
    assert (await stranger.form("/park/register", entries | {"code": "other"})).status_code == 303
    assert "New Park" in words((await stranger.get("/park")).text)


async def test_charts_plan_and_calendar(full: World, operator: Any) -> None:
    visitor = await operator("en")
    energy = (await visitor.get(f"/park/charts/{full.park_id}/energy")).json()
    assert energy["kind"] == "line" and len(energy["x"]) == len(energy["series"][0]["values"]) == 90
    plan = (await visitor.get("/park")).text
    assert 'href="/park/units?building=A"' in plan and 'aria-label="A 67%: Research 1' in plan
    assert 'aria-label="B 48%: Hall 1' in plan
    calendar = (await visitor.get("/park/leases.ics")).text
    assert calendar.count("BEGIN:VEVENT") == 3 and "DTEND;VALUE=DATE:20261214" in calendar
    template = (await visitor.get("/park/imports/template.csv")).content.decode("utf-8-sig")
    assert template.splitlines()[0] == "meter,date,kWh" and "M-B-101" in template


async def test_pages_of_a_park_without_anything_say_what_to_do_next(app: Litestar, world: World) -> None:
    visitor = await world.make.visitor(app, "park_operator", organisation=world.operator_id, locale="en")
    for path, sentence in (
        ("/park", "No readings yet"), ("/park/tenants", "No tenant company yet"), ("/park/leases", "No leases yet"),
        ("/park/imports", "No readings yet"),
    ):  # fmt: skip
        assert sentence in words((await visitor.get(path)).text)


def test_the_front_door_names_what_others_may_call() -> None:
    assert {"sign_lease", "import_readings", "register_park", "tenancies"} <= set(park.__all__)
    assert isinstance(park.sign_lease, Callable)  # type: ignore[arg-type]
