"""Once and no more: a request that moves money, signs or submits has one effect however often it is sent.

The key, the request's fingerprint and the answer are stored in the very transaction of the effect, so there is
no moment at which one exists without the other.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Response
from litestar.datastructures import UploadFile
from sqlalchemy import LargeBinary, String, UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from kernel.act import Act
from kernel.db import Base, Id, Moment
from kernel.problems import BadInput, Conflict, FieldProblem, PreconditionRequired, Unprocessable
from kernel.texts import gettext as _
from kernel.web.requests import FORM_TYPES, StrictRequest

T = TypeVar("T")
LIFETIME = timedelta(hours=24)
MAXIMUM_KEY = 255
MINIMUM_KEY = 8
FORM_KEY = "_key"


class IdempotencyKey(Base):
    """The first request under a key, and what it was answered."""

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("owner_id", "route", "key"),)

    id: Mapped[Id]
    owner_id: Mapped[UUID]
    route: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(String(255))
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[Moment] = mapped_column(index=True)


class OnceOnly:
    """Runs an effect at most once per key; a dependency of the handlers that need it."""

    def __init__(self, request: StrictRequest, db: AsyncSession, act: Act) -> None:
        self._request, self._db, self._act = request, db, act

    async def __call__(
        self, effect: Callable[[], Awaitable[T]], _type: type[T] | None = None, *, status: int | None = None
    ) -> Response[T]:
        """Run the effect and answer with its result; a repeated request gets the first answer again.

        Raises PreconditionRequired without a key, Unprocessable when the key was used for another request, and
        Conflict when the first request is still under way.
        """
        key, fingerprint = await self._read_key()
        owner = self._act.actor.organisation_id or self._act.actor.id
        if owner is None:
            raise PreconditionRequired
        handler = self._request.route_handler
        wanted = status if status is not None else handler.status_code
        row = IdempotencyKey(
            owner_id=owner,
            route=f"{self._request.method} {self._request.scope['path']}"[:200],
            key=key,
            fingerprint=fingerprint,
            status=wanted,
            body=b"",
            created_at=self._act.now,
        )
        before = await self._first(row) or await self._claim(row)
        if before is not None:
            return _replay(before, fingerprint)
        result = await effect()
        row.body = msgspec.json.encode(result)
        await self._db.flush()
        return Response(content=result, status_code=wanted)

    async def to_page(self, effect: Callable[[], Awaitable[str]]) -> str:
        """Run an effect that ends in an address to go to, and return that address."""
        answer: Response[Any] = await self(effect, str, status=303)
        content = answer.content
        return msgspec.json.decode(bytes(content), type=str) if isinstance(content, msgspec.Raw) else str(content)

    async def _read_key(self) -> tuple[str, str]:
        if self._request.content_type[0] in FORM_TYPES:
            form = await self._request.form()
            key = form.get(FORM_KEY)
            body = repr(sorted(_entry(name, value) for name, value in form.multi_items() if name != "_csrf")).encode()
        else:
            key = self._request.headers.get("Idempotency-Key")
            body = await self._request.body()
        if not key or not isinstance(key, str):
            raise PreconditionRequired(_("This request needs an Idempotency-Key header."))
        if not (MINIMUM_KEY <= len(key) <= MAXIMUM_KEY and key.isascii() and key.isprintable()):
            raise BadInput(fields=[FieldProblem("Idempotency-Key", _("Use 8 to 255 printable characters."))])
        return key, hashlib.sha256(body).hexdigest()

    async def _first(self, row: IdempotencyKey) -> IdempotencyKey | None:
        found: IdempotencyKey | None = await self._db.scalar(
            select(IdempotencyKey).where(
                IdempotencyKey.owner_id == row.owner_id,
                IdempotencyKey.route == row.route,
                IdempotencyKey.key == row.key,
            )
        )
        return found

    async def _claim(self, row: IdempotencyKey) -> IdempotencyKey | None:
        try:
            async with self._db.begin_nested():
                self._db.add(row)
        except IntegrityError:
            before = await self._first(row)
            if before is None:
                raise Conflict(
                    _("The first request with this key is still under way."), headers={"Retry-After": "1"}
                ) from None
            return before
        return None


def _entry(name: str, value: Any) -> tuple[str, str]:
    return name, value.filename if isinstance(value, UploadFile) else str(value)


def _replay(before: IdempotencyKey, fingerprint: str) -> Response[Any]:
    if before.fingerprint != fingerprint:
        raise Unprocessable(_("This key was used for another request."), code="idempotency_mismatch")
    return Response(
        content=msgspec.Raw(before.body), status_code=before.status, headers={"Idempotent-Replayed": "true"}
    )
