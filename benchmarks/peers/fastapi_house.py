"""The same two routes in idiomatic FastAPI with the SQLAlchemy ORM: what a good team would write with them.

A score lookup by an authenticated machine, and the record of a receipt: idempotency key, optimistic lock, four
ledger rows, audit entry and outbox event in one transaction. Run: `uvicorn benchmarks.peers.fastapi_house:app`.
"""

import hashlib
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, String, event, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

URL = os.environ["PEER_DATABASE_URL"]
TOKEN = "benchmark-token"  # noqa: S105 - of the benchmark alone
APPLICATIONS = int(os.environ.get("PEER_APPLICATIONS", "400"))
engine = create_async_engine(URL, pool_size=10)
if URL.startswith("sqlite"):

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "busy_timeout=5000", "foreign_keys=ON", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("write") else "BEGIN")


Session = async_sessionmaker(engine, expire_on_commit=False)
WriteSession = async_sessionmaker(engine.execution_options(write=True), expire_on_commit=False)


class Base(DeclarativeBase):
    """Tables of the peer."""


class Client(Base):
    __tablename__ = "client"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    name: Mapped[str] = mapped_column(String(100))
    organisation_id: Mapped[uuid.UUID]
    role: Mapped[str] = mapped_column(String(20))


class Token(Base):
    __tablename__ = "token"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("client.id"))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    client: Mapped[Client] = relationship(lazy="raise")


class ScoreQuery(Base):
    __tablename__ = "score_query"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    lender_id: Mapped[uuid.UUID] = mapped_column(index=True)
    enterprise_id: Mapped[uuid.UUID]
    score: Mapped[int]
    grade: Mapped[str] = mapped_column(String(4))
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Application(Base):
    __tablename__ = "application"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    office_id: Mapped[uuid.UUID]
    state: Mapped[str] = mapped_column(String(30))
    amount_fen: Mapped[int]
    receipt_number: Mapped[str | None] = mapped_column(String(80))
    receipt_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
    steps: Mapped[list["Step"]] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}


class Step(Base):
    __tablename__ = "step"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    state: Mapped[str] = mapped_column(String(30))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Account(Base):
    __tablename__ = "account"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    balance: Mapped[int] = mapped_column(BigInteger)


class Posting(Base):
    __tablename__ = "posting"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    fen: Mapped[int]


class Audit(Base):
    __tablename__ = "audit"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    actor_id: Mapped[uuid.UUID]
    action: Mapped[str] = mapped_column(String(60))
    object_id: Mapped[str] = mapped_column(String(60))


class Outbox(Base):
    __tablename__ = "outbox"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    name: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)


class Idempotency(Base):
    __tablename__ = "idempotency"
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)


class ScoreOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: uuid.UUID
    enterprise_id: uuid.UUID
    score: int
    grade: str
    answer: dict[str, Any]
    asked_at: datetime


class StepOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    state: str
    at: datetime


class ApplicationOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: uuid.UUID
    state: str
    amount_fen: int
    receipt_number: str | None
    receipt_on: date | None
    version: int
    steps: list[StepOut]


class ReceiptIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    receipt_number: Annotated[str, Field(min_length=1, max_length=80)]
    receipt_on: date
    amount_yuan: Annotated[Decimal, Field(gt=0)]
    receipt_from: str


async def read_session() -> AsyncIterator[AsyncSession]:
    async with Session() as session:
        yield session


async def write_session() -> AsyncIterator[AsyncSession]:
    async with WriteSession() as session, session.begin():
        yield session


async def authenticate(session: AsyncSession, authorization: str, role: str) -> Client:
    given = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).hexdigest()
    token = await session.scalar(select(Token).where(Token.hash == given).options(selectinload(Token.client)))
    if token is None:
        raise HTTPException(401)
    expires = token.expires_at if token.expires_at.tzinfo else token.expires_at.replace(tzinfo=UTC)
    if expires <= datetime.now(UTC) or token.client.role not in (role, "all"):
        raise HTTPException(403)
    return token.client


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


