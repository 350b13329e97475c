"""The pages of enterprises, in both languages, with plain forms."""

from datetime import date

import pytest

import enterprises
from kernel import events

PAGES = (
    "/enterprise",
    "/enterprise/facts",
    "/enterprise/timeline",
    "/enterprise/facts/staff",
    "/enterprise/facts/revenue",
)


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
async def test_pages_of_my_company_show_in_both_languages(client_for, ground, register, locale):
    company = await register(ground)
    await events.drain(ground)
    visitor = await client_for("enterprise_owner", organisation=company, locale=locale)
    for path in PAGES:
        answer = await visitor.get(path)
        assert answer.status_code == 200, (path, answer.text[:2000])
        assert f'lang="{locale.replace("_", "-")}"' in answer.text
    for path in ("/enterprise/facts", "/enterprise/timeline"):
        for form in ("csv", "xlsx"):
            answer = await visitor.get(f"{path}?export={form}")
            assert answer.status_code == 200 and len(answer.content) > 20


async def test_every_fact_has_a_page(client_for, ground, register):
    company = await register(ground)
    visitor = await client_for("enterprise_owner", organisation=company)
    for definition in enterprises.VOCABULARY.values():
        answer = await visitor.get(f"/enterprise/facts/{definition.name}")
        assert answer.status_code == 200, definition.name
        assert definition.zh in answer.text
        assert (f'action="/enterprise/facts/{definition.name}"' in answer.text) == (not definition.derived)
    assert (await visitor.get("/enterprise/facts/no_such_fact")).status_code == 404


DECLARED = {
    "bool": ({"value": "true"}, True),
    "integer": ({"value": "1,2"}, 12),
    "decimal": ({"value": "3.5"}, "3.5"),
    "ratio": ({"value": "12.5%"}, "0.125"),
    "money": ({"value": "1,234.50"}, "1234.50"),
    "date": ({"value": "2020-02-29"}, "2020-02-29"),
}


async def test_every_kind_of_fact_can_be_declared_in_its_form(client_for, ground, register):
    company = await register(ground)
    visitor = await client_for("enterprise_owner", organisation=company)
    for definition in enterprises.VOCABULARY.values():
        if definition.derived:
            continue
        if definition.kind == "codes":
            sent, kept = {"values": [definition.choices[0].code]}, [definition.choices[0].code]
        elif definition.kind == "code":
            code = {"GB/T 4754-2017": "6512", "GB/T 2260": "330108"}.get(definition.code_system) or definition.choices[
                0
            ].code
            sent, kept = {"value": code}, code
        else:
            sent, kept = DECLARED[definition.kind]
        period = {"year": {"period": "2025"}, "month": {"period": "2026-10"}}.get(definition.period, {})
        answer = await visitor.form(f"/enterprise/facts/{definition.name}", sent | period)
        assert answer.status_code == 303, (definition.name, answer.text)
        assert answer.headers["location"] == f"/enterprise/facts/{definition.name}"
        facts = (await visitor.get(f"/api/v1/enterprises/{company}/facts?names={definition.name}")).json()["facts"]
        assert facts[0]["known"] and facts[0]["value"] == kept, definition.name


async def test_a_wrong_entry_is_answered_beside_the_field_and_not_lost(client_for, ground, register):
    company = await register(ground)
    visitor = await client_for("enterprise_owner", organisation=company)
    cases = [
        ("staff", {"value": "many", "note": "my note"}, "应为整数", "many"),
        ("staff", {"value": ""}, "请填写", ""),
        ("revenue", {"value": "12", "period": ""}, "请选择所属期间", "12"),
        ("revenue", {"value": "12.345", "period": "2025"}, "最多两位小数", "12.345"),
        ("industry_code", {"value": "6598"}, "不在 GB/T 4754-2017 中", "6598"),
        ("division_code", {"value": "330100"}, "不是县级", "330100"),
    ]
    for name, sent, sentence, typed in cases:
        answer = await visitor.form(f"/enterprise/facts/{name}", sent)
        assert answer.status_code == 422, name
        assert sentence in answer.text, name
        assert typed in answer.text
    ok = await visitor.form("/enterprise/facts/staff", {"value": "12"}, key="once-and-no-more")
    again = await visitor.form("/enterprise/facts/staff", {"value": "12"}, key="once-and-no-more")
    assert ok.status_code == again.status_code == 303


