"""Reads what other servers answer, or says why they did not."""

from typing import Final

import aiohttp

_LONGEST_REASON: Final = 300


async def read_at_most(response: aiohttp.ClientResponse, largest_bytes: int) -> bytes:
    """Return the body, unpacked.

    Raises:
        aiohttp.ClientPayloadError: there is more of it.
    """
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > largest_bytes:
            raise aiohttp.ClientPayloadError("its answer has no end")
        parts.append(part)
    return b"".join(parts)


def reason_of(error: Exception) -> str:
    """Say why a call failed, without the URL of a proxy, which may hold a password."""
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"its certificate is not trusted ({error.certificate_error})"
    if isinstance(error, aiohttp.ClientResponseError):
        return f"the proxy answered HTTP {error.status}"
    return f"{type(error).__name__}: {error}"[:_LONGEST_REASON]
