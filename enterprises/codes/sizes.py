"""Size class of a company by 《统计上大中小微型企业划分办法(2017)》 (国统字〔2017〕213号).

Staff in persons; revenue and assets in 10,000 yuan as in the measure's table. A class is held only when every
listed indicator reaches its lower bound; otherwise one class down. Micro is whoever misses one bound of small.
Social work (社会工作) is division 85 of GB/T 4754-2017; tables that still say 84 follow the edition of 2011.
"""

from decimal import Decimal
from typing import Literal

from enterprises.codes.industries import industry_section

SizeClass = Literal["large", "medium", "small", "micro"]
Bounds = tuple[int, int, int]

SIZE_LABELS: dict[str, tuple[str, str]] = {
    "large": ("大型", "Large"),
    "medium": ("中型", "Medium"),
    "small": ("小型", "Small"),
    "micro": ("微型", "Micro"),
}
YUAN_PER_UNIT = 10_000

# (prefixes of GB/T 4754 codes, staff, revenue, assets): lower bounds of large, medium, small.
_TABLE: tuple[tuple[tuple[str, ...], Bounds | None, Bounds | None, Bounds | None], ...] = (
    (("A",), None, (20000, 500, 50), None),
    (("B", "C", "D"), (1000, 300, 20), (40000, 2000, 300), None),
    (("E",), None, (80000, 6000, 300), (80000, 5000, 300)),
    (("51",), (200, 20, 5), (40000, 5000, 1000), None),
    (("52",), (300, 50, 10), (20000, 500, 100), None),
    (("54", "55", "56", "57", "58", "591"), (1000, 300, 20), (30000, 3000, 200), None),
    (("592", "593", "594", "595", "596", "599"), (200, 100, 20), (30000, 1000, 100), None),
    (("60",), (1000, 300, 20), (30000, 2000, 100), None),
    (("61",), (300, 100, 10), (10000, 2000, 100), None),
    (("62",), (300, 100, 10), (10000, 2000, 100), None),
    (("63", "64"), (2000, 100, 10), (100000, 1000, 100), None),
    (("65",), (300, 100, 10), (10000, 1000, 50), None),
    (("7010",), None, (200000, 1000, 100), (10000, 5000, 2000)),
    (("702",), (1000, 300, 100), (5000, 1000, 500), None),
    (("L",), (300, 100, 10), None, (120000, 8000, 100)),
    (("M", "N", "O", "R", "85", "703", "709"), (300, 100, 10), None, None),
)
_GROUP_OF_701 = "701"  # its only class is 7010


def size_class_of(
    industry: str | None, staff: int | None, revenue: Decimal | None, assets: Decimal | None
) -> SizeClass | None:
    """Return the size class, or None where the industry is not covered or a deciding figure is unknown.

    `revenue` and `assets` are in yuan (CNY). A figure that cannot change the answer may be unknown: five people
    in a factory are micro whatever it earns.
    """
    row = _row_of(industry) if industry else None
    if row is None:
        return None
    _prefixes, *bounds = row
    figures = (
        None if staff is None else Decimal(staff),
        None if revenue is None else revenue / YUAN_PER_UNIT,
        None if assets is None else assets / YUAN_PER_UNIT,
    )
    listed = [(figure, limits) for figure, limits in zip(figures, bounds, strict=True) if limits is not None]
    classes: tuple[SizeClass, ...] = ("large", "medium", "small")
    for index, name in enumerate(classes):
        reached = [None if figure is None else figure >= limits[index] for figure, limits in listed]
        if False in reached:
            continue
        return name if None not in reached else None
    return "micro"


def _row_of(industry: str) -> tuple[tuple[str, ...], Bounds | None, Bounds | None, Bounds | None] | None:
    code = industry.strip().upper()
    section = industry_section(code)
    if code == _GROUP_OF_701:
        code = "7010"
    for row in _TABLE:
        if section in row[0] or any(code.startswith(prefix) for prefix in row[0] if prefix.isdigit()):
            return row
    return None
