"""Kept documents have one canonical form, the one of RFC 8785, whichever database they lay in."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from kernel.documents import canonical, plain, timestamp
from kernel.events import EventRecord, emit

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats() | st.decimals() | st.uuids() | st.dates(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_our_canonical_bytes_are_those_of_another_implementation(value):
    document = plain(value)
    assert canonical(document) == rfc8785.dumps(document)


@given(VALUES)
def test_plain_documents_are_left_as_they_are(value):
    document = plain(value)
    assert plain(document) == document


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (Decimal("1.10"), "1.10"),
        (Decimal("1E+3"), "1000"),
        (1.5, "1.5"),
        (True, True),
        (2**53, str(2**53)),
        ({"b", "a"}, ["a", "b"]),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 8, tzinfo=timezone(timedelta(hours=8))), "2026-01-02T00:00:00.000000Z"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Enum("State", {"OPEN": "open"}).OPEN, "open"),
        ("a\x00b\ud800", "a\ufffdb\ufffd"),
        ({1: (2,)}, {"1": [2]}),
    ],
)
def test_each_type_is_kept_in_one_way(value, kept):
    assert plain(value) == kept


def test_what_cannot_be_written_down_is_not_guessed_at():
    with pytest.raises(TypeError):
        plain(object())
    with pytest.raises(ValueError):
        timestamp(datetime(2026, 1, 2))  # noqa: DTZ001
    assert timestamp(datetime(2026, 1, 2, tzinfo=UTC)) == "2026-01-02T00:00:00.000000Z"


async def test_a_document_comes_back_from_the_database_as_it_went_in(house, act):
    document = plain({"b": [1, Decimal("1.10"), None, True, "园区\u2028\U0001f600"], "a": {"z": 2**53 - 1, "": -0.0}})
    async with house.database.write() as db:
        emit(db, act, "park.thing_done", subject_id=None, payload=document)
    async with house.database.read() as db:
        record = (await db.scalars(EventRecord.__table__.select().with_only_columns(EventRecord.payload))).one()
        assert await db.scalar(text("SELECT count(*) FROM event")) == 1
    assert canonical(record) == canonical(document)
