"""Decimals to the last digit on either database: money of bills and measured figures, never a float."""

from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import Numeric, String
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine


class ExactDecimal(TypeDecorator[Decimal]):
    """DECIMAL(38,12): numeric on PostgreSQL, plain decimal text on SQLite, whose own numbers are floats."""

    impl = Numeric(38, 12)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the database."""
        kind: TypeEngine[Any] = String(60) if dialect.name == "sqlite" else Numeric(38, 12)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | Decimal | None:
        """Write the number, exactly."""
        return format(value, "f") if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: str | Decimal | None, dialect: Dialect) -> Decimal | None:
        """Read the number, exactly."""
        return None if value is None else Decimal(value)


Exact = Annotated[Decimal, mapped_column(ExactDecimal())]
MaybeExact = Annotated[Decimal | None, mapped_column(ExactDecimal(), nullable=True)]
