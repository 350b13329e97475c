"""Consents: who may use my company's data, granted after reading in plain words what it means, withdrawn in one click."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

import enterprises
from data_exchange import service, store
from data_exchange.contracts import ConsentIn
from data_exchange.pages.common import translated, words
from data_exchange.service.labels import CONSENT_PURPOSES, EXTRA_SCOPES, name_of_scope, scope_topics
from kernel.act import Act
from kernel.paging import Column, Listing
from kernel.texts import CHINESE, N_, current_locale, local
from kernel.texts import gettext as _
from kernel.web import (
    ActDep,
    Db,
    Form,
    Listed,
    Once,
    ReadDb,
    StrictRequest,
    download,
    page,
    read_form,
    redirect,
    submit,
)

PERIODS = {30: N_("30 days"), 90: N_("90 days"), 180: N_("180 days"), 365: N_("One year")}
EXTRA = "extra:"

EXPORT = Listing(
    columns=(
        Column("subject", None, N_("Company")),
        Column("recipient", None, N_("Recipient")),
        Column("purpose", None, N_("Purpose")),
        Column("scope", None, N_("Scope")),
        Column("granted_at", None, N_("Granted"), kind="moment"),
        Column("expires_at", None, N_("Valid until"), kind="moment"),
        Column("state", None, N_("State")),
    ),
    default_sort="granted_at",
)


class GrantForm(Struct):
    """A consent as a person grants it; `confirmed` comes from the page that said in words what it means."""

    recipient_id: UUID
    purpose: str
    days: int
    topics: list[Annotated[str, Meta(max_length=60)]] = []
    note: Annotated[str, Meta(max_length=500)] = ""
    confirmed: bool = False


@get("/consents", opt={"policy": "consent.page", "not_filters": ("side",)}, include_in_schema=False)
async def show_consents(
    request: StrictRequest,
    read_db: ReadDb,
    act: ActDep,
    listed: Listed,
    side: FromQuery[str] = "",
    export: FromQuery[str] = "",
) -> Response[Any]:
    """Show the consents the actor's organisation gave and received."""
    is_company = act.actor.organisation_kind == "enterprise"
    chosen = side if side in store.SIDES else ("given" if is_company else "received")
    if export:
        rows = await store.consent_rows(read_db, act, chosen, listed)
        return download(EXPORT, [_line(row) for row in rows], export, "consents")
    found = await store.consent_page(read_db, act, chosen, listed)
    context = words() | {"found": found, "columns": store.CONSENTS.columns, "side": chosen, "is_company": is_company}
    return page(request, "data_exchange/consents.html", context)


@get("/consents/new", opt={"policy": "consent.grant"}, include_in_schema=False)
async def show_grant(
    request: StrictRequest,
    read_db: ReadDb,
    act: ActDep,
    recipient: FromQuery[UUID | None] = None,
    purpose: FromQuery[str] = "",
) -> Any:
    """Show the form that grants a consent."""
    context = await _context(read_db, act, None) | {"recipient": recipient, "purpose": purpose}
    return page(request, "data_exchange/grant.html", context)


@post("/consents/new", opt={"policy": "consent.grant"}, include_in_schema=False)
async def grant_consent(request: StrictRequest, db: Db, act: ActDep, once: Once) -> Response[Any]:
    """First say in plain words what the consent means; then, confirmed, grant it."""
    form = await read_form(request, GrantForm)
    if form.value is not None and form.is_valid:
        sent = form.value
        scope = _scope(sent.topics)
        if sent.days not in PERIODS:
            form.errors["days"] = _("Please choose one of the options.")
        elif not scope:
            form.errors["topics"] = _("Choose at least one item; a consent to nothing is none.")
        elif not sent.confirmed:
            recipient = await store.organisation(db, act, sent.recipient_id)
            if recipient is not None and sent.purpose in CONSENT_PURPOSES:
                context = words() | {
                    "sent": sent,
                    "recipient": recipient,
                    "names": sorted(scope),
                    "until": act.now + timedelta(days=sent.days),
                }
                return page(request, "data_exchange/grant_review.html", context)
        if not form.errors:
            data = ConsentIn(
                recipient_id=sent.recipient_id,
                purpose=sent.purpose,
                scope=scope,
                expires_at=act.now + timedelta(days=sent.days),
                note=sent.note,
            )

            async def effect() -> str:
                await service.grant_consent(db, act, data)
                return "/consents"

            if path := await submit(db, once, form, effect):
                return redirect(
                    request, path, notice=_("The consent is granted. You can withdraw it here at any time.")
                )
    context = await _context(db, act, form) | {"recipient": None, "purpose": ""}
    return page(request, "data_exchange/grant.html", context, status=422)


@post("/consents/{consent_id:uuid}/withdraw", opt={"policy": "consent.grant"}, include_in_schema=False)
async def withdraw_consent(request: StrictRequest, db: Db, act: ActDep, consent_id: FromPath[UUID]) -> Response[Any]:
    """Withdraw a consent, in one click."""
    await service.withdraw_consent(db, act, consent_id)
    return redirect(request, "/consents", notice=_("Withdrawn. From now on every use is refused."))


def _scope(topics: list[str]) -> frozenset[str]:
    """Return the facts of the chosen topics; unknown topics stay in, so that the service names them."""
    known = scope_topics()
    names: list[str] = []
    for topic in topics:
        if topic.startswith(EXTRA):
            names.append(topic.removeprefix(EXTRA))
        else:
            names += known.get(topic, [topic])
    return frozenset(names)


def _line(row: store.ConsentView) -> dict[str, Any]:
    state = words()["consent_states"][row.state]
    return {
        "subject": local(row, "subject_name"),
        "recipient": local(row, "recipient_name"),
        "purpose": _(CONSENT_PURPOSES.get(row.purpose, row.purpose)),
        "scope": [name_of_scope(name).local() for name in row.scope],
        "granted_at": row.granted_at,
        "expires_at": row.expires_at,
        "state": _(state),
    }


async def _context(db: AsyncSession, act: Act, form: Form[GrantForm] | None) -> dict[str, Any]:
    comma = "、" if current_locale() == CHINESE else ", "
    options = [(f"{EXTRA}{name}", label.local(), "") for name, label in EXTRA_SCOPES.items()] + [
        (topic, enterprises.topic_label(topic), comma.join(enterprises.fact_label(name) for name in names))
        for topic, names in scope_topics().items()
    ]
    return words() | {
        "form": form,
        "recipients": [(str(one.id), local(one, "name")) for one in await store.recipients(db, act.actor)],
        "purpose_options": translated(CONSENT_PURPOSES),
        "topic_options": options,
        "periods": [(str(days), _(label)) for days, label in PERIODS.items()],
    }
