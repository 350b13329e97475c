"""Collects the layers of the staging statement; names in it are ours or quoted."""

from msgspec import Struct

from credit.focus.table import Table, identifier


class Flag(Struct, frozen=True):
    """A boolean column of `staged`: a rule, the column concerned, and the column that keeps the offending text."""

    name: str
    rule: str
    column: str
    value: str


class Builder:
    """Collects the layers of the staging statement; each reads the columns of the one below, so nothing is computed twice."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.clean: list[str] = ["row"]  # layer 1: trimmed text, NULL where empty
        self.values: list[str] = []  # layer 2: typed values of layer 1
        self.derived: list[str] = []  # layer 3: values of layer 2
        self.marks: list[str] = []  # layer 4: flags
        self.flags: list[Flag] = []
        self.typed: list[str] = []

    def flag(self, rule: str, column: str, condition: str, value: str = "") -> None:
        name = f"f{len(self.flags)}"
        kept = f"v{len(self.flags)}"
        self.flags.append(Flag(name, rule, column, kept if value else ""))
        self.marks.append(f"coalesce({condition}, false) AS {name}")
        if value:
            self.marks.append(f"CASE WHEN {condition} THEN left({value}, 80) END AS {kept}")

    def type(self, column: str, expression: str) -> None:
        self.typed.append(column)
        self.values.append(f"{expression} AS {identifier(column)}")


def text_of(name: str) -> str:
    return f"t_{name}"


def column_of(builder: Builder, name: str, kind: str = "VARCHAR") -> str:
    return identifier(name) if name in builder.table.cells else f"CAST(NULL AS {kind})"