async def test_a_corrected_form_works_after_a_wrong_one_with_the_same_key(client_for, ground, register):
    company = await register(ground)
    visitor = await client_for("enterprise_owner", organisation=company)
    key = "the-same-key-twice"
    future = {"kind": "other", "number": "1", "name_zh": "证", "issued_on": "2026-02-01", "valid_until": "2026-01-01"}
    wrong = await visitor.form("/enterprise/licences", future, key=key)
    assert wrong.status_code == 422
    right = await visitor.form("/enterprise/licences", future | {"valid_until": "2027-01-01"}, key=key)
    assert right.status_code == 303


async def test_licences_and_contacts_come_and_go(client_for, ground, register):
    company = await register(ground)
    visitor = await client_for("enterprise_owner", organisation=company)
    sent = {"kind": "business_licence", "number": "A-1", "name_zh": "营业执照", "valid_until": "2026-01-01"}
    assert (await visitor.form("/enterprise/licences", sent)).status_code == 303
    person = {"duty": "policy", "name": "张三", "phone": "13812345678"}
    assert (await visitor.form("/enterprise/contacts", person)).status_code == 303
    shown = (await visitor.get("/enterprise")).text
    assert "营业执照" in shown and "已过期" in shown and "张三" in shown and "13812345678" in shown
    licence = (await visitor.get(f"/api/v1/enterprises/{company}/licences")).json()[0]["id"]
    assert (await visitor.form(f"/enterprise/licences/{licence}/retire")).status_code == 303
    contact = shown.split("/enterprise/contacts/")[1].split("/")[0]
    assert (await visitor.form(f"/enterprise/contacts/{contact}/remove")).status_code == 303
    shown = (await visitor.get("/enterprise")).text
    assert "张三" not in shown and "A-1" not in shown
    bad = await visitor.form("/enterprise/contacts", {"duty": "policy", "name": "", "phone": "abc"})
    assert bad.status_code == 422 and "abc" in bad.text


async def test_the_contacts_of_a_company_lie_sealed_in_the_database(client_for, ground, register):
    from sqlalchemy import text

    company = await register(ground)
    visitor = await client_for("enterprise_owner", organisation=company)
    await visitor.form("/enterprise/contacts", {"duty": "finance", "name": "李四光", "phone": "13812345678"})
    async with ground.database.read() as db:
        rows = (await db.execute(text("SELECT name_sealed, phone_sealed FROM contact"))).all()
    assert len(rows) == 1
    assert "李四光" not in rows[0][0] and "138" not in rows[0][1].partition(".")[2][:3]


async def test_the_register_is_shown_to_those_who_keep_it(client_for, ground, register):
    company = await register(ground, registered_on=date(2020, 1, 2))
    admin = await client_for("administrator")
    assert (await admin.get("/enterprises")).status_code == 200
    assert (await admin.get("/enterprises?q=测试科技&export=csv")).status_code == 200
    assert (await admin.get(f"/enterprises/{company}")).status_code == 200
    form = {"uscc": "91110000600037341M", "name_zh": "甲", "industry_code": "6513", "division_code": "330106"}
    wrong = await admin.form("/enterprises/new", form)
    assert wrong.status_code == 422 and "第 18 位“M”应为“L”" in wrong.text and 'value="甲"' in wrong.text
    right = await admin.form("/enterprises/new", form | {"uscc": "91110000600037341L"})
    assert right.status_code == 303 and right.headers["location"].startswith("/enterprises/")
    owner = await client_for("enterprise_owner", organisation=company)
    assert (await owner.get("/enterprises")).status_code == 403
    park = await client_for("park_operator")
    assert (await park.get(f"/enterprises/{company}")).status_code == 404
