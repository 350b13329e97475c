"""统一社会信用代码, the 18 characters every organisation in China is known by.

GB 32100-2015: position 1 registering department, 2 kind of body, 3-8 division of the registering office (GB/T 2260),
9-17 organisation code (GB 11714-1997, its last character a check digit of its own), 18 check digit. The two check
digits together usually leave one single mistyped character that explains both, so the answer can name it.
"""

from stdnum.cn import uscc as standard

from enterprises.codes.check import CodeCheck
from enterprises.codes.divisions import division_name

LENGTH = 18
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
DEPARTMENTS = "123456789ANY"
FORBIDDEN_TWINS = {"I": "1", "O": "0", "Z": "2", "S": "5", "V": "U"}
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
CODE_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
PLAUSIBLE_HEADS = {"11", "12", "13", "19", "51", "52", "53", "59", "91", "92", "93", "A1", "N1", "N2", "N3", "Y1"}
MANY_SUSPECTS = 3


def organisation_check_digit(eight: str) -> str:
    """Return the GB 11714 check digit of the first eight characters of an organisation code."""
    total = sum(int(character, 36) * weight for character, weight in zip(eight, ORGANISATION_WEIGHTS, strict=True))
    rest = 11 - total % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def code_check_digit(seventeen: str) -> str:
    """Return the GB 32100 check digit of the first 17 characters of a credit code."""
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(seventeen, CODE_WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def complete_uscc(head: str) -> str:
    """Return the full code for the first 16 characters (department, kind, division, organisation serial).

    Raises ValueError for a character that the code does not use.
    """
    seventeen = head + organisation_check_digit(head[8:16])
    return seventeen + code_check_digit(seventeen)


def check_uscc(text: str) -> CodeCheck:
    """Check a credit code and name what is wrong: its length, a character, or the digit that breaks a check."""
    code = standard.compact(text)
    if len(code) != LENGTH:
        return _wrong(
            code,
            None,
            f"应为 18 位，现为 {len(code)} 位",
            f"it must have 18 characters, this one has {len(code)}",
        )
    return _wrong_character(code) or _wrong_digit(code) or CodeCheck(code)


def _wrong_character(code: str) -> CodeCheck | None:
    for position, character in enumerate(code, start=1):
        if character in FORBIDDEN_TWINS:
            twin = FORBIDDEN_TWINS[character]
            zh = f"第 {position} 位“{character}”不是代码字符（不使用 I、O、S、V、Z），是否应为“{twin}”"
            en = f"position {position}: '{character}' is never used in the code (no I, O, S, V, Z); did you mean '{twin}'?"
            return _wrong(code, position, zh, en)
        if character not in ALPHABET:
            zh = f"第 {position} 位“{character}”应为数字或大写英文字母"
            en = f"position {position}: '{character}' is neither a digit nor a capital letter"
            return _wrong(code, position, zh, en)
        if position == 1 and character not in DEPARTMENTS:
            zh = f"第 1 位“{character}”不是登记管理部门代码（企业为 9）"
            en = f"position 1: '{character}' is not a registering department (9 for companies)"
            return _wrong(code, position, zh, en)
        if 3 <= position <= 8 and not character.isdigit():
            zh = f"第 {position} 位“{character}”应为数字（第 3-8 位是登记机关行政区划码）"
            en = f"position {position}: '{character}' must be a digit (3-8 are the division of the registering office)"
            return _wrong(code, position, zh, en)
    return None


def _wrong_digit(code: str) -> CodeCheck | None:
    organisation = organisation_check_digit(code[8:16])
    last = code_check_digit(code[:17])
    if organisation == code[16] and last == code[17]:
        return None
    if organisation != code[16]:
        zh = f"第 17 位“{code[16]}”与组织机构代码校验不符（按 GB 11714 第 9-16 位应得“{organisation}”）"
        en = f"position 17 is '{code[16]}' but positions 9-16 give '{organisation}' (GB 11714)"
        position = 17
    else:
        zh = f"第 18 位校验码“{code[17]}”不符（按 GB 32100 应得“{last}”）"
        en = f"position 18 is '{code[17]}' but positions 1-17 give '{last}' (GB 32100)"
        position = 18
    likely = [attempt for attempt in _attempts(code) if _is_plausible(attempt)]
    if not 0 < len(likely) <= MANY_SUSPECTS:
        return _wrong(code, position, zh, en)
    zh += "；可能：" + "，或".join(_difference(code, attempt)[0] for attempt in likely)
    en += "; perhaps " + ", or ".join(_difference(code, attempt)[1] for attempt in likely)
    if len(likely) == 1:
        position = _first_difference(code, likely[0])
    return _wrong(code, position, zh, en, tuple(likely))


def _attempts(code: str) -> list[str]:
    """Return every code one mistyped character or one swap of neighbours away from the given one."""
    changed = [code[:i] + c + code[i + 1 :] for i in range(LENGTH) for c in ALPHABET if c != code[i]]
    swapped = [code[:i] + code[i + 1] + code[i] + code[i + 2 :] for i in range(LENGTH - 1) if code[i] != code[i + 1]]
    return changed + swapped


def _is_plausible(code: str) -> bool:
    checks = organisation_check_digit(code[8:16]) == code[16] and code_check_digit(code[:17]) == code[17]
    return checks and code[:2] in PLAUSIBLE_HEADS and division_name(code[2:8]) is not None


def _first_difference(code: str, attempt: str) -> int:
    return next(place for place in range(1, LENGTH + 1) if code[place - 1] != attempt[place - 1])


def _difference(code: str, attempt: str) -> tuple[str, str]:
    place = _first_difference(code, attempt)
    if code[place:] != attempt[place:]:
        return f"第 {place}、{place + 1} 位颠倒", f"positions {place} and {place + 1} are swapped"
    wrong, right = code[place - 1], attempt[place - 1]
    return f"第 {place} 位“{wrong}”应为“{right}”", f"position {place} should be '{right}' instead of '{wrong}'"


def _wrong(code: str, position: int | None, zh: str, en: str, suggestions: tuple[str, ...] = ()) -> CodeCheck:
    return CodeCheck(
        code,
        f"统一社会信用代码有误：{zh}",
        f"The unified social credit code is wrong: {en}",
        position,
        suggestions,
    )
