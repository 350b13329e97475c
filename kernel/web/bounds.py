"""Bounds for decimals: the decoder has none of its own, and an amount without a bound is an invitation."""

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from msgspec import Struct

from kernel.problems import BadInput, FieldProblem
from kernel.texts import gettext as _


class Within(Struct, frozen=True):
    """Marks a Decimal field: `Annotated[Decimal, Within(gt=0, le=1000)]`, in bodies and in forms."""

    gt: int | None = None
    ge: int | None = None
    le: int | None = None
    places: int = 6

    def complaint(self, value: Decimal) -> str:
        """Return why a value is out of bounds, in the reader's language, or "" when it is not."""
        if not value.is_finite():
            return _("Please enter a number.")
        if self.gt is not None and value <= self.gt:
            return _("Must be more than %(limit)s.", limit=self.gt)
        if self.ge is not None and value < self.ge:
            return _("Must be at least %(limit)s.", limit=self.ge)
        if self.le is not None and value > self.le:
            return _("Must be at most %(limit)s.", limit=self.le)
        if -int(value.as_tuple().exponent) > self.places:
            return _("Please give at most %(limit)s decimal places.", limit=self.places)
        return ""


def check_decimals(value: Any, path: str = "") -> None:
    """Check every bounded decimal of a decoded value; BadInput names the first that is out of bounds."""
    if isinstance(value, Struct):
        bounds = _bounds_of(type(value))
        for name in value.__struct_fields__:
            item, place = getattr(value, name), f"{path}.{name}".lstrip(".")
            if isinstance(item, Decimal) and name in bounds and (complaint := bounds[name].complaint(item)):
                raise BadInput(fields=[FieldProblem(place, complaint)])
            check_decimals(item, place)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            check_decimals(item, f"{path}[{index}]")


@lru_cache(maxsize=512)
def _bounds_of(type_: type[Struct]) -> dict[str, Within]:
    hints = get_type_hints(type_, include_extras=True)
    return {name: bound for name, hint in hints.items() for bound in _find(hint)}


def _find(hint: Any) -> Iterator[Within]:
    if get_origin(hint) is Annotated:
        yield from (extra for extra in get_args(hint)[1:] if isinstance(extra, Within))
        return
    for part in get_args(hint):
        yield from _find(part)
