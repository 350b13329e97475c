"""Criteria and tests as authors write them, read into the tree of the engine and checked against the vocabulary of facts.

A test names a fact and what it must be; several demands in one test must all hold:

    {fact: staff, at_most: 300}                                   {fact: revenue, more_than: 50000000, at_most: 200000000}
    {fact: science_staff, share_of: staff, at_least: 0.10}        {fact: rd_expense, share_of: revenue, years: 3, at_least: 0.05}
    {fact: rd_expense, years: 2, each: true, at_least: 1000000}   {fact: rd_expense, years: 2, together: true, at_least: 12000000}
    {fact: main_business_revenue, growth: 2, at_least: 0.05}      {fact: registered_on, age: days, at_least: 365}
    {fact: industry_code, under: [C, "6513"]}                     {fact: recognitions, holds: [high_tech_enterprise]}
    {fact: vat_taxpayer_type, is: small_scale}                    {fact: size_class, in: [medium, small, micro]}

They join by `all`, `any`, `not`, `at_least` + `of`, and `points` + `awards`. A number may be a parameter: `$layoff_limit`.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from enterprises import VOCABULARY, FactDefinition
from kernel.texts import gettext as _
from policy_matching.catalogue.reading import Fields, Place
from policy_matching.engine import tree
from policy_matching.engine.codes import path_of

DEMANDS: dict[str, tree.Operator] = {
    "is": "==", "is_not": "!=", "at_least": ">=", "more_than": ">", "at_most": "<=", "less_than": "<",
}  # fmt: skip
NUMBERS = ("integer", "decimal", "ratio", "money")


class Author:
    """Reads the conditions of one item: knows its parameters and which criterion ids are taken."""

    def __init__(self, parameters: Mapping[str, Decimal]) -> None:
        self.parameters = parameters
        self.ids: set[str] = set()
        self.used: set[str] = set()

    def criteria(self, place: Place) -> tree.Node:
        """Read a tree whose leaves are criteria."""
        fields = place.fields()
        if "id" in fields:
            return self._criterion(place, fields)
        node = self._join(fields, self.criteria)
        if node is None:
            raise place.fault(_("a criterion needs an id; a group is one of: all, any, not, at_least"))
        fields.close()
        return node

    def _criterion(self, place: Place, fields: Fields) -> tree.Criterion:
        name = fields.take("id")
        if name.text() in self.ids:
            raise name.fault(_("“%(name)s” stands here twice", name=name.text()))
        self.ids.add(name.text())
        condition, review, routes = (fields.find(key) for key in ("applies_when", "review", "other_routes"))
        clause, quote = fields.find("clause"), fields.find("quote")
        criterion = tree.Criterion(
            id=name.text(),
            zh=fields.take("zh").text(),
            en=fields.take("en").text(),
            test=self.test(fields.take("test")),
            clause=clause.text() if clause else "",
            quote=quote.text() if quote else "",
            applies_when=self.test(condition) if condition else None,
            review=review.flag() if review else False,
            other_routes=routes.flag() if routes else False,
        )
        fields.close()
        return criterion

    def test(self, place: Place) -> tree.Node:
        """Read a tree whose leaves are tests of facts."""
        fields = place.fields()
        node = self._fact_test(place, fields) if "fact" in fields else self._join(fields, self.test)
        if node is None and "points" in fields:
            node = self._points(fields)
        if node is None:
            raise place.fault(_("a test names a fact, or is one of: all, any, not, at_least, points"))
        fields.close()
        return node

    def _join(self, fields: Fields, read: Callable[[Place], tree.Node]) -> tree.Node | None:
        if (found := fields.find("all")) is not None:
            return tree.All(tuple(read(child) for child in found.items()))
        if (found := fields.find("any")) is not None:
            return tree.Any(tuple(read(child) for child in found.items()))
        if (found := fields.find("not")) is not None:
            return tree.Not(read(found))
        if "of" in fields:
            limit, found = fields.take("at_least"), fields.take("of")
            children = tuple(read(child) for child in found.items())
            if not 1 <= limit.whole() <= len(children):
                raise limit.fault(_("at least 1 and at most %(most)s", most=len(children)))
            return tree.AtLeast(limit.whole(), children)
        return None

    def _points(self, fields: Fields) -> tree.Points:
        limit, awards = self._number(fields.take("points")), []
        for place in fields.take("awards").items():
            award = place.fields()
            points = award.take("points")
            if points.decimal() <= 0:
                raise points.fault(_("points are more than nothing"))
            awards.append(tree.Award(points.decimal(), self.test(award.take("when"))))
            award.close()
        return tree.Points(limit, tuple(awards))

    def _fact_test(self, place: Place, fields: Fields) -> tree.Node:
        definition = self.definition(fields.take("fact"))
        if definition.kind in NUMBERS:
            return self._number_test(place, fields, definition)
        if definition.kind == "date":
            return self._age_test(place, fields, definition)
        return self._code_test(place, fields, definition)

    def region(self, fields: Fields) -> tree.Criterion:
        """Read where an item holds as the criterion it is."""
        self.ids.add("region")
        place = VOCABULARY["division_code"]
        codes = tuple(self._code(code, place) for code in fields.take("codes").items())
        test = tree.Under("division_code", codes, "GB/T 2260")
        return tree.Criterion("region", fields.take("zh").text(), fields.take("en").text(), test)

    def definition(self, place: Place) -> FactDefinition:
        """Return the fact that is named here."""
        definition = VOCABULARY.get(place.text())
        if definition is None:
            raise place.fault(_("“%(found)s” is no fact of the vocabulary", found=place.text()))
        return definition

    def _code_test(self, place: Place, fields: Fields, definition: FactDefinition) -> tree.Node:
        name = definition.name
        if (found := fields.find("is")) is not None:
            if definition.kind == "bool":
                return tree.Compare(name, "==", found.flag())
            if definition.kind == "code":
                return tree.OneOf(name, (self._code(found, definition),))
            raise found.fault(_("this fact takes “holds”"))
        if (found := fields.find("in")) is not None and definition.kind == "code":
            return tree.OneOf(name, tuple(self._code(item, definition) for item in found.items()))
        if (found := fields.find("under")) is not None and definition.code_system:
            return tree.Under(name, tuple(self._code(i, definition) for i in found.items()), definition.code_system)
        if (found := fields.find("holds")) is not None and definition.kind == "codes":
            return tree.Holds(name, tuple(self._code(item, definition) for item in found.items()))
        raise place.fault(_("this test does not fit the fact %(name)s (%(kind)s)", name=name, kind=definition.kind))

    def _code(self, place: Place, definition: FactDefinition) -> str:
        code = place.text()
        if definition.code_system:
            if not path_of(code, definition.code_system):
                raise place.fault(_("“%(code)s” is no code of %(system)s", code=code, system=definition.code_system))
        elif code not in {choice.code for choice in definition.choices}:
            raise place.fault(_("“%(code)s” is no value of %(name)s", code=code, name=definition.name))
        return code

    def _age_test(self, place: Place, fields: Fields, definition: FactDefinition) -> tree.Node:
        unit = fields.take("age").one_of(("days", "years"))
        tests = [
            tree.Age(definition.name, "days" if unit == "days" else "years", operator, number)
            for operator, number in self._demands(place, fields)
        ]
        return tests[0] if len(tests) == 1 else tree.All(tuple(tests))

    def _number_test(self, place: Place, fields: Fields, definition: FactDefinition) -> tree.Node:
        base = self._base(fields.find("share_of"))
        growth, years, year = (fields.find(key) for key in ("growth", "years", "year"))
        each, together, short = (fields.find(key) for key in ("each", "together", "since_registration"))
        span = 0 if (counted := growth or years) is None else self._years(counted, definition)
        single = self._year(place, year, definition) if not span else 0
        if each is not None and together is not None:
            raise each.fault(_("either each or together"))
        tests: list[tree.Node] = []
        for operator, number in self._demands(place, fields):
            if growth:
                tests.append(tree.Growth(definition.name, span, operator, number))
            elif base is not None and each is not None and each.flag():
                tests += [tree.Share(definition.name, base, operator, number, year=-back) for back in _back(span)]
            elif base is not None:
                since = short is not None and short.flag()
                tests.append(tree.Share(definition.name, base, operator, number, span, single, since))
            elif together is not None and together.flag():
                tests.append(tree.Total(definition.name, span, operator, number))
            elif span:
                if each is None or not each.flag():
                    raise place.fault(_("several years count each or together"))
                tests += [tree.Compare(definition.name, operator, number, -back) for back in _back(span)]
            else:
                tests.append(tree.Compare(definition.name, operator, number, single))
        return tests[0] if len(tests) == 1 else tree.All(tuple(tests))

    def _base(self, place: Place | None) -> str | None:
        if place is None:
            return None
        base = self.definition(place)
        if base.kind not in NUMBERS:
            raise place.fault(_("“%(found)s” is no number", found=base.name))
        return base.name

    def _years(self, place: Place, definition: FactDefinition) -> int:
        if definition.period != "year":
            raise place.fault(_("%(name)s is not a yearly fact", name=definition.name))
        if not 1 <= place.whole() <= 10:
            raise place.fault(_("at least 1 and at most %(most)s", most=10))
        return place.whole()

    def _year(self, place: Place, year: Place | None, definition: FactDefinition) -> int:
        if year is None:
            return -1 if definition.period == "year" else tree.LATEST
        if definition.period != "year":
            raise year.fault(_("%(name)s is not a yearly fact", name=definition.name))
        if not -10 <= year.whole() <= -1:
            raise year.fault(_("a year counts back from today: -1 is last year"))
        return year.whole()

    def _demands(self, place: Place, fields: Fields) -> list[tuple[tree.Operator, Decimal]]:
        found = [(operator, value) for name, operator in DEMANDS.items() if (value := fields.find(name)) is not None]
        if not found:
            raise place.fault(_("what must the fact be? One of: %(choices)s", choices=", ".join(DEMANDS)))
        return [(operator, self._number(value)) for operator, value in found]

    def _number(self, place: Place) -> Decimal:
        text = place.text()
        if not text.startswith("$"):
            return place.decimal()
        name = text[1:]
        if name not in self.parameters:
            raise place.fault(_("there is no parameter “%(name)s”", name=name))
        self.used.add(name)
        return self.parameters[name]


def _back(years: int) -> range:
    return range(1, years + 1)
