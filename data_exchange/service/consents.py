"""Consents (企业授权): granted by the company itself, withdrawn by it in one call, at once (个人信息保护法 14-15)."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from data_exchange import store
from data_exchange.contracts import ConsentIn
from data_exchange.models import ConsentRow
from data_exchange.rules import LONGEST_CONSENT
from data_exchange.service.labels import CONSENT_PURPOSES, EXTRA_SCOPES, scope_text
from data_exchange.store import ConsentView
from enterprises import VOCABULARY
from kernel import audit, events
from kernel.act import Act
from kernel.ids import new_id
from kernel.problems import BadInput, FieldProblem, Forbidden
from kernel.texts import Text, use_locale
from kernel.texts import gettext as _

MAXIMUM_NOTE = 500


async def grant_consent(db: AsyncSession, act: Act, data: ConsentIn) -> ConsentView:
    """Grant a consent of the actor's company (the system names the company) and return it.

    Raises BadInput that names each wrong field: an unknown recipient, purpose or scope, an end in the past or more
    than two years away.
    """
    subject_id = data.subject_id if act.actor.kind == "system" else act.actor.organisation_id
    if subject_id is None or (data.subject_id is not None and data.subject_id != subject_id):
        raise Forbidden(_("A consent is given by the company itself."))
    wrong = _problems(act, data)
    subject = await store.organisation(db, act, subject_id)
    recipient = await store.organisation(db, act, data.recipient_id)
    if recipient is None or recipient.id == subject_id or recipient.kind == "platform":
        wrong.append(FieldProblem("recipient_id", _("There is no such recipient.")))
    if wrong or subject is None or recipient is None:
        raise BadInput(fields=wrong)
    row = ConsentRow(
        id=new_id(),
        subject_id=subject_id,
        recipient_id=recipient.id,
        purpose=data.purpose,
        scope=sorted(data.scope),
        starts_at=data.starts_at or act.now,
        expires_at=data.expires_at,
        note=data.note,
        subject_epoch=subject.control_epoch,
        recipient_epoch=recipient.control_epoch,
        granted_at=act.now,
        granted_by=act.actor.id,
    )
    db.add(row)
    await db.flush()
    audit.write(
        db,
        act,
        "consent.granted",
        "consent",
        row.id,
        subject_id=subject_id,
        detail={"recipient_id": recipient.id, "purpose": row.purpose, "scope": row.scope, "until": row.expires_at},
    )
    _tell(db, act, row, recipient.name_zh, recipient.name_en, "consent_granted", ("授权", "Consent given to"))
    _row, view = await store.find_consent(db, act, row.id)
    return view


async def withdraw_consent(db: AsyncSession, act: Act, consent_id: UUID) -> ConsentView:
    """Withdraw a consent of the actor's company; from the commit on, every use is refused.

    Withdrawing again changes nothing. Raises NotFound for a consent of another company.
    """
    row, view = await store.find_consent(db, act, consent_id, side="given", lock=True)
    if row.withdrawn_at is not None:
        return view
    row.withdrawn_at, row.withdrawn_by = act.now, act.actor.id
    await db.flush()
    audit.write(
        db,
        act,
        "consent.withdrawn",
        "consent",
        row.id,
        subject_id=row.subject_id,
        detail={"recipient_id": row.recipient_id, "purpose": row.purpose},
    )
    _tell(
        db,
        act,
        row,
        view.recipient_name_zh,
        view.recipient_name_en,
        "consent_withdrawn",
        ("撤回授权", "Consent withdrawn from"),
    )
    _row, view = await store.find_consent(db, act, consent_id, side="given")
    return view


def _problems(act: Act, data: ConsentIn) -> list[FieldProblem]:
    wrong = []
    if data.purpose not in CONSENT_PURPOSES:
        wrong.append(FieldProblem("purpose", _("Please choose one of the purposes.")))
    if not data.scope:
        wrong.append(FieldProblem("scope", _("Choose at least one item; a consent to nothing is none.")))
    wrong += [
        FieldProblem("scope", _("There is no fact called %(name)s.", name=name[:60]))
        for name in sorted(data.scope)
        if name not in VOCABULARY and name not in EXTRA_SCOPES
    ]
    starts_at = data.starts_at or act.now
    if data.expires_at <= max(starts_at, act.now):
        wrong.append(FieldProblem("expires_at", _("A consent must end later than it begins, and later than now.")))
    elif data.expires_at - starts_at > LONGEST_CONSENT:
        wrong.append(FieldProblem("expires_at", _("A consent lasts two years at most.")))
    if len(data.note) > MAXIMUM_NOTE:
        wrong.append(FieldProblem("note", _("Please use at most %(limit)s characters.", limit=MAXIMUM_NOTE)))
    return wrong


def _tell(
    db: AsyncSession, act: Act, row: ConsentRow, name_zh: str, name_en: str, verb: str, words: tuple[str, str]
) -> None:
    scope, purposes = scope_text(row.scope), {}
    for locale in ("zh_CN", "en"):
        with use_locale(locale):
            purposes[locale] = _(CONSENT_PURPOSES[row.purpose])
    events.emit(
        db,
        act,
        f"data_exchange.{verb}",
        subject_id=row.subject_id,
        payload={
            "consent_id": row.id,
            "recipient_id": row.recipient_id,
            "purpose": row.purpose,
            "scope": row.scope,
            "expires_at": row.expires_at,
        },
        timeline=Text(
            f"{words[0]}：{name_zh}（用途：{purposes['zh_CN']}；范围：{scope.zh}）",
            f"{words[1]} {name_en or name_zh} (purpose: {purposes['en']}; scope: {scope.en})",
        ),
        link="/consents",
    )
