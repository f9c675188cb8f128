"""A console that asks a browser to sign it in: where it listens, and by what people tell it from others."""

import hashlib
import re
from base64 import b32encode
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastflow.domain.errors import Invalid

_ADDRESS: Final = re.compile(r"http://(?:127\.0\.0\.1|\[::1\]):([1-9][0-9]{0,4})/")
"""Numbers, not `localhost`, which a name server could lead elsewhere (RFC 8252, 7.3 and 8.3)."""
_HIGHEST_PORT: Final = 65_535
_WORD: Final = re.compile(r"[A-Za-z0-9_-]{43}")
"""256 bits as URLs hold them: what a console makes up, or the hash of that."""
_LONGEST_MACHINE: Final = 40


@dataclass(frozen=True, slots=True)
class ConsoleRequest:
    """What a console asks for; anybody may have written it."""

    address: str
    """Where it listens, on the browser's own machine."""
    state: str
    """Comes back to it, so that it takes no answer that it has not asked for."""
    challenge: str
    """Of the secret by which it redeems its code."""
    machine: str
    """What it says that its machine is called."""

    def allowed(self, code: str) -> str:
        """Return where the browser takes the code to."""
        return self._told(code=code)

    def refused(self, code: str, sentence: str) -> str:
        """Return where the browser tells that there is no code, and why."""
        return self._told(error=code, error_description=sentence)

    def _told(self, **answer: str) -> str:
        return f"{self.address}?{urlencode({**answer, 'state': self.state})}"


def console_request(address: str, state: str, challenge: str, machine: str) -> ConsoleRequest:
    """Return the request of a console.

    Raises:
        Invalid: `console_request_invalid`; a code for it could end up with somebody else.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None or int(found[1]) > _HIGHEST_PORT:
        raise _invalid("address", "has to be http://127.0.0.1:PORT/ or http://[::1]:PORT/")
    for name, word in (("state", state), ("challenge", challenge)):
        if not _WORD.fullmatch(word):
            raise _invalid(name, "has to be 43 characters of A-Z, a-z, 0-9, _ and -")
    return ConsoleRequest(address, state, challenge, machine_name(machine))


def machine_name(name: str) -> str:
    """Return what a machine is called, as far as it can be shown."""
    return "".join(char for char in name if char.isprintable())[:_LONGEST_MACHINE].strip() or "a machine"


def check_word(challenge: str) -> str:
    """Return what terminal and page both show: people compare it, and know a console of somebody else."""
    word = b32encode(hashlib.sha256(challenge.encode()).digest())[:8].decode()
    return f"{word[:4]}-{word[4:]}"


def _invalid(name: str, problem: str) -> Invalid:
    return Invalid(
        "console_request_invalid",
        f"This is no sign-in that a console has begun: {name} {problem}. Type it again: fastflow login",
        {name: problem},
    )
