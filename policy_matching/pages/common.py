"""What several pages of policy_matching share: forms that come back, and files to download."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import quote

from litestar import Response
from msgspec import structs
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.export import MEDIA_TYPES
from kernel.paging import Column, Listing
from kernel.problems import BadInput, Conflict, FieldProblem, PreconditionFailed, Problem, Unprocessable
from kernel.texts import N_
from kernel.texts import gettext as _
from kernel.web import Form
from kernel.web.once import OnceOnly

UNPROCESSABLE = 422
SHOWN_AS = {"title_zh": N_("Policy"), "enterprise_zh": N_("Company")}


async def submit(
    db: AsyncSession,
    once: OnceOnly,
    form: Form[Any],
    effect: Callable[[], Awaitable[str]],
    names: dict[str, str] | None = None,
) -> str | None:
    """Run a form's effect once and return the address to go to; None when it was refused, with the reasons in the form.

    Nothing of a refused attempt is kept, so that the corrected form is a fresh one. `names` maps fields of the use-case to
    fields of the form.
    """
    try:
        async with db.begin_nested():
            return await once.to_page(effect)
    except (BadInput, Conflict, Unprocessable, PreconditionFailed) as problem:
        if isinstance(problem, Conflict) and problem.code == "idempotency_mismatch":
            raise
        refuse(form, problem, names or {})
        return None


def refuse(form: Form[Any], problem: Problem, names: dict[str, str]) -> None:
    """Write what was wrong into the form."""
    for field in problem.fields:
        form.errors[names.get(field.name, field.name)] = field.message
    if not problem.fields:
        form.errors[""] = problem.detail or _(problem.title)


def columns_of(listing: Listing, names: Iterable[str]) -> list[Column]:
    """Return the columns a page shows; those that exist in both languages are shown once, in the reader's."""
    return [
        structs.replace(column, label=SHOWN_AS.get(column.name, column.label))
        for column in listing.columns
        if column.name in set(names)
    ]


def check_format(wanted: str) -> str:
    """Return the format of an export; BadInput for one that does not exist."""
    if wanted not in MEDIA_TYPES:
        raise BadInput(fields=[FieldProblem("export", _("Choose csv or xlsx."))])
    return wanted


def download(content: bytes, file_format: str, name: str) -> Response[bytes]:
    """Return a list as a file."""
    return Response(
        content=content,
        media_type=MEDIA_TYPES[file_format],
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}.{file_format}"},
    )
