"""Strict reading of YAML with its line numbers: every value knows its place, nothing is guessed, nothing is ignored.

Scalars are taken as written (no float, no "no" that turns into False), aliases and double keys are refused, and a field nobody
asked for is an error.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation

import yaml
from msgspec import Struct

from kernel.texts import gettext as _


class Fault(Struct, frozen=True):
    """One mistake: which file, which line (from 1), which field, and what is wrong with it."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return (
            f"{self.file}:{self.line}: {self.field}: {self.message}"
            if self.field
            else (f"{self.file}:{self.line}: {self.message}")
        )


class CatalogueFault(Exception):
    """A file cannot be taken; nothing of the catalogue is loaded."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class Place:
    """One node of a file, with the path of fields that leads to it."""

    def __init__(self, file: str, node: yaml.Node, field: str = "") -> None:
        self.file = file
        self.node = node
        self.field = field

    def fault(self, message: str, field: str = "") -> CatalogueFault:
        """Return the error to raise here."""
        where = ".".join(part for part in (self.field, field) if part)
        return CatalogueFault([Fault(self.file, self.node.start_mark.line + 1, where, message)])

    def below(self, node: yaml.Node, name: str) -> "Place":
        """Return the place of a child."""
        return Place(self.file, node, f"{self.field}.{name}" if self.field else name)

    @property
    def is_null(self) -> bool:
        """Whether nothing, or the word null, stands here."""
        return (
            isinstance(self.node, yaml.ScalarNode) and self.node.style is None and self.node.value in {"", "null", "~"}
        )

    @property
    def is_list(self) -> bool:
        """Whether a list stands here."""
        return isinstance(self.node, yaml.SequenceNode)

    @property
    def is_mapping(self) -> bool:
        """Whether a mapping stands here."""
        return isinstance(self.node, yaml.MappingNode)

    def text(self) -> str:
        """Return the text; an empty one is an error."""
        if not isinstance(self.node, yaml.ScalarNode) or self.is_null or not self.node.value.strip():
            raise self.fault(_("a text is expected"))
        return str(self.node.value).strip()

    def flag(self) -> bool:
        """Return true or false, written just so."""
        found = self.text()
        if found not in {"true", "false"}:
            raise self.fault(_("true or false is expected, not “%(found)s”", found=found))
        return found == "true"

    def decimal(self) -> Decimal:
        """Return an exact number."""
        found = self.text()
        try:
            number = Decimal(found.replace("_", ""))
        except InvalidOperation:
            raise self.fault(_("a number is expected, not “%(found)s”", found=found)) from None
        if not number.is_finite():
            raise self.fault(_("a number is expected, not “%(found)s”", found=found))
        return number

    def whole(self) -> int:
        """Return a whole number."""
        number = self.decimal()
        if number != number.to_integral_value():
            raise self.fault(_("a whole number is expected, not “%(found)s”", found=str(number)))
        return int(number)

    def day(self) -> date:
        """Return a day written as YYYY-MM-DD."""
        found = self.text()
        try:
            return date.fromisoformat(found)
        except ValueError:
            raise self.fault(_("a day such as 2026-11-23 is expected, not “%(found)s”", found=found)) from None

    def one_of(self, choices: tuple[str, ...]) -> str:
        """Return one of the permitted words."""
        found = self.text()
        if found not in choices:
            raise self.fault(_("“%(found)s” is none of: %(choices)s", found=found, choices=", ".join(choices)))
        return found

    def items(self) -> list["Place"]:
        """Return the places of a list that is not empty."""
        if not isinstance(self.node, yaml.SequenceNode) or not self.node.value:
            raise self.fault(_("a list is expected"))
        return [self.below(node, str(number)) for number, node in enumerate(self.node.value, start=1)]

    def fields(self) -> "Fields":
        """Return the fields of a mapping."""
        return Fields(self)


class Fields:
    """The fields of a mapping; `close` complains about those that nobody took."""

    def __init__(self, place: Place) -> None:
        if not isinstance(place.node, yaml.MappingNode):
            raise place.fault(_("fields with names are expected"))
        self.place = place
        self._open: dict[str, Place] = {}
        for key, value in place.node.value:
            name = str(key.value)
            if name in self._open:
                raise place.below(key, name).fault(_("this field stands here twice"))
            # Errors name the line of the key: an empty value has none of its own.
            self._open[name] = place.below(value, name)

    def __contains__(self, name: str) -> bool:
        return name in self._open

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._open))

    def take(self, name: str) -> Place:
        """Return a field that must be there."""
        if name not in self._open:
            raise self.place.fault(_("this field is missing"), name)
        return self._open.pop(name)

    def find(self, name: str) -> Place | None:
        """Return a field that may be there."""
        return self._open.pop(name, None)

    def close(self) -> None:
        """Refuse fields that nobody asked for."""
        for place in self._open.values():
            raise place.fault(_("there is no such field here"))


def read_yaml(file: str, text: str) -> Place:
    """Return the root of a document; broken YAML, aliases and an empty file are faults with their line."""
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if isinstance(token, yaml.AnchorToken | yaml.AliasToken):
                raise CatalogueFault(
                    [Fault(file, token.start_mark.line + 1, "", _("anchors and aliases are not accepted"))]
                )
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CatalogueFault([Fault(file, line, "", error.problem or _("this is no YAML"))]) from None
    except yaml.YAMLError:
        raise CatalogueFault([Fault(file, 1, "", _("this is no YAML"))]) from None
    if root is None:
        raise CatalogueFault([Fault(file, 1, "", _("the file is empty"))])
    return Place(file, root)
