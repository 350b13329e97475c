"""The API of data exchange: the two threads of consent and of a deal, as a program would walk them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from kernel.data_use import DataUse


def until(clock, days=90):
    return (clock.now() + timedelta(days=days)).isoformat()


def if_match(agreement):
    return {"headers": {"If-Match": f'"{agreement["version"]}"'}}


@pytest.fixture
async def parties(client_for, ground, register, market):
    place = await market(ground)
    owner = await client_for("data_owner", organisation=place.owner.organisation_id)
    buyer = await client_for("data_buyer", organisation=place.buyer.organisation_id)
    return place, owner, buyer


async def test_a_consent_over_the_api_from_grant_to_refusal(client_for, ground, register, clock):
    company = await register(ground)
    owner = await client_for("enterprise_owner", organisation=company)
    lender = await client_for("lender", machine=True)
    body = {
        "recipient_id": str(lender.organisation_id),
        "purpose": "credit_scoring",
        "scope": ["staff", "cloud_score"],
        "expires_at": until(clock),
    }
    await owner.post(f"/api/v1/enterprises/{company}/facts", {"facts": [{"name": "staff", "value": 35}]})
    granted = await owner.post("/api/v1/consents", body, key="grant-00001")
    assert granted.status_code == 201, granted.text
    assert (await owner.post("/api/v1/consents", body, key="grant-00001")).json() == granted.json()
    consent = granted.json()
    assert consent["state"] == "active" and consent["scope"] == ["cloud_score", "staff"]
    read = await lender.post(f"/api/v1/consents/{consent['id']}/facts", {})
    assert read.status_code == 200, read.text
    assert read.json()["facts"] == [
        {
            "name": "staff", "known": True, "value": 35, "unit": "person", "period_end": None,
            "source": "declared:company", "authority": "declared", "seen_at": read.json()["facts"][0]["seen_at"],
        }
    ]  # fmt: skip
    wide = await lender.post(f"/api/v1/consents/{consent['id']}/facts", {"names": ["revenue"]})
    assert (wide.status_code, wide.json()["type"].rpartition("/")[2]) == (403, wide.json()["type"].rpartition("/")[2])
    assert [one["id"] for one in (await lender.get("/api/v1/consents?side=received")).json()["items"]] == [
        consent["id"]
    ]
    assert (await lender.get("/api/v1/consents?side=given")).json()["total"] == 0
    assert (await lender.post(f"/api/v1/consents/{consent['id']}/withdraw")).status_code == 403
    gone = await owner.post(f"/api/v1/consents/{consent['id']}/withdraw")
    assert gone.status_code == 200 and gone.json()["state"] == "withdrawn"
    after = await lender.post(f"/api/v1/consents/{consent['id']}/facts", {})
    assert after.status_code == 403
    async with ground.database.read() as db:
        uses = (await db.scalars(select(DataUse).order_by(DataUse.id))).all()
    assert [(use.outcome, use.what) for use in uses] == [
        ("allowed", ["staff"]),
        ("refused", ["revenue"]),
        ("refused", ["staff"]),
    ]
    for visitor in (owner, lender):
        assert (await visitor.get("/api/v1/data-uses")).json()["total"] == 3


async def test_a_foreign_consent_is_not_found(client_for, ground, register, clock):
    company = await register(ground)
    owner = await client_for("enterprise_owner", organisation=company)
    lender, stranger = await client_for("lender"), await client_for("lender")
    other = await client_for("enterprise_owner", organisation=await register(ground))
    body = {
        "recipient_id": str(lender.organisation_id),
        "purpose": "credit_scoring",
        "scope": ["staff"],
        "expires_at": until(clock),
    }
    consent = (await owner.post("/api/v1/consents", body)).json()["id"]
    for one in (consent, uuid4()):
        for visitor in (stranger, other):
            assert (await visitor.get(f"/api/v1/consents/{one}")).status_code == 404
        assert (await stranger.post(f"/api/v1/consents/{one}/facts", {})).status_code == 404
        assert (await other.post(f"/api/v1/consents/{one}/withdraw")).status_code == 404
    assert (await owner.get(f"/api/v1/consents/{consent}")).json()["state"] == "active"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"recipient_id": "not-an-id"}, "recipient_id"),
        ({"recipient_id": str(uuid4())}, "recipient_id"),
        ({"purpose": "fun"}, "purpose"),
        ({"scope": []}, "scope"),
        ({"scope": ["staff", "nope"]}, "scope"),
        ({"scope": "staff"}, "scope"),
        ({"expires_at": "2026-12-31T00:00:00"}, "expires_at"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"surprise": 1}, "$"),
    ],
)
async def test_a_wrong_consent_names_its_field(client_for, ground, register, clock, change, field):
    owner = await client_for("enterprise_owner", organisation=await register(ground))
    lender = await client_for("lender")
    body = {
        "recipient_id": str(lender.organisation_id),
        "purpose": "credit_scoring",
        "scope": ["staff"],
        "expires_at": until(clock),
    }
    answer = await owner.post("/api/v1/consents", body | change)
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["name"] == field


async def test_a_deal_over_the_api_from_offer_to_revocation(parties, client_for, clock):
    place, owner, buyer = parties
    for subject in place.subjects:
        await place.consent(subject)
    product = await owner.post(
        "/api/v1/products",
        {
            "title_zh": "概况", "title_en": "At a glance", "description_zh": "人数",
            "fields": [{"fact": "staff", "level": "general_2"}], "assessment": "PIA-1", "identity": "named",
        },
    )  # fmt: skip
    assert product.status_code == 201, product.text
    terms = {
        "product_id": product.json()["id"],
        "purpose": "research",
        "allowed_uses": 2,
        "valid_days": 30,
        "price_fen": 9900,
    }
    offer = await owner.post("/api/v1/offers", terms)
    assert offer.status_code == 201, offer.text
    shown = (await buyer.get(f"/api/v1/products/{product.json()['id']}")).json()
    assert shown["offers"][0]["price_fen"] == 9900
    asked = await buyer.post("/api/v1/agreements", {"offer_id": offer.json()["id"], "message": "for a study"})
    assert asked.status_code == 201, asked.text
    path = f"/api/v1/agreements/{asked.json()['id']}"
    stranger = await client_for("data_buyer")
    assert (await stranger.get(path)).status_code == 404
    agreement = (await owner.get(path)).json()
    assert (await owner.post(f"{path}/agree", {})).status_code == 428
    assert (await owner.post(f"{path}/agree", {}, headers={"If-Match": '"99"'})).status_code == 412
    agreement = (await owner.post(f"{path}/agree", {}, **if_match(agreement))).json()
    assert agreement["state"] == "agreed"
    sign = {"terms_hash": agreement["terms_hash"]}
    assert (await buyer.post(f"{path}/sign", sign, **if_match(agreement))).status_code == 409
    agreement = (await owner.post(f"{path}/sign", sign, **if_match(agreement))).json()
    agreement = (await buyer.post(f"{path}/sign", sign, **if_match(agreement))).json()
    assert agreement["state"] == "active" and agreement["uses_taken"] == 0
    take = {"agreement_id": agreement["id"], "format": "csv"}
    first = await buyer.post("/api/v1/deliveries", take, key="delivery-0001")
    assert first.status_code == 201, first.text
    assert (await buyer.post("/api/v1/deliveries", take, key="delivery-0001")).json() == first.json()
    assert (await owner.post("/api/v1/deliveries", take)).status_code == 403
    content = await buyer.get(first.json()["content"])
    assert content.status_code == 200 and content.text.count("\n") == 4
    assert content.headers["content-type"].startswith("text/csv")
    assert (await buyer.get(first.json()["content"])).status_code == 409
    assert (await owner.get(first.json()["content"])).status_code == 403
    assert (await stranger.get(first.json()["content"])).status_code == 404
    assert (await buyer.get(path)).json()["uses_taken"] == 1
    evidence = (await buyer.get(f"{path}/evidence")).json()
    assert evidence["holds"] and len(evidence["signatures"]) == 2
    agreement = (await owner.get(path)).json()
    assert (await owner.post(f"{path}/revoke", {}, **if_match(agreement))).status_code == 400
    revoked = await owner.post(f"{path}/revoke", {"reason": "misuse"}, **if_match(agreement))
    assert revoked.status_code == 200 and revoked.json()["state"] == "revoked"
    refused = await buyer.post("/api/v1/deliveries", take)
    assert refused.status_code == 409 and "agreement_revoked" in refused.json()["type"]
    subject = await client_for("enterprise_owner", organisation=place.subjects[0].organisation_id)
    seen = (await subject.get("/api/v1/data-uses")).json()["items"]
    assert [(use["purpose"], use["basis"], use["recipient_id"]) for use in seen] == [
        ("data_product", "agreement", str(place.buyer.organisation_id))
    ]
    assert (await buyer.get("/api/v1/deliveries")).json()["total"] == 1
    assert (await stranger.get("/api/v1/deliveries")).json()["total"] == 0


async def test_others_products_offers_and_agreements_cannot_be_changed(parties, client_for):
    place, owner, buyer = parties
    product = await place.product()
    offer = await place.offer(product)
    agreement = await place.request(offer)
    other = await client_for("data_owner")
    match = {"headers": {"If-Match": '"1"'}}
    terms = {"product_id": str(product), "purpose": "research", "allowed_uses": 1, "valid_days": 1}
    answers = [
        await other.post("/api/v1/offers", terms),
        await other.post(f"/api/v1/offers/{offer}/close"),
        await other.post(f"/api/v1/products/{product}/withdraw"),
        await other.post(f"/api/v1/agreements/{agreement}/agree", {}, **match),
        await other.post(f"/api/v1/agreements/{agreement}/decline", {}, **match),
        await other.post(f"/api/v1/agreements/{agreement}/revoke", {"reason": "x"}, **match),
        await other.post(f"/api/v1/agreements/{agreement}/sign", {"terms_hash": "0" * 64}, **match),
        await other.get(f"/api/v1/agreements/{agreement}/evidence"),
    ]
    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert (await owner.post(f"/api/v1/offers/{offer}/close")).status_code == 204
    assert (await owner.post(f"/api/v1/products/{product}/withdraw")).status_code == 204
    assert (await buyer.get(f"/api/v1/products/{product}")).status_code == 404
    assert (await owner.get(f"/api/v1/products/{product}")).json()["product"]["state"] == "withdrawn"
    assert (await other.get("/api/v1/products")).json()["total"] == 0


async def test_a_machine_takes_deliveries_but_does_not_sign(parties, client_for):
    place, _owner, _buyer = parties
    agreement = await place.active()
    machine = await client_for("data_buyer", machine=True, organisation=place.buyer.organisation_id)
    made = await machine.post("/api/v1/deliveries", {"agreement_id": str(agreement), "format": "json"})
    assert made.status_code == 201
    assert (await machine.get(made.json()["content"])).json()[0].keys() == {
        "company",
        "staff",
        "revenue",
        "registered_on",
    }
    row = await place.row(agreement)
    sign = await machine.post(
        f"/api/v1/agreements/{agreement}/sign", {"terms_hash": row.terms_hash}, headers={"If-Match": '"1"'}
    )
    assert sign.status_code == 403
    for wrong in ({"agreement_id": "x"}, {"agreement_id": str(agreement), "format": "xml"}, {}):
        assert (await machine.post("/api/v1/deliveries", wrong)).status_code == 400
