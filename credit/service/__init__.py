"""Use-cases of credit: one verb, one transaction."""

from credit.service.asking import ask_score
from credit.service.importing import import_bill, receive_bill, withdraw_import
from credit.service.loading import load_bill
from credit.service.models import champion, find_scorer
from credit.service.replaying import Replay, replay, replay_score
from credit.service.scoring import score_history, score_subject, view_score
from credit.service.viewing import own_latest_score, recent_queries

__all__ = [
    "Replay",
    "ask_score",
    "champion",
    "find_scorer",
    "import_bill",
    "load_bill",
    "own_latest_score",
    "receive_bill",
    "recent_queries",
    "replay",
    "replay_score",
    "score_history",
    "score_subject",
    "view_score",
    "withdraw_import",
]
