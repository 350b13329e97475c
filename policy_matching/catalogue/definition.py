"""A support item (政策事项) as its document states it: one dated version of its rules, its route and its benefit."""

import hashlib
from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec
from msgspec import Struct

from policy_matching.engine import Benefit, Period
from policy_matching.engine.tree import Node

Route = Literal["self_declared", "external", "here", "promise", "automatic"]
ROUTES: tuple[Route, ...] = ("self_declared", "external", "here", "promise", "automatic")
PORTAL_ROUTES: tuple[Route, ...] = ("here", "promise", "automatic")
"""The routes on which applying and paying happen in this product."""
Kind = Literal["recognition", "tax", "levy", "subsidy", "interest_subsidy", "service"]


class Words(Struct, frozen=True):
    """A text in both languages."""

    zh: str = ""
    en: str = ""


class ItemVersion(Struct, frozen=True, kw_only=True):
    """One dated version of one item.

    `complete` False: criteria are known to be missing or unverified. `replaces` names the item this one follows.
    `sample` True: not a real policy, it belongs to the demo district. `budget` in yuan, for the items paid here.
    """

    id: str
    title: Words
    document: str
    issuer: Words
    route: Route
    kind: Kind
    valid: Period
    checked: date
    complete: bool
    benefit: Benefit
    rule: Node
    windows: tuple[Period, ...] = ()
    replaces: str = ""
    exclusive_with: tuple[str, ...] = ()
    parameters: dict[str, Decimal] = {}
    regions: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    summary: Words = Words()
    guidance: Words = Words()
    notes: Words = Words()
    promise: Words = Words()
    link: str = ""
    sample: bool = False
    budget: Decimal | None = None
    publicity_workdays: int = 0

    @property
    def is_portal(self) -> bool:
        """Whether applying and paying happen here."""
        return self.route in PORTAL_ROUTES


def encode_item(item: ItemVersion) -> bytes:
    """Return the version as canonical JSON: sorted keys, decimals as text."""
    return msgspec.json.encode(item, order="sorted")


def decode_item(document: object) -> ItemVersion:
    """Return the version from what encode_item wrote (bytes, or the decoded JSON)."""
    if isinstance(document, bytes | str):
        return msgspec.json.decode(document, type=ItemVersion)
    return msgspec.convert(document, ItemVersion)


def hash_item(item: ItemVersion) -> str:
    """Return the SHA-256 of the canonical JSON: the rule-set hash that a decision keeps."""
    return hashlib.sha256(encode_item(item)).hexdigest()
