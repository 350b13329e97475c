"""国民经济行业分类, GB/T 4754-2017: what a company does, as a section letter or two to four digits."""

from functools import cache

from enterprises.codes.check import CodeCheck
from enterprises.codes.tables import near, rows

FINEST = 4


@cache
def _table() -> dict[str, str]:
    return {row[0]: row[1] for row in rows("industries.tsv")}


@cache
def _sections() -> dict[str, str]:
    """Map each two-digit division to its section letter; the file lists divisions under their section."""
    section, found = "", {}
    for code, _name in rows("industries.tsv"):
        if code.isalpha():
            section = code
        elif len(code) == 2:
            found[code] = section
    return found


def industry_name(code: str) -> str | None:
    """Return the Chinese name of an industry code at any level, or None."""
    return _table().get(code.strip().upper())


def industry_section(code: str) -> str | None:
    """Return the section letter (门类) an industry code belongs to, or None."""
    code = code.strip().upper()
    return code if code.isalpha() and code in _table() else _sections().get(code[:2])


def check_industry(text: str) -> CodeCheck:
    """Check an industry code; an unknown one is named, with the known ones that look most like it."""
    code = text.strip().upper()
    table = _table()
    if code in table:
        return CodeCheck(code)
    if not code.isascii() or not code.isdigit() or not 2 <= len(code) <= FINEST:
        return CodeCheck(
            code,
            f"行业代码“{code}”格式不对：应为门类字母或 2 至 4 位数字（GB/T 4754-2017）",
            f"Industry code '{code}' has the wrong form: a section letter or two to four digits (GB/T 4754-2017)",
        )
    if code[:2] not in table:
        position, known = 2, [c for c in table if len(c) == 2]
    elif code[:3] not in table:
        position, known = 3, [c for c in table if len(c) == len(code)]
    else:
        position, known = len(code), [c for c in table if len(c) == len(code) and c.startswith(code[:3])]
    close = near(code, known) or tuple(known[:3])
    return CodeCheck(
        code,
        f"行业代码“{code}”不在 GB/T 4754-2017 中；相近的有：" + "、".join(f"{c} {table[c]}" for c in close),
        f"Industry code '{code}' is not in GB/T 4754-2017; near it: " + ", ".join(f"{c} {table[c]}" for c in close),
        position,
        close,
    )


def find_industries(text: str, limit: int = 20) -> list[tuple[str, str]]:
    """Return (code, name) of industries whose code begins with or whose name contains the text."""
    text = text.strip().upper()
    hits = ((code, name) for code, name in _table().items() if code.startswith(text) or text in name)
    return [hit for hit, _ in zip(hits, range(limit), strict=False)]
