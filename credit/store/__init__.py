"""Every SQL statement of the room."""

from credit.store.bills import (
    IMPORT_STATES,
    IMPORTS,
    charges_before,
    fetch_imports,
    find_import,
    import_months,
    imports_of,
    job_of,
    leans_on,
    live_import,
    lock_revision,
    month_keys,
    months_of,
    profile_revision,
    raise_revision,
)
from credit.store.models import find_artefact, list_models, register_model
from credit.store.queries import QUERIES, QueryView, fetch_queries, find_query, find_subject, latest_queries, queries_of
from credit.store.scores import add_score, current_score, find_score

__all__ = [
    "IMPORTS",
    "IMPORT_STATES",
    "QUERIES",
    "QueryView",
    "add_score",
    "charges_before",
    "current_score",
    "fetch_imports",
    "fetch_queries",
    "find_artefact",
    "find_import",
    "find_query",
    "find_score",
    "find_subject",
    "import_months",
    "imports_of",
    "job_of",
    "latest_queries",
    "leans_on",
    "list_models",
    "live_import",
    "lock_revision",
    "month_keys",
    "months_of",
    "profile_revision",
    "queries_of",
    "raise_revision",
    "register_model",
]
