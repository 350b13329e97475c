"""Cloud bills in the FOCUS format: read tolerantly, counted exactly, refused as a whole when a sum cannot be known."""

import csv
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credit.contracts import Finding
from credit.focus import Bill, read_bill
from credit.focus.wording import RULES
from tests.credit import bills

TODAY = date(2026, 11, 23)


def read(folder: Path, body: bytes | str, **options: object) -> Bill:
    return read_bill(bills.save(folder, body), folder, today=TODAY, **options)  # type: ignore[arg-type]


def found(bill: Bill, rule: str) -> list[Finding]:
    return [finding for finding in bill.report.findings if finding.rule == rule]


def rules(bill: Bill) -> set[str]:
    return {finding.rule for finding in bill.report.findings}


class TestRealSample:
    def test_every_row_of_the_official_sample_counts_to_the_last_digit(self, shared_data: Path, tmp_path: Path) -> None:
        body = (shared_data / "focus_sample.csv").read_bytes()
        rows = list(csv.DictReader(body.decode().splitlines()))
        bill = read(tmp_path, body)
        assert (bill.rows, bill.rows_new) == (1000, 1000)
        assert sum(month.rows for month in bill.months) == 1000
        assert sum(month.billed for month in bill.months) == bills.total(rows, "BilledCost")
        assert sum(month.effective for month in bill.months) == bills.total(rows)

    def test_its_defects_are_named_with_rows(self, shared_data: Path, tmp_path: Path) -> None:
        bill = read(tmp_path, (shared_data / "focus_sample.csv").read_bytes())
        assert bill.report.verdict == "usable"
        case = found(bill, "choice.case")[0]
        assert (case.column, case.rows, case.value) == ("ChargeFrequency", 7, "Usage-based")
        null = found(bill, "value.null")[0]
        assert (null.column, null.rows) == ("ContractedCost", 7)
        assert {finding.column for finding in found(bill, "moment.form")} >= {"BillingPeriodStart", "ChargePeriodEnd"}
        assert [finding.column for finding in found(bill, "column.unknown")] == ["Id"]
        assert found(bill, "value.shape")[0].column == "AvailabilityZone"
        assert all(finding.zh and finding.en for finding in bill.report.findings)

    def test_parquet_keeps_unknown_columns_and_exact_amounts(self, shared_data: Path, tmp_path: Path) -> None:
        body = (shared_data / "focus_sample.csv").read_bytes()
        bill = read(tmp_path, body)
        rows = list(csv.DictReader(body.decode().splitlines()))
        kept = duckdb.sql(f"SELECT row, Id, EffectiveCost FROM read_parquet('{bill.parquet}') ORDER BY row").fetchall()
        assert [(number, ident) for number, ident, _cost in kept] == [(n + 2, r["Id"]) for n, r in enumerate(rows)]
        assert [cost for _n, _i, cost in kept] == [Decimal(r["EffectiveCost"]) for r in rows]


