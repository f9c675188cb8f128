"""Keys and tokens that open nothing."""

from itertools import count

from fastflow.domain.errors import FastFlowError, Invalid
from fastflow.domain.repository import GitHubApp, Installation


class FakeKeyMaker:
    """Fulfils `repository_ports.KeyMaker`: every pair has a number."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def new_key_pair(self, comment: str) -> tuple[str, str]:
        """Return the next pair."""
        number = next(self._numbers)
        return f"PRIVATE-{number}", f"ssh-ed25519 PUBLIC-{number} {comment}"


class FakeTokens:
    """Fulfils `repository_ports.InstallationTokens`: every token has a number."""

    def __init__(self) -> None:
        self.asked: list[tuple[GitHubApp, str, int | None]] = []
        """What every token was asked for."""
        self.error: FastFlowError | None = None
        """Raised instead of an answer."""
        self.found: list[Installation] = []
        """Where the App is installed."""
        self._kept: dict[tuple[GitHubApp, str, int | None], str] = {}
        self._numbers = count(1)

    async def token(self, app: GitHubApp, repository_url: str, installation_id: int | None) -> str:
        """Return the token that is kept, or the next one."""
        key = (app, repository_url, installation_id)
        self.asked.append(key)
        if self.error is not None:
            raise self.error
        return self._kept.setdefault(key, f"TOKEN-{next(self._numbers)}")

    def forget(self, app: GitHubApp, repository_url: str, installation_id: int | None) -> None:
        """Keep a token no longer."""
        self._kept.pop((app, repository_url, installation_id), None)

    async def installations(self, app: GitHubApp) -> list[Installation]:
        """Return what the test said."""
        del app
        if self.error is not None:
            raise self.error
        return self.found

    async def check_key(self, private_key: str) -> None:
        """Refuse a key with `BROKEN` in it."""
        if "BROKEN" in private_key:
            raise Invalid("github_app_key_invalid", "The key is broken.", {"private_key": "is broken"})
