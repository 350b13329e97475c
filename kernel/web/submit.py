"""What a form's handler does with a good form: the effect once, or the problem beside its field."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.problems import BadInput, Conflict, PreconditionFailed, Refusal, Unprocessable
from kernel.web.forms import Form
from kernel.web.once import OnceOnly


async def submit(db: AsyncSession, once: OnceOnly, form: Form[Any], effect: Callable[[], Awaitable[str]]) -> str | None:
    """Run a form's effect once and return the address to go to; None when it was not possible.

    What was wrong stands in the form then, and nothing of the attempt is kept, so that the corrected form is a fresh
    one. A recorded refusal, and whatever no correction helps against, goes on up.
    """
    try:
        async with db.begin_nested():
            return await once.to_page(effect)
    except Refusal:
        raise
    except (BadInput, Conflict, PreconditionFailed, Unprocessable) as problem:
        form.refuse(problem)
        return None
