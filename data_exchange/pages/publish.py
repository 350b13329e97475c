"""Publishing a data product: which facts, of which grade, how much of each is shown."""

from typing import Annotated, Any

from litestar import Response, get, post
from msgspec import Meta, Struct, defstruct

import enterprises
from data_exchange import service
from data_exchange.contracts import FieldIn, ProductIn, RowFilter
from data_exchange.pages.common import translated, words
from data_exchange.service.labels import IDENTITIES, LEVELS, MASKINGS
from kernel.problems import BadInput, FieldProblem
from kernel.texts import N_
from kernel.texts import gettext as _
from kernel.web import ActDep, Db, Form, Once, StrictRequest, page, read_form, redirect, submit

FIELD_ROWS, FILTER_ROWS = 8, 2
Short = Annotated[str, Meta(max_length=120)]
Long = Annotated[str, Meta(max_length=2000)]
OPERATORS = {
    "equal": N_("is"),
    "at_least": N_("is at least"),
    "at_most": N_("is at most"),
    "starts_with": N_("begins with"),
}


class ProductForm(Struct):
    """The part of the form that every product has; the rows of fields and filters are added below."""

    title_zh: Short
    title_en: Short
    description_zh: Long
    assessment: Annotated[str, Meta(max_length=200)]
    identity: str
    description_en: Long = ""


_ROWS: list[tuple[str, Any, Any]] = [
    (f"{name}_{row}", Short, "") for row in range(1, FIELD_ROWS + 1) for name in ("fact", "level", "masking")
] + [(f"filter_{name}_{row}", Short, "") for row in range(1, FILTER_ROWS + 1) for name in ("fact", "operator", "value")]
PublishForm = defstruct("PublishForm", _ROWS, bases=(ProductForm,), kw_only=True)


@get("/data/products/new", opt={"policy": "product.publish"}, include_in_schema=False)
async def show_publish(request: StrictRequest) -> Any:
    """Show the form that publishes a product."""
    return page(request, "data_exchange/publish.html", _context(None))


@post("/data/products/new", opt={"policy": "product.publish"}, include_in_schema=False)
async def publish_product(request: StrictRequest, db: Db, act: ActDep, once: Once) -> Response[Any]:
    """Publish a product from the form."""
    form: Form[Any] = await read_form(request, PublishForm)
    if form.value is not None and form.is_valid:
        sent = form.value

        async def effect() -> str:
            try:
                return f"/data/products/{await service.publish_product(db, act, _product_of(sent))}"
            except BadInput as problem:
                raise BadInput(fields=[_beside_row(sent, one) for one in problem.fields]) from None

        if path := await submit(db, once, form, effect):
            return redirect(request, path, notice=_("Published. Add terms, so that it can be asked for."))
    return page(request, "data_exchange/publish.html", _context(form), status=422)


def _used(sent: Any, prefix: str, rows: int) -> list[int]:
    """Return the numbers of the rows a person filled in."""
    return [row for row in range(1, rows + 1) if getattr(sent, f"{prefix}fact_{row}")]


def _product_of(sent: Any) -> ProductIn:
    wrong = [
        FieldProblem(f"{name}_{row}", _("Please choose one of the options."))
        for row in _used(sent, "", FIELD_ROWS)
        for name, allowed in (("level", LEVELS), ("masking", MASKINGS))
        if getattr(sent, f"{name}_{row}") not in allowed
    ]
    wrong += [
        FieldProblem(f"filter_operator_{row}", _("Please choose one of the options."))
        for row in _used(sent, "filter_", FILTER_ROWS)
        if getattr(sent, f"filter_operator_{row}") not in OPERATORS
    ]
    if sent.identity not in IDENTITIES:
        wrong.append(FieldProblem("identity", _("Please choose one of the options.")))
    if wrong:
        raise BadInput(fields=wrong)
    return ProductIn(
        title_zh=sent.title_zh,
        title_en=sent.title_en,
        description_zh=sent.description_zh,
        description_en=sent.description_en,
        assessment=sent.assessment,
        identity=sent.identity,
        fields=tuple(
            FieldIn(
                fact=getattr(sent, f"fact_{row}"),
                level=getattr(sent, f"level_{row}"),
                masking=getattr(sent, f"masking_{row}"),
            )
            for row in _used(sent, "", FIELD_ROWS)
        ),
        filters=tuple(
            RowFilter(
                fact=getattr(sent, f"filter_fact_{row}"),
                operator=getattr(sent, f"filter_operator_{row}"),
                value=getattr(sent, f"filter_value_{row}"),
            )
            for row in _used(sent, "filter_", FILTER_ROWS)
        ),
    )


def _beside_row(sent: Any, problem: FieldProblem) -> FieldProblem:
    """Put a problem of `fields[1].masking` beside the row of the form it came from."""
    for prefix, path, rows in (("", "fields[", FIELD_ROWS), ("filter_", "filters[", FILTER_ROWS)):
        if problem.name.startswith(path):
            index, _bracket, rest = problem.name.removeprefix(path).partition("].")
            return FieldProblem(f"{prefix}{rest}_{_used(sent, prefix, rows)[int(index)]}", problem.message)
    return FieldProblem("fact_1", problem.message) if problem.name == "fields" else problem


def _context(form: Form[Any] | None) -> dict[str, Any]:
    facts = [
        (name, f"{enterprises.topic_label(one.topic)} · {enterprises.fact_label(name)}")
        for name, one in enterprises.VOCABULARY.items()
    ]
    return words() | {
        "form": form,
        "facts": facts,
        "level_options": translated(LEVELS),
        "masking_options": translated(MASKINGS),
        "operator_options": translated(OPERATORS),
        "identity_options": translated(IDENTITIES),
        "field_rows": range(1, FIELD_ROWS + 1),
        "filter_rows": range(1, FILTER_ROWS + 1),
        "labels": {
            "title_zh": _("Title in Chinese"),
            "title_en": _("Title in English"),
            "description_zh": _("Description in Chinese"),
            "description_en": _("Description in English"),
            "assessment": _("Impact assessment"),
            "identity": _("Companies in the result"),
        }
        | {
            f"{name}_{row}": _("Field %(row)s", row=row)
            for row in range(1, FIELD_ROWS + 1)
            for name in ("fact", "level", "masking")
        },
    }
