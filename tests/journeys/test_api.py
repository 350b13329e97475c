"""Threads 2 and 3 over the API, by programs that speak plain HTTP: machine credentials, JSON, idempotency keys."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.journeys.conftest import DemoHouse

pytestmark = pytest.mark.browser
CSRF = re.compile(r'name="_csrf" value="([0-9a-f]+)"')


class Program:
    """A client such as curl: it knows addresses, headers and JSON, nothing of ours."""

    def __init__(self, house: DemoHouse) -> None:
        self.house = house
        self.http = httpx.Client(base_url=house.address, timeout=30, headers={"Accept": "application/json"})

    def as_machine(self, name: str) -> "Program":
        machine = self.house.logins["machines"][name]
        answer = self.http.post(
            "/api/v1/token",
            data={
                "grant_type": "client_credentials",
                "client_id": machine["client_id"],
                "client_secret": machine["client_secret"],
            },
        )
        assert answer.status_code == 200, answer.text
        token = answer.json()
        assert token["token_type"] == "Bearer"
        assert 0 < token["expires_in"] <= 900
        self.http.headers["Authorization"] = f"Bearer {token['access_token']}"
        return self

    def as_person(self, login: str) -> "Program":
        form = self.http.get("/login", headers={"Accept": "text/html"})
        found = CSRF.search(form.text)
        assert found
        data = {"_csrf": found.group(1), "login": login, "password": self.house.logins["passwords"][login]}
        answer = self.http.post("/login", data=data, headers={"Accept": "text/html"})
        assert answer.status_code == 303, answer.text
        page = self.http.get("/account", headers={"Accept": "text/html"})
        found = CSRF.search(page.text)
        assert found
        self.http.headers["X-CSRF-Token"] = found.group(1)
        return self

    def get(self, path: str, *, expect: int = 200) -> Any:
        answer = self.http.get(path)
        assert answer.status_code == expect, answer.text
        return answer.json()

    def post(self, path: str, json: Any = None, *, expect: int, key: str = "", version: int | None = None) -> Any:
        headers = {"Idempotency-Key": key or str(uuid4())}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        answer = self.http.post(path, json=json if json is not None else {}, headers=headers)
        assert answer.status_code == expect, f"{answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


@pytest.fixture
def house(open_house: Callable[[str], DemoHouse]) -> DemoHouse:
    return open_house("api")


def test_a_lenders_machine_asks_until_the_consent_is_withdrawn(house: DemoHouse) -> None:
    owner, bank, other = (
        Program(house).as_person("owner"),
        Program(house).as_machine("bank"),
        Program(house).as_machine("microcredit"),
    )
    consents = owner.get("/api/v1/consents?side=given")["items"]
    consent = next(item for item in consents if item["purpose"] == "credit_scoring" and item["state"] == "active")
    company = consent["subject_id"]
    asked = {"enterprise_id": company, "purpose": "loan_application"}

    answer = bank.post("/api/v1/credit/score-queries", asked, expect=201, key="ask-00000001")
    score = answer["score"]
    total = float(score["base"]) + sum(float(part["points"]) for part in score["contributions"])
    assert total == float(score["score"])
    assert len(score["reasons"]) == 4
    assert score["data_age_days"] >= 0
    assert bank.post("/api/v1/credit/score-queries", asked, expect=201, key="ask-00000001")["id"] == answer["id"]
    assert bank.get(f"/api/v1/credit/score-queries/{answer['id']}")["score"]["score"] == score["score"]

    # another lender has no consent, and cannot see the first one's question; a company that is none looks the same
    refused = other.post("/api/v1/credit/score-queries", asked, expect=403)
    unknown = other.post("/api/v1/credit/score-queries", asked | {"enterprise_id": str(uuid4())}, expect=403)
    assert {refused["detail"], refused["type"]} == {unknown["detail"], unknown["type"]}
    other.get(f"/api/v1/credit/score-queries/{answer['id']}", expect=404)

    # withdrawn: the next question is refused, and both sides see all of it
    owner.post(f"/api/v1/consents/{consent['id']}/withdraw", expect=200, version=consent.get("version"))
    bank.post("/api/v1/credit/score-queries", asked, expect=403)
    outcomes = [item["outcome"] for item in bank.get("/api/v1/credit/score-queries?size=5")["items"]]
    assert outcomes[:2] == ["refused", "scored"]
    uses = owner.get("/api/v1/data-uses?size=50&sort=-at")["items"]
    assert [use["outcome"] for use in uses if use["purpose"] == "credit_scoring"][:3] == [
        "refused",
        "refused",
        "allowed",
    ]

    # given again, for a purpose and a time
    granted = owner.post(
        "/api/v1/consents",
        {
            "recipient_id": consent["recipient_id"],
            "purpose": "credit_scoring",
            "scope": ["cloud_score"],
            "expires_at": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
        },
        expect=201,
    )
    assert granted["state"] == "active"
    bank.post("/api/v1/credit/score-queries", asked, expect=201)


def test_an_owner_and_a_buyer_trade_over_the_api(house: DemoHouse) -> None:
    seller, buyer, owner = (
        Program(house).as_person("seller"),
        Program(house).as_person("buyer"),
        Program(house).as_person("owner"),
    )
    product = seller.post(
        "/api/v1/products",
        {
            "title_zh": "园区企业规模",
            "title_en": "Sizes of park companies",
            "description_zh": "行业与人数区间",
            "fields": [
                {"fact": "industry_code", "level": "general_1", "masking": "prefix"},
                {"fact": "staff", "level": "general_2", "masking": "band"},
            ],
            "assessment": "PIA-2026-01",
        },
        expect=201,
    )
    offer = seller.post(
        "/api/v1/offers",
        {"product_id": product["id"], "purpose": "industry_analysis", "allowed_uses": 1, "valid_days": 30},
        expect=201,
    )
    made = buyer.post("/api/v1/agreements", {"offer_id": offer["id"]}, expect=201)
    path = f"/api/v1/agreements/{made['id']}"
    agreement = buyer.get(path)
    agreement = seller.post(f"{path}/agree", expect=200, version=agreement["version"])
    for party in (seller, buyer):
        signed = {"terms_hash": agreement["terms_hash"]}
        agreement = party.post(f"{path}/sign", signed, expect=200, version=agreement["version"])
    assert agreement["state"] == "active"

    # one use, downloaded once; the next is refused
    delivery = buyer.post("/api/v1/deliveries", {"agreement_id": agreement["id"]}, expect=201, key="take-00000001")
    assert (delivery["number"], delivery["format"]) == (1, "csv")
    again = buyer.post("/api/v1/deliveries", {"agreement_id": agreement["id"]}, expect=201, key="take-00000001")
    assert again["id"] == delivery["id"]
    content = buyer.http.get(f"/api/v1/deliveries/{delivery['id']}/content")
    assert content.status_code == 200
    assert len(list(csv.reader(io.StringIO(content.text.lstrip("\ufeff"))))) > 1
    assert buyer.http.get(f"/api/v1/deliveries/{delivery['id']}/content").status_code in (404, 409, 410)
    buyer.post("/api/v1/deliveries", {"agreement_id": agreement["id"]}, expect=409)
    owner.get(path, expect=404)

    # the companies in it see the use
    uses = owner.get("/api/v1/data-uses?size=50&sort=-at")["items"]
    assert any(use["purpose"] == "data_product" and use["outcome"] == "allowed" for use in uses)
