"""Git's smart HTTP protocol on 127.0.0.1, answered by `git http-backend`."""

import asyncio
import base64
import binascii
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

from aiohttp import web

from tests.servers.certificates import TestAuthority
from tests.servers.git_command import clean_environment, git_program
from tests.servers.http_faults import HttpCall
from tests.servers.http_thread import HttpThread

Authenticator = Callable[[str, str, str], bool]
"""Says whether a user with a password may see a repository (`acme/pipelines`). Called on another thread."""

_PIECE_BYTES: Final = 64 * 1024


class GitHttpServer(HttpThread):
    """Serves all repositories below a folder, for reading and writing.

    Anybody may come in until `accept` was called or an `authenticator` was set.
    """

    def __init__(self, root: Path, authority: TestAuthority | None = None) -> None:
        """Start to listen, with TLS if there is an authority to sign the certificate."""
        self.root = root
        self.authority = authority
        self.authenticator: Authenticator | None = None
        self._passwords: dict[str, str] = {}
        self._log = root.parent / "http-backend.log"
        super().__init__(self._serve_git, authority.server_context() if authority else None)

    def url(self, name: str, user: str | None = None) -> str:
        """Return the address of a repository (`acme/pipelines`), with a user or `user:password` in it."""
        scheme, _, place = self.base_url.partition("://")
        return f"{scheme}://{f'{user}@' if user else ''}{place}/{name}.git"

    def accept(self, user: str, password: str) -> None:
        """Let that user in from now on, and nobody without a password."""
        self._passwords[user] = password
        if self.authenticator is None:
            self.authenticator = self._knows

    def forget(self, user: str) -> None:
        """Refuse that user from now on."""
        self._passwords.pop(user, None)

    def said(self) -> str:
        """Return what `git http-backend` complained about."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def _knows(self, user: str, password: str, _repository: str) -> bool:
        return self._passwords.get(user) == password

    async def _serve_git(self, call: HttpCall) -> web.StreamResponse:
        user = ""
        if self.authenticator is not None:
            user, password = _basic_credentials(call.request.headers.get("Authorization", ""))
            repository = call.request.path.partition(".git")[0].strip("/")
            if not user or not self.authenticator(user, password, repository):
                return web.Response(
                    status=401,
                    text="Invalid username or password.\n",
                    headers={"WWW-Authenticate": 'Basic realm="Git"'},
                )
        with self._log.open("ab") as log:
            backend = await asyncio.create_subprocess_exec(
                git_program(),
                "http-backend",
                env=self._cgi_variables(call.request, user),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        feeding = asyncio.create_task(_feed(backend, call.request))
        try:
            return await _pass_on(backend, call)
        except ConnectionError:
            return call.hang_up()  # the client has left
        finally:
            await self.finish(_end(backend, feeding))

    def _cgi_variables(self, request: web.BaseRequest, user: str) -> dict[str, str]:
        # RFC 3875; git-scm.com/docs/git-http-backend. Without a length the backend reads to the end, and
        # bodies in gzip have been unpacked by the server.
        return {
            **clean_environment(self.root),
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "http.receivepack",
            "GIT_CONFIG_VALUE_0": "true",
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
            "REQUEST_METHOD": request.method,
            "PATH_INFO": request.path,
            "QUERY_STRING": request.query_string,
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "REMOTE_ADDR": "127.0.0.1",
            "REMOTE_USER": user,
        }


def _basic_credentials(header: str) -> tuple[str, str]:
    """Read `Authorization: Basic …` (RFC 7617); empty strings if there is none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, password = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password


async def _feed(backend: asyncio.subprocess.Process, request: web.BaseRequest) -> None:
    assert backend.stdin is not None
    # A backend that has refused reads no further.
    with contextlib.suppress(ConnectionError):
        async for piece in request.content.iter_chunked(_PIECE_BYTES):
            backend.stdin.write(piece)
            await backend.stdin.drain()
        backend.stdin.close()


async def _end(backend: asyncio.subprocess.Process, feeding: asyncio.Task[None]) -> None:
    feeding.cancel()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(backend.pid, signal.SIGKILL)
    # asyncio counts a process as ended when its pipes have been read to their ends.
    assert backend.stdout is not None
    await asyncio.gather(feeding, backend.stdout.read(), backend.wait(), return_exceptions=True)


async def _pass_on(backend: asyncio.subprocess.Process, call: HttpCall) -> web.StreamResponse:
    assert backend.stdout is not None
    response = web.StreamResponse()
    while (line := (await backend.stdout.readline()).strip()) != b"":
        name, _, value = line.decode("latin-1").partition(":")
        if name.lower() == "status":
            response.set_status(int(value.split()[0]))
        elif name.lower() != "content-length":
            response.headers[name] = value.strip()
    return await call.send(response, _pieces(backend.stdout))


async def _pieces(stream: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while piece := await stream.read(_PIECE_BYTES):
        yield piece
