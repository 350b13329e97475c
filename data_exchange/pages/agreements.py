"""Agreements: parties, terms, signatures, uses left, deliveries, and what each party can do next."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Stream
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from data_exchange import rules, service, store
from data_exchange.models import DeliveryRow
from data_exchange.pages.common import translated, words
from data_exchange.schemas import AgreementOut
from data_exchange.service.delivery import MEDIA_TYPES
from data_exchange.service.labels import AGREEMENT_STATES, OFFER_PURPOSES
from data_exchange.service.signing import Evidence
from data_exchange.service.view import agreement_view
from kernel.act import Act
from kernel.ground import Ground
from kernel.problems import NotFound, PreconditionRequired
from kernel.texts import N_, local
from kernel.texts import gettext as _
from kernel.web import (
    ActDep,
    Db,
    GroundDep,
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

STEP_LABELS = {
    "offered": N_("Offered"),
    "requested": N_("Requested"),
    "agreed": N_("Agreed"),
    "signed_by_owner": N_("Signed by the owner"),
    "active": N_("Signed by the buyer, active"),
}
NOTICES = {
    "agree": N_("Agreed. Next, sign the terms."),
    "decline": N_("Declined; the other party was told."),
    "sign": N_("Signed."),
    "revoke": N_("Revoked. Nothing more is delivered."),
}


REFUSALS = {
    "agreement_exhausted": N_("All uses are taken."),
    "agreement_expired": N_("Its time is over."),
    "agreement_revoked": N_("It was revoked."),
    "no_longer_live": N_("The agreement or a consent has ended since."),
}


class StepForm(Struct):
    """One step of an agreement; what is needed depends on the step."""

    reason: Annotated[str, Meta(max_length=1000)] = ""
    terms_hash: Annotated[str, Meta(max_length=64)] = ""
    read_terms: bool = False


class DeliveryForm(Struct):
    """The format of a delivery."""

    format: Literal["csv", "json"] = "csv"


@get("/data/mine", opt={"policy": "market.page", "not_filters": ("side",)}, include_in_schema=False)
async def show_mine(
    request: StrictRequest,
    read_db: ReadDb,
    act: ActDep,
    listed: Listed,
    side: FromQuery[str] = "",
    export: FromQuery[str] = "",
) -> Response[Any]:
    """Show the products of the actor's organisation, and its agreements on either side."""
    chosen = side if side in ("owner", "buyer") else ""
    if export:
        rows = await store.agreement_rows(read_db, act.actor, chosen, listed)
        views = [agreement_view(row[0], row[1], row[2], row[3], act.now) for row in rows]
        return download(store.AGREEMENTS, views, export, "agreements")
    found = await store.agreement_page(read_db, act.actor, chosen, listed)
    context = words() | {
        "found": found.map(lambda row: agreement_view(row[0], row[1], row[2], row[3], act.now)),
        "columns": store.AGREEMENTS.columns,
        "products": await store.own_products(read_db, act.actor),
        "state_options": translated(AGREEMENT_STATES),
        "side": chosen,
        "own_id": act.actor.organisation_id,
    }
    return page(request, "data_exchange/mine.html", context)


@get("/data/agreements/{agreement_id:uuid}", opt={"policy": "market.page"}, include_in_schema=False)
async def show_agreement(
    request: StrictRequest, read_db: ReadDb, ground: GroundDep, act: ActDep, agreement_id: FromPath[UUID]
) -> Any:
    """Show an agreement to one of its parties."""
    return page(request, "data_exchange/agreement.html", await _context(read_db, ground, act, agreement_id, None))


@post("/data/agreements/{agreement_id:uuid}/{step:str}", opt={"policy": "agreement.act"}, include_in_schema=False)
async def take_agreement_step(
    request: StrictRequest,
    db: Db,
    ground: GroundDep,
    act: ActDep,
    once: Once,
    agreement_id: FromPath[UUID],
    step: FromPath[str],
) -> Response[Any]:
    """Agree, decline, sign or revoke."""
    if step not in NOTICES:
        raise NotFound
    form = await read_form(request, StepForm)
    await store.find_agreement(db, act.actor, agreement_id)
    if form.version is None:
        raise PreconditionRequired
    version = form.version
    if step == "sign" and not form.entries.get("read_terms"):
        form.errors["read_terms"] = _("Please confirm that you have read the terms.")
    if form.value is not None and form.is_valid:
        sent = form.value

        async def effect() -> str:
            if step in ("agree", "decline"):
                verdict: Literal["agree", "decline"] = "agree" if step == "agree" else "decline"
                await service.decide_request(db, act, agreement_id, version, verdict, sent.reason)
            elif step == "sign":
                await service.sign_agreement(db, act, ground.keys, agreement_id, version, sent.terms_hash)
            else:
                await service.revoke_agreement(db, act, agreement_id, version, sent.reason)
            return f"/data/agreements/{agreement_id}"

        if path := await submit(db, once, form, effect):
            return redirect(request, path, notice=_(NOTICES[step]))
    context = await _context(db, ground, act, agreement_id, form)
    return page(request, "data_exchange/agreement.html", context, status=422)


