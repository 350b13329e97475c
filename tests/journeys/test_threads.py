"""The main job, four threads through all rooms, as people do it in a browser, in both languages."""

import csv
import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from kernel.clock import local_date
from tests.journeys.conftest import Visit

pytestmark = pytest.mark.browser
VOUCHER = "sample-cloud-voucher"
PAYEE = {"payee_bank": "示范银行滨海支行", "payee_account": "6222000011112222"}


def notice(page: Page) -> str:
    """The sentence about what was just done."""
    return page.locator("main .notice").inner_text()


def verdicts(page: Page) -> list[str]:
    """The verdicts a page shows, in their order."""
    classes = page.locator("main .verdict").evaluate_all("all => all.map(one => one.className)")
    return [re.sub(r".*verdict-(\w+).*", r"\1", name) for name in classes]


def send(page: Page, action: str) -> None:
    """Press the button of the form that goes to an address with this ending."""
    page.locator(f"main form[action$='{action}'] button[type=submit]").last.click()
    page.wait_for_load_state()


def test_a_company_finds_a_policy_answers_a_question_and_is_paid(visit: Visit) -> None:
    owner, officer = visit.log_in("owner"), visit.log_in("officer")
    expect(owner.locator("html")).to_have_attribute("lang", re.compile("^" + visit.language))

    # matched policies in order of relevance, what can be had first
    owner.goto("/policies")
    found = verdicts(owner)
    assert {"eligible", "depends"} <= set(found)
    assert found[: found.count("eligible")] == ["eligible"] * found.count("eligible")

    # one open question; the answer changes the verdict at once
    owner.goto("/policies/cn-tech-transfer")
    assert verdicts(owner)[0] == "depends"
    owner.locator("main form[action$='/answers'] input[type=text]").fill("3000000")
    send(owner, "/answers")
    assert verdicts(owner)[0] == "eligible"
    assert visit.say("declared by the company") in owner.locator("main table").first.inner_text()

    # the application comes prefilled; the promise is signed instead of papers
    owner.goto(f"/policies/{VOUCHER}")
    send(owner, "/apply")
    case = owner.url.split("/applications/")[1].split("/")[0]
    assert owner.input_value("input[name=requested]") == "100000"
    for name, value in PAYEE.items():
        owner.fill(f"input[name={name}]", value)
    owner.locator("button[name=deed][value=submit]").click()
    owner.wait_for_load_state()
    assert owner.locator("[name=promise][aria-invalid=true], .error-summary").count()
    assert owner.input_value("input[name=payee_bank]") == PAYEE["payee_bank"]
    owner.check("input[name=promise]")
    owner.locator("button[name=deed][value=submit]").click()
    owner.wait_for_url(re.compile(f"/applications/{case}$"))

    # the officer reviews, approves, hands the payment over and records the receipt
    for deed in ("accept", "approve", "hand-over"):
        officer.goto(f"/review/{case}")
        send(officer, f"/{deed}")
        assert notice(officer)
    receipt = officer.locator("form[action$='/receipt']")
    today = local_date(datetime.now(UTC)).isoformat()
    receipt.locator("[name=receipt_from]").select_option("treasury")
    receipt.locator("[name=receipt_number]").fill("GK-2026-0001")
    receipt.locator("[name=receipt_on]").fill(today)
    receipt.locator("[name=receipt_amount]").fill("99999")
    send(officer, "/receipt")
    assert officer.locator("[name=receipt_amount][aria-invalid=true]").count() == 1
    officer.locator("[name=receipt_amount]").fill("100000")
    send(officer, "/receipt")

    # the company sees each step, the receipt, and each read of its data
    owner.goto(f"/applications/{case}")
    shown = owner.locator("main").inner_text()
    assert "GK-2026-0001" in shown
    assert visit.say("Paid") in shown
    assert owner.locator("main").get_by_text("王示例").count() >= 1
    owner.goto("/data-uses")
    assert visit.say("Policy review") in owner.locator("main").inner_text()
    owner.goto("/enterprise/timeline")
    assert owner.locator("main .timeline li, main ol li").count() >= 3


