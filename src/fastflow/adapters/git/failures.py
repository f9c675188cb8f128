"""Tells from git's words what went wrong: the one place where they are read.

Git has no codes for its failures. Its messages are in English under LC_ALL=C; those of Git hosts are in
English anyway (seen with git 2.39 and OpenSSH 9.2, and in the sources of both).
"""

import errno
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from fastflow.adapters.git.command import SSH_MISSING, Ended
from fastflow.domain.errors import FastFlowError, Forbidden, Invalid, NotFound, Unavailable
from fastflow.domain.git_url import GitUrl
from fastflow.domain.pipeline_files import shown

_LONGEST_WORDS: Final = 300
_PROGRESS: Final = re.compile(
    r"(remote: )?(Enumerating|Counting|Compressing|Receiving|Resolving|Unpacking|Total|Filtering|From )"
)
_NOISE: Final = re.compile(r"^(fatal|error|warning|remote|ssh|hint): ?", re.IGNORECASE)


class MirrorBroken(Exception):
    """The mirror on disk is not what git left there; it has to be made anew."""


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What it means when git says one of these things."""

    said: str
    """A regular expression."""
    error: type[FastFlowError]
    code: str
    sentence: str
    """`{url}` and what git said, `{words}`."""


_FAILURES: Final = (
    _Meaning(
        "REMOTE HOST IDENTIFICATION HAS CHANGED",
        Forbidden,
        "host_key_changed",
        "The host of {url} shows another key than the one that was pinned. Somebody may pretend to be "
        "it. Only if its owners say that they changed it: pin the new key.",
    ),
    _Meaning(
        r"Host key verification failed|No [\w -]{1,40} host key is known",
        Forbidden,
        "host_key_unknown",
        "The host of {url} shows a key that is not pinned. Compare its fingerprint with the one its "
        "owners publish, and pin it.",
    ),
    _Meaning(
        r"No space left on device|Disk quota exceeded|file write error",
        Unavailable,
        "disk_full",
        "{url} can't be fetched: {words}. Make room in DATA_DIR.",
    ),
    _Meaning(
        r"SSL certificate problem|certificate verification failed|CAfile|unable to get local issuer"
        r"|error setting certificate|gnutls_handshake|SSL_connect|TLS",
        Unavailable,
        "git_host_unreachable",
        "No trusted connection to {url}: {words}. If your network has a certificate authority of its "
        "own, set CA_BUNDLE to its PEM file.",
    ),
    _Meaning(
        r"returned error: 30[12378]|unable to update url base from redirection",
        NotFound,
        "repository_not_found",
        "{url} has moved: the host sends us elsewhere, and we don't follow. Set the URL to where it is "
        "now; some hosts want .git at its end.",
    ),
    _Meaning(
        r"[Rr]epository .{0,200}?not found|does not appear to be a git repository|not valid: is this a git"
        r"|returned error: 404|The project you were looking for|No such project|Could not find repository"
        r"|does not exist or you do not have permission",
        NotFound,
        "repository_not_found",
        "There is no repository at {url}, or this credential may not see it. Check the URL and what the "
        "token or the key may read.",
    ),
    _Meaning(
        r"could not read (Username|Password)",
        Forbidden,
        "authentication_failed",
        "{url} is not open to everybody: give the repository a token that may read it. If it should be, "
        "check the URL: hosts don't say whether a private repository exists.",
    ),
    _Meaning(
        r"Authentication failed|Permission denied|returned error: 40[13]|Access denied|access denied"
        r"|Invalid username or|Load key .{0,400}?(invalid format|error in libcrypto)|Too many authentication",
        Forbidden,
        "authentication_failed",
        "{url} refuses the credential: {words}. Check that the token or the deploy key is still valid "
        "and may read the repository.",
    ),
    _Meaning(
        r"transport '[^']*' not allowed|Server does not allow request",
        Invalid,
        "protocol_not_allowed",
        "{url} can't be fetched like this: {words}.",
    ),
    _Meaning(
        r"mismatched algorithms",
        Unavailable,
        "git_failed",
        "{url} names its objects by SHA-256, which is not supported yet.",
    ),
    _Meaning(
        r"does not support shallow",
        Unavailable,
        "git_failed",
        "{url} is served by Git's dumb protocol. Serve it by git http-backend.",
    ),
    _Meaning(
        r"cannot run ssh|ssh: not found|ssh: No such file",
        Unavailable,
        "ssh_missing",
        SSH_MISSING,
    ),
    _Meaning(
        r"Could not resolve|Connection (refused|timed out|reset|closed)|Failed to connect|Couldn't connect"
        r"|No route to host|Network is unreachable|Operation timed out|Operation too slow|timed out"
        r"|unexpected disconnect|hung up|early EOF|RPC failed|returned error: (429|5\d\d)|Empty reply"
        r"|Recv failure|Send failure|transfer closed|invalid index-pack output|HTTP/2|kex_exchange"
        r"|Proxy|proxy|banner exchange|Broken pipe",
        Unavailable,
        "git_host_unreachable",
        "{url} can't be reached: {words}. It is tried again later.",
    ),
)
"""What git says, in the order in which it is looked for, and what it means."""

_BROKEN: Final = re.compile(
    r"not a git repository|bad object|object file .{0,400}? is empty|is corrupt"
    r"|corrupt (loose|patch|pack|object)|bad config|packfile .{0,400}? (cannot|does not)"
    r"|index file .{0,400}? is too small|inflate: data stream error"
    r"|missing blob|missing tree|bad tree object|did not send all necessary objects|unable to read tree"
    r"|Could not read [0-9a-f]{40}|unable to read [0-9a-f]{40}|bad revision|broken ref|reference broken"
    r"|unresolved deltas|Invalid shallow|bad shallow|shallow file has changed"
    r"|invalid sha1 pointer|cannot lock ref|File exists"
)


def failure(ended: Ended, url: GitUrl) -> FastFlowError:
    """Return the error that a failed command of git means.

    Raises:
        MirrorBroken: it is not the host's fault, but that of the mirror on our disk.
    """
    words = _words(ended.stderr)
    stderr = ended.stderr.replace(str(url), "")  # a path may be called anything
    for meaning in _FAILURES:
        if re.search(meaning.said, stderr):
            sentence = meaning.sentence.format(url=url, words=words)
            return meaning.error(meaning.code, sentence, {"url": str(url)})
    if _BROKEN.search(stderr):
        raise MirrorBroken(words)
    return Unavailable(
        "git_failed",
        f"{url} can't be fetched: {words or f'git exited with {ended.exit_code}'}.",
        {"url": str(url), "exit_code": ended.exit_code},
    )


@contextmanager
def disk_errors_told() -> Generator[None]:
    """Say what is wrong with the disk in words.

    Raises:
        Unavailable: `disk_full`, `disk_failed`.
    """
    try:
        yield
    except OSError as error:
        code = "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "disk_failed"
        raise Unavailable(
            code,
            f"A mirror in DATA_DIR can't be written or read: {error.strerror or error}. Make room, or mend "
            "its permissions.",
        ) from error


def said(ended: Ended) -> str:
    """Return what git has said, shortened."""
    return _words(ended.stderr) or f"git exited with {ended.exit_code}"


def _words(stderr: str) -> str:
    """Return the lines that are no progress, in one; the end of it where it is long."""
    lines = [line.strip() for line in re.split(r"[\r\n]+", stderr)]
    told = [_NOISE.sub("", line) for line in lines if line and not _PROGRESS.match(line)]
    words = shown("; ".join(dict.fromkeys(told))).rstrip(".")
    return words if len(words) <= _LONGEST_WORDS else f"…{words[-_LONGEST_WORDS:]}"
