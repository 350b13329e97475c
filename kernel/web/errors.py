"""What goes wrong, told to whom it concerns: a problem document (RFC 9457) to a program, a page to a person."""

import traceback
from typing import Any
from urllib.parse import quote

import structlog
from litestar import Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Redirect
from msgspec import Struct
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError

from kernel.db import raise_if_busy
from kernel.problems import (
    BadInput,
    Conflict,
    FieldProblem,
    Forbidden,
    MethodNotAllowed,
    NotFound,
    PreconditionFailed,
    Problem,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
    UnsupportedMedia,
)
from kernel.texts import gettext as _
from kernel.web.pages import page
from kernel.web.requests import StrictRequest

log = structlog.get_logger("problem")
BY_STATUS: dict[int, type[Problem]] = {
    400: BadInput,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    415: UnsupportedMedia,
    429: TooMany,
}
PROGRAM_PATHS = ("/api/", "/schema", "/dsp", "/delta-sharing", "/live", "/ready", "/metrics")


class ProblemField(Struct, frozen=True):
    """One wrong field of a request."""

    name: str
    message: str


class ProblemDocument(Struct, frozen=True, rename="camel"):
    """A problem as application/problem+json (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[ProblemField] = []


def handle_error(request: StrictRequest, error: Exception) -> Response[Any]:
    """Answer any exception; what we did not foresee is logged with its place, never with its values."""
    problem = to_problem(error)
    if problem.status >= 500:
        log_error(request, error)
    if is_for_program(request):
        return to_document(request, problem)
    if isinstance(problem, Unauthenticated) and request.method == "GET":
        target = request.scope["path"]
        return Redirect(f"/login?next={quote(target)}" if target != "/" else "/login", status_code=303)
    response: Response[Any] = page(request, "portal/error.html", {"problem": problem}, status=problem.status)
    response.headers.update(problem.headers)
    return response


def to_document(request: StrictRequest, problem: Problem) -> Response[ProblemDocument]:
    """Return the problem document."""
    document = ProblemDocument(
        type=f"/problems/{problem.code}",
        title=problem.title,
        status=problem.status,
        detail=problem.detail,
        instance=request.scope["state"]["act"].request_id,
        errors=[ProblemField(field.name, field.message) for field in problem.fields],
    )
    return Response(
        content=document, status_code=problem.status, media_type="application/problem+json", headers=problem.headers
    )


def is_for_program(request: StrictRequest) -> bool:
    """Tell whether a program asked (an API path, or no wish for HTML)."""
    path = request.scope["path"]
    return path.startswith(PROGRAM_PATHS) or "text/html" not in request.headers.get("accept", "text/html")


def to_problem(error: BaseException) -> Problem:
    """Map any exception to the problem a reader should see."""
    if isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        return to_problem(error.exceptions[0])
    if isinstance(error, Problem):
        return error
    if isinstance(error, ValidationException):
        return BadInput(fields=_fields(error))
    if isinstance(error, HTTPException):
        kind = BY_STATUS.get(error.status_code)
        if kind is not None:
            return kind(headers=dict(error.headers or {}))
        return Unavailable() if error.status_code == 503 else Problem()
    return _from_database(error)


def _from_database(error: BaseException) -> Problem:
    if isinstance(error, StaleDataError):
        return PreconditionFailed()
    if isinstance(error, PoolTimeout):
        return Unavailable()
    if isinstance(error, IntegrityError):
        return Conflict(_("This exists already, or something it refers to does not."))
    if isinstance(error, DBAPIError):
        try:
            raise_if_busy(error)
        except Unavailable as busy:
            return busy
    return Problem()


def _fields(error: ValidationException) -> list[FieldProblem]:
    extra = error.extra if isinstance(error.extra, list) else []
    return [FieldProblem(str(item.get("key", "$")), str(item.get("message", ""))) for item in extra] or [
        FieldProblem("$", _("This value is not in the right form."))
    ]


def log_error(request: StrictRequest, error: BaseException) -> None:
    """Log what nobody foresaw: kind and place, no values."""
    frames = [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)[-12:]
    ]
    causes = [type(one).__name__ for one in _chain(error)]
    log.error(
        "unexpected error",
        kind=causes,
        frames=frames,
        request_id=request.scope["state"]["act"].request_id,
        route=request.scope.get("path_template", ""),
    )


def _chain(error: BaseException) -> list[BaseException]:
    found = [error]
    while (cause := found[-1].__cause__) is not None and cause not in found:
        found.append(cause)
    return found
