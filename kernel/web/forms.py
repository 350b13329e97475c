"""HTML forms: every field is checked, every mistake gets its own sentence, and no entry is lost."""

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from types import NoneType, UnionType
from typing import Annotated, Any, Generic, Literal, TypeVar, Union, get_args, get_origin
from uuid import UUID

import msgspec
from litestar.datastructures import UploadFile
from msgspec import Meta, Struct
from msgspec.structs import FieldInfo, fields

from kernel.clock import SHANGHAI
from kernel.problems import BadInput
from kernel.texts import gettext as _
from kernel.web.bounds import Within
from kernel.web.requests import StrictRequest, clean_text

S = TypeVar("S", bound=Struct)
OWN_FIELDS = frozenset({"_csrf", "_key", "_version"})
MAXIMUM_ENTRY = 20_000
INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
TRUE = frozenset({"true", "on", "1", "yes"})


class Wrong(Exception):
    """An entry that cannot be read; carries the sentence for the person."""


class Form(Struct, Generic[S]):
    """A form as somebody sent it: the raw entries, what is wrong with them, and the value when nothing is."""

    entries: dict[str, Any] = {}
    errors: dict[str, str] = {}
    value: S | None = None
    version: int | None = None

    @property
    def is_valid(self) -> bool:
        """Tell whether every field could be read."""
        return self.value is not None and not self.errors

    def refuse(self, problem: BadInput | Any) -> "Form[S]":
        """Take a problem that a use-case raised into the form: beside its fields, or at the top."""
        for field in problem.fields:
            self.errors[field.name if field.name in self.entries else field.name.rpartition(".")[2]] = field.message
        if not problem.fields:
            self.errors[""] = problem.detail
        return self


async def read_form(request: StrictRequest, type_: type[S]) -> Form[S]:
    """Read the request's form into a Struct, field by field; the caller looks at `is_valid`."""
    sent = await request.form()
    infos = fields(type_)
    names = {info.encode_name for info in infos}
    form: Form[S] = Form(entries={}, errors={})
    for name in dict.fromkeys(key for key, _value in sent.multi_items()):
        values = sent.getall(name)
        if name in names:
            form.entries[name] = values if len(values) > 1 else values[0]
        elif name == "_version":
            form.version = int(values[0]) if INTEGER.fullmatch(str(values[0])) else None
        elif name not in OWN_FIELDS:
            form.errors[name] = _("This field is not part of the form.")
    found: dict[str, Any] = {}
    for info in infos:
        try:
            _read_field(info, sent.getall(info.encode_name, []), found)
        except Wrong as wrong:
            form.errors[info.encode_name] = str(wrong)
        except BadInput as problem:
            form.errors[info.encode_name] = problem.fields[0].message if problem.fields else problem.detail
    if not form.errors:
        form.value = _build(type_, found, form)
    return form


def _build(type_: type[S], found: dict[str, Any], form: Form[S]) -> S | None:
    try:
        return type_(**found)
    except (TypeError, ValueError) as error:
        form.errors[""] = str(error)
        return None


def _read_field(info: FieldInfo, sent: list[Any], found: dict[str, Any]) -> None:
    kind, metas, optional = _unwrap(info.type)
    is_list = get_origin(kind) in (list, tuple, frozenset, set)
    values = [value for value in sent if isinstance(value, UploadFile) or str(value).strip()]
    if kind is bool:
        found[info.name] = bool(values) and str(values[-1]).lower() in TRUE
        return
    if not values:
        if is_list and not info.required:
            return
        if not info.required:
            return
        if optional:
            found[info.name] = None
            return
        raise Wrong(_("Please fill in this field."))
    if is_list:
        item = get_args(kind)[0]
        inner, inner_metas, _optional = _unwrap(item)
        items = [_check(_read_value(value, inner, info), inner_metas, inner) for value in values]
        found[info.name] = (get_origin(kind) or list)(items)
        return
    if len(values) > 1:
        raise Wrong(_("This field was sent more than once."))
    found[info.name] = _check(_read_value(values[0], kind, info), metas, kind)


