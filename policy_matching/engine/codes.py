"""Trees of codes: does a company's code lie below a branch that a policy names?

GB/T 4754-2017: the first two digits name a division of one section (letter). GB/T 2260: two digits a province, four a
prefecture, six a county; trailing zeros only fill up. A company whose code is coarser than the branch may lie on either side of
it, so the answer is unknown (None), never no.
"""

from collections.abc import Iterable

SECTIONS: tuple[tuple[str, int, int], ...] = (
    ("A", 1, 5), ("B", 6, 12), ("C", 13, 43), ("D", 44, 46), ("E", 47, 50), ("F", 51, 52), ("G", 53, 60),
    ("H", 61, 62), ("I", 63, 65), ("J", 66, 69), ("K", 70, 70), ("L", 71, 72), ("M", 73, 75), ("N", 76, 79),
    ("O", 80, 82), ("P", 83, 83), ("Q", 84, 85), ("R", 86, 90), ("S", 91, 96), ("T", 97, 97),
)  # fmt: skip
"""GB/T 4754-2017, table 1: section letter, first and last division."""


def industry_path(code: str) -> str:
    """Return a code as its path from the root, section first: "6513" -> "I6513"; "" when it is no such code."""
    text = code.strip().upper()
    if len(text) == 1 and any(text == letter for letter, _first, _last in SECTIONS):
        return text
    digits = text[1:] if text[:1].isalpha() else text
    if not digits.isascii() or not digits.isdigit() or not 2 <= len(digits) <= 4:
        return ""
    division = int(digits[:2])
    letter = next((letter for letter, first, last in SECTIONS if first <= division <= last), "")
    if not letter or (text[:1].isalpha() and text[0] != letter):
        return ""
    return letter + digits


def division_path(code: str) -> str:
    """Return a division code without the zeros that fill it up: "330000" -> "33"; "" when it is no such code."""
    text = code.strip()
    if not text.isascii() or not text.isdigit() or len(text) not in {2, 4, 6}:
        return ""
    while len(text) > 2 and text.endswith("00"):
        text = text[:-2]
    return text


def path_of(code: str, system: str) -> str:
    """Return the path of a code in the tree of `system`."""
    return division_path(code) if system == "GB/T 2260" else industry_path(code)


def lies_under(code: str, branches: Iterable[str], system: str) -> bool | None:
    """Tell whether a code lies at or below one of the branches; None when it is too coarse to say, or no code at all."""
    path = path_of(code, system)
    if not path:
        return None
    paths = [path_of(branch, system) for branch in branches]
    if any(branch and path.startswith(branch) for branch in paths):
        return True
    return None if any(branch.startswith(path) for branch in paths) else False
