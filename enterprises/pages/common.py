"""What several pages of enterprises share."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.problems import BadInput, Conflict
from kernel.web import Form
from kernel.web.once import OnceOnly


async def submit(db: AsyncSession, once: OnceOnly, form: Form[Any], effect: Callable[[], Awaitable[str]]) -> str | None:
    """Run a form's effect once and return the address to go to; None when the input was wrong.

    What was wrong stands in the form then, and nothing of the attempt is kept, so that the corrected form is a fresh
    one.
    """
    try:
        async with db.begin_nested():
            return await once.to_page(effect)
    except (BadInput, Conflict) as problem:
        form.refuse(problem)
        return None
