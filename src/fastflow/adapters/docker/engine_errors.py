"""Turns what goes wrong between us and the Engine into our errors."""

import json
from typing import Final

from fastflow.domain.errors import Conflict, FastFlowError, Invalid, NotFound, Unavailable

_NO_SPACE: Final = "no space left on device"
"""The Engine says what failed in words only; these are the kernel's (ENOSPC)."""
_LONGEST_MESSAGE: Final = 2000


def unreachable(address: str, error: BaseException) -> Unavailable:
    """The Engine does not answer, or stopped doing so in the middle."""
    # The HTTP client's words speak of TLS that a socket never had; the system's say what it is.
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return Unavailable(
        "executor_unavailable",
        f"The Docker Engine at {address} does not answer: {reason}. "
        "Start it, or let DOCKER_PROXY_URL name the one to use.",
        {"address": address},
    )


def refused(status: int, body: bytes) -> FastFlowError:
    """The Engine answered with an error; its own words are kept."""
    message = _message(body)
    fields = {"status": status}
    if _NO_SPACE in message.lower():
        return Unavailable("disk_full", f"The Docker Engine's disk is full: {message}", fields)
    if status == 404:
        return NotFound("engine_not_found", message, fields)
    if status == 409:
        return Conflict("engine_conflict", message, fields)
    if status < 500:
        return Invalid("engine_refused", f"The Docker Engine refused: {message}", fields)
    return Unavailable("engine_failed", f"The Docker Engine failed: {message}", fields)


def failed_on_the_way(message: str) -> Unavailable:
    """A pull, import or build that began well and said later that it failed."""
    code = "disk_full" if _NO_SPACE in message.lower() else "engine_failed"
    return Unavailable(code, f"The Docker Engine failed: {message[:_LONGEST_MESSAGE]}")


def _message(body: bytes) -> str:
    text = body.decode(errors="replace").strip()[:_LONGEST_MESSAGE]
    try:
        answer: object = json.loads(body)
    except ValueError:
        return text
    match answer:
        case {"message": str(message)}:
            return message.strip()[:_LONGEST_MESSAGE]
        case _:
            return text
