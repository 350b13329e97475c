"""The parts pages are built from: what they say, what they link to, and that nobody's words become markup."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kernel.act import Actor
from kernel.paging import Page
from kernel.texts import use_locale
from kernel.web.templates import Frame, hue, initials, make_environment

TEMPLATES = Path(__file__).resolve().parents[2] / "portal" / "templates"
IMPORT = (
    '{% from "parts.html" import avatar, badge, callout, card, cell, chart, data_table, definition_list, empty, '
    "error_summary, field, filters, form_guard, kpi, page_header, post_button, progress_bar, stepper, timeline, verdict "
    "with context %}"
)
COLUMNS = [
    {"name": "name", "label": "Name", "sortable": True},
    {"name": "area", "label": "Area", "kind": "number", "sortable": True},
]


def render(source: str, *, path: str = "/list", query: tuple[tuple[str, str], ...] = (), **context: Any) -> str:
    environment = make_environment([TEMPLATES])
    frame = Frame(path=path, query=query, actor=Actor(kind="person", name="x"), csrf_token="form-token")
    with use_locale("en"):
        return environment.from_string(IMPORT + source).render(frame=frame, **context)


def page_of(count: int, **more: Any) -> Page[Any]:
    rows = [SimpleNamespace(id=number, name=f"Company {number}", area=number * 1000) for number in range(1, count + 1)]
    given: dict[str, Any] = {
        "total": count,
        "page": 1,
        "size": 20,
        "pages": 1,
        "sort": "-area",
        "q": "",
        "filters": {},
    } | more
    return Page(rows, **given)


def test_a_sorted_column_says_so_and_its_link_turns_the_order() -> None:
    html = render(
        "{{ data_table(page, columns, 'Companies') }}",
        page=page_of(2),
        columns=COLUMNS,
        query=(("q", "a b"), ("page", "3")),
    )
    assert 'aria-sort="descending"><a class="sort sort-descending" href="/list?q=a+b&amp;sort=area"' in html
    assert 'aria-sort="none"><a class="sort sort-none" href="/list?q=a+b&amp;sort=name"' in html
    assert "page=3" not in html


def test_a_long_list_is_paged_counted_and_exported() -> None:
    html = render(
        "{{ data_table(page, columns, 'Companies') }}", page=page_of(20, total=130, page=3, pages=7), columns=COLUMNS
    )
    assert "130 entries · page 3 of 7" in html
    assert 'aria-current="page"' in html
    assert 'href="/list?page=4" aria-label="Next page"' in html
    assert 'href="/list" aria-label="Previous page"' not in html
    assert 'href="/list?export=csv"' in html


def test_an_empty_list_says_what_to_do_next_and_a_filtered_one_how_to_get_out() -> None:
    source = "{{ data_table(page, columns, 'Companies', empty_title='No company', empty_action=('/new', 'Add one')) }}"
    assert 'href="/new">Add one' in render(source, page=page_of(0), columns=COLUMNS)
    filtered = render(source, page=page_of(0, q="zzz"), columns=COLUMNS)
    assert "No company" not in filtered
    assert 'href="/list">Clear all filters' in filtered


def test_words_of_others_never_become_markup() -> None:
    evil = '<script>alert(1)</script>"onload='
    page = Page(
        [SimpleNamespace(id=1, name=evil, area=1)], total=1, page=1, size=20, pages=1, sort="name", q=evil, filters={}
    )
    html = render(
        "{{ filters(page, [], search='Name') }}{{ data_table(page, columns, 'Companies') }}{{ badge(evil) }}"
        "{{ field(none, 'x', evil, value=evil, help=evil) }}{{ empty(evil, evil) }}{{ kpi(evil, evil, evil) }}",
        page=page, columns=COLUMNS, evil=evil,
    )  # fmt: skip
    assert "<script>" not in html
    assert '"onload=' not in html


def test_a_wrong_field_keeps_its_entry_and_points_to_its_message() -> None:
    form = SimpleNamespace(entries={"staff": "eighty"}, errors={"staff": "Please enter a whole number."})
    html = render(
        "{{ error_summary(form, {'staff': 'Staff'}) }}{{ field(form, 'staff', 'Staff', kind='number', help='heads') }}",
        form=form,
    )
    assert 'value="eighty"' in html
    assert 'aria-describedby="help-staff error-staff"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="error-staff"' in html
    assert '<a href="#field-staff">Staff</a>' in html


def test_what_was_typed_wins_over_the_stored_value_even_when_it_is_nothing() -> None:
    form = SimpleNamespace(entries={"other": "1"}, errors={"name": "Please fill in this field."})
    html = render("{{ field(form, 'name', 'Name', value='stored') }}", form=form)
    assert "stored" not in html


def test_a_password_is_never_written_back() -> None:
    form = SimpleNamespace(entries={"password": "hunter2hunter2"}, errors={})
    assert "hunter2" not in render("{{ field(form, 'password', 'Password', kind='password') }}", form=form)


@pytest.mark.parametrize(
    ("value", "words", "sign"),
    [
        ("eligible", "Eligible", "circle-check"),
        ("not_eligible", "Not eligible", "circle-x"),
        ("depends", "Depends on open questions", "help-circle"),
        ("incomplete", "Rules incomplete", "info-circle"),
    ],
)
def test_a_verdict_speaks_in_words_sign_and_colour(value: str, words: str, sign: str) -> None:
    html = render("{{ verdict(value) }}", value=value)
    assert words in html
    assert f"#{sign}" in html
    assert f"verdict-{value}" in html


def test_an_unknown_verdict_is_an_error_and_not_a_guess() -> None:
    with pytest.raises(Exception, match=r"undefined|no attribute"):
        render("{{ verdict('maybe') }}")


def test_every_form_carries_its_token_a_fresh_key_and_the_version() -> None:
    first, second = (render("{{ form_guard(7) }}") for _round in range(2))
    assert 'name="_csrf" value="form-token"' in first
    assert 'name="_version" value="7"' in first
    assert first != second


def test_cells_show_each_kind_of_value() -> None:
    row = {
        "a": 1234.5, "b": Decimal("99.5"), "c": 12345, "d": 0.25, "e": date(2026, 1, 2),
        "f": datetime(2026, 1, 2, tzinfo=UTC), "g": True, "h": None, "i": "open",
    }  # fmt: skip
    kinds = {
        "a": "number",
        "b": "money",
        "c": "money",
        "d": "percent",
        "e": "date",
        "f": "moment",
        "g": "bool",
        "h": "text",
    }
    shown = {
        name: render("{{ cell(row, column) }}", row=row, column={"name": name, "kind": kind, "label": ""}).strip()
        for name, kind in kinds.items()
    }
    assert shown["a"] == "1,234.5"
    assert shown["b"] == "¥99.50"
    assert shown["c"] == "¥123.45"
    assert shown["d"] == "25.0%"
    assert shown["e"] == "2 Jan 2026"
    assert "2 Jan 2026, 08:00" in shown["f"]
    assert shown["g"] == "Yes"
    assert "—" in shown["h"]
    choice = {"name": "i", "kind": "enum", "label": "", "choices": {"open": "Open for applications"}}
    assert render("{{ cell(row, column) }}", row=row, column=choice).strip() == "Open for applications"


def test_a_chart_always_has_its_figures_as_a_table() -> None:
    html = render(
        "{{ chart('energy', '/energy.json', 'Energy', {'head': ['Day', 'kWh'], 'rows': [['1 Jan', '52']]}) }}"
    )
    assert 'data-chart="/energy.json"' in html
    assert "<details" in html
    assert '<th scope="row">1 Jan</th><td class="num">52</td>' in html


def test_progress_steps_and_time_are_told_in_words_too() -> None:
    html = render(
        "{{ progress_bar(0, 0) }}{{ stepper([{'label': 'Submit', 'state': 'done'}, {'label': 'Review', 'state': 'current'}]) }}"
        "{{ timeline([{'at': at, 'title': 'Submitted'}]) }}{{ timeline([]) }}",
        at=datetime(2026, 11, 23, 2, tzinfo=UTC),
    )
    assert 'aria-label="Progress">0%' in html
    assert 'aria-current="step"' in html
    assert "(done)" in html
    assert "23 Nov 2026, 10:00" in html
    assert "Nothing has happened yet." in html


def test_signs_of_companies_tell_them_apart() -> None:
    assert initials("滨海云启智能科技有限公司") == "云"
    assert initials("Sample Bank") == "SB"
    assert initials("") == "?"
    assert len({hue(name) for name in ("甲", "乙", "丙", "丁", "Acme", "Bolt")}) > 1
