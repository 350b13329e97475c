"""What alembic runs: our connection, our tables, one transaction."""

from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON

from kernel.db import Base
from portal.migrations import include_object


def render_item(kind: str, item: Any, autogen_context: AutogenContext) -> Any:
    """Write our own column types by their name."""
    if kind == "type" and type(item).__name__ == "DateTimeUTC":
        autogen_context.imports.add("from advanced_alchemy.types import DateTimeUTC")
        return "DateTimeUTC(timezone=True)"
    if kind == "type" and isinstance(item, JSON):
        autogen_context.imports.add("from kernel.db import JSON_DOCUMENT")
        return "JSON_DOCUMENT"
    if kind == "type" and type(item).__name__ == "ExactDecimal":
        autogen_context.imports.add("from kernel.exact import ExactDecimal")
        return "ExactDecimal()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=render_item,
    include_object=include_object,
    compare_type=True,
    transaction_per_migration=False,
)
context.run_migrations()
