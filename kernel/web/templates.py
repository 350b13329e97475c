"""The template environment: one Jinja set-up for all rooms, strict about names, escaped by default, bilingual.

A page sees its own context plus `frame`: what the layout and the partials need to know about the request. Nothing else
is passed to templates behind a page's back.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from msgspec import Struct

from kernel import texts
from kernel.act import ANONYMOUS, Actor
from kernel.ids import new_id
from kernel.web.addresses import AddressBook

SPRITE = "/static/vendor/icons.svg"


class Frame(Struct):
    """What surrounds a page: where we are, who looks at it, and what the shell shows around the content."""

    path: str = "/"
    query: Sequence[tuple[str, str]] = ()
    actor: Actor = ANONYMOUS
    navigation: Sequence[Any] = ()
    """Items with label (a msgid), path and icon, already chosen by role."""
    notice: str = ""
    """One sentence about what was just done, shown once."""
    csrf_token: str = ""
    theme: str = "auto"
    """auto, light or dark, from the cookie of the same name."""
    now: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    request_id: str = ""
    static_version: str = ""
    """Changes with every release, so that browsers fetch new styles and scripts."""
    addresses: AddressBook | None = None
    """The policies of all addresses, for links that only some readers may follow."""

    def may_open(self, address: str) -> bool:
        """Tell whether the reader's roles may open an address."""
        return self.addresses is None or self.addresses.allows(address, self.actor)


def frame_of(context: Context) -> Frame:
    """Return the frame of the page being rendered, or a neutral one."""
    frame = context.get("frame")
    return frame if isinstance(frame, Frame) else Frame()


@pass_context
def url_with(context: Context, **changes: object) -> str:
    """Return the present address with some query parameters set, or removed where the value is None or empty."""
    frame = frame_of(context)
    kept = [(name, value) for name, value in frame.query if name not in changes]
    added = [(name, str(value)) for name, value in changes.items() if value not in (None, "")]
    query = urlencode(kept + added)
    return f"{frame.path}?{query}" if query else frame.path


@pass_context
def static(context: Context, name: str) -> str:
    """Return the address of a static file of ours, marked with the release."""
    version = frame_of(context).static_version
    return f"/static/{name}?v={version}" if version else f"/static/{name}"


@pass_context
def current_path(context: Context) -> str:
    """Return the path of the navigation item we are under: the longest one that our address starts with."""
    frame = frame_of(context)
    paths = [str(item.path) for item in frame.navigation]
    under = [path for path in paths if frame.path == path or (path != "/" and frame.path.startswith(path + "/"))]
    return max(under, key=len, default="")


def entries_of(form: object, name: str) -> list[str]:
    """Return what the reader typed into a field, as a list, whatever shape the form keeps it in."""
    entries = getattr(form, "entries", None) or {}
    if not isinstance(entries, Mapping):
        return []
    found = entries.get(name)
    if found is None:
        return []
    return [str(one) for one in found] if isinstance(found, list | tuple) else [str(found)]


def initials(name: str) -> str:
    """Return the sign for an avatar: one Chinese character that tells companies apart, or two Latin letters."""
    for place in ("示范", "示例", "滨海", "上海", "北京", "深圳", "江苏", "浙江", "广东"):
        name = name.removeprefix(place) or name
    words = name.split()
    if not words:
        return "?"
    if ord(words[0][0]) > 0x2E7F:
        return words[0][0]
    return "".join(word[0] for word in words[:2]).upper()


def hue(name: str) -> int:
    """Return which of the six avatar colours a name has; always the same one."""
    return sum(ord(character) for character in name) % 6


def make_environment(folders: Iterable[Path], *, auto_reload: bool = False) -> Environment:
    """Return the environment over the template folders of all rooms; the first folder that has a name wins."""
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=auto_reload,
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        texts.gettext, texts.ngettext, newstyle=True, pgettext=texts.pgettext
    )
    for filter_name in ("local", "number", "yuan", "cny", "cny_short", "percent", "day", "moment"):
        environment.filters[filter_name] = getattr(texts, filter_name)
    environment.filters["initials"] = initials
    environment.filters["hue"] = hue
    environment.globals |= {
        "sprite": SPRITE,
        "url_with": url_with,
        "static": static,
        "current_path": current_path,
        "entries_of": entries_of,
        "locale": texts.current_locale,
        "language_tag": texts.language_tag,
        "new_key": lambda: str(new_id()),
        "NOTHING": texts.NOTHING,
    }
    return environment
