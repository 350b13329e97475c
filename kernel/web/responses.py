"""How answers are described: pages of lists, versions, and the problems a route may answer with."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from litestar.openapi.datastructures import ResponseSpec
from msgspec import Struct

from kernel.paging import Page
from kernel.problems import BadInput, FieldProblem, PreconditionRequired
from kernel.texts import gettext as _
from kernel.web.errors import ProblemDocument
from kernel.web.requests import StrictRequest

T = TypeVar("T")


class PageOut(Struct, Generic[T], frozen=True):
    """One page of a list on the wire."""

    items: list[T]
    total: int
    page: int
    size: int


def page_out(found: Page[Any], convert: Callable[[Any], T]) -> PageOut[T]:
    """Return a page for the wire, each item converted."""
    return PageOut([convert(item) for item in found.items], found.total, found.page, found.size)


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """Declare which problems a route may answer with; the common ones are always among them."""
    common = (400, 401, 403, 404, 405, 413, 415, 422, 500, 503)
    return {
        status: ResponseSpec(
            data_container=ProblemDocument,
            generate_examples=False,
            media_type="application/problem+json",
            description="A problem document (RFC 9457).",
        )
        for status in sorted({*common, *statuses})
    }


def expected_version(request: StrictRequest) -> int:
    """Return the version in the If-Match header; PreconditionRequired when it is missing."""
    value = request.headers.get("If-Match", "").strip()
    if not value:
        raise PreconditionRequired(_("This request needs an If-Match header with the version it saw."))
    bare = value.removeprefix("W/").strip('"')
    if not (bare.isascii() and bare.isdigit() and len(bare) <= 9):
        raise BadInput(fields=[FieldProblem("If-Match", _("Give the version as a number in quotes."))])
    return int(bare)
