"""Every word, number and date a person reads, in the language of the person who reads it.

Texts are written in English in the code (`_("Submitted")`); each package keeps its own Chinese catalogue in
`locale/zh_CN/LC_MESSAGES/messages.po`. The catalogues are compiled in memory at start, so there is no build step and
no binary file. The language of the moment lives in a context variable, so that two requests never mix.
"""

import gettext as catalogues
import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from babel import negotiate_locale
from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from msgspec import Struct

from kernel.clock import SHANGHAI

CHINESE = "zh_CN"
ENGLISH = "en"
LOCALES = (CHINESE, ENGLISH)
NOTHING = "—"
"""Shown for a value that is absent; a page that must say *why* it is absent writes its own words."""

_locale: ContextVar[str] = ContextVar("locale", default=CHINESE)
_translations: dict[str, catalogues.NullTranslations] = {
    CHINESE: catalogues.NullTranslations(),
    ENGLISH: catalogues.NullTranslations(),
}


class Text(Struct, frozen=True):
    """A text that was written in both languages, for what is stored and not translated by a catalogue."""

    zh: str
    en: str

    def local(self) -> str:
        """Return the text in the reader's language, or the other one where it is missing."""
        return (self.zh or self.en) if current_locale() == CHINESE else (self.en or self.zh)


def current_locale() -> str:
    """Return the locale of the moment: "zh_CN" or "en"."""
    return _locale.get()


def language_tag() -> str:
    """Return the locale of the moment as a BCP 47 tag, for `lang` attributes and Content-Language."""
    return _locale.get().replace("_", "-")


def known_locale(name: str | None) -> str | None:
    """Return the locale we have for a name such as "zh", "zh-Hans-CN" or "en_GB", or None."""
    language = (name or "").replace("_", "-").split("-")[0].lower()
    return {"zh": CHINESE, "en": ENGLISH}.get(language)


def choose_locale(*wishes: str | None, accept_language: str = "") -> str:
    """Return the first wish we know (cookie, profile), else the best of Accept-Language, else Chinese."""
    for wish in wishes:
        if known := known_locale(wish):
            return known
    weighted: list[tuple[float, str]] = []
    for part in accept_language.split(",")[:20]:
        tag, _separator, quality = part.strip().partition(";q=")
        try:
            weighted.append((float(quality or 1), tag.split("-")[0].lower()))
        except ValueError:
            continue
    ordered = [tag for weight, tag in sorted(weighted, key=lambda pair: -pair[0]) if weight > 0]
    return known_locale(negotiate_locale(ordered, ["zh", "en"])) or CHINESE


def set_locale(name: str) -> None:
    """Set the language of the present task; unknown names mean Chinese."""
    _locale.set(known_locale(name) or CHINESE)


@contextmanager
def use_locale(name: str) -> Iterator[None]:
    """Speak another language inside a `with` block."""
    token = _locale.set(known_locale(name) or CHINESE)
    try:
        yield
    finally:
        _locale.reset(token)


def read_catalogue(path: Path) -> catalogues.GNUTranslations:
    """Compile one .po file in memory."""
    with path.open("rb") as source:
        catalogue = read_po(source, locale=CHINESE)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return catalogues.GNUTranslations(compiled)


def load_texts(packages: Iterable[Path]) -> None:
    """Make the Chinese catalogues of these package folders the ones in use; of equal msgids the first package's wins."""
    merged: catalogues.NullTranslations = catalogues.NullTranslations()
    for package in packages:
        path = package / "locale" / CHINESE / "LC_MESSAGES" / "messages.po"
        if not path.is_file():
            continue
        catalogue = read_catalogue(path)
        if isinstance(merged, catalogues.GNUTranslations):
            merged.add_fallback(catalogue)
        else:
            merged = catalogue
    _translations[CHINESE] = merged


def gettext(message: str, /, **values: object) -> str:
    """Translate a message; with values, `%(name)s` places are filled (and `%%` is a literal percent sign)."""
    text = _translations[_locale.get()].gettext(message) if message else ""
    return text % values if values else text


