"""The jobs of the whole house: what runs, what waits, what has failed for good and can be started again."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy import and_, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from kernel import scope
from kernel.act import Actor
from kernel.jobs import Job, retry
from kernel.jobs.housekeeping import JOBS as ROUTINE
from kernel.paging import Column, Listing, fetch_page, fetch_rows
from kernel.texts import N_
from kernel.texts import gettext as _
from kernel.web import ActDep, Db, GroundDep, Listed, ReadDb, StrictRequest, page, read_form, redirect
from kernel.web.downloads import download
from portal.shell.administration.policies import WATCH_JOBS
from portal.shell.forms import EmptyForm
from portal.shell.jobs import ICONS, STATES, TONES, job_title

ROUTINE_KINDS = tuple(kind.name for kind in ROUTINE)
LISTING = Listing(
    columns=(
        Column("kind", Job.kind, N_("Job"), searchable=True),
        Column("state", Job.state, N_("State"), kind="enum", choices=STATES),
        Column("done", Job.done, N_("Progress"), sortable=False),
        Column("attempts", Job.attempts, N_("Attempts"), kind="number"),
        Column("created_at", Job.created_at, N_("Asked for"), kind="moment"),
        Column("finished_at", Job.finished_at, N_("Finished"), kind="moment"),
    ),
    filters={"state": Job.state, "kind": Job.kind},
)


@get("/administration/jobs", opt={"policy": WATCH_JOBS.name, "not_filters": ("routine",)}, include_in_schema=False)
async def show_jobs(
    request: StrictRequest,
    read_db: ReadDb,
    act: ActDep,
    ground: GroundDep,
    listed: Listed,
    routine: FromQuery[str] = "",
    export: FromQuery[str] = "",
) -> Response[Any]:
    """Show the jobs; the ground's own routine is left out while it works, unless asked for."""
    statement = select(Job).where(scope.owned_by(act.actor, Job.organisation_id))
    if routine != "yes":
        statement = statement.where(or_(not_(Job.kind.in_(ROUTINE_KINDS)), Job.state.in_(("failed", "dead"))))
    if export:
        return download(LISTING, await fetch_rows(read_db, statement, LISTING, listed), export, "jobs")
    found = await fetch_page(read_db, statement, LISTING, listed)
    context = {
        "found": found,
        "columns": LISTING.columns,
        "counts": await count_states(read_db, act.actor),
        "titles": {job.kind: job_title(ground, job.kind) for job in found.items},
        "states": STATES,
        "tones": TONES,
        "icons": ICONS,
        "routine": routine == "yes",
    }
    return page(request, "portal/jobs.html", context)


@post("/administration/jobs/{job_id:uuid}/retry", opt={"policy": WATCH_JOBS.name}, include_in_schema=False)
async def submit_job_retry(request: StrictRequest, db: Db, act: ActDep, job_id: FromPath[UUID]) -> Response[Any]:
    """Let a job that failed for good run again."""
    await read_form(request, EmptyForm)
    await retry(db, act, job_id)
    return redirect(request, "/administration/jobs", notice=_("The job will run again."))


async def count_states(db: AsyncSession, actor: Actor) -> dict[str, int]:
    """Return how many jobs are in each state."""
    rows = await db.execute(
        select(Job.state, func.count())
        .where(and_(scope.owned_by(actor, Job.organisation_id), Job.state.in_(("queued", "running", "failed", "dead"))))
        .group_by(Job.state)
    )
    return {row[0]: row[1] for row in rows}


HANDLERS = (show_jobs, submit_job_retry)