class TestTolerance:
    def test_a_conformant_bill_has_no_findings(self, tmp_path: Path) -> None:
        bill = read(tmp_path, bills.content(bills.steady(3)))
        assert (bill.report.verdict, bill.report.findings) == ("conformant", ())

    @pytest.mark.parametrize(
        "start",
        ["2026-09-01", "2026-09-01 00:00:00", "2026/09/01", "2026/9/1", "2026-09", "202609", "20260901",
         "2026年9月1日", "2026-08-31T16:00:00Z", "2026-09-01T00:00:00+08:00", "2026-09-01T00:00:00.000Z"],
    )  # fmt: skip
    def test_forms_of_dates_lead_to_the_same_month(self, tmp_path: Path, start: str) -> None:
        bill = read(tmp_path, bills.content([bills.row("2026-09", BillingPeriodStart=start)]))
        assert [month.month for month in bill.months] == [date(2026, 9, 1)]

    def test_a_date_with_the_year_last_is_not_guessed(self, tmp_path: Path) -> None:
        bill = read(tmp_path, bills.content([bills.row(ChargePeriodStart="01/02/2026")]))
        assert found(bill, "moment.ambiguous")[0].examples == (2,)
        bill = read(tmp_path, bills.content([bills.row(BillingPeriodStart="09/01/2026", ChargePeriodStart="")]))
        assert bill.report.verdict == "refused"

    def test_null_words_case_grouping_and_spaces_are_read(self, tmp_path: Path) -> None:
        cells = bills.row(
            cost="1,234.50",
            ChargeClass="NULL",
            ChargeCategory=" usage ",
            BillingCurrency="cny",
            PricingCategory="COMMITTED",
        )
        bill = read(tmp_path, bills.content([cells]))
        month = bill.months[0]
        assert (month.effective, month.currency, month.committed) == (Decimal("1234.5"), "CNY", Decimal("1234.5"))
        assert {"value.literal_null", "choice.case", "amount.grouped"} <= rules(bill)

    def test_columns_are_recognised_by_other_spellings(self, tmp_path: Path) -> None:
        body = (
            bills.content(bills.steady(2))
            .decode()
            .replace("BilledCost", "billed_cost", 1)
            .replace("ChargeClass", "Charge Class", 1)
        )
        bill = read(tmp_path, body)
        assert {f.column for f in found(bill, "column.name")} == {"BilledCost", "ChargeClass"}
        assert bill.report.verdict == "usable"

    def test_excel_encoding_and_delimiters(self, tmp_path: Path) -> None:
        rows = [bills.row(ProviderName="腾讯云", Tags="")]
        gbk = read(tmp_path, bills.text(rows).encode("gb18030"))
        assert gbk.months[0].provider == "腾讯云"
        assert "file.encoding" in rules(gbk)
        for delimiter in ";\t|":
            assert read(tmp_path, bills.text(rows, delimiter=delimiter)).months[0].provider == "腾讯云"
        assert read(tmp_path, b"\xef\xbb\xbf" + bills.content(rows)).report.verdict == "conformant"

    def test_missing_columns_are_named_and_the_rest_counts(self, tmp_path: Path) -> None:
        columns = ("EffectiveCost", "BillingCurrency", "ChargePeriodStart")
        bill = read(tmp_path, bills.text([bills.row(cost="7.25")], columns))
        assert bill.months[0].effective == Decimal("7.25")
        assert "InvoiceIssuerName" in {f.column for f in found(bill, "column.missing")}

    def test_an_empty_effective_cost_is_stood_in_for_by_the_billed_one(self, tmp_path: Path) -> None:
        bill = read(tmp_path, bills.content([bills.row(EffectiveCost="", BilledCost="5")]))
        assert bill.months[0].effective == Decimal(5)
        assert found(bill, "amount.stand_in")[0].examples == (2,)

    def test_currencies_and_providers_stay_apart(self, tmp_path: Path) -> None:
        rows = [
            bills.row(cost="1"),
            bills.row(cost="2", BillingCurrency="USD"),
            bills.row(cost="4", ProviderName="AWS"),
        ]
        found_months = {(m.provider, m.currency): m.effective for m in read(tmp_path, bills.content(rows)).months}
        assert found_months == {
            ("Tencent Cloud", "CNY"): Decimal(1),
            ("Tencent Cloud", "USD"): Decimal(2),
            ("AWS", "CNY"): Decimal(4),
        }

    def test_what_rows_are_for_is_told_apart(self, tmp_path: Path) -> None:
        rows = [
            bills.row(cost="100"),
            bills.row(cost="-30", ChargeCategory="Credit", ChargeDescription="voucher"),
            bills.row(cost="-5", ChargeClass="Correction"),
            bills.row(cost="6", ChargeCategory="Tax", Tags=""),
            bills.row(cost="40", Tags='{"env": "dev"}'),
            bills.row(
                cost="3", ConsumedQuantity="12.5", ConsumedUnit="GB", ChargeDescription="Data Transfer Out to Internet"
            ),
            bills.row(cost="2", ConsumedQuantity="1000", ConsumedUnit="Requests"),
        ]
        month = read(tmp_path, bills.content(rows)).months[0]
        assert (month.credit, month.correction, month.tax) == (Decimal(-30), Decimal(-5), Decimal(6))
        assert (month.other_environment, month.production) == (Decimal(40), Decimal(70))
        assert (month.egress, month.requests) == (Decimal("12.5"), Decimal(1000))
        assert month.billed == Decimal(116)


