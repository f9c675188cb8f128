"""Reads the URLs of Git repositories, and refuses those that git would take for something else."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from fastflow.domain.addresses import as_address
from fastflow.domain.errors import Invalid

_DEFAULT_PORTS: Final = {"https": 443, "http": 80, "ssh": 22}
_SCHEMES: Final = (*_DEFAULT_PORTS, "file")
_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?")
_USER: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")
_SHORT: Final = re.compile(r"(?:(?P<user>[^@/:]+)@)?(?P<host>[^@/:]+):(?P<path>[^:].*)")
"""`user@host:path`, as scp has it."""
_UNSPEAKABLE: Final = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\\]")
_LONGEST: Final = 2000
_FORMS: Final = "https://HOST/PATH, ssh://USER@HOST/PATH or USER@HOST:PATH"


@dataclass(frozen=True, slots=True)
class GitUrl:
    """Where a repository is, taken apart and put together again, so that it means the same to everyone."""

    scheme: str
    """`https`, `http`, `ssh` or `file`."""
    host: str
    """Without brackets; empty for files."""
    port: int
    path: str
    """With a slash at its beginning; without one it starts at the user's home directory on the host."""
    user: str = ""
    """Of SSH only: other protocols get theirs from the credential."""

    def __str__(self) -> str:
        """Write it for git, and for people: there is no secret in it."""
        user = f"{self.user}@" if self.user else ""
        if not self.path.startswith("/"):
            return f"{user}{self.host}:{self.path}"
        return f"{self.scheme}://{user}{self.authority}{self.path}"

    @property
    def authority(self) -> str:
        """Host and port, the latter only where it is an unusual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS.get(self.scheme, self.port) else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Where a credential may be shown: scheme, host and port."""
        return f"{self.scheme}://{self.authority}"

    @property
    def known_hosts_name(self) -> str:
        """What the host is called in known_hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)."""
        return self.host if self.port == _DEFAULT_PORTS["ssh"] else f"[{self.host}]:{self.port}"


def parse_url(text: str) -> GitUrl:
    """Read a repository's URL.

    Raises:
        Invalid: `url_invalid`; it is none, or has a password in it.
    """
    if len(text) > _LONGEST or _UNSPEAKABLE.search(text) or _CONTROL.search(_plain(text)):
        raise _invalid("has blanks, backslashes or control characters in it, or is too long")
    if "://" not in text:
        return _short(text)
    parts = urlsplit(text)
    if parts.scheme not in _SCHEMES:
        raise Invalid(
            "protocol_not_allowed",
            f"A repository can't be fetched by {parts.scheme[:20]}://. Use {_FORMS}.",
            {"protocol": parts.scheme[:20]},
        )
    if parts.query or parts.fragment:
        raise _invalid("has a ? or # in it")
    return _file(parts) if parts.scheme == "file" else _remote(parts)


def _remote(parts: SplitResult) -> GitUrl:
    user, host, port = _authority(parts)
    if not parts.path.strip("/"):
        raise _invalid("names a host and no repository on it")
    # A user name says nothing without a password, which comes from the credential.
    is_ssh = parts.scheme == "ssh"
    return GitUrl(parts.scheme, host, port, parts.path, _checked_user(user) if is_ssh else "")


def _authority(parts: SplitResult) -> tuple[str, str, int]:
    try:
        port = parts.port
        host = parts.hostname or ""
    except ValueError as error:
        raise _invalid("has a host or a port that can't be one") from error
    if parts.password is not None:
        raise _invalid("has a password in it; give it as the token instead, so that it is kept encrypted")
    return parts.username or "", _checked_host(host), port or _DEFAULT_PORTS[parts.scheme]


def _short(text: str) -> GitUrl:
    match = _SHORT.fullmatch(text)
    if match is None:
        raise _invalid(f"is none; write {_FORMS}")
    path = match["path"]
    if path.startswith("-"):
        raise _invalid("has a path that begins with -")
    user = _checked_user(match["user"] or "")
    return GitUrl("ssh", _checked_host(match["host"]), _DEFAULT_PORTS["ssh"], path, user)


def _file(parts: SplitResult) -> GitUrl:
    if parts.netloc not in ("", "localhost"):
        raise _invalid("names a host; write file:///PATH")
    if not parts.path.strip("/"):
        raise _invalid("names no folder")
    return GitUrl("file", "", 0, parts.path)


def _checked_host(host: str) -> str:
    if _HOST.fullmatch(host) or (":" in host and "%" not in host and as_address(host) is not None):
        return host.lower()
    raise _invalid("has a host that can't be one; write it with letters, digits, dots and dashes")


def _checked_user(user: str) -> str:
    if user and not _USER.fullmatch(user):
        raise _invalid("has a user name that can't be one")
    return user


def _plain(text: str) -> str:
    return unquote(text, errors="replace")


def _invalid(reason: str) -> Invalid:
    # The URL itself is not repeated: there may be a password in it.
    return Invalid("url_invalid", f"The repository's URL {reason}.", {"url": reason})