@app.get("/live")
async def live() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/seed")
async def seed(session: Annotated[AsyncSession, Depends(write_session)]) -> dict[str, Any]:
    """Make one client, one score query with an answer of the given size, applications that wait for a receipt."""
    organisation = uuid.uuid4()
    client = Client(name="bench", organisation_id=organisation, role="all")
    session.add(client)
    await session.flush()
    hashed = hashlib.sha256(TOKEN.encode()).hexdigest()
    session.add(Token(hash=hashed, client_id=client.id, expires_at=datetime.now(UTC) + timedelta(hours=1)))
    contributions = [{"name": f"characteristic_{n}", "value": str(n), "points": n} for n in range(14)]
    reasons = [{"code": f"R{n}", "zh": "用云时间较短", "en": "short tenure", "points": -10} for n in range(4)]
    answer = {"contributions": contributions, "reasons": reasons, "model": "a" * 64, "basis": "demo"}
    query = ScoreQuery(
        lender_id=organisation,
        enterprise_id=uuid.uuid4(),
        score=700,
        grade="2",
        answer=answer,
        asked_at=datetime.now(UTC),
    )
    accounts = [Account(code=code, balance=10**12) for code in ("committed", "paid")]
    applications = [
        Application(office_id=organisation, state="handed_over", amount_fen=10_000, version=1)
        for _n in range(APPLICATIONS)
    ]
    session.add_all([query, *accounts, *applications])
    await session.flush()
    for application in applications:
        session.add_all(
            Step(application_id=application.id, state=state, at=datetime.now(UTC))
            for state in ("draft", "submitted", "accepted", "approved", "publicity", "handed_over")
        )
    return {"query": str(query.id), "applications": [str(application.id) for application in applications]}


@app.get("/api/v1/credit/score-queries/{query_id}", response_model=ScoreOut)
async def get_score(
    query_id: uuid.UUID,
    session: Annotated[AsyncSession, Depends(read_session)],
    authorization: Annotated[str, Header()],
) -> ScoreQuery:
    """Look a score up; another lender's is 404."""
    client = await authenticate(session, authorization, "lender")
    found = await session.scalar(
        select(ScoreQuery).where(ScoreQuery.id == query_id, ScoreQuery.lender_id == client.organisation_id)
    )
    if found is None:
        raise HTTPException(404)
    return found


@app.post("/api/v1/applications/{application_id}/receipt", response_model=ApplicationOut)
async def record_receipt(
    application_id: uuid.UUID,
    data: ReceiptIn,
    session: Annotated[AsyncSession, Depends(write_session)],
    authorization: Annotated[str, Header()],
    idempotency_key: Annotated[str, Header()],
    if_match: Annotated[str, Header()],
) -> Any:
    """Record a receipt: ledger, audit, outbox and idempotency in one transaction."""
    client = await authenticate(session, authorization, "officer")
    fingerprint = hashlib.sha256(data.model_dump_json().encode()).hexdigest()
    before = await session.get(Idempotency, idempotency_key)
    if before is not None:
        if before.fingerprint != fingerprint:
            raise HTTPException(422)
        return before.body
    found = await session.scalar(
        select(Application)
        .where(Application.id == application_id, Application.office_id == client.organisation_id)
        .options(selectinload(Application.steps))
        .with_for_update()
    )
    if found is None:
        raise HTTPException(404)
    if found.version != int(if_match.strip('"')):
        raise HTTPException(412)
    if found.state != "handed_over" or int(data.amount_yuan * 100) != found.amount_fen:
        raise HTTPException(409)
    accounts = {
        account.code: account
        for account in await session.scalars(select(Account).order_by(Account.code).with_for_update())
    }
    accounts["committed"].balance -= found.amount_fen
    accounts["paid"].balance += found.amount_fen
    session.add_all(
        Posting(account_id=accounts[code].id, application_id=found.id, fen=fen)
        for code, fen in (("committed", -found.amount_fen), ("paid", found.amount_fen))
    )
    found.state, found.receipt_number, found.receipt_on = "paid", data.receipt_number, data.receipt_on
    found.steps.append(Step(state="paid", at=datetime.now(UTC)))
    session.add(Audit(at=datetime.now(UTC), actor_id=client.id, action="payment_received", object_id=str(found.id)))
    session.add(Outbox(name="payment_received", payload={"application": str(found.id)}))
    await session.flush()
    out = ApplicationOut.model_validate(found)
    session.add(Idempotency(key=idempotency_key, fingerprint=fingerprint, body=out.model_dump(mode="json")))
    return out