class TestRepetition:
    def test_a_row_repeated_in_the_file_counts_once(self, tmp_path: Path) -> None:
        bill = read(tmp_path, bills.content([bills.row(), bills.row(cost="7"), bills.row()]))
        assert (bill.rows, bill.rows_new, bill.rows_repeated) == (3, 2, 1)
        assert found(bill, "row.duplicate")[0].examples == (4,)
        assert bill.months[0].effective == Decimal(107)

    def test_a_longer_export_adds_only_what_is_new(self, tmp_path: Path) -> None:
        first = read(tmp_path, bills.content(bills.steady(3)))
        assert first.parquet
        earlier = first.parquet.rename(tmp_path / "earlier.parquet")
        again = read(tmp_path, bills.content(bills.steady(3)), earlier=[earlier])
        assert (again.rows_new, again.rows_known, again.months) == (0, 3, ())
        longer = read(tmp_path, bills.content([*bills.steady(3), bills.row("2026-10", "9")]), earlier=[earlier])
        assert [month.effective for month in longer.months] == [Decimal(9)]

    def test_the_same_bill_as_parquet_is_known(self, tmp_path: Path) -> None:
        path = bills.save(tmp_path, bills.content(bills.steady(2)))
        first = read(tmp_path, path.read_bytes())
        assert first.parquet
        earlier = first.parquet.rename(tmp_path / "earlier.parquet")
        parquet = tmp_path / "same.parquet"
        typed = (
            "CAST(BilledCost AS DECIMAL(38,12)) AS BilledCost, CAST(EffectiveCost AS DECIMAL(30,12)) AS EffectiveCost, "
            "CAST(BillingPeriodStart AS TIMESTAMP) AS BillingPeriodStart, CAST(ConsumedQuantity AS INTEGER) AS ConsumedQuantity"
        )
        duckdb.sql(
            f"COPY (SELECT * REPLACE ({typed}) FROM read_csv('{path}', all_varchar=true)) TO '{parquet}' (FORMAT parquet)"
        )
        again = read_bill(parquet, tmp_path, today=TODAY, earlier=[earlier])
        assert (again.rows, again.rows_new, again.rows_known) == (2, 0, 2)


