"""Reads request bodies: JSON that can be stored, or anything, within a limit."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from fastflow.api.request_limits import BodyTooLarge, take_body_of
from fastflow.domain.errors import Invalid, TooLarge
from fastflow.domain.text import unstorable_place

_SUSPICIOUS: Final = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|\x00")
"""As JSON escapes what `unstorable_place` looks for in UTF-8; in UTF-16 and UTF-32 each escape has zeros."""


class UnstorableText(HTTPException):
    """A text in the body can be spelt in JSON and in nothing else."""

    code = "text_invalid"

    def __init__(self, place: str) -> None:
        super().__init__(
            422, f"{place[:200]} has a NUL or half of a surrogate pair in it, which no text can have."
        )


class JsonRequest(Request):
    """A request whose JSON holds nothing that a database or UTF-8 can't."""

    async def json(self) -> Any:
        """Return the body's value.

        Raises:
            UnstorableText: a text in it can't be stored.
        """
        value = await super().json()
        if _SUSPICIOUS.search(await self.body()) and (place := unstorable_place(value)) is not None:
            raise UnstorableText(place)
        return value


def body_of(request: Request) -> Callable[[int], Awaitable[bytes]]:
    """Return what reads the body when it is called, and never keeps more of it than it is allowed."""

    async def read(limit_bytes: int) -> bytes:
        take_body_of(request.scope, limit_bytes)
        try:
            return b"".join([chunk async for chunk in request.stream()])
        except BodyTooLarge:
            raise TooLarge(
                "body_too_large",
                f"The body has more than {limit_bytes // 1024**2} MiB (WEBHOOK_MAX_BODY_MB); "
                "send a reference to it instead.",
                {"limit_bytes": limit_bytes},
            ) from None
        except ClientDisconnect:
            raise Invalid("body_incomplete", "The connection ended before the body did.") from None

    return read
