"""云量贷 credit: cloud bills in, an explained assessment score out, to lenders the company has authorised.

This is the front door; other rooms call nothing behind it. The score is called 云量评估分: an assessment of cloud usage.
"""

from credit.contracts import ImportResult, QuerySummary, ScoreSummary
from credit.rules import SCORE_SCOPE
from credit.service import ask_score, import_bill, own_latest_score, recent_queries

__all__ = [
    "SCORE_SCOPE",
    "ImportResult",
    "QuerySummary",
    "ScoreSummary",
    "ask_score",
    "import_bill",
    "own_latest_score",
    "recent_queries",
]
