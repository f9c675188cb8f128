"""Asks a Git host what branches a repository has, without fetching anything."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from fastflow.adapters.git.command import GitCommand
from fastflow.adapters.git.credentials import Door
from fastflow.adapters.git.failures import failure
from fastflow.domain.errors import Invalid
from fastflow.domain.git_url import GitUrl
from fastflow.domain.pipeline_files import shown

_HEADS: Final = "refs/heads/"
_BRANCH: Final = re.compile(
    r"(?![-/.])(?!.*(?:\.\.|//|@\{|/\.|\.lock/|\.lock$|[/.]$))[^\x00-\x20\x7f~^:?*\[\\]+"
)
"""git-check-ref-format(1)."""
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Branches:
    """What a repository has."""

    default: str | None
    """What its HEAD names; None where that says nothing."""
    commits: dict[str, str]


async def ask_branches(git: GitCommand, door: Door, time_limit: timedelta) -> Branches:
    """Return all branches, with the commits that they are at.

    Raises:
        FastFlowError: as `Mirrors.fetch`.
    """
    return await _ask(git, door, time_limit, ["HEAD", f"{_HEADS}*"])


async def find_branch(
    git: GitCommand, door: Door, branch: str | None, time_limit: timedelta
) -> tuple[str, str]:
    """Return the branch to fetch, and the commit it is at.

    Raises:
        Invalid: `branch_missing`, `repository_empty`.
        FastFlowError: as `Mirrors.fetch`.
    """
    if branch is not None and not _BRANCH.fullmatch(branch):
        raise Invalid(
            "branch_missing", f"No branch can be called {shown(branch[:100])!r}.", {"branch": branch}
        )
    # Where all is well that one is asked for and no other: there may be thousands.
    found = await _ask(git, door, time_limit, ["HEAD" if branch is None else f"{_HEADS}{branch}"])
    wanted = branch or found.default
    if wanted not in found.commits:
        found = await ask_branches(git, door, time_limit)
        wanted = branch or found.default
    if not found.commits:
        raise empty(door.url)
    if wanted is None or wanted not in found.commits:
        raise _missing(door.url, branch, found)
    return wanted, found.commits[wanted]


async def _ask(git: GitCommand, door: Door, time_limit: timedelta, patterns: list[str]) -> Branches:
    command = ["ls-remote", "--symref", "--", str(door.url), *patterns]
    async with door.open() as access:
        ended = await git.run(command, time_limit, access=access)
    if ended.exit_code != 0:
        raise failure(ended, door.url)
    default, commits = None, dict[str, str]()
    for line in ended.stdout.decode(errors="replace").splitlines():
        value, _, name = line.partition("\t")
        if name == "HEAD" and value.startswith(f"ref: {_HEADS}"):
            default = value.removeprefix(f"ref: {_HEADS}")
        elif name == "HEAD" and default is not None:
            commits[default] = value
        elif name.startswith(_HEADS):
            commits[name.removeprefix(_HEADS)] = value
    return Branches(default, commits)


def empty(url: GitUrl) -> Invalid:
    """Say that there is nothing to fetch."""
    return Invalid("repository_empty", f"{url} has no commit yet. Push one.", {"url": str(url)})


def _missing(url: GitUrl, branch: str | None, found: Branches) -> Invalid:
    names = ", ".join(shown(name[:60]) for name in sorted(found.commits)[:_SHOWN])
    more = ", …" if len(found.commits) > _SHOWN else ""
    what = f"no branch {shown(branch[:100])!r}" if branch else "no branch that its HEAD names"
    return Invalid(
        "branch_missing",
        f"{url} has {what}. Set the branch to one of those there are: {names}{more}.",
        {"url": str(url), "branch": branch},
    )
