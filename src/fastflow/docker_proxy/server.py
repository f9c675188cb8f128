"""Serves the proxy: reads a request, has it done, answers as the Engine would."""

import asyncio
import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final, cast

import structlog
from aiohttp import web

from fastflow.docker_proxy.calls import Call, Create, read_call
from fastflow.docker_proxy.engine import EngineAway, EngineSaid, Stream
from fastflow.docker_proxy.heads import body_length
from fastflow.docker_proxy.operations import Operations
from fastflow.docker_proxy.policy import Policy
from fastflow.docker_proxy.refusal import Refused

log = structlog.get_logger()

_BODY_WITHIN_SECONDS: Final = 10.0
_LONGEST_LOGGED: Final = 300
_READ_BYTES: Final = 256 * 1024


class ProxyServer(web.Server):
    """The protocol factory for a loop's `create_server`. Low level: no router has looked at the path."""

    def __init__(self, operations: Operations, policy: Policy, version: str) -> None:
        super().__init__(
            self._serve,
            handler_cancellation=True,  # a client that leaves ends what it asked for at the Engine, too
            access_log=None,
            auto_decompress=False,
            max_line_size=8190,
            max_field_size=8190,
            max_headers=32,
            lingering_time=0,
            read_bufsize=_READ_BYTES,
        )
        self._streaming: set[asyncio.Task[Any]] = set()
        self._operations = operations
        self._policy = policy
        self._headers = {policy.shape.announcement: version, "Server": "fastflow-docker-proxy"}

    def __call__(self) -> web.RequestHandler:
        """Return the protocol of a new connection."""
        return _Connection(self, loop=self._loop, **self._kwargs)

    def pre_shutdown(self) -> None:
        """End the streams, which would not end by themselves; other calls get the runner's grace."""
        for task in self._streaming:
            task.cancel()
        super().pre_shutdown()

    def refusal(self, request: web.BaseRequest, reason: str) -> web.Response:
        """Log it; return the answer, after which the connection ends."""
        log.warning("request refused", reason=reason, method=request.method[:20], path=_short(request))
        response = self._error(403, f"refused by fastflow docker-proxy: {reason}")
        response.force_close()
        return response

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            length = body_length(request.version, request.raw_headers, self._policy)
            call = read_call(request.method, request.raw_path, self._policy)
            return await self._do(request, call, await _body(request, call, length))
        except Refused as error:
            return self.refusal(request, error.reason)
        except EngineSaid as error:
            return self._error(error.status, error.message)
        except EngineAway as error:
            place = self._operations.engine_address
            return self._error(503, f"the Engine behind fastflow docker-proxy at {place} is away: {error}")

    async def _do(self, request: web.BaseRequest, call: Call, body: bytes) -> web.StreamResponse:
        async with self._operations.stream(call) as stream:
            if stream is not None:
                with self._counted_as_stream():
                    return await self._pass_on(request, stream)
        answered = await self._operations.answer(call, body)
        if answered.version is not None:
            version = "{}.{}".format(*answered.version)
            return web.Response(text="OK", headers={**self._headers, "Api-Version": version})
        if answered.content is None:
            return web.Response(status=answered.status, headers=self._headers)
        return self._json(answered.status, answered.content)

    @contextmanager
    def _counted_as_stream(self) -> Generator[None]:
        task = cast("asyncio.Task[Any]", asyncio.current_task())
        self._streaming.add(task)
        try:
            yield
        finally:
            self._streaming.discard(task)

    async def _pass_on(self, request: web.BaseRequest, stream: Stream) -> web.StreamResponse:
        """Send the headers at once, and each piece when it comes."""
        response = web.StreamResponse(headers={**self._headers, "Content-Type": stream.content_type})
        await response.prepare(request)
        try:
            while data := await stream.read_some():
                await response.write(data)
        except EngineAway:
            # Cut off in the middle of a chunk: it must not look like the end of the stream.
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionResetError from None
        await response.write_eof()
        return response

    def _error(self, status: int, message: str) -> web.Response:
        return self._json(status, {"message": message})

    def _json(self, status: int, content: Any) -> web.Response:
        return web.Response(
            status=status,
            body=json.dumps(content).encode(),
            content_type="application/json",
            headers=self._headers,
        )


class _Connection(web.RequestHandler):
    """Answers what could not even be parsed in the same words as every other refusal."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Return the answer to a request that is no HTTP, or at which this proxy failed."""
        server = self._manager
        if status < 500 and isinstance(server, ProxyServer):
            reason = " ".join(str(message or exc).split())  # the parser's words have line breaks
            return server.refusal(request, f"this is no proper HTTP request: {reason}")
        if isinstance(exc, ConnectionResetError):
            log.info("a stream was cut off: the Engine or the client has gone", path=_short(request))
        else:
            log.error("the proxy failed", error=repr(exc), path=_short(request))
        response = web.json_response(
            {"message": "fastflow docker-proxy failed; its log says how."}, status=500
        )
        response.force_close()
        return response


def _short(request: web.BaseRequest) -> str:
    return request.raw_path[:_LONGEST_LOGGED]


async def _body(request: web.BaseRequest, call: Call, length: int) -> bytes:
    if length and not isinstance(call, Create):
        raise Refused("this request has no body")
    if not length:
        return b""
    try:
        async with asyncio.timeout(_BODY_WITHIN_SECONDS):
            body = await request.content.readexactly(length)
    except TimeoutError as error:
        raise Refused(f"the body did not come within {_BODY_WITHIN_SECONDS:.0f} s") from error
    except asyncio.IncompleteReadError as error:
        raise Refused("the body ended early") from error
    return body
