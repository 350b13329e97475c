"""Every address x every role: the policies decide, and nothing else; what is not there is 404 and never 403."""

from unittest.mock import patch

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import func, select

from kernel.act import ROLES
from kernel.audit.models import AuditEntry
from kernel.auth.policies import PUBLIC, Policy
from kernel.ground import Ground
from tests.make import Visitor
from tests.security.access import TABLE, table_of
from tests.security.addresses import Address

# Ending one's own session is right for everybody, but not in the middle of a sweep.
ENDS_THE_SESSION = {"POST /logout", "POST /account/leave", "POST /account/sessions/end"}


async def _ask(visitor: Visitor, address: Address, path: str | None = None) -> int:
    path = path or address.with_missing_objects()
    if address.method == "GET":
        answer = await visitor.get(path)
    elif address.is_for_programs:
        answer = await visitor.send(address.method, path, {})
    else:
        answer = await visitor.form(path)
    status: int = answer.status_code
    return status


def test_the_table_of_access_is_the_reviewed_one(whole_app: Litestar) -> None:
    """When this fails on purpose: `.venv/bin/python -m tests.security.access`, then read the difference."""
    assert table_of(whole_app).splitlines() == TABLE.read_text("utf-8").splitlines()


async def test_nobody_gets_in_without_logging_in(nobody: httpx.AsyncClient, addresses: list[Address]) -> None:
    wrong = []
    for address in addresses:
        if address.policy == PUBLIC:
            continue
        answer = await nobody.request(address.method, address.with_missing_objects(), follow_redirects=False)
        sent_to_login = answer.status_code == 303 and answer.headers["location"].startswith("/login")
        if answer.status_code != 401 and not (sent_to_login and not address.is_for_programs):
            wrong.append(f"{address.label}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_uses_what_its_policies_name_and_nothing_else(
    role: str, people: dict[str, Visitor], whole_app: Litestar, addresses: list[Address]
) -> None:
    wrong = []
    visitor = people[role]
    for address in addresses:
        if address.policy == PUBLIC or address.label in ENDS_THE_SESSION:
            continue
        status = await _ask(visitor, address)
        allowed = whole_app.state.policies.allows(address.policy, visitor.actor)
        if not _fits(address, status, allowed=allowed):
            wrong.append(f"{address.label}: {status}, allowed: {allowed}")
    assert not wrong, "\n".join(wrong)


def _fits(address: Address, status: int, *, allowed: bool) -> bool:
    if not allowed:
        return status == 403
    if address.method == "GET" and address.parameters:
        words = any(kind == "str" for _name, kind in address.parameters)
        return status == 404 or (words and status == 400)  # a word that is none of those the path knows
    if address.method == "GET":
        return status in {200, 303, 400, 404}
    # An empty body or form at an object that is not there: refused for what it lacks or where it goes.
    return status in {200, 201, 202, 204, 303, 400, 404, 409, 412, 415, 422, 428}


async def test_a_machine_needs_the_word_of_the_policy(
    machine: Visitor, whole_app: Litestar, addresses: list[Address]
) -> None:
    wrong = []
    for address in addresses:
        if address.policy == PUBLIC or address.label in ENDS_THE_SESSION:
            continue
        status = await _ask(machine, address)
        if whole_app.state.policies.allows(address.policy, machine.actor) == (status == 403):
            wrong.append(f"{address.label}: {status}")
    assert not wrong, "\n".join(wrong)


async def _refusals(house: Ground, policy: str) -> int:
    """How often the guard refused for that policy: it leaves an audit entry each time."""
    async with house.database.read() as db:
        found = await db.scalar(
            select(func.count()).select_from(AuditEntry).filter_by(action="access.refused", reason=policy)
        )
    return found or 0


async def test_each_policy_is_what_keeps_others_out(
    house: Ground, people: dict[str, Visitor], whole_app: Litestar, addresses: list[Address]
) -> None:
    """Open one policy to everybody, and the guard stops refusing there: it is the policy that it reads."""
    without_effect = []
    for policy in whole_app.state.policies:
        outsider = next((people[role] for role in ROLES if role not in policy.roles), None)
        address = next((a for a in addresses if a.policy == policy.name and a.label not in ENDS_THE_SESSION), None)
        if outsider is None or address is None:
            continue
        at_first = await _refusals(house, policy.name)
        status = await _ask(outsider, address)
        closed = await _refusals(house, policy.name)
        with patch.object(
            Policy, "allows", lambda self, actor, opened=policy: self is opened or actor.has(*self.roles)
        ):
            await _ask(outsider, address)
        opened = await _refusals(house, policy.name)
        if status != 403 or closed != at_first + 1 or opened != closed:
            without_effect.append(f"{policy.name} at {address.label}: {status}, {at_first}, {closed}, {opened}")
    assert not without_effect, "\n".join(without_effect)


async def test_every_policy_is_used(whole_app: Litestar, addresses: list[Address]) -> None:
    used = {address.policy for address in addresses}
    assert [policy.name for policy in whole_app.state.policies if policy.name not in used] == []
