"""Files by their id: always streamed by us, so that whoever may no longer see one gets no more of it."""

from collections.abc import AsyncIterator
from urllib.parse import quote
from uuid import UUID

from litestar import get
from litestar.params import FromPath
from litestar.response import Stream

from kernel.auth.policies import EVERYBODY, Policy
from kernel.files import find_file, open_stream
from kernel.web import ActDep, GroundDep, problems

POLICY = Policy("file.read", EVERYBODY, machines=True)


@get("/api/v1/files/{file_id:uuid}", opt={"policy": "file.read"}, responses=problems(404), tags=["files"])
async def download_file(ground: GroundDep, act: ActDep, file_id: FromPath[UUID]) -> Stream:
    """Download a file of an organisation you may see; checked again before every chunk."""
    async with ground.database.read() as db:
        found = await find_file(db, act.actor, file_id)

    async def still_visible() -> None:
        async with ground.database.read() as db:
            await find_file(db, act.actor, file_id)

    async def content() -> AsyncIterator[bytes]:
        async for chunk in open_stream(ground, found, check=still_visible):
            yield chunk

    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name)}",
        "Content-Length": str(found.size),
    }
    return Stream(content(), media_type=found.media_type, headers=headers)
