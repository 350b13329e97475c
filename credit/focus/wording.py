"""The rules a bill is held against, with the sentence a person reads when one is not met.

"error": the amount, month or currency of a row cannot be known, so the file is refused and changes nothing.
"defect": a MUST of the FOCUS specification is not met, yet the row can be counted; it is. "note": read tolerantly.
"""

from credit.contracts import Finding, Severity

RULES: dict[str, tuple[Severity, str, str]] = {
    "file.format": ("error", "文件不是可读的 CSV 或 Parquet 账单", "The file is not a readable CSV or Parquet bill"),
    "file.empty": ("error", "文件里没有数据行", "The file has no data rows"),
    "file.header": (
        "error",
        "表头不可用：有空白或重复的列名",
        "The header cannot be used: a column name is blank or occurs twice",
    ),
    "file.columns_needed": (
        "error",
        "缺少计算金额、月份或币种所必需的列",
        "A column that amount, month or currency depend on is missing",
    ),
    "file.encoding": (
        "note",
        "文件不是 UTF-8 编码，已按 GB18030 读取",
        "The file is not UTF-8; it was read as GB18030",
    ),
    "file.rows": ("error", "行数超过单个文件的上限", "The file has more rows than one file may have"),
    "row.shape": (
        "error",
        "该行的列数与表头不一致，或引号没有闭合",
        "The row has more or fewer cells than the header, or a quote is not closed",
    ),
    "row.duplicate": ("defect", "整行完全重复；只计一次", "The whole row occurs more than once; it is counted once"),
    "row.known": (
        "note",
        "该行已在以前的导入中；不重复计算",
        "The row is already there from an earlier import; it is not counted again",
    ),
    "month.overlap": (
        "note",
        "该月份已有以前导入的账单，新的行已累加；若本账单是重出的，请撤回以前的导入",
        "The month is there from an earlier import and the new rows were added; if this bill replaces it, withdraw the earlier import",
    ),
    "amount.unreadable": ("error", "金额不是有限的十进制数", "The amount is not a finite decimal number"),
    "amount.absurd": (
        "error",
        "金额的绝对值达到 10^15 或以上，不可信",
        "The amount is 10^15 or more and cannot be believed",
    ),
    "amount.missing": (
        "error",
        "该行既没有 EffectiveCost 也没有 BilledCost",
        "The row has neither an EffectiveCost nor a BilledCost",
    ),
    "amount.precision": (
        "defect",
        "金额超过 12 位小数；已四舍五入到 12 位",
        "The amount has more than 12 decimals; it was rounded to 12",
    ),
    "amount.grouped": (
        "note",
        "数字带有千位分隔符；已去除",
        "The number has thousands separators; they were taken out",
    ),
    "amount.stand_in": (
        "defect",
        "EffectiveCost 为空，以 BilledCost 代替",
        "EffectiveCost is empty; BilledCost stands in for it",
    ),
    "quantity.unreadable": (
        "defect",
        "数量或单价不是十进制数；视为未知",
        "The quantity or unit price is not a decimal number; it counts as unknown",
    ),
    "moment.unreadable": (
        "defect",
        "日期时间无法识别；视为未知",
        "The date or time cannot be read; it counts as unknown",
    ),
    "moment.ambiguous": (
        "defect",
        "年份在末尾的日期（如 01/02/2024）有歧义；视为未知",
        "A date with the year last (01/02/2024) is ambiguous; it counts as unknown",
    ),
    "moment.form": (
        "defect",
        "日期时间不是 ISO 8601 UTC 写法（2024-09-01T00:00:00Z）；无时区的按 UTC 读取",
        "The moment is not written as ISO 8601 in UTC (2024-09-01T00:00:00Z); without a zone it was read as UTC",
    ),
    "month.unknown": ("error", "该行的账单月份无法确定", "The billing month of the row cannot be known"),
    "month.absurd": ("error", "账单月份早于 2006 年或在未来", "The billing month is before 2006 or in the future"),
    "period.order": ("defect", "期间的结束不晚于开始", "The period does not end after it starts"),
    "currency.unreadable": (
        "error",
        "币种不是三个字母的 ISO 4217 代码",
        "The currency is not a three-letter ISO 4217 code",
    ),
    "choice.case": (
        "defect",
        "取值与标准仅大小写或空格不同；已按标准值读取",
        "The value differs from the standard's only in case or spaces; it was read as the standard's",
    ),
    "choice.unknown": (
        "defect",
        "取值不在标准的允许值中；原样保留",
        "The value is not one the standard allows; it was kept as it is",
    ),
    "value.null": ("defect", "标准不允许为空的列出现空值", "A column that may not be empty is empty"),
    "value.literal_null": (
        "note",
        "空值写成了文字 NULL；按空值读取",
        "Empty cells are written as the word NULL; they were read as empty",
    ),
    "value.shape": (
        "defect",
        "可用区写成了数字，像是串列的单价",
        "An availability zone is a number: it looks like a price from another column",
    ),
    "tags.unreadable": (
        "defect",
        "标签不是 JSON 对象；视为没有标签",
        "The tags are not a JSON object; they count as no tags",
    ),
    "column.missing": ("defect", "缺少标准规定的必备列", "A column the standard makes mandatory is missing"),
    "column.name": (
        "defect",
        "列名与标准的写法不同；已识别",
        "The column's name is not spelled as in the standard; it was recognised",
    ),
    "column.unknown": (
        "note",
        "标准中没有的列；随账单保留，不参与计算",
        "A column the standard does not know; it is kept with the bill and not used",
    ),
    "quantity.unit": ("defect", "有用量而没有计量单位", "A consumed quantity has no unit"),
    "commitment.half": (
        "defect",
        "有承诺折扣编号而没有使用状态（购买行除外）",
        "A commitment discount is named but not whether it was used (rows of purchases aside)",
    ),
    "cost.unbilled": (
        "note",
        "EffectiveCost 为零而 BilledCost 不为零",
        "EffectiveCost is zero while BilledCost is not",
    ),
    "cost.negative": (
        "note",
        "负数的用量费用，未标为更正",
        "A usage charge is negative and not marked as a correction",
    ),
    "credit.positive": ("defect", "代金券/抵扣行的金额为正", "A row of a credit or voucher has a positive amount"),
}


def finding(rule: str, *, column: str = "", rows: int = 0, examples: tuple[int, ...] = (), value: str = "") -> Finding:
    """Return the finding of a rule, with its severity and its sentence in both languages."""
    severity, zh, en = RULES[rule]
    return Finding(rule, severity, zh, en, column, rows, examples, value)
