"""Reads the shipped code tables once and keeps them."""

from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

NEAR_LIMIT = 3


@cache
def rows(name: str) -> tuple[tuple[str, ...], ...]:
    """Return the rows of one shipped table as tuples of text."""
    text = files("enterprises.codes").joinpath(name).read_text(encoding="utf-8")
    return tuple(tuple(line.split("\t")) for line in text.splitlines())


def near(code: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the known codes that look most like a wrong one, the likeliest first."""
    candidates = list(known)
    swapped = [code[:i] + code[i + 1] + code[i] + code[i + 2 :] for i in range(len(code) - 1)]
    first = [c for c in swapped if c != code and c in set(candidates)]
    rest = [c for c in get_close_matches(code, candidates, n=NEAR_LIMIT + len(first), cutoff=0.6) if c not in first]
    return tuple((first + rest)[:NEAR_LIMIT])
