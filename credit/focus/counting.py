"""Counts the charges of a staged bill: each once, summed exactly per month, provider and currency, kept as Parquet."""
# ruff: noqa: S608 - the SQL is made of our own names; texts of a file enter it quoted or not at all

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from credit.contracts import BillMonth, Finding
from credit.focus.staging import PRODUCTION, Staged
from credit.focus.table import Table, identifier, quoted
from credit.focus.wording import finding

SERVICES_KEPT = 60


def drop_repeated(table: Table, earlier: Sequence[Path]) -> tuple[list[Finding], int, int]:
    """Make `charge`, the rows that count; return findings, and how many rows were repeated and known.

    A row repeated inside the file counts once: a repetition must not raise the spend. A row that an earlier import
    (`earlier`: its Parquet files) already counted is not counted again.
    """
    connection = table.connection
    files = ", ".join(quoted(str(path)) for path in earlier)
    known = f"SELECT row_hash FROM read_parquet([{files}])" if earlier else "SELECT NULL::BLOB WHERE false"
    connection.execute(
        "CREATE TEMP TABLE repeated AS SELECT s.row FROM staged s JOIN (SELECT row_hash, min(row) AS first FROM staged "
        "GROUP BY row_hash HAVING count(*) > 1) d ON s.row_hash = d.row_hash AND s.row <> d.first"
    )
    connection.execute(
        f"CREATE TEMP TABLE known AS SELECT row FROM staged WHERE row_hash IN ({known}) "
        "AND row NOT IN (SELECT row FROM repeated)"
    )
    connection.execute(
        "CREATE TEMP VIEW charge AS SELECT * FROM staged WHERE row NOT IN (SELECT row FROM repeated) "
        "AND row NOT IN (SELECT row FROM known)"
    )
    findings = []
    counts = []
    for name, rule in (("repeated", "row.duplicate"), ("known", "row.known")):
        count, rows = connection.execute(f"SELECT count(*), min(row, 20) FROM {name}").fetchone() or (0, [])
        counts.append(int(count))
        if count:
            findings.append(finding(rule, rows=count, examples=tuple(rows)))
    return findings, counts[0], counts[1]


def count_months(table: Table) -> list[BillMonth]:
    """Return the exact monthly sums of `charge`, oldest first."""

    def has(name: str) -> str:
        return identifier(name) if name in table.cells else "CAST(NULL AS VARCHAR)"

    category, pricing = has("ChargeCategory"), has("PricingCategory")
    live = ", ".join(quoted(name) for name in PRODUCTION)
    conditions = {
        "credit": ("billed", f"{category} = 'Credit'"),
        "correction": ("billed", f"{has('ChargeClass')} = 'Correction'"),
        "purchase": ("billed", f"{category} = 'Purchase'"),
        "tax": ("billed", f"{category} = 'Tax'"),
        "committed": ("effective", f"{pricing} = 'Committed' OR {has('CommitmentDiscountStatus')} = 'Used'"),
        "production": ("effective", f"environment IN ({live})"),
        "other_environment": ("effective", f"environment IS NOT NULL AND environment NOT IN ({live})"),
    }
    sums = [
        f"coalesce(sum({cost}) FILTER (WHERE {condition}), 0) AS {name}"
        for name, (cost, condition) in conditions.items()
    ]
    provider = f"coalesce({has('ProviderName')}, '')"
    keys = f'month, {provider} AS provider, "BillingCurrency" AS currency'
    cursor = table.connection.execute(
        f"SELECT {keys}, count(*) AS rows, sum(billed) AS billed, sum(effective) AS effective, {', '.join(sums)}, "
        f"sum(egress) AS egress, sum(requests) AS requests FROM charge GROUP BY ALL ORDER BY ALL"
    )
    names = [column[0] for column in cursor.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    categories = _by_key(table, keys, has("ServiceCategory"))
    services = _by_key(table, keys, has("ServiceName"))
    months = []
    for row in rows:
        key = (row["month"], row["provider"], row["currency"])
        spent = {name: format(cost, "f") for name, cost in sorted(categories.get(key, {}).items())}
        used = sorted(services.get(key, {}))[:SERVICES_KEPT]
        months.append(BillMonth(**row, categories=spent, services=tuple(used)))
    return months


def _by_key(table: Table, keys: str, column: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    statement = f"SELECT {keys}, {column} AS name, sum(effective) FROM charge WHERE {column} IS NOT NULL GROUP BY ALL"
    for month, provider, currency, name, cost in table.connection.execute(statement).fetchall():
        found.setdefault((month, provider, currency), {})[str(name)] = cost
    return found


def write_parquet(table: Table, staged: Staged, target: Path) -> None:
    """Keep the counted charges as Parquet: typed columns, unknown columns under their own names, row number and hash."""
    taken = {name.casefold() for name in (*staged.typed, "row", "row_hash", "month", "effective", "billed")}
    columns = ["row", "row_hash", "month", "effective", "billed", *(identifier(name) for name in staged.typed)]
    for name, cell in table.unknown.items():
        free = f"{name} (x)" if name.casefold() in taken else name
        columns.append(f"{cell} AS {identifier(free)}")
    names = json.dumps(table.header, ensure_ascii=False)
    table.connection.execute(
        f"COPY (SELECT {', '.join(columns)} FROM charge ORDER BY row) TO {quoted(str(target))} "
        f"(FORMAT parquet, COMPRESSION zstd, KV_METADATA {{header: {quoted(names)}}})"
    )
