"""Reads request bodies that may be anything, within a limit."""

from collections.abc import Awaitable, Callable

from fastapi import Request
from starlette.requests import ClientDisconnect

from fastflow.domain.errors import Invalid, TooLarge


def body_of(request: Request) -> Callable[[int], Awaitable[bytes]]:
    """Return what reads the body when it is called, and never keeps more of it than it is allowed.

    What the request says of its length is not believed.
    """

    async def read(limit_bytes: int) -> bytes:
        body = bytearray()
        try:
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit_bytes:
                    raise TooLarge(
                        "body_too_large",
                        f"The body has more than {limit_bytes // 1024**2} MiB (WEBHOOK_MAX_BODY_MB); "
                        "send a reference to it instead.",
                        {"limit_bytes": limit_bytes},
                    )
        except ClientDisconnect:
            raise Invalid("body_incomplete", "The connection ended before the body did.") from None
        return bytes(body)

    return read
