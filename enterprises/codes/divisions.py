"""行政区划代码, GB/T 2260: where a company is, down to the county."""

from functools import cache

from enterprises.codes.check import CodeCheck
from enterprises.codes.tables import near, rows

LENGTH = 6


@cache
def _current() -> dict[str, str]:
    return {row[0]: row[1] for row in rows("divisions.tsv")}


@cache
def _former() -> dict[str, tuple[str, str, str]]:
    return {code: (name, year, successor) for code, name, year, successor in rows("divisions_former.tsv")}


@cache
def _with_counties() -> frozenset[str]:
    return frozenset(code[:4] + "00" for code in _current() if not code.endswith("00"))


def division_name(code: str) -> str | None:
    """Return the name of a division by its code, of a retired code the name it had, or None."""
    former = _former().get(code)
    return _current().get(code) or (former[0] if former else None)


def division_path(code: str) -> tuple[str, ...]:
    """Return the names from province to the division itself, e.g. (浙江省, 杭州市, 西湖区); empty if unknown."""
    table = _current()
    here = current_division(code)
    if here is None:
        return ()
    steps = dict.fromkeys((here[:2] + "0000", here[:4] + "00", here))
    return tuple(table[step] for step in steps if step in table)


def current_division(code: str) -> str | None:
    """Return the code in force today: the same, the one that followed a retired code, or None if none can be told."""
    if code in _current():
        return code
    former = _former().get(code)
    return former[2] or None if former else None


def check_division(text: str) -> CodeCheck:
    """Check that a code names a county-level division in force (or a city without counties)."""
    code = text.strip()
    table = _current()
    if not code.isascii() or not code.isdigit() or len(code) != LENGTH:
        return CodeCheck(
            code,
            f"行政区划代码“{code}”格式不对：应为 6 位数字（GB/T 2260）",
            f"Division code '{code}' has the wrong form: six digits are needed (GB/T 2260)",
        )
    if code in table:
        return _too_coarse(code, table) or CodeCheck(code)
    if code in _former():
        return _retired(code, table)
    if code[:2] + "0000" not in table:
        position, known = 2, [c for c in table if c.endswith("0000")]
    elif not any(c.startswith(code[:4]) for c in table):
        position, known = 4, [c for c in table if c.startswith(code[:2])]
    else:
        position, known = LENGTH, [c for c in table if c.startswith(code[:4]) and not c.endswith("00")]
    close = near(code, known) or tuple(known[:3])
    return CodeCheck(
        code,
        f"行政区划代码“{code}”不在 GB/T 2260 中；相近的有：" + "、".join(f"{c} {table[c]}" for c in close),
        f"Division code '{code}' is not in GB/T 2260; near it: " + ", ".join(f"{c} {table[c]}" for c in close),
        position,
        close,
    )


def find_divisions(text: str, limit: int = 20) -> list[tuple[str, str]]:
    """Return (code, full name) of county-level divisions whose code begins with or whose path contains the text."""
    found = []
    for code in _current():
        full = "".join(division_path(code))
        if (code.startswith(text) or text in full) and check_division(code).ok:
            found.append((code, full))
            if len(found) == limit:
                break
    return found


def _too_coarse(code: str, table: dict[str, str]) -> CodeCheck | None:
    province = code.endswith("0000") and any(c.startswith(code[:2]) and c != code for c in table)
    if not province and code not in _with_counties():
        return None
    prefix = code[:2] if province else code[:4]
    inside = tuple(c for c in table if c.startswith(prefix) and c not in _with_counties() and not c.endswith("0000"))
    return CodeCheck(
        code,
        f"行政区划代码“{code}”（{table[code]}）不是县级，请填到县（市、区），如 {inside[0]} {table[inside[0]]}",
        f"Division code '{code}' ({table[code]}) is not a county; name the county, such as {inside[0]} {table[inside[0]]}",
        3 if province else 5,
        inside[:3],
    )


def _retired(code: str, table: dict[str, str]) -> CodeCheck:
    name, year, successor = _former()[code]
    now_zh = f"，现为 {successor} {table[successor]}" if successor else ""
    now_en = f"; it is now {successor} {table[successor]}" if successor else ""
    return CodeCheck(
        code,
        f"行政区划代码“{code}”（{name}）已于 {year} 年停用{now_zh}",
        f"Division code '{code}' ({name}) was retired in {year}{now_en}",
        None,
        (successor,) if successor else (),
    )