@post("/data/agreements/{agreement_id:uuid}/deliveries", opt={"policy": "delivery.take"}, include_in_schema=False)
async def take_delivery(
    request: StrictRequest, db: Db, ground: GroundDep, act: ActDep, once: Once, agreement_id: FromPath[UUID]
) -> Response[Any]:
    """Take one use; the content is then ready to be fetched once."""
    form = await read_form(request, DeliveryForm)
    if form.value is not None and form.is_valid:
        wanted = form.value.format

        async def effect() -> str:
            await service.deliver(db, act, ground.keys, agreement_id, wanted)
            return f"/data/agreements/{agreement_id}#deliveries"

        if path := await submit(db, once, form, effect):
            return redirect(
                request, path, notice=_("One use is taken. The file can be downloaded once, within 24 hours.")
            )
    context = await _context(db, ground, act, agreement_id, form)
    return page(request, "data_exchange/agreement.html", context, status=422)


@get("/data/deliveries/{delivery_id:uuid}/content", opt={"policy": "delivery.take"}, include_in_schema=False)
async def fetch_content(ground: GroundDep, act: ActDep, delivery_id: FromPath[UUID]) -> Stream:
    """Download the content of a delivery, once."""
    delivery, content = await service.open_delivery(ground, act, delivery_id)
    return Stream(
        content,
        media_type=MEDIA_TYPES[delivery.format],
        headers={
            "Content-Disposition": f'attachment; filename="delivery-{delivery.number}.{delivery.format}"',
            "Content-Length": str(delivery.byte_count),
        },
    )


def steps_of(view: AgreementOut) -> list[dict[str, str]]:
    """Return the stepper of an agreement: what is done, what is next, where it stopped."""
    order = rules.STEPS
    reached = {"declined": "requested"}.get(view.state, view.state)
    if view.active_at is not None:
        reached = "active"
    at = order.index(reached)
    ended = view.state in ("declined", "revoked", "expired", "exhausted")
    steps = [
        {"label": _(STEP_LABELS[name]), "state": "done" if index <= at else "todo", "note": ""}
        for index, name in enumerate(order)
    ]
    if ended:
        failed = view.state in ("declined", "revoked")
        steps = steps[: at + 1]
        steps.append(
            {"label": _(AGREEMENT_STATES[view.state]), "state": "failed" if failed else "done", "note": view.reason}
        )
    elif at + 1 < len(order):
        steps[at + 1]["state"] = "current"
    return steps


def log_of(
    view: AgreementOut,
    evidence: Evidence,
    deliveries: list[DeliveryRow],
    finished: dict[UUID, Any],
    refusals: list[Any],
) -> list[dict[str, Any]]:
    """Return what happened under an agreement, the latest first; both parties see the same."""
    names = {"owner": local(view, "owner_name"), "buyer": local(view, "buyer_name")}
    log: list[dict[str, Any]] = [{"at": view.requested_at, "title": _("Requested"), "by": names["buyer"]}]
    log += [
        {"at": one.signed_at, "title": _("Signed"), "by": names[one.party], "tone": "accent", "icon": "writing-sign"}
        for one in evidence.signatures
    ]
    for one in deliveries:
        title = _("Use %(number)s of %(total)s", number=one.number, total=view.allowed_uses)
        log.append({"at": one.at, "title": title, "by": names["buyer"], "tone": "info", "icon": "download"})
        if one.id in finished:
            log.append({"at": finished[one.id], "title": _("Downloaded"), "by": names["buyer"], "icon": "check"})
    log += [
        {
            "at": one.at,
            "title": _("Use refused"),
            "text": _(REFUSALS[one.reason]) if one.reason in REFUSALS else "",
            "tone": "bad",
            "icon": "ban",
        }
        for one in refusals
    ]
    if view.ended_at is not None:
        ending = _(AGREEMENT_STATES[view.state])
        log.append({"at": view.ended_at, "title": ending, "text": view.reason, "tone": "bad", "icon": "ban"})
    return sorted(log, key=lambda entry: entry["at"], reverse=True)


async def _context(db: AsyncSession, ground: Ground, act: Act, agreement_id: UUID, form: Any) -> dict[str, Any]:
    row, product, owner, buyer = await store.find_agreement(db, act.actor, agreement_id)
    view = agreement_view(row, product, owner, buyer, act.now)
    party = {row.owner_id: "owner", row.buyer_id: "buyer"}.get(act.actor.organisation_id or agreement_id, "")
    evidence = await service.gather_evidence(db, act.actor, ground.keys, agreement_id)
    deliveries = await store.deliveries_of(db, act.actor, agreement_id)
    fetches = await store.fetches_of(db, act.actor, [one.id for one in deliveries])
    finished = {fetch.delivery_id: fetch.finished_at for fetch in fetches if fetch.finished_at}
    return words() | {
        "view": view,
        "terms": msgspec.json.decode(view.terms),
        "party": party,
        "verbs": rules.possible_verbs(view.state, party),  # type: ignore[arg-type]
        "steps": steps_of(view),
        "evidence": evidence,
        "deliveries": deliveries,
        "finished": finished,
        "fetch_until": {one.id: one.at + rules.FETCH_WINDOW for one in deliveries},
        "log": log_of(view, evidence, deliveries, finished, await store.refusals_of(db, act.actor, agreement_id)),
        "now": act.now,
        "form": form,
        "purpose": _(OFFER_PURPOSES[view.purpose]),
    }
