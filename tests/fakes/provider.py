"""A provider that vouches for whomever the test says; the real ones are tried against servers."""

from urllib.parse import urlencode

from fastflow.domain.errors import FastFlowError
from fastflow.domain.identity import Challenge, ComeBack, Person

ALICE = Person("https://login.example", "1", "alice", "Alice Adams", "alice@example.org")


class FakeProvider:
    """Fulfils `domain.identity.IdentityProvider`."""

    def __init__(self) -> None:
        self.name = "oidc"
        self.label = "Acme"
        self.somebody = ALICE
        """Who sits at the browser."""
        self.error: FastFlowError | None = None
        """Raised instead of vouching for them."""
        self.challenges: list[Challenge] = []
        """What every browser that came back had to answer to."""

    async def address(self, challenge: Challenge, redirect_uri: str) -> str:
        """Return where the browser has to go; its query tells the test the state."""
        if self.error is not None:
            raise self.error
        query = {"state": challenge.state, "redirect_uri": redirect_uri}
        return f"https://login.example/authorize?{urlencode(query)}"

    async def person(self, challenge: Challenge, come_back: ComeBack, redirect_uri: str) -> Person:
        """Return who the test says."""
        del come_back, redirect_uri
        self.challenges.append(challenge)
        if self.error is not None:
            raise self.error
        return self.somebody
