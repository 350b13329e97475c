"""What several pages of data_exchange share."""

from collections.abc import Mapping
from typing import Any

from data_exchange.service import labels
from kernel.texts import gettext as _

STATE_TONES = {
    "pending": "info",
    "active": "ok",
    "withdrawn": "neutral",
    "expired": "neutral",
    "ended": "warn",
    "requested": "info",
    "agreed": "info",
    "signed_by_owner": "accent",
    "exhausted": "neutral",
    "revoked": "bad",
    "declined": "neutral",
}


def translated(names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return options for a select from a mapping of msgids."""
    return [(value, _(label)) for value, label in names.items()]


def words() -> dict[str, Any]:
    """Return the names every page of the room shows."""
    return {
        "purposes": labels.CONSENT_PURPOSES,
        "offer_purposes": labels.OFFER_PURPOSES,
        "levels": labels.LEVELS,
        "maskings": labels.MASKINGS,
        "identities": labels.IDENTITIES,
        "consent_states": labels.CONSENT_STATES,
        "agreement_states": labels.AGREEMENT_STATES,
        "tones": STATE_TONES,
        "scope_name": labels.name_of_scope,
        "scope_text": labels.scope_text,
    }