def _unwrap(type_: Any) -> tuple[Any, list[Meta | Within], bool]:
    metas: list[Meta | Within] = []
    optional = False
    while True:
        if get_origin(type_) is Annotated:
            type_, *extra = get_args(type_)
            metas += [one for one in extra if isinstance(one, Meta | Within)]
        elif get_origin(type_) in (Union, UnionType):
            others = [one for one in get_args(type_) if one not in (NoneType, msgspec.UnsetType)]
            optional = optional or len(others) < len(get_args(type_))
            type_ = others[0]
        else:
            return type_, metas, optional


def _read_value(value: Any, kind: Any, info: FieldInfo) -> Any:
    if kind is UploadFile:
        if not isinstance(value, UploadFile):
            raise Wrong(_("Please choose a file."))
        return value
    text = clean_text(str(value), info.encode_name).strip()
    if len(text) > MAXIMUM_ENTRY:
        raise Wrong(_("Please use at most %(limit)s characters.", limit=MAXIMUM_ENTRY))
    if kind is str:
        return text.replace("\r\n", "\n")
    reader = READERS.get(kind)
    if reader is not None:
        return reader(text)
    if get_origin(kind) is Literal:
        if text not in get_args(kind):
            raise Wrong(_("Please choose one of the options."))
        return text
    raise TypeError(f"a form cannot carry {kind!r}")


def _read_integer(text: str) -> int:
    plain = text.replace(",", "")
    if not INTEGER.fullmatch(plain):
        raise Wrong(_("Please enter a whole number."))
    return int(plain)


def _read_decimal(text: str) -> Decimal:
    limit = Decimal(10) ** 15
    try:
        number = Decimal(text.replace(",", "")) if text.isascii() and "_" not in text else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= limit or int(number.as_tuple().exponent) < -12:
        raise Wrong(_("Please enter a number."))
    return number


def _read_date(text: str) -> date:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-11-23") else _no_date(text)
    except ValueError:
        raise Wrong(_("Please enter a date such as 2026-11-23.")) from None


def _no_date(text: str) -> date:
    raise ValueError(text)


def _read_moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Wrong(_("Please enter a date and time such as 2026-11-23T10:00.")) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def _read_uuid(text: str) -> UUID:
    try:
        found = UUID(text)
    except ValueError:
        raise Wrong(_("Please choose one of the options.")) from None
    if str(found) != text.lower():
        raise Wrong(_("Please choose one of the options."))
    return found


READERS: dict[Any, Any] = {
    int: _read_integer,
    Decimal: _read_decimal,
    date: _read_date,
    datetime: _read_moment,
    UUID: _read_uuid,
}


def _check(value: Any, metas: list[Meta | Within], kind: Any) -> Any:
    for meta in metas:
        if isinstance(meta, Within):
            if complaint := meta.complaint(value):
                raise Wrong(complaint)
            continue
        if kind is int:
            _check_bounds(value, meta)
        if kind is str:
            _check_text(value, meta)
    return value


def _check_bounds(value: Any, meta: Meta) -> None:
    if meta.ge is not None and value < meta.ge:
        raise Wrong(_("Must be at least %(limit)s.", limit=meta.ge))
    if meta.gt is not None and value <= meta.gt:
        raise Wrong(_("Must be more than %(limit)s.", limit=meta.gt))
    if meta.le is not None and value > meta.le:
        raise Wrong(_("Must be at most %(limit)s.", limit=meta.le))
    if meta.lt is not None and value >= meta.lt:
        raise Wrong(_("Must be less than %(limit)s.", limit=meta.lt))


def _check_text(value: str, meta: Meta) -> None:
    if meta.min_length is not None and len(value) < meta.min_length:
        raise Wrong(_("Please use at least %(limit)s characters.", limit=meta.min_length))
    if meta.max_length is not None and len(value) > meta.max_length:
        raise Wrong(_("Please use at most %(limit)s characters.", limit=meta.max_length))
    if meta.pattern is not None and not re.search(meta.pattern, value):
        raise Wrong(_("This is not in the right form."))
