"""What several park pages need: the park they are about, files to download, forms that come back with their errors."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from urllib.parse import quote

from litestar import Response
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.act import Act
from kernel.export import MEDIA_TYPES
from kernel.problems import Forbidden, NotFound, Problem, Refusal
from kernel.web import Form, StrictRequest, page
from park.models import Park
from park.service import lists

ParkCode = Annotated[
    str, QueryParameter(max_length=40, description="Code of the park; without it the operator's first.")
]
Export = Annotated[str, QueryParameter(max_length=4)]
NOT_FILTERS = ("park", "days", "unit")
UNPROCESSABLE = 422


async def park_of(db: AsyncSession, act: Act, code: str) -> Park:
    """The park a page is about. Raises NotFound when the operator runs none, or not this one."""
    park = await lists.choose_park(db, act, code)
    if park is None:
        raise NotFound
    return park


def download(content: bytes, format: str, name: str) -> Response[bytes]:
    """A list as a file."""
    return Response(
        content=content, media_type=MEDIA_TYPES[format],
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}.{format}"},
    )  # fmt: skip


async def attempt(
    db: AsyncSession, form: Form[Any], effect: Callable[[], Awaitable[str]], names: dict[str, str]
) -> str | None:
    """Run a form's effect in a savepoint and return where to go on; None when it was refused, with the reasons in the form.

    `names` maps fields of the use-case to fields of the form. What must stay hidden (404) or is a recorded refusal goes on up.
    """
    try:
        async with db.begin_nested():
            return await effect()
    except (NotFound, Forbidden, Refusal):
        raise
    except Problem as problem:
        for field in problem.fields:
            form.errors[names.get(field.name, field.name)] = field.message
        if not problem.fields:
            form.errors[""] = problem.detail
        return None


def show_empty(request: StrictRequest, form: Form[Any] | None = None) -> Response[Any]:
    """The page of an operator without a park: how to begin."""
    return page(request, "park/register.html", {"form": form}, status=UNPROCESSABLE if form and form.errors else 200)
