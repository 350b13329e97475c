"""The pages of data exchange, in both languages, with plain forms: the two threads as a person walks them."""

import re

import pytest


async def visitors(client_for, place, locale="zh_CN"):
    owner = await client_for(
        "data_owner", roles=("enterprise_owner",), organisation=place.owner.organisation_id, locale=locale
    )
    buyer = await client_for(
        "data_buyer", roles=("enterprise_owner",), organisation=place.buyer.organisation_id, locale=locale
    )
    return owner, buyer


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
async def test_every_page_shows_in_both_languages(client_for, ground, market, locale):
    place = await market(ground)
    agreement = await place.active()
    await place.fetch((await place.deliver(agreement)).id)
    await place.deliver(agreement)
    row = await place.row(agreement)
    owner, buyer = await visitors(client_for, place, locale)
    paths = (
        "/consents", "/consents?side=received", "/consents/new", "/data", "/data/mine", "/data/mine?side=owner",
        "/data/products/new", f"/data/products/{row.product_id}", f"/data/agreements/{agreement}",
    )  # fmt: skip
    for visitor in (owner, buyer):
        for path in paths:
            answer = await visitor.get(path)
            assert answer.status_code == 200, (path, answer.text[:3000])
            assert f'lang="{locale.replace("_", "-")}"' in answer.text
    for path in ("/consents", "/data", "/data/mine"):
        for form in ("csv", "xlsx"):
            answer = await owner.get(f"{path}?export={form}")
            assert answer.status_code == 200, (path, form, answer.text[:500])
    lender = await client_for("lender", locale=locale)
    assert (await lender.get("/consents")).status_code == 200
    assert (await lender.get(f"/data/agreements/{agreement}")).status_code == 404


async def test_a_consent_is_granted_after_it_was_put_into_words_and_withdrawn_in_one_click(client_for, ground, market):
    place = await market(ground)
    lender = await place.make.organisation("lender", name_zh="示范银行", name_en="Sample Bank")
    visitor = await client_for("enterprise_owner", organisation=place.subjects[0].organisation_id)
    sent = {
        "recipient_id": str(lender),
        "purpose": "credit_scoring",
        "days": "90",
        "topics": ["extra:cloud_score", "people"],
    }
    assert "示范银行" in (await visitor.get("/consents/new")).text
    words = await visitor.form("/consents/new", sent)
    assert words.status_code == 200
    assert "您允许 示范银行" in words.text and "云量评估分" in words.text and "从业人数" in words.text
    assert "示范银行" not in (await visitor.get("/consents")).text
    granted = await visitor.form("/consents/new", sent | {"confirmed": "true"})
    assert granted.status_code == 303 and granted.headers["location"] == "/consents"
    listed = (await visitor.get("/consents")).text
    assert "示范银行" in listed and "云量评估" in listed
    withdraw = re.search(r"/consents/[0-9a-f-]{36}/withdraw", listed).group()
    assert (await visitor.form(withdraw)).status_code == 303
    assert withdraw not in (await visitor.get("/consents")).text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"recipient_id": ""}, "请填写此项"),
        ({"topics": []}, "请至少选择一项"),
        ({"days": "7"}, "请从选项中选择"),
        ({"days": "many"}, "整数"),
        ({"purpose": "fun", "confirmed": "true"}, "请选择一个用途"),
        ({"topics": ["nonsense"], "confirmed": "true"}, "nonsense"),
    ],
)
async def test_a_wrong_consent_form_comes_back_with_its_entries(client_for, ground, market, change, sentence):
    place = await market(ground)
    lender = await place.make.organisation("lender")
    visitor = await client_for("enterprise_owner", organisation=place.subjects[0].organisation_id)
    sent = {
        "recipient_id": str(lender),
        "purpose": "credit_scoring",
        "days": "90",
        "topics": ["people"],
        "note": "我的说明",
    }
    answer = await visitor.form("/consents/new", sent | change)
    assert answer.status_code == 422, answer.text[:1000]
    assert sentence in answer.text and "我的说明" in answer.text


