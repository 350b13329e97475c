"""JSON documents we keep for years: plain values only, the same bytes on every database.

Numbers with a fraction are kept as text, because a database may write 1.10 back as 1.1, and a log whose bytes change
by themselves is no evidence. What is left has one canonical form, that of RFC 8785 (JCS).
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec

LARGEST_INTEGER = 2**53 - 1  # beyond it JSON readers disagree (RFC 8785, 3.2.2.3)


def plain(value: object) -> Any:  # noqa: C901, PLR0911 - one line a type
    """Return the value with JSON's own types only.

    Decimals, floats, integers beyond 2^53, dates and ids become text; sets become sorted lists. Raises TypeError for
    anything else: what cannot be written down must not be guessed at.
    """
    if type(value) is str:
        return clean(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, int):
        return value if abs(value) <= LARGEST_INTEGER else str(value)
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float | UUID | date):
        return str(value)
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    raise TypeError(f"a {type(value).__name__} has no place in a kept document")


def clean(text: str) -> str:
    """Replace what no database and no JSON reader takes: NUL and lone surrogates."""
    if text.isascii():
        return text if "\x00" not in text else text.replace("\x00", "\ufffd")
    return text.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def timestamp(moment: datetime) -> str:
    """Write an aware moment in UTC with six decimals, always the same length."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(document: object) -> bytes:
    """Return the RFC 8785 bytes of a document made of plain values.

    Without floats the canonical form is compact JSON in UTF-8 with keys in order of their UTF-16 units. The encoder
    sorts by code point, which is the same order for the keys that `plain` leaves (none beyond U+FFFF).
    """
    return _ENCODER.encode(document)


def _key(key: object) -> str:
    text = clean(str(key))
    return text if text.isascii() else "".join("\ufffd" if ord(letter) > 0xFFFF else letter for letter in text)


_ENCODER = msgspec.json.Encoder(order="sorted")
