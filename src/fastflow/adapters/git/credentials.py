"""Hands credentials to git without argv, environment or a file that outlives the command."""

import asyncio
import base64
import os
import shlex
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

from fastflow.adapters.git.addresses import Place
from fastflow.adapters.git.invocation import Access
from fastflow.domain.errors import Forbidden
from fastflow.domain.git_url import GitUrl
from fastflow.domain.repository import Credential, KeyCredential, TokenCredential

_LONGEST_TOKEN: Final = 8192
"""A pipe holds at least this much, so that writing to it never waits."""

_SSH_OPTIONS: Final = {
    "BatchMode": "yes",
    "CanonicalizeHostname": "no",
    "CheckHostIP": "no",
    "ClearAllForwardings": "yes",
    "ConnectTimeout": "20",
    "ControlMaster": "no",
    "ControlPath": "none",
    "EscapeChar": "none",
    "ForwardAgent": "no",
    "GlobalKnownHostsFile": os.devnull,
    "GSSAPIAuthentication": "no",
    "HostbasedAuthentication": "no",
    "IdentitiesOnly": "yes",
    "IdentityAgent": "none",
    "KbdInteractiveAuthentication": "no",
    "LogLevel": "ERROR",
    "PasswordAuthentication": "no",
    "PermitLocalCommand": "no",
    "PreferredAuthentications": "publickey",
    "ProxyCommand": "none",
    "ServerAliveCountMax": "2",
    "ServerAliveInterval": "15",
    "StrictHostKeyChecking": "yes",
    "UpdateHostKeys": "no",
    "VerifyHostKeyDNS": "no",
}
"""ssh_config(5)."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where to fetch from, and how to be let in."""

    place: Place
    credential: Credential = field(repr=False)

    @property
    def url(self) -> GitUrl:
        """Where the repository is."""
        return self.place.url

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Access]:
        """Prepare what one command needs to get in; it is gone after the block.

        Raises:
            Forbidden: `authentication_failed`; the credential can't be one for that URL.
        """
        stack = ExitStack()
        try:
            if self.url.scheme == "ssh":
                access = await asyncio.to_thread(_by_ssh, self.place, _key(self.credential), stack)
            else:
                access = await asyncio.to_thread(_by_http, self.place, self.credential, stack)
            yield access
        finally:
            await asyncio.to_thread(stack.close)


def _by_http(place: Place, credential: Credential, stack: ExitStack) -> Access:
    url = place.url
    config = [("http.curloptResolve", f"{url.host}:{url.port}:{_listed(place)}")] if place.addresses else []
    if credential is None or url.scheme == "file":
        return Access(url.scheme, tuple(config))
    if not isinstance(credential, TokenCredential):
        raise Forbidden(
            "authentication_failed",
            f"{url} is not fetched by SSH, so a deploy key is of no use. Give a token, or an SSH URL.",
        )
    reading = _pipe_with(_as_helper_says(credential), stack)
    # git asks a helper with `get`; the answer is read once, for git keeps it as long as it runs.
    helper = f'!f() {{ test "$1" = get && cat /dev/fd/{reading}; }}; f'
    config.append((f"credential.{url.origin}.helper", helper))
    return Access(url.scheme, tuple(config), descriptors=(reading,), secrets=_spellings(credential))


def _listed(place: Place) -> str:
    """List addresses as CURLOPT_RESOLVE takes them."""
    return ",".join(f"[{address}]" if ":" in address else address for address in place.addresses)


def _as_helper_says(credential: TokenCredential) -> bytes:
    values = (credential.username, credential.token)
    if not credential.token or any(not value.isprintable() or " " in value for value in values):
        raise Forbidden(
            "authentication_failed",
            "The token or its user name has blanks or line ends in it, or is empty. Copy it again.",
        )
    said = f"username={credential.username}\npassword={credential.token}\n".encode()
    if len(said) > _LONGEST_TOKEN:
        raise Forbidden("authentication_failed", "The token is longer than any can be. Copy it again.")
    return said


def _spellings(credential: TokenCredential) -> tuple[str, ...]:
    basic = base64.b64encode(f"{credential.username}:{credential.token}".encode()).decode()
    return (credential.token, quote(credential.token, safe=""), basic)


def _pipe_with(content: bytes, stack: ExitStack) -> int:
    reading, writing = os.pipe()
    stack.callback(os.close, reading)
    with open(writing, "wb") as pipe:
        pipe.write(content)
    return reading


def _key(credential: Credential) -> KeyCredential:
    if credential is None:
        return KeyCredential("", "")
    if not isinstance(credential, KeyCredential):
        raise Forbidden(
            "authentication_failed",
            "A token is of no use for SSH. Give the repository a deploy key, or an https:// URL.",
        )
    return credential


def _by_ssh(place: Place, credential: KeyCredential, stack: ExitStack) -> Access:
    url = place.url
    known_hosts = _private_file(credential.known_hosts.encode(), stack)
    options = {**_SSH_OPTIONS, "UserKnownHostsFile": known_hosts, "HostKeyAlias": url.known_hosts_name}
    if place.addresses:
        options["HostName"] = place.addresses[0]
    options["IdentityFile"] = "none"
    if credential.private_key:
        options["IdentityFile"] = _private_file(f"{credential.private_key.strip()}\n".encode(), stack)
    command = ["ssh", "-F", os.devnull, "-a", "-x", "-T", *_as_arguments(options)]
    return Access(
        url.scheme,
        variables={"GIT_SSH_COMMAND": shlex.join(command), "GIT_SSH_VARIANT": "ssh"},
        secrets=(credential.private_key,) if credential.private_key else (),
    )


def _as_arguments(options: dict[str, str]) -> Sequence[str]:
    return [argument for name, value in options.items() for argument in ("-o", f"{name}={value}")]


def _private_file(content: bytes, stack: ExitStack) -> str:
    """Return a path at which programs of our own user find that content until the stack is closed.

    Where the system has files without a place on any disk, it is one of those. ssh closes what it
    inherits, hence the path by way of this process.
    """
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("fastflow", os.MFD_CLOEXEC)
        stack.callback(os.close, descriptor)
        os.fchmod(descriptor, 0o600)  # ssh refuses keys that others may read
        os.write(descriptor, content)
        return f"/proc/{os.getpid()}/fd/{descriptor}"
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="fastflow-git-"))
    path = Path(folder) / "file"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        file.write(content)
    return str(path)
