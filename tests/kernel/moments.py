"""A moment to count from."""

from datetime import UTC, datetime

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
