"""The register of companies, for park operators (their tenants), auditors and administrators."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from msgspec import Meta, Struct

from enterprises import codes, service, store
from enterprises.contracts import EnterpriseIn
from enterprises.pages.history import ROOMS
from kernel.paging import ListQuery
from kernel.texts import gettext as _
from kernel.web import ActDep, Db, Listed, Once, ReadDb, StrictRequest, download, page, read_form, redirect, submit

SHOWN = 20


class RegisterForm(Struct):
    """A company to register, as a person enters it."""

    uscc: Annotated[str, Meta(max_length=40)]
    name_zh: Annotated[str, Meta(max_length=200)]
    industry_code: Annotated[str, Meta(max_length=10)]
    division_code: Annotated[str, Meta(max_length=12)]
    name_en: Annotated[str, Meta(max_length=200)] = ""
    registered_on: date | None = None
    address_zh: Annotated[str, Meta(max_length=300)] = ""


@get("/enterprises", opt={"policy": "enterprise.list_page"}, include_in_schema=False)
async def show_enterprises(
    request: StrictRequest, read_db: ReadDb, act: ActDep, listed: Listed, export: FromQuery[str] = ""
) -> Response[Any]:
    """Show the companies the actor may see."""
    if export:
        rows = await store.all_enterprises(read_db, act.actor, listed)
        return download(store.ENTERPRISES, rows, export, "enterprises")
    found = await store.list_enterprises(read_db, act.actor, listed)
    hidden = {"name_en", "created_at"}
    context = {
        "found": found,
        "columns": [column for column in store.ENTERPRISES.columns if column.name not in hidden],
        "industry_name": codes.industry_name,
        "division_path": codes.division_path,
    }
    return page(request, "enterprises/list.html", context)


@get("/enterprises/new", opt={"policy": "enterprise.register"}, include_in_schema=False)
async def show_registration(request: StrictRequest) -> Any:
    """Show the form that registers a company."""
    return page(request, "enterprises/register.html", {"form": None})


@post("/enterprises/new", opt={"policy": "enterprise.register"}, include_in_schema=False)
async def register_company(request: StrictRequest, db: Db, act: ActDep, once: Once) -> Response[Any]:
    """Register a company from the form."""
    form = await read_form(request, RegisterForm)
    if form.value is not None and form.is_valid:
        data = EnterpriseIn(**{name: getattr(form.value, name) for name in RegisterForm.__struct_fields__})

        async def effect() -> str:
            return f"/enterprises/{await service.register_enterprise(db, act, data)}"

        if path := await submit(db, once, form, effect):
            return redirect(request, path, notice=_("The company is registered."))
    return page(request, "enterprises/register.html", {"form": form}, status=422)


@get("/enterprises/{enterprise_id:uuid}", opt={"policy": "enterprise.list_page"}, include_in_schema=False)
async def show_enterprise(request: StrictRequest, read_db: ReadDb, act: ActDep, enterprise_id: FromPath[UUID]) -> Any:
    """Show one company's register entry, its licences and what happened to it. Facts need a basis and are not here."""
    company = await service.find_enterprise(read_db, act.actor, enterprise_id)
    entries = await service.timeline_of(read_db, act.actor, enterprise_id, ListQuery(size=SHOWN))
    context = {
        "company": company,
        "industry": codes.industry_name(company.industry_code),
        "division": "".join(codes.division_path(company.division_code)),
        "licences": await store.licences_of(read_db, act.actor, enterprise_id),
        "entries": entries.items,
        "rooms": ROOMS,
    }
    return page(request, "enterprises/enterprise.html", context)
