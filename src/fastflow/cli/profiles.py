"""Keeps who is signed in where: a file of the user's own that nobody else can read."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import mkstemp
from typing import Final, Self

from fastflow.cli.exit_codes import ExitCode
from fastflow.cli.failures import CommandFailed

CHOICE: Final = "FASTFLOW_PROFILE"


@dataclass(frozen=True, slots=True)
class Profile:
    """A server and who one is there."""

    server: str
    """The only address that the token is ever sent to."""
    user: str
    token_id: str
    expires_at: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Profiles:
    """All profiles by name, and the one that commands use where none is asked for."""

    current: str | None = None
    by_name: Mapping[str, Profile] = field(default_factory=dict[str, Profile])

    def chosen(self) -> tuple[str, Profile] | None:
        """Return the profile that FASTFLOW_PROFILE asks for, else the current one, with its name.

        Raises:
            CommandFailed: the one asked for is not there.
        """
        asked = os.environ.get(CHOICE, "").strip()
        name = asked or self.current
        if name and name in self.by_name:
            return name, self.by_name[name]
        if asked:
            raise unknown(asked)
        return None

    def with_profile(self, name: str, profile: Profile) -> Self:
        """Return these and that one, which is the current one then."""
        return type(self)(name, {**self.by_name, name: profile})

    def choosing(self, name: str) -> Self:
        """Return these with that one, which is there, as the current one."""
        return type(self)(name, self.by_name)

    def without(self, name: str) -> Self:
        """Return these but for that one."""
        rest = {known: profile for known, profile in self.by_name.items() if known != name}
        return type(self)(self.current if self.current in rest else None, rest)


def unknown(name: str) -> CommandFailed:
    """Return how a command ends that asks for a profile which there is not."""
    return CommandFailed(
        ExitCode.USAGE,
        f"There is no profile {name!r} in {path()}. "
        f"Make it with: fastflow login --profile {name} --server URL",
    )


def path() -> Path:
    """Return where the profiles are (XDG Base Directory Specification)."""
    folder = os.environ.get("XDG_CONFIG_HOME", "")
    # It says itself that what is no absolute path is to be ignored.
    base = Path(folder) if folder.startswith("/") else Path.home() / ".config"
    return base / "fastflow" / "profiles.json"


def read() -> Profiles:
    """Return the profiles; none where there is no file.

    Raises:
        CommandFailed: the file can't be read, or is none of ours.
    """
    try:
        stored = json.loads(path().read_bytes())
        return Profiles(
            stored["current"], {name: Profile(**profile) for name, profile in stored["profiles"].items()}
        )
    except FileNotFoundError:
        return Profiles()
    except OSError as error:
        raise CommandFailed(ExitCode.USAGE, f"{path()}: {error.strerror}.") from error
    except (ValueError, TypeError, KeyError, AttributeError):
        raise CommandFailed(
            ExitCode.USAGE, f"{path()} holds no profiles. Remove it and sign in again with: fastflow login"
        ) from None


def write(profiles: Profiles) -> None:
    """Put the profiles in the file's place at once; it is never seen half written, nor by others.

    Raises:
        CommandFailed: the file can't be written.
    """
    stored = {
        "current": profiles.current,
        "profiles": {name: asdict(profile) for name, profile in profiles.by_name.items()},
    }
    place = path()
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        number, unfinished = mkstemp(prefix=".profiles-", dir=place.parent)  # mode 0600
        try:
            with os.fdopen(number, "w", encoding="utf-8") as file:
                json.dump(stored, file, indent=2)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            Path(unfinished).replace(place)
        except BaseException:
            with suppress(OSError):
                Path(unfinished).unlink()
            raise
    except OSError as error:
        raise CommandFailed(ExitCode.USAGE, f"{place} can't be written: {error.strerror}.") from error
