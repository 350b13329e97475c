"""A lender asks for the score of one company: consent first, then the answer, and a record of both."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credit import store
from credit.models import ScoreQueryRow, ScoreRow
from credit.rules import CONSENT_PURPOSE, PURPOSES, SCORE_SCOPE
from credit.service.scoring import score_subject
from data_exchange import issue_basis
from kernel import audit, data_use, events
from kernel.act import Act
from kernel.ids import new_id
from kernel.problems import BadInput, FieldProblem, Forbidden, Refusal
from kernel.texts import Text
from kernel.texts import gettext as _

NOBODY = UUID(int=0)


async def ask_score(
    db: AsyncSession,
    act: Act,
    *,
    enterprise_id: UUID | None = None,
    uscc: str | None = None,
    purpose: str,
    note: str = "",
    legal_basis: str,
) -> tuple[ScoreQueryRow, ScoreRow | None]:
    """Answer a lender's question about one company, named by id or by unified social credit code.

    Needs a live consent of that company to this lender for credit assessment. Without one it raises a Refusal (403)
    that keeps the refused question; it is the same for a company that does not exist. With one, the question and the
    use of the data are recorded with the answer; a company without bills is answered too (outcome "no_data").
    """
    lender_id = act.actor.organisation_id
    if lender_id is None or act.actor.organisation_kind != "lender":
        raise Forbidden(_("Only a lender asks for scores."))
    if (enterprise_id is None) == (uscc is None):
        raise BadInput(fields=[FieldProblem("enterprise_id", _("Name the company by id or by credit code, not both."))])
    if purpose not in PURPOSES:
        raise BadInput(fields=[FieldProblem("purpose", _("Please choose one of the purposes."))])
    row = ScoreQueryRow(
        id=new_id(), lender_id=lender_id, asked_for=str(enterprise_id or uscc), asked_at=act.now,
        asked_by_kind=act.actor.kind, asked_by=act.actor.id, purpose=purpose, note=note, legal_basis=legal_basis,
    )  # fmt: skip
    subject_id = await store.find_subject(db, act, enterprise_id, uscc)
    try:
        basis = await issue_basis(db, act, subject_id or NOBODY, CONSENT_PURPOSE, SCORE_SCOPE)
    except Refusal as refusal:
        row.enterprise_id, row.outcome = subject_id, "refused"
        problem = Forbidden(_("There is no live consent of this company for you."), code="no_live_consent")
        raise Refusal(problem, [*refusal.records, row]) from None
    score = await score_subject(db, act, basis)
    row.enterprise_id, row.outcome = basis.subject_id, "scored" if score else "no_data"
    row.reference, row.consent_until = basis.reference, basis.expires_at
    row.score_id = score.id if score else None
    data_use.record(db, act, basis, SCORE_SCOPE, detail=f"score_query:{row.id}")
    db.add(row)
    _tell(db, act, row)
    await db.flush()
    return row, score


def _tell(db: AsyncSession, act: Act, row: ScoreQueryRow) -> None:
    audit.write(
        db, act, "score.queried", "score_query", row.id, subject_id=row.enterprise_id,
        detail={"purpose": row.purpose, "outcome": row.outcome, "score_id": row.score_id},
    )  # fmt: skip
    zh, en = act.actor.organisation_name_zh, act.actor.organisation_name_en
    events.emit(
        db, act, "credit.score_queried", subject_id=row.enterprise_id,
        payload={"query_id": row.id, "lender_id": row.lender_id, "outcome": row.outcome},
        timeline=Text(f"{zh}查询了云量评估分", f"{en or zh} asked for the cloud usage score"),
        link=f"/credit/queries/{row.id}",
    )  # fmt: skip
