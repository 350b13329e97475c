"""A list shows what it declares, in a total order, a bounded page at a time, the same on both databases."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Boolean, Date, Integer, MetaData, Numeric, String, Table, Uuid, insert, select
from sqlalchemy import Column as Field

from kernel.ground import Ground
from kernel.ids import new_id
from kernel.paging import Column, Listing, ListQuery, fetch_page, fetch_rows, narrow, order
from kernel.problems import BadInput

THINGS = Table(
    "thing",
    MetaData(),
    Field("id", Uuid, primary_key=True),
    Field("name", String(80)),
    Field("size", Integer),
    Field("price", Numeric(12, 2)),
    Field("day", Date),
    Field("open", Boolean),
)
LISTING = Listing(
    columns=(
        Column("name", THINGS.c.name, "Name", searchable=True),
        Column("size", THINGS.c.size, "Size", kind="number"),
        Column("day", THINGS.c.day, "Day", kind="date", sortable=False),
    ),
    default_sort="name",
    filters={
        "size": THINGS.c.size,
        "price": THINGS.c.price,
        "day": THINGS.c.day,
        "open": THINGS.c.open,
        "id": THINGS.c.id,
        "small": lambda text: THINGS.c.size < int(text),
    },
)
EVERYTHING = select(*THINGS.c)


@pytest.fixture
async def things(house: Ground) -> Ground:
    rows = [("a%b", 3), ("a_b", 1), ("axb", None), ("甲公司", 2), ("Beta", 2), (None, 2)]
    async with house.database.engine.begin() as connection:
        await connection.run_sync(THINGS.metadata.create_all)
        await connection.execute(
            insert(THINGS),
            [
                {
                    "id": new_id(),
                    "name": name,
                    "size": size,
                    "price": Decimal("1.50"),
                    "day": date(2026, 1, 2),
                    "open": size == 2,
                }
                for name, size in rows
            ],
        )
    return house


async def names(house: Ground, query: ListQuery) -> list[str | None]:
    async with house.database.read() as db:
        return [row.name for row in (await fetch_page(db, EVERYTHING, LISTING, query)).items]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("size", ["a_b", "甲公司", "Beta", None, "a%b", "axb"]),
        ("-size", ["a%b", "甲公司", "Beta", None, "a_b", "axb"]),
        ("-size,name", ["a%b", "Beta", "甲公司", None, "a_b", "axb"]),
    ],
)
async def test_empty_values_come_last_either_way_and_ties_keep_the_order_of_ids(things, sort, expected):
    assert await names(things, ListQuery(sort=sort)) == expected


async def test_pages_cover_the_list_once(things):
    seen = []
    for page in (1, 2, 3):
        seen += await names(things, ListQuery(sort="size", page=page, size=2))
    assert seen == await names(things, ListQuery(sort="size"))
    async with things.database.read() as db:
        page = await fetch_page(db, EVERYTHING, LISTING, ListQuery(page=4, size=2))
    assert (list(page.items), page.total, page.pages) == ([], 6, 3)


async def test_signs_of_patterns_are_searched_as_themselves(things):
    assert await names(things, ListQuery(q="a%")) == ["a%b"]
    assert await names(things, ListQuery(q="_")) == ["a_b"]
    assert await names(things, ListQuery(q="BETA")) == ["Beta"]
    assert await names(things, ListQuery(q="公司 甲")) == ["甲公司"]


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"size": "2"}, 3),
        ({"price": "1.5"}, 6),
        ({"day": "2026-01-02"}, 6),
        ({"open": "true"}, 3),
        ({"small": "2"}, 1),
        ({"size": "2", "open": "false"}, 0),
        ({"size": ""}, 6),
    ],
)
async def test_filters_compare_in_the_type_of_their_column(things, filters, count):
    assert len(await names(things, ListQuery(filters=filters))) == count


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (ListQuery(sort="price"), "sort"),
        (ListQuery(sort="day"), "sort"),
        (ListQuery(sort="name; drop table thing"), "sort"),
        (ListQuery(filters={"colour": "red"}), "colour"),
        (ListQuery(filters={"size": "two"}), "size"),
        (ListQuery(filters={"size": "99999999999999999999"}), "size"),
        (ListQuery(filters={"price": "NaN"}), "price"),
        (ListQuery(filters={"day": "2026-02-30"}), "day"),
        (ListQuery(filters={"open": "yes"}), "open"),
        (ListQuery(filters={"id": "1"}), "id"),
        (ListQuery(filters={"size": "\x00"}), "size"),
        (ListQuery(q="x" * 201), "q"),
        (ListQuery(q="\x00"), "q"),
        (ListQuery(page=0), "page"),
        (ListQuery(page=10**20), "page"),
        (ListQuery(size=0), "size"),
        (ListQuery(size=101), "size"),
    ],
)
async def test_what_the_list_does_not_know_is_refused_by_name(things, query, field):
    async with things.database.read() as db:
        with pytest.raises(BadInput) as refused:
            await fetch_page(db, EVERYTHING, LISTING, query)
    assert [problem.name for problem in refused.value.fields] == [field]


async def test_an_export_is_never_cut(things):
    async with things.database.read() as db:
        assert len(await fetch_rows(db, EVERYTHING, LISTING, ListQuery(size=1), limit=6)) == 6
        with pytest.raises(BadInput):
            await fetch_rows(db, EVERYTHING, LISTING, ListQuery(), limit=5)


async def test_a_statement_of_one_thing_gives_that_thing(things):
    listing = Listing((Column("name", THINGS.c.name, "Name"),), default_sort="name", tie=THINGS.c.id)
    async with things.database.read() as db:
        page = await fetch_page(db, select(THINGS.c.name), listing, ListQuery(size=1))
    assert page.map(lambda name: SimpleNamespace(name=name)).items == [SimpleNamespace(name="Beta")]


def test_a_listing_keeps_its_own_promises():
    column = Column("name", THINGS.c.name, "Name")
    with pytest.raises(ValueError, match="default sort"):
        Listing((column,), default_sort="-created_at")
    with pytest.raises(ValueError, match="same name"):
        Listing((column, column), default_sort="name")
    with pytest.raises(ValueError, match="selects no id"):
        order(select(THINGS.c.name), Listing((column,), default_sort="name"), ListQuery())


@given(
    st.text(max_size=300), st.text(max_size=60), st.dictionaries(st.text(max_size=9), st.text(max_size=30), max_size=3)
)
def test_any_query_is_served_or_refused(words, sort, filters):
    query = ListQuery(q=words, sort=sort, filters=filters)
    try:
        str(order(narrow(EVERYTHING, LISTING, query), LISTING, query))
    except BadInput as refused:
        assert refused.fields  # noqa: PT017
