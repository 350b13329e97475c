"""The order of the load: what happened first comes first, so that logs and timelines read as they would have grown."""

from kernel.texts import Text
from portal.demo.loading import cases, companies, people, place, sharing
from portal.demo.loading.money import bill_steps
from portal.demo.loading.sequence import Deed, Step, Work


def story() -> list[Step]:
    """Every step of the demo world, in order; keys never change, or a resumed load would do a step twice."""
    return [
        Work("organisations", Text("机构", "Organisations"), people.register_organisations),
        Work("companies", Text("60 家企业", "60 companies"), companies.register_companies),
        Work("people", Text("登录账号", "Logins"), people.create_people),
        Work("machines", Text("机器客户端", "Machine clients"), people.create_machines),
        Work("facts-first", Text("企业事实(入驻时)", "Facts at registration"), companies.record_first_facts),
        Work("place", Text("楼宇与单元", "Buildings and units"), place.register_place),
        Work("leases", Text("租赁合同", "Leases"), place.sign_leases),
        Deed("policies", Text("政策事项", "Support items"), cases.load_policies),
        Work("facts-later", Text("企业事实(汇算清缴后)", "Facts after settlement"), companies.record_later_facts),
        *place.electricity_steps(),
        Deed("case-paid", Text("已兑现的申报", "A paid case"), cases.when_open(cases.pay_a_case)),
        Deed("consents-product", Text("数据产品授权", "Consents to a data product"), sharing.consent_to_the_product),
        Deed("agreement", Text("数据产品与合约", "Data product and agreement"), sharing.publish_and_agree),
        Deed("consent-bank", Text("授权银行", "Consent to the bank"), sharing.consent_to_the_bank),
        Deed("consent-withdrawn", Text("撤回的授权", "A withdrawn consent"), sharing.consent_and_withdraw),
        *bill_steps(),
        Deed("case-review", Text("审核中的申报", "A case under review"), cases.when_open(cases.leave_a_case_in_review)),
        Deed("scores", Text("云量评估查询", "Score queries"), sharing.ask_for_scores),
        Work("score-refused", Text("被拒绝的查询", "A refused query"), sharing.ask_without_consent),
        Deed("delivery", Text("数据交付", "A delivery"), sharing.take_a_delivery),
        Work("delivery-fetched", Text("下载", "Its download"), sharing.fetch_the_delivery),
        Deed("case-returned", Text("待补正的申报", "A case sent back"), cases.when_open(cases.send_a_case_back)),
        Deed("case-waiting", Text("待受理的申报", "A case that waits"), cases.when_open(cases.leave_a_case_waiting)),
        Work("facts-latest", Text("最新事实", "Latest facts"), companies.record_latest_facts),
    ]
