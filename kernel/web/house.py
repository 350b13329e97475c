"""The application as a house: who asks, in which language and from where is known before any route is looked for.

So unknown addresses, wrong methods and a database that is away are answered like everything else: with the house's
headers, in the reader's language, measured and logged.
"""

import time
from typing import cast

from litestar import Litestar
from litestar.types import LifeSpanReceive, LifeSpanScope, LifeSpanSend, Message, Receive, Scope, Send

from kernel.act import ANONYMOUS, Act
from kernel.ground import Ground
from kernel.web.context import add_headers, check_host, identify, observe
from kernel.web.errors import handle_error
from kernel.web.requests import StrictRequest


class House(Litestar):
    """A Litestar application that stands on a ground (`state.ground`)."""

    async def __call__(
        self,
        scope: Scope | LifeSpanScope,
        receive: Receive | LifeSpanReceive,
        send: Send | LifeSpanSend,
    ) -> None:
        """Answer one request, or follow the server through its life."""
        if str(scope["type"]) != "http":
            await super().__call__(scope, receive, send)
            return
        await self._serve(cast("Scope", scope), cast("Receive", receive), cast("Send", send))

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun, status = time.perf_counter(), 500
        ground: Ground = self.state.ground
        scope["app"] = scope["litestar_app"] = self
        state = scope.setdefault("state", {})
        state["act"] = Act(ANONYMOUS, ground.clock.now())

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                add_headers(message, scope, state["act"], ground)
            await send(message)

        try:
            try:
                check_host(scope, ground.settings.allowed_hosts)
                state["act"] = await identify(scope, ground)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is answered
                await self._answer(error, scope, receive, send_with_headers)
            else:
                await super().__call__(scope, receive, send_with_headers)
        finally:
            observe(scope, state["act"], status, time.perf_counter() - begun)

    async def _answer(self, error: Exception, scope: Scope, receive: Receive, send: Send) -> None:
        request: StrictRequest = StrictRequest(scope, receive, send)
        answer = handle_error(request, error).to_asgi_response(None, request)
        await answer(scope, receive, send)
