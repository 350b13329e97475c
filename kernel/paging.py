"""Lists: one page of a statement, sorted, filtered and searched only by what the list itself declares.

Every list of the house goes through here, so that a page never grows without bound, an order is always total (ties
are broken by id) and a name the list does not know is refused by name instead of being ignored.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct, field
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.problems import BadInput, FieldProblem
from kernel.texts import gettext as _

Item = TypeVar("Item")
Other = TypeVar("Other")

PAGE_SIZE = 20
MAXIMUM_SIZE = 100
MAXIMUM_PAGE = 100_000
MAXIMUM_QUERY = 200
EXPORT_ROWS = 50_000
Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]  # what a database's bigint holds

Expression = ColumnElement[Any] | Any  # an instrumented attribute is no ColumnElement to the type checker
Filter = Expression | Callable[[str], ColumnElement[bool]]


class Column(Struct, frozen=True):
    """One column of a list: what it is called, what it shows, and whether one may sort and search by it.

    `label` and the values of `choices` (stored value -> text) are English msgids marked with N_.
    """

    name: str
    expression: Expression
    label: str
    kind: Literal["text", "number", "money", "date", "moment", "percent", "enum"] = "text"
    sortable: bool = True
    searchable: bool = False
    choices: Mapping[str, str] | None = None


class Listing(Struct, frozen=True):
    """What a list offers. `filters` maps a name to an expression (compared for equality) or to a function of the text.

    `tie` is the expression that makes the order total; left out, the statement's own `id` column is taken.
    """

    columns: tuple[Column, ...]
    default_sort: str = "-created_at"
    filters: Mapping[str, Filter] = {}
    tie: Expression | None = None

    def __post_init__(self) -> None:
        """Refuse a list that could not keep its own promises."""
        names = [column.name for column in self.columns]
        if len(names) != len(set(names)):
            raise ValueError("two columns of one listing have the same name")
        for part in self.default_sort.split(","):
            if part.removeprefix("-") not in self.sortable:
                raise ValueError(f"default sort {part!r} is no sortable column")

    @property
    def sortable(self) -> dict[str, Expression]:
        """The expressions one may sort by, by name."""
        return {column.name: column.expression for column in self.columns if column.sortable}


class ListQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody asks of a list: search words, order ("-name" is descending), page (from 1), size, filters."""

    q: str = ""
    sort: str = ""
    page: int = 1
    size: int = PAGE_SIZE
    filters: dict[str, str] = field(default_factory=dict)


class Page(Struct, Generic[Item], frozen=True):
    """One page of a list and what was asked to get it."""

    items: Sequence[Item]
    total: int
    page: int
    size: int
    pages: int
    sort: str
    q: str
    filters: dict[str, str]

    def map(self, function: Callable[[Item], Other]) -> "Page[Other]":
        """Return the same page with each item turned into something else."""
        items = [function(item) for item in self.items]
        return Page(items, self.total, self.page, self.size, self.pages, self.sort, self.q, self.filters)


