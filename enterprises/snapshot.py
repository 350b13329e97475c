"""Facts of many companies as Arrow tables: what a batch engine reads, with where each value came from."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from enterprises.contracts import Facts, FactValue
from enterprises.vocabulary import VOCABULARY

MONEY_DIGITS, MONEY_PLACES = 38, 12


class FactSnapshot:
    """The facts of a batch at one moment; `run_id` is the recorded run under which they were read.

    `table` is wide: one row a company, one typed column a fact (null = unknown), the value that counts.
    `provenance` is long: one row a value, all known periods, `rank` 0 being the one in the wide table.
    """

    def __init__(
        self,
        run_id: UUID,
        as_of: datetime,
        enterprise_ids: Sequence[UUID],
        names: Sequence[str],
        series: Mapping[UUID, Mapping[str, tuple[FactValue, ...]]],
    ) -> None:
        self.run_id, self.as_of = run_id, as_of
        self.enterprise_ids, self.names = tuple(enterprise_ids), tuple(names)
        self._series = series

    def facts(self, enterprise_id: UUID) -> Facts:
        """Return one company's facts; KeyError for a company outside the batch."""
        return Facts(enterprise_id, self.as_of, self.names, self._series[enterprise_id])

    @cached_property
    def table(self) -> Any:
        """The wide pyarrow table."""
        import pyarrow as pa

        columns = {"enterprise_id": pa.array([str(key) for key in self.enterprise_ids], pa.string())}
        for name in self.names:
            values = [self._first(key, name) for key in self.enterprise_ids]
            columns[name] = pa.array(values, _arrow_type(VOCABULARY[name].kind))
        return pa.table(columns)

    @cached_property
    def provenance(self) -> Any:
        """The long pyarrow table of values with their source, authority, period and dates."""
        import pyarrow as pa

        moment = pa.timestamp("us", tz="UTC")
        schema = pa.schema(
            [
                ("enterprise_id", pa.string()),
                ("name", pa.string()),
                ("rank", pa.int32()),
                ("value", pa.string()),
                ("unit", pa.string()),
                ("period_start", pa.date32()),
                ("period_end", pa.date32()),
                ("source", pa.string()),
                ("authority", pa.string()),
                ("seen_at", moment),
                ("recorded_at", moment),
            ]
        )
        rows = [
            {
                "enterprise_id": str(key),
                "name": name,
                "rank": rank,
                "value": _as_text(one.value),
                "unit": one.unit,
                "period_start": one.period_start,
                "period_end": one.period_end,
                "source": one.source,
                "authority": one.authority,
                "seen_at": one.seen_at,
                "recorded_at": one.recorded_at,
            }
            for key in self.enterprise_ids
            for name in self.names
            for rank, one in enumerate(self._series[key][name])
        ]
        return pa.Table.from_pylist(rows, schema=schema)

    def _first(self, key: UUID, name: str) -> Any:
        values = self._series[key][name]
        if not values:
            return None
        value = values[0].value
        return list(value) if isinstance(value, tuple) else value


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ";".join(value) if isinstance(value, tuple) else str(value)


def _arrow_type(kind: str) -> Any:
    import pyarrow as pa

    return {
        "bool": pa.bool_(),
        "integer": pa.int64(),
        "decimal": pa.decimal128(MONEY_DIGITS, MONEY_PLACES),
        "ratio": pa.decimal128(MONEY_DIGITS, MONEY_PLACES),
        "money": pa.decimal128(MONEY_DIGITS, MONEY_PLACES),
        "code": pa.string(),
        "codes": pa.list_(pa.string()),
        "date": pa.date32(),
        "text": pa.string(),
    }[kind]
