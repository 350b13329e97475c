"""The published description of the API against the API: generated requests, logged in as each role, break nothing.

Every answer has a status, a media type and a body that the description names, also for requests made to be wrong.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from kernel.act import ROLES
from kernel.clock import FixedClock
from kernel.ground import Ground, open_ground
from kernel.settings import load_settings
from kernel.web.guard import SESSION_COOKIE
from portal.app import create_app
from portal.rooms import ROOMS
from tests.conftest import NOW, settings_environment
from tests.fixtures.live import serve_app
from tests.make import Make, Visitor

# 2,000 requests over all roles; PARKLINK_FUZZ=10 makes it 20,000.
REQUESTS = 2000 * int(os.environ.get("PARKLINK_FUZZ", "1"))
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Ending the session in the middle would turn every later answer into 401.
LEFT_OUT = {("POST", "/api/v1/logout")}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    from tests.schema import empty_database

    folder: Path = tmp_path_factory.mktemp("fuzz")
    return settings_environment(folder, empty_database(folder / "data" / "parklink.db"))


@pytest.fixture(scope="module")
def address(environment: dict[str, str]) -> Iterator[str]:
    def make_app() -> Any:
        return create_app(open_ground(load_settings(environment), clock=FixedClock(NOW), rooms=ROOMS))

    with serve_app(make_app) as served:
        yield served


@pytest.fixture(scope="module")
async def visitors(environment: dict[str, str], address: str) -> dict[str, Visitor]:
    """One session for each role, made beside the running server."""
    ground: Ground = open_ground(load_settings(environment), clock=FixedClock(NOW), rooms=ROOMS)
    app = create_app(ground)
    make = Make(ground)
    return {role: await make.visitor(app, role) for role in ROLES}


@pytest.fixture(scope="module")
def description(address: str) -> Any:
    schema = schemathesis.openapi.from_url(f"{address}/schema/openapi.json")
    assert len(schema) > 20
    return schema


@pytest.mark.parametrize("role", ROLES)
def test_the_api_keeps_to_its_description(
    role: str, visitors: dict[str, Visitor], description: Any, address: str
) -> None:
    visitor = visitors[role]
    operations = [
        operation
        for result in description.get_all_operations()
        if ((operation := result.ok()).method.upper(), operation.path) not in LEFT_OUT
    ]
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    cases = st.one_of([operation.as_strategy(generation_mode=mode) for operation in operations for mode in modes])
    sent, wrong = 0, {}

    with httpx.Client(base_url=address, cookies={SESSION_COOKIE: visitor.token}, timeout=30) as client:

        @settings(
            max_examples=REQUESTS // len(ROLES),
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases)
        def send(case: Any) -> None:
            nonlocal sent
            answer = case.call(base_url=address, headers=_headers(visitor), cookies=dict(client.cookies))
            sent += 1
            try:
                case.validate_response(answer, checks=CHECKS)
            except FailureGroup as failures:
                for failure in failures.exceptions:
                    wrong.setdefault((case.operation.label, answer.status_code), f"{failure}\n{case.as_curl_command()}")

        send()
    assert sent >= REQUESTS // len(ROLES) * 0.9
    assert not wrong, "\n\n".join(f"{label} {status}: {what}" for (label, status), what in wrong.items())


def _headers(visitor: Visitor) -> dict[str, str]:
    return {"X-CSRF-Token": visitor.csrf, "Accept": "application/json"}
