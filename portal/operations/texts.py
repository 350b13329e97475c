"""Compares what the code says with what the catalogues hold, as translators would want to be told."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from msgspec import Struct

PACKAGES = ("kernel", "enterprises", "data_exchange", "park", "policy_matching", "credit", "portal")
METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {
    "**/templates/**.html": {
        "extensions": "jinja2.ext.do,jinja2.ext.loopcontrols",
        "newstyle_gettext": "true",
        "trimmed": "false",
        "silent": "false",
    }
}
KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
CATALOGUE = Path("locale/zh_CN/LC_MESSAGES/messages.po")


class Fault(Struct, frozen=True):
    """One text that is not as it should be: where it is said, the text, and what is wrong."""

    where: str
    message: str
    why: str


def check_texts(house: Path) -> list[Fault]:
    """Every text that lacks a Chinese translation, is fuzzy, lost a placeholder, or is in a catalogue for nothing.

    A package may use what a package before it in the house has translated (the merged catalogue serves all).
    """
    faults: list[Fault] = []
    translated: dict[object, Message] = {}
    said: dict[object, str] = {}
    for package in PACKAGES:
        catalogue = _read(house / package / CATALOGUE)
        own = {_key(message): message for message in catalogue if message.id}
        faults += [
            Fault(package, _shown(key), "translated differently by another package")
            for key, message in own.items()
            if key in translated and message.string and translated[key].string != message.string
        ]
        translated |= {key: message for key, message in own.items() if message.string}
        faults += _look_at(package, own)
        for where, key in _said_in(house / package, package):
            said.setdefault(key, where)
    faults += [
        Fault(where, _shown(key), "no Chinese translation") for key, where in said.items() if key not in translated
    ]
    faults += [Fault("catalogue", _shown(key), "no longer said anywhere") for key in translated if key not in said]
    return sorted(faults, key=lambda fault: (fault.why, fault.where, fault.message))


def _look_at(package: str, own: dict[object, Message]) -> Iterator[Fault]:
    for key, message in own.items():
        where = f"{package}/{CATALOGUE}:{message.lineno}"
        if message.fuzzy:
            yield Fault(where, _shown(key), "fuzzy")
        original = message.id if isinstance(message.id, str) else message.id[-1]
        strings = (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))
        for string in strings:
            if not string:
                yield Fault(where, _shown(key), "empty")
            elif _places(string) - _places(original):
                yield Fault(where, _shown(key), "a placeholder that the original does not have")


def _places(text: str) -> Counter[str]:
    """The `%(name)s` places of a text, each once."""
    names = (part.partition(")")[0] for part in text.split("%(")[1:])
    return Counter(set(names))


def _said_in(folder: Path, package: str) -> Iterator[tuple[str, object]]:
    if not folder.is_dir():
        return
    found = extract_from_dir(folder, METHODS, OPTIONS, KEYWORDS, directory_filter=_is_ours)
    for file, line, message, _comments, context in found:
        single = message[0] if isinstance(message, tuple) else message
        if single:
            yield f"{package}/{file}:{line}", (context, single)


def _is_ours(folder: str) -> bool:
    return Path(folder).name not in {"static", "node_modules", "__pycache__", "versions"}


def _key(message: Message) -> object:
    single = message.id[0] if isinstance(message.id, tuple) else message.id
    return (message.context, single)


def _shown(key: object) -> str:
    return str(key[1]) if isinstance(key, tuple) else str(key)


def _read(path: Path) -> Catalog:
    if not path.is_file():
        return Catalog(locale="zh_CN")
    with path.open("rb") as source:
        return read_po(source, locale="zh_CN")
