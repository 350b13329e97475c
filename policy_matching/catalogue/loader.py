"""Loads support items from YAML files: all of a catalogue, or nothing and the list of faults."""

from decimal import Decimal
from pathlib import Path
from typing import cast

from kernel.texts import gettext as _
from policy_matching.catalogue.conditions import Author
from policy_matching.catalogue.definition import ROUTES, ItemVersion, Kind, Route, Words
from policy_matching.catalogue.reading import CatalogueFault, Fault, Fields, Place, read_yaml
from policy_matching.engine import Benefit, Period, tree
from policy_matching.engine.amounts import BenefitKind

FOLDER = Path(__file__).parent
NATIONAL = FOLDER / "national"
SAMPLE = FOLDER / "sample"
KINDS = ("recognition", "tax", "levy", "subsidy", "interest_subsidy", "service")
BENEFITS = (
    "fixed", "share", "per_head", "refund", "interest_subsidy", "tax_rate", "tax_cut", "tax_exemption", "tax_holiday",
    "super_deduction", "vat_credit", "vat_refund", "full_expensing", "recognition",
)  # fmt: skip


def load_folder(*folders: Path) -> tuple[ItemVersion, ...]:
    """Return every item of the folders' .yaml files, ordered by id. Raises CatalogueFault with every fault found."""
    items: list[ItemVersion] = []
    faults: list[Fault] = []
    places: dict[str, str] = {}
    for path in sorted(path for folder in folders for path in folder.glob("*.yaml")):
        try:
            found = load_text(path.name, path.read_text(encoding="utf-8"))
        except CatalogueFault as fault:
            faults += fault.faults
            continue
        except UnicodeDecodeError:
            faults.append(Fault(path.name, 1, "", _("the file is not UTF-8")))
            continue
        for item in found:
            if item.id in places:
                faults.append(
                    Fault(path.name, 1, item.id, _("this item stands in %(other)s too", other=places[item.id]))
                )
            places[item.id] = path.name
        items += found
    faults += _check_references(items, places)
    if faults:
        raise CatalogueFault(faults)
    return tuple(sorted(items, key=lambda item: item.id))


def load_text(file: str, text: str) -> tuple[ItemVersion, ...]:
    """Return the items of one file. Raises CatalogueFault with the faults of every item in it."""
    fields = read_yaml(file, text).fields()
    items: list[ItemVersion] = []
    faults: list[Fault] = []
    for place in fields.take("items").items():
        try:
            items.append(_read_item(place))
        except CatalogueFault as fault:
            faults += fault.faults
    try:
        fields.close()
    except CatalogueFault as fault:
        faults += fault.faults
    if faults:
        raise CatalogueFault(faults)
    return tuple(items)


def _check_references(items: list[ItemVersion], places: dict[str, str]) -> list[Fault]:
    known = {item.id for item in items}
    return [
        Fault(places[item.id], 1, f"{item.id}.{field}", _("there is no item “%(name)s”", name=name))
        for item in items
        for field, names in (("replaces", (item.replaces,)), ("exclusive_with", item.exclusive_with))
        for name in names
        if name and name not in known
    ]


def _read_item(place: Place) -> ItemVersion:
    fields = place.fields()
    parameters = _parameters(fields.find("parameters"))
    author = Author(parameters)
    region = fields.find("region")
    regions, rule = _region(region, author)
    conditions = author.criteria(fields.take("criteria"))
    if rule is not None:
        conditions = tree.All((rule, *(conditions.of if isinstance(conditions, tree.All) else (conditions,))))
    unused = sorted(set(parameters) - author.used)
    if unused:
        raise place.fault(_("no criterion uses the parameter “%(name)s”", name=unused[0]), "parameters")
    item = ItemVersion(
        id=fields.take("id").text(),
        title=_words(fields.take("title")),
        document=fields.take("document").text(),
        issuer=_words(fields.take("issuer")),
        route=cast("Route", fields.take("route").one_of(ROUTES)),
        kind=cast("Kind", fields.take("kind").one_of(KINDS)),
        valid=_period(fields.take("valid")),
        windows=tuple(_period(window) for window in windows.items()) if (windows := fields.find("windows")) else (),
        checked=fields.take("checked").day(),
        complete=fields.take("complete").flag(),
        benefit=_benefit(fields.take("benefit")),
        rule=conditions,
        replaces=_text(fields, "replaces"),
        exclusive_with=_texts(fields, "exclusive_with"),
        parameters=parameters,
        regions=regions,
        themes=_texts(fields, "themes"),
        summary=_maybe_words(fields, "summary"),
        guidance=_maybe_words(fields, "guidance"),
        notes=_maybe_words(fields, "notes"),
        promise=_maybe_words(fields, "promise"),
        link=_text(fields, "link"),
        sample=sample.flag() if (sample := fields.find("sample")) else False,
        budget=budget.decimal() if (budget := fields.find("budget")) else None,
        publicity_workdays=days.whole() if (days := fields.find("publicity_workdays")) else 0,
    )
    fields.close()
    _check_item(item, place)
    return item


