"""The pages of enterprises, in both languages, without JavaScript."""

import pytest

import enterprises

PAGES = ("/enterprise", "/enterprise/facts", "/enterprise/timeline", "/enterprise/facts/staff", "/enterprise/facts/revenue")


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
@pytest.mark.parametrize("path", PAGES)
async def test_pages_of_my_company_show_in_both_languages(client_for, ground, register, path, locale):
    company = await register(ground)
    visitor = await client_for("enterprise_owner", organisation=company, locale=locale)
    answer = await visitor.get(path)
    assert answer.status_code == 200, answer.text[:2000]
    assert f'lang="{locale.replace("_", "-")}"' in answer.text


@pytest.mark.parametrize("definition", enterprises.VOCABULARY.values(), ids=lambda one: one.name)
async def test_every_fact_has_a_page(client_for, ground, register, definition):
    company = await register(ground)
    visitor = await client_for("enterprise_owner", organisation=company)
    answer = await visitor.get(f"/enterprise/facts/{definition.name}")
    assert answer.status_code == 200
    assert definition.zh in answer.text
    assert ('name="_key"' in answer.text) == (not definition.derived)
