"""The catalogue in the database: loading it, suspending an item, granting a budget."""

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from kernel import audit, events, money
from kernel.act import Act
from kernel.clock import local_date
from kernel.ids import new_id
from kernel.problems import BadInput, Conflict, FieldProblem, NotFound, PreconditionFailed
from kernel.texts import gettext as _
from policy_matching.catalogue import NATIONAL, SAMPLE, ItemVersion, decode_item, encode_item, hash_item, load_folder
from policy_matching.engine import Availability, availability
from policy_matching.models import PolicyItem, PolicyVersion
from policy_matching.rules import to_fen
from policy_matching.store import items as store

_decoded: dict[UUID, ItemVersion] = {}


class LiveItem(Struct, frozen=True):
    """An item as it stands: its row, its version in use, the rules in it, and the money left in fen (None: no budget)."""

    row: PolicyItem
    version: PolicyVersion
    rules: ItemVersion
    free_fen: int | None

    def availability(self, day: date) -> Availability:
        """Return its state on a day in Asia/Shanghai."""
        return availability(
            self.rules.valid,
            self.rules.windows,
            day,
            suspended=self.row.state == "suspended",
            money_left=self.free_fen,
        )


async def load_catalogue(db: AsyncSession, act: Act, office_id: UUID | None) -> int:
    """Load the national items and the samples of the demo district; return how many versions are new.

    Loading again changes nothing; an item whose rules changed gets a new version beside the old. `office_id` looks after the
    items and gets their applications. Raises CatalogueFault before anything is written when a file is broken.
    """
    items = _shipped()
    known = await store.items_by_code(db)
    made = 0
    for item in items:
        row = known.get(item.id) or await _add_item(db, act, item, office_id)
        made += await _add_version(db, act, row, item)
        if item.budget is not None and row.free_account_id is None:
            await _grant(db, act, row, to_fen(item.budget))
    if made:
        audit.write(db, act, "policy.catalogue_loaded", "policy_item", "", detail={"versions": made})
        events.emit(db, act, "policy_matching.catalogue_loaded", subject_id=None, payload={"versions": made})
    return made


@lru_cache(maxsize=1)
def _shipped() -> tuple[ItemVersion, ...]:
    return load_folder(NATIONAL, SAMPLE)


async def _add_item(db: AsyncSession, act: Act, item: ItemVersion, office_id: UUID | None) -> PolicyItem:
    row = PolicyItem(id=new_id(), code=item.id, office_id=office_id, created_at=act.now)
    db.add(row)
    await db.flush()
    return row


async def _add_version(db: AsyncSession, act: Act, row: PolicyItem, item: ItemVersion) -> int:
    versions = await store.versions_of(db, row.id)
    rule_hash = hash_item(item)
    if versions and versions[0].rule_hash == rule_hash:
        return 0
    version = PolicyVersion(
        id=new_id(),
        item_id=row.id,
        number=versions[0].number + 1 if versions else 1,
        rule_hash=rule_hash,
        definition=msgspec.json.decode(encode_item(item)),
        title_zh=item.title.zh,
        title_en=item.title.en,
        document=item.document,
        route=item.route,
        kind=item.kind,
        valid_from=item.valid.start,
        valid_until=item.valid.end,
        complete=item.complete,
        sample=item.sample,
        checked_on=item.checked,
        recorded_at=act.now,
    )
    db.add(version)
    await db.flush()
    row.current_version_id = version.id
    await db.flush()
    return 1


def rules_of(version: PolicyVersion) -> ItemVersion:
    """Return the rules of a version; versions never change, so decoding happens once."""
    found = _decoded.get(version.id)
    if found is None:
        found = _decoded[version.id] = decode_item(version.definition)
    return found


async def live_items(db: AsyncSession) -> list[LiveItem]:
    """Return every item as it stands."""
    return [LiveItem(row, version, rules_of(version), free) for row, version, free in await store.all_items(db)]


async def find_live(db: AsyncSession, code: str, *, lock: bool = False) -> LiveItem:
    """Return one item as it stands; NotFound for an unknown code."""
    found = await store.find_item(db, code, lock=lock)
    if found is None:
        raise NotFound
    row, version, free = found
    return LiveItem(row, version, rules_of(version), free)