def _check_item(item: ItemVersion, place: Place) -> None:
    if item.route == "promise" and not item.promise.zh:
        raise place.fault(_("a promise route needs the text that is signed"), "promise")
    if item.budget is not None and (item.budget <= 0 or not item.is_portal):
        raise place.fault(_("only items that are paid here have a budget, and it is more than nothing"), "budget")
    if item.route == "automatic" and any(criterion.review for criterion in tree.criteria_of(item.rule)):
        raise place.fault(_("an automatic item has no criterion that somebody must judge"), "criteria")
    if not item.complete and item.is_portal and item.budget is not None:
        raise place.fault(_("an item with incomplete rules is not paid"), "budget")


def _parameters(place: Place | None) -> dict[str, Decimal]:
    if place is None:
        return {}
    fields = place.fields()
    return {name: fields.take(name).decimal() for name in fields}


def _region(place: Place | None, author: Author) -> tuple[tuple[str, ...], tree.Criterion | None]:
    """Read where the item holds: absent means the whole country, else a criterion on the place of business."""
    if place is None:
        return (), None
    fields = place.fields()
    criterion = author.region(fields)
    fields.close()
    return criterion.test.branches if isinstance(criterion.test, tree.Under) else (), criterion


def _period(place: Place) -> Period:
    days = place.items()
    if len(days) != 2:
        raise place.fault(_("a period is [first day, last day or null]"))
    start, end = days[0].day(), None if days[1].is_null else days[1].day()
    if end is not None and end < start:
        raise place.fault(_("the last day lies before the first"))
    return Period(start, end)


def _benefit(place: Place) -> Benefit:
    fields = place.fields()
    note = _maybe_words(fields, "note")
    base = fields.find("base")
    rates = fields.find("rate_by_size")
    by_size = rates.fields() if rates else None
    benefit = Benefit(
        type=cast("BenefitKind", fields.take("type").one_of(BENEFITS)),
        amount=_number(fields, "amount"),
        base=base.text() if base else "",
        base_year=year.whole() if (year := fields.find("base_year")) else 0,
        rate=_number(fields, "rate"),
        rate_by_size={size: by_size.take(size).decimal() for size in by_size} if by_size else {},
        cap=_number(fields, "cap"),
        years=years.whole() if (years := fields.find("years")) else None,
        note_zh=note.zh,
        note_en=note.en,
    )
    fields.close()
    if base is not None:
        Author({}).definition(base)
    if benefit.type in {"share", "refund", "per_head"} and base is None:
        raise place.fault(_("this field is missing"), "base")
    if by_size is not None and set(benefit.rate_by_size) != {"large", "medium", "small", "micro"}:
        raise place.fault(_("one rate for each of: large, medium, small, micro"), "rate_by_size")
    return benefit


def _words(place: Place) -> Words:
    fields = place.fields()
    words = Words(fields.take("zh").text(), fields.take("en").text())
    fields.close()
    return words


def _maybe_words(fields: Fields, name: str) -> Words:
    found = fields.find(name)
    return _words(found) if found else Words()


def _text(fields: Fields, name: str) -> str:
    found = fields.find(name)
    return found.text() if found else ""


def _texts(fields: Fields, name: str) -> tuple[str, ...]:
    found = fields.find(name)
    return tuple(item.text() for item in found.items()) if found else ()


def _number(fields: Fields, name: str) -> Decimal | None:
    found = fields.find(name)
    return found.decimal() if found else None