def test_a_lender_asks_until_the_consent_is_withdrawn(visit: Visit) -> None:
    owner, bank = visit.log_in("owner"), visit.log_in("bank")
    bank.goto("/lender")
    company = "云济软件有限公司" if visit.language == "zh" else "Yunji Software"
    row = bank.locator("main li", has_text=company)
    row.locator("button").click()
    bank.wait_for_url(re.compile("/lender/queries/"))
    answer = bank.locator("main").inner_text()
    assert re.search(r"\b\d{3}\b", answer)
    assert visit.say("Principal reasons") in answer
    assert visit.say("Data age") in answer

    # the company sees the question at once, and withdraws
    owner.goto("/credit")
    assert visit.say("Who asked") in owner.locator("main").inner_text()
    owner.goto("/consents")
    bank_name = "示范银行" if visit.language == "zh" else "Sample Bank"
    owner.locator("main tr", has_text=bank_name).locator("form[action$='/withdraw'] button").first.click()
    confirm = owner.locator("dialog[open] button.btn-danger, dialog[open] [value=confirm]")
    if confirm.count():
        confirm.first.click()
    owner.wait_for_load_state()

    # the next question is refused, and both sides see it
    bank.goto("/lender")
    assert bank.locator("main li", has_text=company).count() == 0
    owner.goto("/enterprise")
    code = re.search(r"91[0-9A-Z]{16}", owner.locator("main").inner_text())
    assert code
    bank.locator("main form input[name=uscc]").fill(code.group())
    bank.locator("main form:has(input[name=uscc]) button[type=submit]").click()
    bank.wait_for_load_state()
    assert visit.say("There is no live consent of this company for you.") in bank.locator("main").inner_text()
    bank.goto("/lender/queries")
    assert visit.say("Refused") in bank.locator("main table").inner_text()
    owner.goto("/data-uses")
    assert visit.say("Refused") in owner.locator("main table").inner_text()


def test_an_owner_shares_data_with_a_buyer_once_per_use_until_revoked(visit: Visit, tmp_path: Path) -> None:
    seller, buyer, owner = visit.log_in("seller"), visit.log_in("buyer"), visit.log_in("owner")
    buyer.goto("/data")
    buyer.locator("main table a[href*='/data/products/']").first.click()
    buyer.locator("form[action$='/request'] summary").click()
    buyer.fill("form[action$='/request'] textarea", "规划边缘节点 / to plan edge nodes")
    send(buyer, "/request")
    agreement = buyer.url
    seller.goto(agreement)
    send(seller, "/agree")
    for party in (seller, buyer):
        party.goto(agreement)
        party.check("form[action$='/sign'] input[name=read_terms]")
        send(party, "/sign")

    # one use is counted, the file can be fetched once
    send(buyer, "/deliveries")
    link = buyer.locator("a[href*='/data/deliveries/']").first
    with buyer.expect_download() as waiting:
        link.click()
    path = tmp_path / "delivery.csv"
    waiting.value.save_as(path)
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
    assert len(rows) > 3
    again = buyer.request.get(str(link.get_attribute("href")))
    assert again.status in (404, 409, 410)

    # revocation ends it; the company in the result sees the use
    seller.goto(agreement)
    seller.locator("main details:has(form[action$='/revoke']) summary").click()
    seller.fill("form[action$='/revoke'] textarea", "不再需要 / no longer needed")
    send(seller, "/revoke")
    buyer.goto(agreement)
    assert buyer.locator("form[action$='/deliveries']").count() == 0
    assert visit.say("Revoked") in buyer.locator("main").inner_text()
    owner.goto("/data-uses")
    assert visit.say("Data product") in owner.locator("main table").inner_text()


def test_an_operator_watches_the_tenants(visit: Visit) -> None:
    operator = visit.log_in("operator")
    operator.goto("/park/tenants")
    total = operator.get_by_role("status").last
    expect(total).to_contain_text("60")
    operator.locator("main form[role=search] input[name=q]").fill("云" if visit.language == "zh" else "Cloud")
    operator.locator("main form[role=search] button[type=submit]").click()
    expect(total).not_to_contain_text("60")
    operator.goto("/park/tenants")
    header = operator.locator("main th a").first
    header.click()
    expect(operator.locator("main th[aria-sort=ascending], main th[aria-sort=descending]")).to_have_count(1)
    export = operator.request.get("/park/tenants?export=csv")
    assert export.status == 200
    assert len(export.text().splitlines()) == 61
    assert operator.request.get("/park/tenants?export=xlsx").body()[:2] == b"PK"

    # a tenant page: identity, lease, electricity, and a timeline to which all rooms write
    operator.goto("/park/tenants")
    operator.locator("main tbody a[href*='/park/tenants/']").first.click()
    operator.wait_for_load_state("networkidle")
    shown = operator.locator("main").inner_text()
    assert re.search(r"91[0-9A-Z]{16}", shown)
    assert operator.locator("main figure svg").count() >= 1

    # the cockpit: occupancy, leases that end soon, electricity against its expectation
    operator.goto("/park")
    operator.wait_for_load_state("networkidle")
    cockpit = operator.locator("main").inner_text()
    assert re.search(r"\d\d\.\d%", cockpit)
    assert visit.say("Leases ending soon") in cockpit or operator.locator("main a[href*='leases']").count()
    assert operator.locator("main figure svg").count() >= 1