class TestRefusal:
    @pytest.mark.parametrize(
        ("amount", "rule"),
        [("NaN", "amount.unreadable"), ("inf", "amount.unreadable"), ("-Infinity", "amount.unreadable"),
         ("12abc", "amount.unreadable"), ("1_000", "amount.unreadable"), ("0x10", "amount.unreadable"),
         ("１２", "amount.unreadable"), ("1e15", "amount.absurd"), ("1e400", "amount.absurd"),
         ("99999999999999999999999999999999", "amount.absurd")],
    )  # fmt: skip
    def test_an_amount_that_is_no_amount_refuses_the_file(self, tmp_path: Path, amount: str, rule: str) -> None:
        bill = read(tmp_path, bills.content([bills.row(), bills.row(cost=amount)]))
        assert bill.report.verdict == "refused"
        assert (bill.months, bill.parquet) == ((), None)
        finding = next(f for f in found(bill, rule) if f.column == "EffectiveCost")
        assert (finding.examples, finding.value) == ((3,), amount)

    @pytest.mark.parametrize(
        ("change", "rule"),
        [({"BillingCurrency": "RMB¥"}, "currency.unreadable"), ({"BillingCurrency": ""}, "currency.unreadable"),
         ({"BillingPeriodStart": "soon", "ChargePeriodStart": ""}, "month.unknown"),
         ({"BillingPeriodStart": "2031-01-01", "BillingPeriodEnd": "2031-02-01"}, "month.absurd"),
         ({"EffectiveCost": "", "BilledCost": "NULL"}, "amount.missing")],
    )  # fmt: skip
    def test_a_row_without_currency_month_or_amount_refuses_the_file(
        self, tmp_path: Path, change: dict[str, str], rule: str
    ) -> None:
        bill = read(tmp_path, bills.content([bills.row(), bills.row(**change)]))
        assert bill.report.verdict == "refused"
        assert found(bill, rule)[0].examples == (3,)

    @pytest.mark.parametrize(
        ("spoil", "rule"),
        [(lambda body: b"", "file.format"), (lambda body: b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "file.format"),
         (lambda body: body.split(b"\n")[0], "file.empty"), (lambda body: body[:-30], "row.shape"),
         (lambda body: body + b'"unclosed,1,2\n', "row.shape"), (lambda body: body + b"1,2,3\n", "row.shape"),
         (lambda body: body.replace(b"CVM", b"C\0M"), "file.format"), (lambda body: b"PAR1" + body, "file.format"),
         (lambda body: body.replace(b"ListCost", b"BilledCost", 1), "file.header"),
         (lambda body: body.replace(b"ListCost", b"", 1), "file.header"),
         (lambda body: body.replace(b"BillingCurrency", b"Money", 1), "file.columns_needed"),
         (lambda body: b"hello\nworld\n", "file.format")],
    )  # fmt: skip
    def test_a_broken_file_is_refused_and_says_why(
        self, tmp_path: Path, spoil: Callable[[bytes], bytes], rule: str
    ) -> None:
        bill = read(tmp_path, spoil(bills.content(bills.steady(3))))
        assert (bill.report.verdict, bill.months, bill.parquet) == ("refused", (), None)
        assert rule in rules(bill)

    def test_a_header_cannot_reach_the_engine(self, tmp_path: Path) -> None:
        nasty = 'x"; DROP TABLE raw; --'
        rows = [bills.row() | {nasty: "1"}]
        bill = read(tmp_path, bills.text(rows, (*bills.COLUMNS, nasty)))
        assert bill.report.unknown_columns == (nasty,)
        assert bill.rows_new == 1

    def test_every_rule_speaks_both_languages(self) -> None:
        assert all(zh and en and severity in {"error", "defect", "note"} for severity, zh, en in RULES.values())


AMOUNTS = st.decimals(min_value=-(10**14), max_value=10**14, allow_nan=False, allow_infinity=False, places=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(AMOUNTS, min_size=1, max_size=40))
def test_sums_are_exact_whatever_the_amounts(tmp_path: Path, amounts: list[Decimal]) -> None:
    rows = [bills.row(cost=format(amount, "f"), ResourceId=str(number)) for number, amount in enumerate(amounts)]
    assert sum(month.effective for month in read(tmp_path, bills.content(rows)).months) == sum(amounts)


@pytest.mark.parametrize("amount", ["0.1234567890125", "1.5e-13", "12345.1234567890129"])
def test_more_than_twelve_decimals_are_rounded_and_said(tmp_path: Path, amount: str) -> None:
    bill = read(tmp_path, bills.content([bills.row(cost=amount)]))
    assert "amount.precision" in rules(bill)
    assert abs(bill.months[0].effective - Decimal(amount)) <= Decimal("0.0000000000005")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.one_of(st.binary(max_size=400), st.text(max_size=300).map(lambda tail: bills.text([bills.row()]) + tail))
)
def test_no_bytes_make_the_reader_raise(tmp_path: Path, body: bytes | str) -> None:
    raw = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    assert read(tmp_path, raw).report.verdict in {"conformant", "usable", "refused"}