async def fetch_page(db: AsyncSession, statement: Select[Any], listing: Listing, query: ListQuery) -> Page[Any]:
    """Return one page of the statement; an item is a Row, or the object of a statement that selects one thing.

    Raises BadInput naming the parameter for an unknown filter or sort, or a page or size out of bounds. A page past
    the end is empty, not an error: rows may have gone since the link to it was drawn.
    """
    _check_bounds(query)
    wanted = narrow(statement, listing, query)
    total = await db.scalar(select(func.count()).select_from(wanted.order_by(None).subquery())) or 0
    ordered = order(wanted, listing, query).limit(query.size).offset((query.page - 1) * query.size)
    items = await _fetch(db, ordered)
    pages = max(1, -(-total // query.size))
    sort = query.sort or listing.default_sort
    return Page(items, total, query.page, query.size, pages, sort, query.q, dict(query.filters))


async def fetch_rows(
    db: AsyncSession, statement: Select[Any], listing: Listing, query: ListQuery, *, limit: int = EXPORT_ROWS
) -> list[Any]:
    """Return every row that the query's search and filters leave, in its order, for an export.

    Raises BadInput when there are more than `limit`: a cut file would pass for the whole.
    """
    _check_bounds(query)
    rows = await _fetch(db, order(narrow(statement, listing, query), listing, query).limit(limit + 1))
    if len(rows) > limit:
        message = _("There are more than %(limit)s rows. Please narrow the list first.", limit=limit)
        raise BadInput(message, fields=[FieldProblem("export", message)])
    return rows


def narrow(statement: Select[Any], listing: Listing, query: ListQuery) -> Select[Any]:
    """Add the query's filters and search words to a statement."""
    for name, text in (("q", query.q), *query.filters.items()):
        if len(text) > MAXIMUM_QUERY or "\x00" in text:
            raise _bad(name[:40], _("Please use at most %(limit)s characters.", limit=MAXIMUM_QUERY))
    conditions = [_filter(listing, name, value) for name, value in query.filters.items() if value != ""]
    searched = [column.expression for column in listing.columns if column.searchable]
    words = query.q.split()
    if words and not searched:
        raise _bad("q", _("This list cannot be searched."))
    conditions += [or_(*(expression.icontains(word, autoescape=True) for expression in searched)) for word in words]
    return statement.where(and_(*conditions)) if conditions else statement


def order(statement: Select[Any], listing: Listing, query: ListQuery) -> Select[Any]:
    """Put the statement into the query's order: empty values last either way, ties by id."""
    clauses = []
    for part in (query.sort or listing.default_sort).split(","):
        expression = listing.sortable.get(part.removeprefix("-"))
        if expression is None:
            allowed = ", ".join(listing.sortable)
            message = _(
                "This list cannot be sorted by %(name)s. It can by: %(allowed)s.", name=part[:40], allowed=allowed
            )
            raise _bad("sort", message)
        clauses.append((expression.desc() if part.startswith("-") else expression.asc()).nulls_last())
    tie = listing.tie if listing.tie is not None else _id_of(statement)
    return statement.order_by(None).order_by(*clauses, tie)


def _id_of(statement: Select[Any]) -> ColumnElement[Any]:
    columns = statement.selected_columns
    if "id" not in columns:
        raise ValueError("the statement selects no id: give the listing a tie")
    return columns["id"]


async def _fetch(db: AsyncSession, statement: Select[Any]) -> list[Any]:
    result = await db.execute(statement)
    return list(result.scalars() if len(statement.column_descriptions) == 1 else result)


def _check_bounds(query: ListQuery) -> None:
    if not 1 <= query.page <= MAXIMUM_PAGE:
        raise _bad("page", _("Must be from 1 to %(limit)s.", limit=MAXIMUM_PAGE))
    if not 1 <= query.size <= MAXIMUM_SIZE:
        raise _bad("size", _("Must be from 1 to %(limit)s.", limit=MAXIMUM_SIZE))


def _filter(listing: Listing, name: str, value: str) -> ColumnElement[bool]:
    wanted = listing.filters.get(name)
    if wanted is None:
        allowed = ", ".join(listing.filters) or "-"
        raise _bad(name[:40], _("This list has no such filter. It has: %(allowed)s.", allowed=allowed))
    if callable(wanted):
        condition: ColumnElement[bool] = wanted(value)
        return condition
    equal: ColumnElement[bool] = wanted == read_value(wanted, name, value)
    return equal


def read_value(expression: Expression, name: str, value: str) -> object:
    """Read a filter's text as the type of the expression it is compared with; raises BadInput naming the filter."""
    try:
        kind = expression.type.python_type
    except NotImplementedError:
        kind = str
    try:
        if kind is bool:
            return {"true": True, "false": False}[value]
        if kind is Decimal:
            number = Decimal(value)
            return number if number.is_finite() else _raise(value)
        if kind is int:
            return msgspec.convert(value, Whole, strict=False)
        if kind in (date, UUID):
            return msgspec.convert(value, kind, strict=False)
        if issubclass(kind, str):
            return value
    except (KeyError, ValueError, InvalidOperation, msgspec.ValidationError) as error:
        raise _bad(name, _("This value does not fit the filter.")) from error
    raise ValueError(f"filter {name!r} compares a {kind.__name__}: give it a function")


def _raise(value: str) -> object:
    raise ValueError(value)


def _bad(name: str, message: str) -> BadInput:
    return BadInput(message, fields=[FieldProblem(name, message)])
