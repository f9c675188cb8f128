"""Checks what somebody wants a repository to be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypedDict

from fastflow.domain.errors import Invalid
from fastflow.domain.git_url import GitUrl, parse_url
from fastflow.domain.github import git_host_of, owner_and_name
from fastflow.domain.known_hosts import parse_known_hosts
from fastflow.domain.repository import REPOSITORY_NAME, Authentication

SHORTEST_INTERVAL_SECONDS: Final = 10
LONGEST_INTERVAL_SECONDS: Final = 7 * 24 * 3600
USERNAME: Final = "x-access-token"
"""What GitHub expects beside a token, and what other Git hosts ignore."""

_SECRET: Final = re.compile(r"[!-~]{1,4096}")
_PUSH_SECRET: Final = re.compile(r"[ -~]{8,1024}")
_USERNAME: Final = re.compile(r"[!-9;-~]{1,255}")
_BRANCH_FORBIDDEN: Final = re.compile(
    r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|$)|\.$|/$|^[./-]|^@$"
)
"""git-check-ref-format(1)."""
_PROTOCOLS_OF: Final = {
    Authentication.NONE: frozenset({"https", "http", "file"}),
    Authentication.TOKEN: frozenset({"https", "http"}),
    Authentication.DEPLOY_KEY: frozenset({"ssh"}),
    Authentication.GITHUB_APP: frozenset({"https", "http"}),
}


@dataclass(frozen=True, slots=True)
class RepositoryDraft:
    """A repository as the settings, or somebody over the API, want it to be."""

    name: str
    url: str
    branch: str | None = None
    subdir: str = ""
    authentication: Authentication | None = None
    """None: what the rest suggests."""
    username: str | None = None
    token: str | None = field(default=None, repr=False)
    """None: the one that is kept stays, as long as it goes to the same host."""
    github_app: str | None = None
    installation_id: int | None = None
    known_hosts: str = ""
    push_secret: str | None = field(default=None, repr=False)
    sync_interval_seconds: int | None = None
    is_enabled: bool = True


class RepositoryChanges(TypedDict, total=False):
    """What to change of a repository; what is left out stays."""

    url: str
    branch: str | None
    subdir: str
    authentication: Authentication
    username: str | None
    token: str | None
    github_app: str | None
    installation_id: int | None
    known_hosts: str
    push_secret: str | None
    sync_interval_seconds: int | None
    is_enabled: bool


def checked(draft: RepositoryDraft, protocols: frozenset[str]) -> RepositoryDraft:
    """Return the draft in its normal form, with its authentication decided.

    Raises:
        Invalid: `repository_invalid`; `fields` says by field what is wrong and what to do.
    """
    problems: dict[str, str] = {}
    url = _url(draft.url, protocols, problems)
    decided = draft.authentication or _suggested(draft, url)
    subdir = _subdir(draft.subdir, problems)
    normal = replace(
        draft,
        url=str(url) if url is not None else draft.url,
        branch=draft.branch or None,
        subdir=subdir,
        authentication=decided,
        username=(draft.username or USERNAME) if decided is Authentication.TOKEN else None,
        known_hosts="\n".join(line.strip() for line in draft.known_hosts.splitlines() if line.strip()),
    )
    problems |= _wrong_words(normal)
    if url is not None:
        problems |= _contradictions(normal, url, decided)
    if problems:
        raise refusal(problems)
    return normal


def refusal(problems: Mapping[str, str]) -> Invalid:
    """Return the error that says what is wrong, by field."""
    sentence = "; ".join(f"{field} {problem}" for field, problem in problems.items())
    return Invalid("repository_invalid", f"The repository was refused: {sentence}.", problems)


def check_app_fits(draft: RepositoryDraft, api_url: str) -> None:
    """Refuse a repository on another host than the App's: its tokens would be shown to that host.

    Raises:
        Invalid: `repository_invalid`.
    """
    host = git_host_of(api_url)
    if parse_url(draft.url).host != host:
        raise refusal(
            {"url": f"has to be on {host}, whose repositories the GitHub App {draft.github_app} opens"}
        )


def is_same_door(one: str, other: str) -> bool:
    """Whether a credential for one URL may be shown at the other: same protocol, host and port."""
    return parse_url(one).origin == parse_url(other).origin


def _url(text: str, protocols: frozenset[str], problems: dict[str, str]) -> GitUrl | None:
    try:
        url = parse_url(text.strip())
    except Invalid as error:
        problems["url"] = str(error.fields.get("url", error.message))
        return None
    if url.scheme not in protocols:
        allowed = " and ".join(sorted(protocols))
        problems["url"] = f"begins with {url.scheme}://; allowed are {allowed} (GIT_ALLOWED_PROTOCOLS)"
        return None
    return url


def _suggested(draft: RepositoryDraft, url: GitUrl | None) -> Authentication:
    if draft.github_app is not None:
        return Authentication.GITHUB_APP
    if draft.token is not None:
        return Authentication.TOKEN
    if url is not None and url.scheme == "ssh":
        return Authentication.DEPLOY_KEY
    return Authentication.NONE


def _subdir(text: str, problems: dict[str, str]) -> str:
    parts = [part for part in text.strip().split("/") if part not in ("", ".")]
    if text.strip().startswith("/"):
        problems["subdir"] = "is a path in the repository; write it without the slash at its beginning"
    elif ".." in parts or ".git" in parts or "\\" in text or not text.isprintable() or len(text) > 512:
        problems["subdir"] = "has to be a folder in the repository, such as team/pipelines, without .."
    return "/".join(parts)


def _wrong_words(draft: RepositoryDraft) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not REPOSITORY_NAME.fullmatch(draft.name):
        problems["name"] = "has to have 1 to 32 of a-z, 0-9, _ and -, and to begin with a letter or a digit"
    branch = draft.branch
    if branch is not None and (len(branch) > 255 or _BRANCH_FORBIDDEN.search(branch)):
        problems["branch"] = "is no name that git takes for a branch"
    elif branch is not None and branch.startswith("refs/"):
        problems["branch"] = "is the branch's name alone: main, not refs/heads/main"
    if draft.username is not None and not _USERNAME.fullmatch(draft.username):
        problems["username"] = "must have no colon, blank or control character in it"
    if draft.token is not None and not _SECRET.fullmatch(draft.token):
        problems["token"] = "must have no blank, control character or letter beyond ASCII in it"  # noqa: S105
    if draft.push_secret is not None and not _PUSH_SECRET.fullmatch(draft.push_secret):
        problems["push_secret"] = "has to have 8 to 1024 printable ASCII characters"  # noqa: S105
    interval = draft.sync_interval_seconds
    if interval and not SHORTEST_INTERVAL_SECONDS <= interval <= LONGEST_INTERVAL_SECONDS:
        problems["sync_interval_seconds"] = (
            f"has to be {SHORTEST_INTERVAL_SECONDS} to {LONGEST_INTERVAL_SECONDS}, or 0 for: only when asked"
        )
    if draft.installation_id is not None and not 0 < draft.installation_id < 2**63:
        problems["installation_id"] = "has to be the number at the end of the installation's URL on GitHub"
    try:
        parse_known_hosts(draft.known_hosts)
    except Invalid as error:
        problems["known_hosts"] = str(error.fields.get("known_hosts", error.message))
    return problems


def _contradictions(draft: RepositoryDraft, url: GitUrl, decided: Authentication) -> dict[str, str]:
    """Say which of the fields can't go together."""
    problems: dict[str, str] = {}
    if url.scheme not in _PROTOCOLS_OF[decided]:
        wanted = "ssh://" if decided is Authentication.DEPLOY_KEY else "https://"
        problems["url"] = (
            "is reached by SSH and needs the authentication deploy_key"
            if url.scheme == "ssh" and decided is Authentication.NONE
            else f"has to begin with {wanted} for the authentication {decided.value}"
        )
    if draft.token is not None and decided is not Authentication.TOKEN:
        problems["token"] = f"is of no use with the authentication {decided.value}; leave one of them out"
    if draft.known_hosts and decided is not Authentication.DEPLOY_KEY:
        problems["known_hosts"] = f"are of no use with the authentication {decided.value}; leave them out"
    if decided is not Authentication.GITHUB_APP:
        if draft.github_app is not None or draft.installation_id is not None:
            culprit = "github_app" if draft.github_app is not None else "installation_id"
            problems[culprit] = f"is of no use with the authentication {decided.value}; leave it out"
    elif draft.github_app is None:
        problems["github_app"] = "is missing; name one of GET /api/github-apps"
    elif "url" not in problems:
        try:
            owner_and_name(url)
        except Invalid as error:
            problems["url"] = str(error.fields["url"])
    return problems
