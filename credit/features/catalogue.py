"""The allow-list: the only figures a score may use, each with its definition, unit and the purpose it serves.

最少、必要 (《征信业务管理办法》, minimum necessary): a figure that is not here is not computed and no model may name it.
"""

from typing import Literal

from msgspec import Struct

Unit = Literal["CNY/month", "ratio", "ratio/month", "months", "count", "days"]


class FeatureDefinition(Struct, frozen=True):
    """One figure: its name, how it is defined and why it is collected."""

    name: str
    unit: Unit
    name_zh: str
    name_en: str
    definition_zh: str
    definition_en: str
    purpose_zh: str
    purpose_en: str


FEATURES: tuple[FeatureDefinition, ...] = (
    FeatureDefinition(
        "monthly_spend_3",
        "CNY/month",
        "近3个月月均云支出",
        "Monthly spend, 3 months",
        "最近3个完整账单月有效成本之和除以3；仅人民币账单",
        "Sum of effective cost of the last 3 complete billing months, divided by 3; bills in CNY only",
        "经营规模",
        "Size of operations",
    ),
    FeatureDefinition(
        "monthly_spend_6",
        "CNY/month",
        "近6个月月均云支出",
        "Monthly spend, 6 months",
        "最近6个完整账单月有效成本之和除以6；仅人民币账单",
        "Sum of effective cost of the last 6 complete billing months, divided by 6; bills in CNY only",
        "经营规模",
        "Size of operations",
    ),
    FeatureDefinition(
        "monthly_spend_12",
        "CNY/month",
        "近12个月月均云支出",
        "Monthly spend, 12 months",
        "最近12个完整账单月有效成本之和除以12；仅人民币账单",
        "Sum of effective cost of the last 12 complete billing months, divided by 12; bills in CNY only",
        "经营规模",
        "Size of operations",
    ),
    FeatureDefinition(
        "spend_trend_12",
        "ratio/month",
        "云支出趋势",
        "Spend trend",
        "最近至多12个月各月对之间斜率的中位数（Theil–Sen），除以这些月份的中位数；至少6个月",
        "Median of the slopes between all pairs of the last 12 months or fewer (Theil-Sen), over the median month; at least 6 months",
        "成长或收缩",
        "Growth or decline",
    ),
    FeatureDefinition(
        "yearly_growth",
        "ratio",
        "云支出同比",
        "Year-on-year growth",
        "最近12个月之和除以其前12个月之和，减1",
        "Sum of the last 12 months over the sum of the 12 before, minus 1",
        "成长或收缩",
        "Growth or decline",
    ),
    FeatureDefinition(
        "spend_volatility_12",
        "ratio",
        "云支出波动",
        "Spend volatility",
        "最近至多12个月的标准差除以平均数；至少6个月",
        "Standard deviation of the last 12 months or fewer over their mean; at least 6 months",
        "经营稳定性",
        "Stability of operations",
    ),
    FeatureDefinition(
        "tenure_months",
        "months",
        "用云时长",
        "Tenure",
        "从首个有支出的账单月到最近一个完整账单月的月数（含首尾）",
        "Months from the first billing month with spend to the last complete one, both included",
        "持续经营",
        "Length of the track record",
    ),
    FeatureDefinition(
        "active_share_12",
        "ratio",
        "活跃月占比",
        "Active months",
        "最近至多12个月中有效成本大于0的月数占比；没有账单的月份按0计",
        "Share of the last 12 months or fewer with an effective cost above 0; a month without a bill counts as 0",
        "持续经营",
        "Length of the track record",
    ),
    FeatureDefinition(
        "service_breadth",
        "count",
        "服务类别数",
        "Service breadth",
        "最近3个月有效成本大于0的服务类别（ServiceCategory）数",
        "Number of service categories with an effective cost above 0 in the last 3 months",
        "业务对云的依赖",
        "How much the business rests on the cloud",
    ),
    FeatureDefinition(
        "production_share",
        "ratio",
        "生产环境占比",
        "Production share",
        "最近6个月带环境标签的有效成本中，生产环境所占比例",
        "Share of production in the effective cost that carries an environment tag, last 6 months",
        "业务对云的依赖",
        "How much the business rests on the cloud",
    ),
    FeatureDefinition(
        "commitment_share",
        "ratio",
        "承诺用量占比",
        "Commitment share",
        "最近6个月有效成本中由预留、节省计划等承诺覆盖的比例",
        "Share of the effective cost of the last 6 months that is covered by commitments (reservations, savings plans)",
        "长期投入意愿",
        "Willingness to commit",
    ),
    FeatureDefinition(
        "cash_paid_share",
        "ratio",
        "现金支付占比",
        "Cash-paid share",
        "最近6个月账单金额除以未扣代金券前的账单金额",
        "Billed cost of the last 6 months over billed cost before credits and vouchers",
        "剔除补贴后的真实支出",
        "Spend that is the company's own money",
    ),
    FeatureDefinition(
        "step_up",
        "ratio",
        "近期突增",
        "Recent step-up",
        "最近2个月月均除以其前6个月的中位数",
        "Mean of the last 2 months over the median of the 6 before",
        "识别申请前刷量",
        "Shows spend that was pushed up before applying",
    ),
    FeatureDefinition(
        "egress_growth",
        "ratio",
        "出网流量变化",
        "Outbound traffic growth",
        "最近3个月出网流量除以其前3个月，减1",
        "Outbound volume of the last 3 months over the 3 before, minus 1",
        "终端需求的代理指标",
        "Proxy of customers' demand",
    ),
    FeatureDefinition(
        "requests_growth",
        "ratio",
        "请求量变化",
        "Requests growth",
        "最近3个月请求次数除以其前3个月，减1",
        "Requests of the last 3 months over the 3 before, minus 1",
        "终端需求的代理指标",
        "Proxy of customers' demand",
    ),
    FeatureDefinition(
        "data_age_days",
        "days",
        "数据时效",
        "Data age",
        "从最近一个完整账单月的月末到评估日的天数",
        "Days from the end of the last complete billing month to the day of assessment",
        "数据是否够新",
        "Whether the data are fresh enough",
    ),
    FeatureDefinition(
        "verified_share_12",
        "ratio",
        "可核验来源占比",
        "Share from verified sources",
        "最近12个月有效成本中来自直连拉取（A）或与数电票核对（B）的账单的比例",
        "Share of the effective cost of the last 12 months from bills pulled from the provider (A) or matched to e-invoices (B)",
        "数据可信度",
        "How far the data can be trusted",
    ),
)
ALLOWED = {feature.name: feature for feature in FEATURES}
