"""The API of enterprises: tenancy, bad input named by field, idempotency."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from kernel.data_use import DataUse


async def test_a_company_reads_and_declares_its_own_facts(client_for, ground, register):
    company = await register(ground)
    visitor = await client_for("enterprise_owner", organisation=company)
    body = {
        "facts": [
            {"name": "staff", "value": 35},
            {"name": "revenue", "value": "1.50", "period_start": "2025-01-01", "period_end": "2025-12-31"},
        ]
    }
    first = await visitor.post(f"/api/v1/enterprises/{company}/facts", body, key="declare-0001")
    again = await visitor.post(f"/api/v1/enterprises/{company}/facts", body, key="declare-0001")
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json() and first.json()["recorded"] == 2
    assert again.headers["Idempotent-Replayed"] == "true"
    facts = (await visitor.get(f"/api/v1/enterprises/{company}/facts?names=staff,revenue,rd_staff")).json()["facts"]
    assert [(fact["name"], fact["known"], fact["value"]) for fact in facts] == [
        ("staff", True, 35),
        ("revenue", True, "1.50"),
        ("rd_staff", False, None),
    ]
    everything = (await visitor.get(f"/api/v1/enterprises/{company}/facts")).json()
    assert len(everything["facts"]) > 50
    history = (await visitor.get(f"/api/v1/enterprises/{company}/facts/history?name=staff")).json()
    assert history["total"] == 1


async def test_facts_are_read_as_of_a_past_moment(client_for, ground, register, clock):
    from datetime import timedelta

    company = await register(ground)
    visitor = await client_for("enterprise_owner", organisation=company)
    path = f"/api/v1/enterprises/{company}/facts"
    await visitor.post(path, {"facts": [{"name": "staff", "value": 35}]})
    then = clock.now().isoformat()
    clock.advance(timedelta(minutes=5))
    await visitor.post(path, {"facts": [{"name": "staff", "value": 36}]})
    read = [
        (await visitor.get(path, params={"names": "staff", **more})).json()["facts"][0]["value"]
        for more in ({}, {"as_of": then})
    ]
    assert read == [36, 35]
    for wrong in ("2026-11-23", "2026-11-23T10:00:00", "yesterday"):
        answer = await visitor.get(path, params={"as_of": wrong})
        assert answer.status_code == 400 and answer.json()["errors"][0]["name"] == "as_of"


@pytest.mark.parametrize("role", ["lender", "park_operator", "officer", "administrator", "auditor", "enterprise_owner"])
async def test_a_foreign_company_looks_like_none_at_all_and_the_attempt_is_kept(client_for, ground, register, role):
    company = await register(ground)
    visitor = await client_for(role)
    answers = [await visitor.get(f"/api/v1/enterprises/{one}/facts?names=staff") for one in (company, uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json()["detail"] == answers[1].json()["detail"]
    assert answers[0].json()["type"] == answers[1].json()["type"]
    async with ground.database.read() as db:
        kept = (await db.scalars(select(DataUse))).all()
    assert [(use.subject_id, use.recipient_id, use.outcome, use.what) for use in kept] == [
        (company, visitor.organisation_id, "refused", ["staff"])
    ]


async def test_writes_to_a_foreign_company_are_not_found(client_for, ground, register):
    company, own = await register(ground), await register(ground)
    visitor = await client_for("enterprise_owner", organisation=own)
    facts = {"facts": [{"name": "staff", "value": 1}]}
    licence = {"kind": "other", "number": "1", "name_zh": "证"}
    assert (await visitor.post(f"/api/v1/enterprises/{company}/facts", facts)).status_code == 404
    assert (await visitor.post(f"/api/v1/enterprises/{company}/licences", licence)).status_code == 404
    for path in ("", "/timeline", "/licences", "/facts/history"):
        assert (await visitor.get(f"/api/v1/enterprises/{company}{path}")).status_code == 404
    mine = await visitor.post(f"/api/v1/enterprises/{own}/licences", licence)
    other = await client_for("enterprise_owner", organisation=company)
    assert mine.status_code == 201
    assert (await other.send("DELETE", f"/api/v1/enterprises/licences/{mine.json()['id']}")).status_code == 404
    assert (await visitor.send("DELETE", f"/api/v1/enterprises/licences/{mine.json()['id']}")).status_code == 204


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"facts": []}, "facts"),
        ({"facts": [{"name": "staff", "value": "35"}]}, "facts[0].value"),
        ({"facts": [{"name": "staff", "value": 1}, {"name": "nope", "value": 1}]}, "facts[1].name"),
        ({"facts": [{"name": "revenue", "value": "1"}]}, "facts[0].period"),
        ({"facts": [{"name": "staff", "value": 1, "seen_at": "2026-01-01T00:00:00"}]}, "facts[0].seen_at"),
        ({"facts": [{"name": "staff", "value": 1, "authority": "authoritative", "source": "x"}]}, "facts[0].authority"),
        ({"facts": [{"name": "staff", "value": 1, "surprise": 1}]}, "facts[0]"),
        ({"facts": [{"name": "staff", "value": None}]}, "facts[0].value"),
        ({"facts": [{"name": "industry_code", "value": "6598"}]}, "facts[0].value"),
        ({"facts": [{"name": "staff", "value": 1, "note": "a\u0000b"}]}, "facts[0].note"),
        ({}, "$"),
    ],
)
async def test_a_wrong_fact_is_named_by_its_place(client_for, ground, register, body, field):
    company = await register(ground)
    visitor = await client_for("enterprise_owner", organisation=company)
    answer = await visitor.post(f"/api/v1/enterprises/{company}/facts", body)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["errors"][0]["name"] == field


async def test_a_write_without_its_key_is_refused(client_for, ground, register):
    company = await register(ground)
    visitor = await client_for("enterprise_owner", organisation=company)
    answer = await visitor.client.post(
        f"/api/v1/enterprises/{company}/facts",
        json={"facts": [{"name": "staff", "value": 1}]},
        headers={"X-CSRF-Token": visitor.csrf},
    )
    assert answer.status_code == 428


async def test_registering_over_the_api_names_the_digit_and_both_other_codes(client_for):
    admin = await client_for("administrator")
    body = {"uscc": "91110000600037431L", "name_zh": "甲", "industry_code": "6598", "division_code": "330104"}
    answer = await admin.post("/api/v1/enterprises", body)
    assert answer.status_code == 400
    fields = {field["name"]: field["message"] for field in answer.json()["errors"]}
    assert fields.keys() == {"uscc", "industry_code", "division_code"}
    assert (
        "第 15、16 位颠倒" in fields["uscc"]
        and "6598" in fields["industry_code"]
        and "330102" in fields["division_code"]
    )
    right = body | {"uscc": "91110000600037341L", "industry_code": "6513", "division_code": "330102"}
    made = await admin.post("/api/v1/enterprises", right)
    assert made.status_code == 201
    listed = await admin.get("/api/v1/enterprises?q=600037341")
    assert [item["id"] for item in listed.json()["items"]] == [made.json()["id"]]
    owner = await client_for("enterprise_owner")
    assert (await owner.post("/api/v1/enterprises", right)).status_code == 403


async def test_codes_are_checked_and_found(client_for):
    visitor = await client_for("enterprise_member", locale="en")
    wrong = (await visitor.get("/api/v1/enterprises/codes/uscc/91110000600037341M")).json()
    assert (wrong["ok"], wrong["position"]) == (False, 18)
    assert wrong["suggestions"] == ["91110000600037341L"]
    right = (await visitor.get("/api/v1/enterprises/codes/industry/6513")).json()
    assert (right["ok"], right["name"]) == (True, "应用软件开发")
    found = (await visitor.get("/api/v1/enterprises/codes/division", params={"q": "西湖"})).json()["items"]
    assert {"code": "330106", "name": "浙江省杭州市西湖区"} in found
    assert (await visitor.get("/api/v1/enterprises/codes/zip/310000")).status_code == 400
    assert (await visitor.get("/api/v1/enterprises/codes/uscc", params={"q": "x"})).status_code == 400
