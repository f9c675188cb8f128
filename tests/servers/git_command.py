"""Runs the git command line as nobody in particular: no configuration of the machine, no prompts."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from tests.plugins.debian import find_program

SECONDS: Final = 60
"""How long one command may take."""


@cache
def git_program() -> str:
    """Return git's absolute path; install it where it is missing."""
    return find_program("git", "git")


def clean_environment(home: Path) -> dict[str, str]:
    """Return variables under which git reads only the configuration it is given."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
    }


class GitError(Exception):
    """A git command failed; the message is what it printed."""


@dataclass(frozen=True)
class Git:
    """Git in a folder, with a home of its own."""

    folder: Path
    home: Path
    variables: Mapping[str, str]

    def __call__(
        self,
        *arguments: str | bytes,
        stdin: bytes = b"",
        variables: Mapping[str, str] | None = None,
    ) -> str:
        """Run one command; return what it printed, without the last line end.

        Raises:
            GitError: its exit code is not 0.
        """
        return self.bytes(*arguments, stdin=stdin, variables=variables).decode(errors="replace").rstrip("\n")

    def bytes(
        self,
        *arguments: str | bytes,
        stdin: bytes = b"",
        variables: Mapping[str, str] | None = None,
    ) -> bytes:
        """Run one command; return its output as it is."""
        command: Sequence[str | bytes] = [git_program(), *arguments]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**clean_environment(self.home), **self.variables, **(variables or {})},
            input=stdin,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode != 0:
            said = (done.stdout + done.stderr).decode(errors="replace")
            raise GitError(f"git {arguments!r} exited with {done.returncode}:\n{said}")
        return done.stdout


def client(folder: Path, **variables: str) -> Git:
    """Return a git like a user's in that folder; variables such as `GIT_SSH_COMMAND` are added."""
    home = folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    author = {
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": "ada@example.org",
    }
    return Git(folder, home, {**author, **variables})
