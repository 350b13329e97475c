"""Identifiers that sort by the time they were made, so that indexes grow at one end."""

from uuid import UUID

import uuid_utils


def new_id() -> UUID:
    """Return a fresh UUIDv7 (RFC 9562)."""
    return UUID(int=uuid_utils.uuid7().int)