async def test_a_deal_walked_through_the_pages(client_for, ground, market):
    place = await market(ground)
    for subject in place.subjects:
        await place.consent(subject)
    owner, buyer = await visitors(client_for, place)
    sent = {
        "title_zh": "软件企业概况", "title_en": "At a glance", "description_zh": "人数", "assessment": "PIA-1",
        "identity": "named", "fact_2": "staff", "level_2": "general_2", "masking_2": "plain",
        "filter_fact_1": "staff", "filter_operator_1": "at_least", "filter_value_1": "11",
    }  # fmt: skip
    wrong = await owner.form(
        "/data/products/new", sent | {"level_2": "core", "masking_2": "year", "filter_value_1": "many"}
    )
    assert wrong.status_code == 422
    assert "核心数据不得在市场挂牌" in wrong.text and "该脱敏方式不适用" in wrong.text and "请填写数字" in wrong.text
    made = await owner.form("/data/products/new", sent)
    assert made.status_code == 303, made.text
    product = made.headers["location"]
    bad = await owner.form(
        f"{product}/offers", {"purpose": "research", "allowed_uses": "0", "valid_days": "30", "price": "0.001"}
    )
    assert bad.status_code == 422
    offered = await owner.form(
        f"{product}/offers", {"purpose": "research", "allowed_uses": "2", "valid_days": "30", "price": "99.50"}
    )
    assert offered.status_code == 303, offered.text
    page = (await buyer.get(product)).text
    assert "¥99.50" in page
    request = re.search(r"/data/offers/[0-9a-f-]{36}/request", page).group()
    asked = await buyer.form(request, {"message": "用于研究"})
    assert asked.status_code == 303, asked.text
    deal = asked.headers["location"]
    again = await buyer.form(request, {"message": "again"})
    assert again.status_code == 422 and "您已申请过" in again.text

    async def step(visitor, verb, **fields):
        shown = (await visitor.get(deal)).text
        version = re.search(r'name="_version" value="(\d+)"', shown).group(1)
        return await visitor.form(f"{deal}/{verb}", {"_version": version, **fields})

    assert "用于研究" in (await owner.get(deal)).text
    assert (await step(owner, "agree")).status_code == 303
    terms_hash = re.search(r'name="terms_hash" value="([0-9a-f]{64})"', (await owner.get(deal)).text).group(1)
    unread = await step(owner, "sign", terms_hash=terms_hash)
    assert unread.status_code == 422 and "请确认已阅读条款" in unread.text
    assert (await step(owner, "sign", terms_hash=terms_hash, read_terms="true")).status_code == 303
    old = await buyer.form(f"{deal}/sign", {"_version": "1", "terms_hash": terms_hash, "read_terms": "true"})
    assert old.status_code == 422
    assert (await step(buyer, "sign", terms_hash=terms_hash, read_terms="true")).status_code == 303
    assert (await buyer.get(deal)).text.count("验签通过") == 2
    taken = await buyer.form(f"{deal}/deliveries", {"format": "csv"})
    assert taken.status_code == 303, taken.text
    content = re.search(r"/data/deliveries/[0-9a-f-]{36}/content", (await buyer.get(deal)).text).group()
    fetched = await buyer.get(content)
    assert fetched.status_code == 200 and "attachment" in fetched.headers["content-disposition"]
    assert len(fetched.text.splitlines()) == 2 and fetched.text.splitlines()[1].endswith(",11")
    assert (await buyer.get(content)).status_code == 409
    assert content not in (await buyer.get(deal)).text
    assert (await step(buyer, "revoke", reason="")).status_code == 422
    assert (await step(owner, "revoke", reason="不当使用")).status_code == 303
    refused = await buyer.form(f"{deal}/deliveries", {"format": "csv"})
    assert refused.status_code == 409
    shown = (await buyer.get(deal)).text
    assert "不当使用" in shown and "使用被拒绝" in shown and "已终止" in shown
    assert (await owner.get(f"{deal}/nonsense")).status_code in (404, 405)
    assert (await owner.form(f"{deal}/nonsense", {"_version": "1"})).status_code == 404
