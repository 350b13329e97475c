"""Scores one set of features with one artefact: a look-up per characteristic, summed in integers.

Base plus contributions equal the score exactly, because points are integer thousandths. The probability of default
follows from the score by its scale: odds = scale.odds x 2^((score - scale.points) / scale.double), PD = 1 / (1 + odds).
"""

import math
from bisect import bisect_left
from collections.abc import Mapping
from decimal import Decimal

from credit.contracts import Contribution, Reason, ScoreCard
from credit.scorecard.artefact import UNIT, Artefact, Characteristic

REASONS = 4
UNKNOWN_STEP = -1


class Scorer:
    """An artefact made ready for scoring."""

    def __init__(self, artefact: Artefact) -> None:
        self.artefact = artefact
        self.base = thousandths(artefact.base)
        self._tables = [
            (each.name, each.cuts, tuple(thousandths(points) for points in each.points), thousandths(each.unknown))
            for each in artefact.characteristics
        ]
        self._best = {name: max(*points, unknown) for name, _cuts, points, unknown in self._tables}
        self._grades = [(thousandths(grade.at_least), grade.name) for grade in artefact.grades]
        self._by_name = {each.name: each for each in artefact.characteristics}

    def points(self, values: Mapping[str, Decimal | str | None]) -> list[int]:
        """Return the points of each characteristic in thousandths, in the card's order."""
        earned = []
        for name, cuts, points, unknown in self._tables:
            value = values.get(name)
            earned.append(unknown if value is None else points[bisect_left(cuts, float(value))])
        return earned

    def score(self, values: Mapping[str, Decimal | str | None]) -> ScoreCard:
        """Return the score with grade, probability, contributions and up to four principal reasons.

        A value that is missing or None is unknown: it falls into the unknown step and is shown as such.
        """
        contributions = []
        for name, cuts, points, unknown in self._tables:
            value = values.get(name)
            step = UNKNOWN_STEP if value is None else bisect_left(cuts, float(value))
            earned = unknown if step == UNKNOWN_STEP else points[step]
            shown = value if value is None or isinstance(value, str) else format(value, "f")
            contributions.append(Contribution(name, shown, step, earned, self._best[name]))
        total = self.base + sum(each.points for each in contributions)
        return ScoreCard(
            points=total,
            base=self.base,
            grade=self.grade(total),
            default_probability=self.probability(total),
            contributions=tuple(contributions),
            reasons=self._reasons(contributions),
            model_name=self.artefact.name,
            model_version=self.artefact.version,
            model_hash=self.artefact.sha256,
        )

    def grade(self, total: int) -> str:
        """Return the band of a score in thousandths; the lowest band takes what is below all."""
        return next((name for floor, name in self._grades if total >= floor), self._grades[-1][1])

    def probability(self, total: int) -> float:
        """Return the probability of default that belongs to a score in thousandths, to nine decimals."""
        scale = self.artefact.scale
        odds = scale.odds * math.pow(2.0, (total / UNIT - scale.points) / scale.double)
        return round(1.0 / (1.0 + odds), 9)

    def characteristic(self, name: str) -> Characteristic:
        """Return a characteristic of the card by its name."""
        return self._by_name[name]

    def step_label(self, name: str, step: int) -> tuple[str, str]:
        """Return the bounds of a step as text: above the first, up to the second; empty where open."""
        if step == UNKNOWN_STEP:
            return "", ""
        cuts = self._by_name[name].cuts
        return (
            f"{cuts[step - 1]:g}" if step > 0 else "",
            f"{cuts[step]:g}" if step < len(cuts) else "",
        )

    def _reasons(self, contributions: list[Contribution]) -> tuple[Reason, ...]:
        """Return what cost the most points against the best step of the same characteristic (CFPB Circular 2023-03:
        the factors actually scored, not a checklist)."""
        lost = sorted(
            (each for each in contributions if each.points < each.best), key=lambda each: each.points - each.best
        )
        return tuple(self._say(each) for each in lost[:REASONS])

    def _say(self, each: Contribution) -> Reason:
        characteristic = self._by_name[each.name]
        words = characteristic.unknown_reason if each.step == UNKNOWN_STEP else characteristic.reason
        return Reason(each.name, words.zh, words.en, each.value, each.best - each.points)


def thousandths(points: Decimal) -> int:
    """Return points as an integer number of thousandths."""
    return int(points * UNIT)
