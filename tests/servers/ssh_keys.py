"""Makes SSH keys as a user would."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.plugins.debian import find_program

_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class SshKey:
    """A pair of keys, the private one in a file that only its owner reads."""

    file: Path
    public: str
    """The line for `authorized_keys`, without a comment."""

    @property
    def fingerprint(self) -> str:
        """Name the key as `ssh` shows it: `SHA256:…`."""
        return _run("ssh-keygen", "-l", "-E", "sha256", "-f", str(self.file)).split()[1]


def make_key(folder: Path, name: str, kind: str = "ed25519") -> SshKey:
    """Make a key without a passphrase in the folder."""
    file = folder / name
    _run("ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "", "-f", str(file))
    return SshKey(file, " ".join(file.with_name(f"{name}.pub").read_text().split()[:2]))


def _run(program: str, *arguments: str) -> str:
    command = [find_program(program, "openssh-client"), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=_SECONDS).stdout
