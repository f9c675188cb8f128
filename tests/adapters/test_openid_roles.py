"""What an OpenID Connect provider says of somebody's role, in ID tokens and in userinfo."""

import pytest

from fastflow.adapters.oauth.openid import OpenIdClient, OpenIdProvider
from fastflow.domain.identity import Challenge
from tests.fakes.clock import FakeClock
from tests.plugins.identity_providers import come_back, consent
from tests.servers.openid import StandInOpenId

BACK = "https://flow.example.org/api/auth/oidc/callback"
CHALLENGE = Challenge("state-" + "s" * 20, "nonce-" + "n" * 20, "verifier-" + "v" * 40)


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (["ops", "admins"], {"ops", "admins"}),
        ("ops", {"ops"}),
        (["ops", 7, None, ["admins"]], {"ops"}),
        ({"ops": True}, set[str]()),
        (None, set[str]()),
    ],
)
@pytest.mark.parametrize("is_slim", [False, True])
async def test_the_claim_of_the_settings_says_the_role(
    openid: StandInOpenId,
    claim: object,
    words: set[str],
    is_slim: bool,
) -> None:
    openid.redirect_uris = {BACK}
    openid.has_slim_tokens = is_slim
    openid.person = {**openid.person, "groups": claim}
    openid.userinfo_claims = {"groups": claim}
    openid.token_claims = {} if is_slim else {"groups": claim}
    for role_claim, found in (("groups", words), ("", set[str]())):
        client = OpenIdClient(
            openid.issuer, openid.client_id, openid.client_secret, "Acme", role_claim=role_claim
        )
        provider = OpenIdProvider(client, FakeClock())
        location = await consent(await provider.address(CHALLENGE, BACK))
        assert (await provider.person(CHALLENGE, come_back(location), BACK)).role_words == found
