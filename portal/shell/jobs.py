"""Long work as its owner sees it: how far it is, how it ended, and the way to stop it."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec import Struct

from kernel.auth.policies import EVERYBODY, Policy
from kernel.ground import Ground
from kernel.jobs import Job, find_job, job_kinds, request_cancel
from kernel.texts import N_
from kernel.texts import gettext as _
from kernel.web import ActDep, Db, GroundDep, ReadDb, StrictRequest, page, problems, read_form, redirect
from portal.shell.forms import EmptyForm

POLICY = Policy("job.watch", EVERYBODY, machines=True)
STATES = {
    "queued": N_("Waiting"),
    "running": N_("In progress"),
    "failed": N_("Failed, will be tried again"),
    "done": N_("Done"),
    "dead": N_("Failed for good"),
    "cancelled": N_("Cancelled"),
}
TONES = {"queued": "neutral", "running": "info", "failed": "warn", "done": "ok", "dead": "bad", "cancelled": "neutral"}
ICONS = {
    "queued": "clock", "running": "loader-2", "failed": "refresh-alert", "done": "circle-check", "dead": "circle-x",
    "cancelled": "ban",
}  # fmt: skip
"""icons: clock loader-2 refresh-alert circle-check circle-x ban"""


class JobOut(Struct, frozen=True):
    """A job on the wire."""

    id: UUID
    kind: str
    state: str
    done: int
    total: int
    note: str
    result: dict[str, Any] | None


@get("/api/v1/jobs/{job_id:uuid}", opt={"policy": POLICY.name}, responses=problems(404), tags=["jobs"])
async def read_job(read_db: ReadDb, act: ActDep, job_id: FromPath[UUID]) -> JobOut:
    """Return how far a job of my organisation is."""
    return to_out(await find_job(read_db, act.actor, job_id))


@post(
    "/api/v1/jobs/{job_id:uuid}/cancel", opt={"policy": POLICY.name}, status_code=200, responses=problems(404),
    tags=["jobs"],
)  # fmt: skip
async def cancel_job(db: Db, act: ActDep, job_id: FromPath[UUID]) -> JobOut:
    """Stop a job of my organisation: at once when it waits, at its next report when it runs."""
    return to_out(await request_cancel(db, act, job_id))


@get("/jobs/{job_id:uuid}", opt={"policy": POLICY.name}, include_in_schema=False)
async def show_job(
    request: StrictRequest, read_db: ReadDb, act: ActDep, ground: GroundDep, job_id: FromPath[UUID]
) -> Response[Any]:
    """Show how far a job is; the page asks again by itself while the job is under way."""
    job = await find_job(read_db, act.actor, job_id)
    context = {
        "job": job, "title": job_title(ground, job.kind), "states": STATES, "tones": TONES, "icons": ICONS,
        "is_open": job.state in ("queued", "running", "failed"),
    }  # fmt: skip
    return page(request, "portal/job.html", context)


@post("/jobs/{job_id:uuid}/cancel", opt={"policy": POLICY.name}, include_in_schema=False)
async def submit_job_cancel(request: StrictRequest, db: Db, act: ActDep, job_id: FromPath[UUID]) -> Response[Any]:
    """Stop a job."""
    await read_form(request, EmptyForm)
    job = await request_cancel(db, act, job_id)
    notice = _("The job is cancelled.") if job.state == "cancelled" else _("The job will stop at its next step.")
    return redirect(request, f"/jobs/{job_id}", notice=notice)


def job_title(ground: Ground, kind: str) -> str:
    """Return what a kind of job is called in the reader's language."""
    known = job_kinds(ground).get(kind)
    return known.title.local() if known else kind


def to_out(job: Job) -> JobOut:
    """Return a job for the wire."""
    return JobOut(job.id, job.kind, job.state, job.done, job.total, job.note, job.result)


HANDLERS = (show_job, submit_job_cancel)
ROUTES = (read_job, cancel_job)
