"""The artefact of a scorecard: step tables per characteristic in JSON, with version, scale and hash.

The same format holds an expert card, a WOE scorecard and boosted additive models collapsed into steps. A file is taken
only byte for byte as it was written: canonical form and SHA-256 both have to agree, or ModelRefusedError names why.
"""

import hashlib
import json
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal

import msgspec
import rfc8785
from msgspec import Struct, field

FORMAT = "parklink.scorecard/1"
UNIT = 1000  # points are counted in thousandths, so that sums are sums of integers
MAX_BYTES = 5_000_000


class ModelRefusedError(ValueError):
    """The artefact is damaged, contradicts itself or names a characteristic outside the allow-list."""


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """A text in both languages."""

    zh: str
    en: str


class Characteristic(Struct, frozen=True, forbid_unknown_fields=True):
    """One characteristic as a step function: value <= cuts[i] earns points[i], above the last cut the last points.

    `direction` is what monotone means here: "up" (more is better), "down" or "none". `unknown` are the points of a
    value that is not known: a step of its own. `reason` is what is said when this characteristic cost points,
    `unknown_reason` when it did so for want of data.
    """

    name: str
    cuts: tuple[float, ...]
    points: tuple[Decimal, ...]
    unknown: Decimal
    direction: Literal["up", "down", "none"]
    reason: Words
    unknown_reason: Words


class Scale(Struct, frozen=True, forbid_unknown_fields=True):
    """How points turn into a probability: `odds` good to bad at `points`, doubling every `double` points (PDO)."""

    points: float
    odds: float
    double: float


class Grade(Struct, frozen=True, forbid_unknown_fields=True):
    """A band of the score: from these points up."""

    name: str
    at_least: Decimal


class Artefact(Struct, frozen=True, forbid_unknown_fields=True):
    """One scorecard. `kind` says what it rests on; `declaration` says it to the reader."""

    format: str
    name: str
    version: str
    kind: Literal["expert card", "woe logistic", "additive boosting"]
    title: Words
    declaration: Words
    made_on: date
    training_window: tuple[date, date] | None
    base: Decimal
    scale: Scale
    grades: tuple[Grade, ...]
    characteristics: tuple[Characteristic, ...]
    sha256: str = field(default="")

    def highest(self) -> Decimal:
        """Return the best score the card can give."""
        return self.base + sum((max(*each.points, each.unknown) for each in self.characteristics), Decimal(0))

    def lowest(self) -> Decimal:
        """Return the worst score the card can give."""
        return self.base + sum((min(*each.points, each.unknown) for each in self.characteristics), Decimal(0))


def load_artefact(content: bytes, allowed: frozenset[str]) -> Artefact:
    """Return the artefact of these bytes. `allowed` are the features a model may name.

    Raises ModelRefusedError when one byte differs from what was written, or when the card contradicts itself.
    """
    if len(content) > MAX_BYTES:
        raise ModelRefusedError("the artefact is too large")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ModelRefusedError("the artefact is not JSON") from error
    if not isinstance(document, dict) or content != _render(document):
        raise ModelRefusedError("the artefact is not byte for byte what was written")
    if document.get("sha256") != _digest(document):
        raise ModelRefusedError("the artefact does not match its SHA-256")
    try:
        artefact = msgspec.json.decode(content, type=Artefact)
    except msgspec.ValidationError as error:
        raise ModelRefusedError(str(error)) from error
    _check(artefact, allowed)
    return artefact


def dump_artefact(document: dict[str, Any]) -> bytes:
    """Return the bytes of an artefact: the document (without hash) in its written form, with its SHA-256."""
    return _render({**document, "sha256": _digest(document)})


def _render(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _digest(document: dict[str, Any]) -> str:
    content = {name: value for name, value in document.items() if name != "sha256"}
    try:
        return hashlib.sha256(rfc8785.dumps(content)).hexdigest()
    except rfc8785.CanonicalizationError as error:
        raise ModelRefusedError("the artefact holds a number that JSON cannot carry") from error


def _check(artefact: Artefact, allowed: frozenset[str]) -> None:
    if artefact.format != FORMAT:
        raise ModelRefusedError(f"unknown format {artefact.format!r}")
    names = [each.name for each in artefact.characteristics]
    outside = sorted(set(names) - allowed)
    if outside:
        raise ModelRefusedError(f"not on the allow-list of features: {', '.join(outside)}")
    if not names or len(set(names)) != len(names):
        raise ModelRefusedError("a characteristic is named twice, or there is none")
    for each in artefact.characteristics:
        _check_steps(each)
    floors = [grade.at_least for grade in artefact.grades]
    if not floors or any(upper <= lower for upper, lower in pairwise(floors)) or floors[-1] > artefact.lowest():
        raise ModelRefusedError("the grades do not descend or leave scores without a grade")
    if artefact.scale.odds <= 0 or artefact.scale.double <= 0:
        raise ModelRefusedError("odds and the points that double them are positive")


def _check_steps(each: Characteristic) -> None:
    if len(each.points) != len(each.cuts) + 1:
        raise ModelRefusedError(f"{each.name}: one more points than cuts")
    if any(right <= left for left, right in pairwise(each.cuts)):
        raise ModelRefusedError(f"{each.name}: cuts ascend")
    for points in (*each.points, each.unknown):
        if points != points.quantize(Decimal(1) / UNIT):
            raise ModelRefusedError(f"{each.name}: points have at most three decimals")
    rises = [right - left for left, right in pairwise(each.points)]
    wrong = {"up": any(rise < 0 for rise in rises), "down": any(rise > 0 for rise in rises), "none": False}
    if wrong[each.direction]:
        raise ModelRefusedError(f"{each.name}: points are not monotone {each.direction}")