def ngettext(singular: str, plural: str, number: int, /, **values: object) -> str:
    """Translate a message that counts something; `%(num)s` is the number."""
    text = _translations[_locale.get()].ngettext(singular, plural, number)
    return text % {"num": number, **values}


def pgettext(context: str, message: str, /, **values: object) -> str:
    """Translate a message whose English has two meanings; the context tells them apart."""
    text = _translations[_locale.get()].pgettext(context, message)
    return text % values if values else text


def N_(message: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Mark a message for translation where it is defined; it is translated where it is shown."""
    return message


def local(value: object, field: str = "") -> str:
    """Return the reader's language of a Text, or of `name_zh` / `name_en` of a row or mapping (field = "name")."""
    if isinstance(value, Text):
        return value.local()
    if value is None:
        return NOTHING
    first, second = ("zh", "en") if _locale.get() == CHINESE else ("en", "zh")
    for ending in (first, second):
        name = f"{field}_{ending}" if field else ending
        found = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
        if found:
            return str(found)
    return NOTHING


def number(value: float | Decimal | None, digits: int | None = None) -> str:
    """Format a number with grouping; `digits` fixes the decimals, else up to three are shown as they are."""
    if value is None:
        return NOTHING
    pattern = None if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(value, format=pattern, locale=_locale.get())


def yuan(fen: int | None) -> str:
    """Format ledger money, integer fen, as yuan with two decimals."""
    return NOTHING if fen is None else cny(Decimal(fen) / 100, digits=2)


def cny(value: Decimal | float | None, digits: int | None = None) -> str:
    """Format an amount of yuan; whole amounts without decimals unless `digits` says otherwise."""
    if value is None:
        return NOTHING
    exact = Decimal(str(value))
    places = digits if digits is not None else (0 if exact == exact.to_integral_value() else 2)
    sign = "-" if exact < 0 else ""
    return f"{sign}¥{number(abs(exact), places)}"


def cny_short(value: Decimal | float | None) -> str:
    """Format an amount of yuan briefly, as people say it: 186万元, 1.2亿元; ¥1.86M, ¥120M."""
    if value is None:
        return NOTHING
    exact = Decimal(str(value))
    chinese = _locale.get() == CHINESE
    steps = ((10**8, "亿元"), (10**4, "万元")) if chinese else ((10**9, "B"), (10**6, "M"), (10**4, "k"))
    for size, unit in steps:
        if abs(exact) >= size:
            scaled = exact / (1000 if unit == "k" else size)
            brief = format_decimal(scaled.quantize(Decimal("0.01")), format="#,##0.##", locale=_locale.get())
            return f"{brief}{unit}" if chinese else f"¥{brief}{unit}"
    return cny(exact)


def percent(value: float | Decimal | None, digits: int = 1) -> str:
    """Format a ratio (0.123) as a percentage (12.3%)."""
    if value is None:
        return NOTHING
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + "%"
    return format_percent(value, format=pattern, locale=_locale.get())


def day(value: date | datetime | None, style: str = "short") -> str:
    """Format a day: 2026-11-23 / 23 Nov 2026; "long" gives 2026年11月23日 / 23 November 2026. Moments count in Shanghai."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        value = value.astimezone(SHANGHAI).date()
    patterns = {CHINESE: ("yyyy-MM-dd", "y年M月d日"), ENGLISH: ("d MMM yyyy", "d MMMM yyyy")}
    return format_date(value, format=patterns[_locale.get()][style == "long"], locale=_locale.get())


def moment(value: datetime | None, seconds: bool = False) -> str:
    """Format a moment in Asia/Shanghai: 2026-11-23 10:00 / 23 Nov 2026, 10:00."""
    if value is None:
        return NOTHING
    pattern = {CHINESE: "yyyy-MM-dd HH:mm", ENGLISH: "d MMM yyyy, HH:mm"}[_locale.get()]
    return format_datetime(value, format=pattern + (":ss" if seconds else ""), tzinfo=SHANGHAI, locale=_locale.get())
