"""The one input layer: what every body must be before a handler sees it.

Litestar alone turns "1" into 1, keeps the last of two equal keys, and answers 500 to deep nesting, NUL and
bytes that are no UTF-8. Here each of those is a 400 that says what and where.
"""

import json
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from litestar.datastructures import FormMultiDict
from litestar.exceptions import SerializationException
from litestar.plugins.htmx import HTMXRequest

from kernel.problems import BadInput, FieldProblem, TooLarge, UnsupportedMedia
from kernel.texts import gettext as _
from kernel.web.bounds import check_decimals

MAXIMUM_DEPTH = 32
MAXIMUM_JSON_BYTES = 1024 * 1024
MAXIMUM_INTEGER_DIGITS = 19
BIDIRECTIONAL = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
ALLOWED_CONTROLS = {"\n", "\r", "\t"}
REPLACEMENT = "\ufffd"
"""What a decoder puts where the bytes were no UTF-8: a text with it in has lost something already."""
UNWANTED = BIDIRECTIONAL | {REPLACEMENT}
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class StrictRequest(HTMXRequest):
    """A request whose JSON is decoded strictly, straight into the handler's own type."""

    async def json(self) -> Any:
        """Return the body as the type the handler declares for `data`; BadInput names the field."""
        if self.content_type[0] != "application/json":
            raise UnsupportedMedia(_("Send this as application/json."))
        body = await self.body()
        document = parse_json(body)
        return convert(document, _declared_type(self))

    async def form(self) -> FormMultiDict:
        """Return the form; UnsupportedMedia for another type, BadInput when it cannot be read."""
        if self.content_type[0] not in FORM_TYPES:
            raise UnsupportedMedia(_("Send this as a form."))
        try:
            return await super().form()
        except (UnicodeDecodeError, SerializationException, ValueError):
            raise BadInput(_("The form cannot be read: it is not UTF-8, or cut short.")) from None


def _declared_type(request: StrictRequest) -> Any:
    field = request.route_handler.parsed_data_field
    return field.raw if field is not None else Any


def parse_json(body: bytes) -> Any:
    """Parse bytes as JSON under the house's limits; raises BadInput or TooLarge."""
    if len(body) > MAXIMUM_JSON_BYTES:
        raise TooLarge
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(_("The body is not UTF-8 (byte %(position)s).", position=error.start)) from None
    _check_depth(text)
    try:
        return json.loads(
            text,
            object_pairs_hook=_unique_pairs,
            parse_constant=_no_constant,
            parse_float=Decimal,
            parse_int=_bounded_integer,
        )
    except json.JSONDecodeError as error:
        raise BadInput(
            _("The body is not JSON (line %(line)s, column %(column)s).", line=error.lineno, column=error.colno)
        ) from None


def convert(document: Any, type_: Any) -> Any:
    """Convert parsed JSON strictly to a type; BadInput names the first field that is wrong."""
    try:
        value = msgspec.convert(check_texts(document), type_, strict=True, str_keys=True)
    except msgspec.ValidationError as error:
        raise BadInput(fields=[explain(error)]) from None
    refuse_naive(value)
    check_decimals(value)
    return value


def refuse_naive(value: Any, path: str = "$") -> None:
    """Refuse a moment without a zone anywhere in a value: nobody could say which moment it is."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise BadInput(fields=[FieldProblem(path, _("Give the moment with its zone, such as +08:00."))])
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            refuse_naive(getattr(value, name), f"{path}.{name}".removeprefix("$."))
    elif isinstance(value, dict):
        for key, item in value.items():
            refuse_naive(item, f"{path}.{key}".removeprefix("$."))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            refuse_naive(item, f"{path}[{index}]")


def explain(error: msgspec.ValidationError) -> FieldProblem:
    """Split msgspec's message into the path of the field and the rest."""
    message, _separator, place = str(error).partition(" - at `")
    return FieldProblem(place.rstrip("`").removeprefix("$").lstrip(".") or "$", message)


def _check_depth(text: str) -> None:
    depth = deepest = 0
    inside, escaped = False, False
    for character in text:
        if inside:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                inside = False
        elif character == '"':
            inside = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > MAXIMUM_DEPTH:
                raise BadInput(_("The body is nested deeper than %(limit)s levels.", limit=MAXIMUM_DEPTH))
        elif character in "]}":
            depth -= 1


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise BadInput(fields=[FieldProblem(key[:80], _("This key appears twice."))])
        found[key] = value
    return found


def _no_constant(name: str) -> Any:
    raise BadInput(_("%(name)s is not a number in JSON.", name=name))


def _bounded_integer(text: str) -> int:
    if len(text.lstrip("-")) > MAXIMUM_INTEGER_DIGITS:
        raise BadInput(_("The number %(number)s… is too large.", number=text[:12]))
    return int(text)


def check_texts(value: Any, path: str = "") -> Any:
    """Return the value with every text in NFC; BadInput names a text with control or direction characters."""
    if isinstance(value, str):
        return clean_text(value, path)
    if isinstance(value, dict):
        return {clean_text(key, path): check_texts(item, f"{path}.{key}".lstrip(".")) for key, item in value.items()}
    if isinstance(value, list):
        return [check_texts(item, f"{path}[{index}]") for index, item in enumerate(value)]
    return value


def clean_text(text: str, path: str) -> str:
    """Normalise one text to NFC; raises BadInput for NUL, controls, invisible and direction characters."""
    for character in text:
        if character.isascii() and character.isprintable():
            continue
        category = unicodedata.category(character)
        if (category in {"Cc", "Cf", "Cs", "Cn"} and character not in ALLOWED_CONTROLS) or character in UNWANTED:
            name = f"U+{ord(character):04X}"
            raise BadInput(fields=[FieldProblem(path or "$", _("The character %(name)s is not allowed.", name=name))])
    return unicodedata.normalize("NFC", text)


def check_query(pairs: Iterable[tuple[str, str]], repeatable: frozenset[str]) -> None:
    """Refuse query strings that mean two things at once, or carry hidden characters."""
    seen: set[str] = set()
    for key, value in pairs:
        clean_text(key, "query")
        clean_text(value, key)
        if key in seen and key not in repeatable:
            raise BadInput(fields=[FieldProblem(key, _("This parameter appears twice."))])
        seen.add(key)
