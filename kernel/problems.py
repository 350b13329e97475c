"""What can be wrong with a request, as small classes that know their HTTP status (RFC 9457)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from kernel.texts import N_
from kernel.texts import gettext as _

if TYPE_CHECKING:
    from kernel.db import Base


class FieldProblem(Struct, frozen=True):
    """One field that is wrong: its path as the sender wrote it, and a sentence for a human."""

    name: str
    message: str


class Problem(Exception):
    """A request that cannot be served; becomes a problem document or an error page."""

    status: int = 500
    code: str = "internal_error"
    title_text: str = N_("Something went wrong on our side")

    def __init__(
        self,
        detail: str = "",
        *,
        fields: Sequence[FieldProblem] = (),
        headers: dict[str, str] | None = None,
        code: str | None = None,
    ) -> None:
        self.title = _(self.title_text)
        self.detail = detail or self.title
        self.fields = tuple(fields)
        self.headers = headers or {}
        if code is not None:
            self.code = code
        super().__init__(self.detail)


class BadInput(Problem):
    """The request does not have the form it must have."""

    status, code, title_text = 400, "bad_input", N_("The request is not in the right form")


class Unauthenticated(Problem):
    """Nobody is logged in, or the token is not valid."""

    status, code, title_text = 401, "unauthenticated", N_("Please log in")


class Forbidden(Problem):
    """The actor may not do this."""

    status, code, title_text = 403, "forbidden", N_("You may not do this")


class NotFound(Problem):
    """There is no such thing, or not for this actor: the two look the same."""

    status, code, title_text = 404, "not_found", N_("There is no such page or object")


class MethodNotAllowed(Problem):
    """The address exists but not for this method."""

    status, code, title_text = 405, "method_not_allowed", N_("This address does not take that method")


class Conflict(Problem):
    """The state of the object does not allow the deed."""

    status, code, title_text = 409, "conflict", N_("This is not possible in the present state")


class PreconditionFailed(Problem):
    """Somebody changed the object in the meantime."""

    status, code, title_text = 412, "precondition_failed", N_("Somebody changed this in the meantime")


class TooLarge(Problem):
    """The body is larger than the limit."""

    status, code, title_text = 413, "too_large", N_("The request is too large")


class UnsupportedMedia(Problem):
    """The content type is not one the route takes."""

    status, code, title_text = 415, "unsupported_media_type", N_("This content type is not accepted here")


class Unprocessable(Problem):
    """Well formed, but a rule forbids the values."""

    status, code, title_text = 422, "unprocessable", N_("The values do not fit together")


class PreconditionRequired(Problem):
    """The route needs an If-Match or Idempotency-Key header that is missing."""

    status, code, title_text = 428, "precondition_required", N_("A required header is missing")


class TooMany(Problem):
    """Too many requests, or a quota is used up."""

    status, code, title_text = 429, "too_many_requests", N_("Too many requests")


class Unavailable(Problem):
    """The service cannot do this right now; trying again later helps."""

    status, code, title_text = 503, "unavailable", N_("The service is busy, please try again")

    def __init__(self, detail: str = "", *, retry_after: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class Refusal(Problem):
    """A refusal is an outcome: the work is rolled back, the records of the refusal are kept."""

    def __init__(self, problem: Problem, records: "Sequence[Base]" = ()) -> None:
        super().__init__(problem.detail, fields=problem.fields, headers=problem.headers, code=problem.code)
        self.status = problem.status
        self.title = problem.title
        self.records = tuple(records)