async def live_by_id(db: AsyncSession, item_id: UUID) -> LiveItem:
    """Return one item as it stands by the id of its row."""
    row, version, free = await store.item_by_id(db, item_id)
    return LiveItem(row, version, rules_of(version), free)


async def suspend_item(db: AsyncSession, act: Act, code: str, reason: str, version: int | None = None) -> LiveItem:
    """Suspend an item with the reason that companies will read."""
    return await _set_state(db, act, code, "suspended", reason, version)


async def resume_item(db: AsyncSession, act: Act, code: str, version: int | None = None) -> LiveItem:
    """Publish a suspended item again."""
    return await _set_state(db, act, code, "published", "", version)


async def _set_state(db: AsyncSession, act: Act, code: str, state: str, reason: str, version: int | None) -> LiveItem:
    live = await find_for_office(db, act, code, version)
    if live.row.state == state:
        raise Conflict(_("The policy is in this state already."))
    live.row.state, live.row.state_reason = state, reason
    await db.flush()
    verb = "suspended" if state == "suspended" else "published"
    audit.write(db, act, f"policy.{verb}", "policy_item", live.row.id, reason=reason, detail={"code": code})
    events.emit(
        db, act, f"policy_matching.item_{verb}", subject_id=None, payload={"code": code, "hash": live.version.rule_hash}
    )
    return live


async def find_for_office(db: AsyncSession, act: Act, code: str, version: int | None = None) -> LiveItem:
    """Return an item that the actor's office looks after, locked; NotFound for another's."""
    live = await find_live(db, code, lock=True)
    if act.actor.has("officer") and live.row.office_id != act.actor.organisation_id:
        raise NotFound
    if version is not None and live.row.version != version:
        raise PreconditionFailed
    return live


async def view_for_office(db: AsyncSession, act: Act, code: str) -> LiveItem:
    """Return an item that the actor's office looks after, for reading; NotFound for another's."""
    live = await find_live(db, code)
    if act.actor.has("officer") and live.row.office_id != act.actor.organisation_id:
        raise NotFound
    return live


async def grant_budget(db: AsyncSession, act: Act, code: str, amount: Decimal) -> LiveItem:
    """Add money (yuan) to an item's budget. Only complete rules that are paid here can have one."""
    live = await find_for_office(db, act, code)
    if not live.rules.is_portal or not live.rules.complete:
        raise Conflict(_("Only policies with complete rules that are paid here have a budget."))
    try:
        fen = to_fen(amount)
    except ValueError:
        raise BadInput(fields=[FieldProblem("amount", _("At most two decimals."))]) from None
    if fen <= 0:
        raise BadInput(fields=[FieldProblem("amount", _("Must be more than nothing."))])
    await _grant(db, act, live.row, fen)
    audit.write(db, act, "policy.budget_granted", "policy_item", live.row.id, detail={"code": code, "fen": fen})
    events.emit(db, act, "policy_matching.budget_granted", subject_id=None, payload={"code": code, "fen": fen})
    return await find_live(db, code)


async def _grant(db: AsyncSession, act: Act, row: PolicyItem, fen: int) -> None:
    source = await money.find_account(db, f"policy:{row.code}:source")
    if source is None or row.free_account_id is None:
        opened: dict[str, Any] = {}
        for name, floor in (("source", None), ("free", 0), ("committed", 0), ("paid", 0)):
            opened[name] = await money.open_account(
                db, act, owner_id=row.office_id, kind="policy_budget", code=f"policy:{row.code}:{name}", floor=floor
            )
        source = opened["source"]
        row.free_account_id, row.committed_account_id = opened["free"], opened["committed"]
        row.paid_account_id = opened["paid"]
        await db.flush()
    if row.free_account_id is None or source is None:
        raise Conflict
    await money.post_entry(
        db,
        act,
        "policy_budget",
        f"policy-budget:{row.code}:{new_id()}",
        [(source, -fen), (row.free_account_id, fen)],
        note=str(local_date(act.now)),
    )
    row.granted_fen += fen
    await db.flush()
