"""Where machines fetch their short-lived tokens (RFC 6749, section 4.4)."""

from typing import Annotated

from litestar import post
from litestar.params import URLEncodedBody
from msgspec import Meta, Struct

from kernel.auth import issue_token
from kernel.auth.policies import PUBLIC
from kernel.problems import Unauthenticated
from kernel.texts import gettext as _
from kernel.web import ActDep, GroundDep, problems

Credential = Annotated[str, Meta(min_length=1, max_length=200)]


class TokenIn(Struct):
    """Client credentials, sent as a form as the standard has it."""

    grant_type: Annotated[str, Meta(pattern="^client_credentials$")]
    client_id: Credential
    client_secret: Credential


class TokenOut(Struct, frozen=True):
    """The token, once."""

    access_token: str
    token_type: str
    expires_in: int


@post(
    "/api/v1/token",
    opt={"policy": PUBLIC, "cookieless": True},
    status_code=200,
    responses=problems(401),
    tags=["token"],
    security=[{}],
)
async def create_token(ground: GroundDep, act: ActDep, data: URLEncodedBody[TokenIn]) -> TokenOut:
    """Exchange client credentials for a bearer token that lives a quarter of an hour."""
    issued = await issue_token(ground, act, data.client_id, data.client_secret)
    if issued is None:
        raise Unauthenticated(_("The client id or secret is wrong."), headers={"WWW-Authenticate": "Bearer"})
    return TokenOut(issued.access_token, issued.token_type, issued.expires_in)
