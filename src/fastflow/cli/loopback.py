"""Listens on this machine for the browser that comes back from signing in (RFC 8252, 7.3)."""

import asyncio
import hmac
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from html import escape
from typing import Final

from aiohttp import web

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed

_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address holds a code
}
_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<title>Fast-Flow</title>
<p>{text}</p>
</html>
"""


class Listener:
    """Takes the one answer that brings the state it knows; whoever else knocks gets nothing."""

    def __init__(self, state: str) -> None:
        self._state = state
        self._answer: asyncio.Future[Mapping[str, str]] = asyncio.get_running_loop().create_future()
        self.address = ""
        """Where it listens; any port that is free."""

    @classmethod
    @asynccontextmanager
    async def waiting_for(cls, state: str) -> AsyncGenerator["Listener"]:
        """Listen until the end of the block."""
        listener = cls(state)
        runner = web.ServerRunner(web.Server(listener._serve, access_log=None), shutdown_timeout=1)
        await runner.setup()
        try:
            await listener._begin(runner)
            yield listener
        finally:
            await runner.cleanup()  # which lets the page be sent

    async def answer(self, patience: timedelta) -> Mapping[str, str]:
        """Return what the browser brought.

        Raises:
            TimeoutError: nobody came.
        """
        async with asyncio.timeout(patience.total_seconds()):
            return await self._answer

    async def _begin(self, runner: web.ServerRunner) -> None:
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
        except OSError as error:
            raise CommandFailed(
                ExitCode.UNAVAILABLE, f"Nothing can listen on 127.0.0.1 here: {error.strerror}."
            ) from error
        host, port = runner.addresses[0][:2]
        self.address = f"http://{host}:{port}/"

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        told = request.query
        is_meant = hmac.compare_digest(told.get("state", "").encode(), self._state.encode())
        if request.method != "GET" or request.path != "/" or not is_meant or self._answer.done():
            return _page("This is not the sign-in that the console waits for.", 404)
        self._answer.set_result(dict(told))
        return _page(
            told.get("error_description", "The console is not signed in.")
            if "code" not in told
            else "The console goes on. You can close this page."
        )


def _page(text: str, status: int = 200) -> web.Response:
    page = _PAGE.format(text=escape(text))
    return web.Response(status=status, text=page, content_type="text/html", headers=_HEADERS)
