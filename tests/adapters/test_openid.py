"""Signing in at an OpenID Connect provider: who it is, and every answer that can't be trusted."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from fastflow.adapters.oauth.openid import OpenIdClient, OpenIdProvider
from fastflow.domain.errors import FastFlowError, Forbidden, Unavailable
from fastflow.domain.identity import Challenge, ComeBack, Person
from tests.fakes.clock import FakeClock
from tests.plugins.identity_providers import come_back, consent
from tests.servers.openid import StandInOpenId
from tests.servers.openid_keys import SigningKey, signed_by_public_key, unsigned

BACK = "https://flow.example.org/api/auth/oidc/callback"
CHALLENGE = Challenge("state-" + "s" * 20, "nonce-" + "n" * 20, "verifier-" + "v" * 40)

Misbehaviour = Callable[[StandInOpenId], object]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def client(openid: StandInOpenId) -> OpenIdClient:
    openid.redirect_uris = {BACK}
    return OpenIdClient(openid.issuer, openid.client_id, openid.client_secret, "Acme")


@pytest.fixture
def provider(client: OpenIdClient, clock: FakeClock) -> OpenIdProvider:
    return OpenIdProvider(client, clock)


async def sign_in(provider: OpenIdProvider, challenge: Challenge = CHALLENGE) -> Person:
    location = await consent(await provider.address(challenge, BACK))
    return await provider.person(challenge, come_back(location), BACK)


async def refusal(provider: OpenIdProvider) -> FastFlowError:
    with pytest.raises(FastFlowError) as caught:
        await sign_in(provider)
    return caught.value


async def test_a_person_is_who_the_provider_says(openid: StandInOpenId, provider: OpenIdProvider) -> None:
    assert await sign_in(provider) == Person(
        openid.issuer, "248289761001", "alice", "Alice Adams", "alice@example.org"
    )


async def test_the_browser_takes_a_hash_along_and_no_secret(
    openid: StandInOpenId, provider: OpenIdProvider
) -> None:
    openid.metadata = {"authorization_endpoint": f"{openid.issuer}/authorize?tenant=1"}
    address = await provider.address(CHALLENGE, BACK)
    query = parse_qs(urlsplit(address).query)
    assert query["tenant"] == ["1"]
    assert query["code_challenge_method"] == ["S256"]
    assert CHALLENGE.verifier not in address
    assert openid.client_secret not in address


async def test_what_the_token_lacks_is_asked_of_userinfo(
    openid: StandInOpenId, provider: OpenIdProvider
) -> None:
    openid.has_slim_tokens = True
    person = await sign_in(provider)
    assert (person.login, person.email) == ("alice", "alice@example.org")


async def test_userinfo_about_somebody_else_is_refused(
    openid: StandInOpenId, provider: OpenIdProvider
) -> None:
    openid.has_slim_tokens = True
    openid.userinfo_claims = {"sub": "another"}
    assert "somebody else" in (await refusal(provider)).message


@pytest.mark.parametrize("is_verified", [False, None, "false", "no", 1, "TRUE "])
async def test_an_email_address_that_is_not_verified_is_none(
    openid: StandInOpenId, provider: OpenIdProvider, is_verified: object
) -> None:
    openid.person = {**openid.person, "email_verified": is_verified}
    openid.token_claims = {"email_verified": is_verified}
    assert (await sign_in(provider)).email is None


@pytest.mark.parametrize(
    "email",
    [
        "alice@example.org@evil.org",
        "alice@example.org" + ".x" * 130,
        "alice@ban\N{KELVIN SIGN}.example",
        "alice @example.org",
        "@example.org",
        "alice@",
        ["alice@example.org"],
    ],
)
async def test_what_is_no_plain_email_address_is_none(
    openid: StandInOpenId, provider: OpenIdProvider, email: object
) -> None:
    openid.person = {**openid.person, "email": email}
    assert (await sign_in(provider)).email is None


async def test_a_verified_word_counts_and_case_does_not(
    openid: StandInOpenId, provider: OpenIdProvider
) -> None:
    openid.person = {**openid.person, "email": "Alice@Example.ORG", "email_verified": "true"}
    assert (await sign_in(provider)).email == "alice@example.org"


def expired(openid: StandInOpenId) -> None:
    openid.token_claims = {"exp": int(time.time()) - 90, "iat": int(time.time()) - 400}


def of_the_future(openid: StandInOpenId) -> None:
    openid.token_claims = {"iat": int(time.time()) + 600}


def without_signature(openid: StandInOpenId) -> None:
    openid.sign = lambda claims: unsigned(claims, openid.key.id)


def with_the_public_key_as_secret(openid: StandInOpenId) -> None:
    openid.metadata = {"id_token_signing_alg_values_supported": ["RS256", "HS256", "none"]}
    openid.sign = lambda claims: signed_by_public_key(claims, openid.key)


def with_a_secret_in_the_key_set(openid: StandInOpenId) -> None:
    """A shared secret that is published is one that everybody knows."""
    with_the_public_key_as_secret(openid)
    openid.published = [{"kty": "oct", "kid": openid.key.id, "k": "c2VjcmV0"}]


def with_a_foreign_key(openid: StandInOpenId) -> None:
    foreign = SigningKey(3)
    foreign.id = openid.key.id
    openid.sign = foreign.sign


def with_an_unpublished_key(openid: StandInOpenId) -> None:
    openid.sign = SigningKey(3).sign


def with_an_encryption_key(openid: StandInOpenId) -> None:
    openid.published = [{**openid.key.public_jwk, "use": "enc"}]


def saying(**claims: object) -> Misbehaviour:
    def misbehave(openid: StandInOpenId) -> None:
        openid.token_claims = claims

    return misbehave


UNTRUSTWORTHY: dict[str, tuple[Misbehaviour, str]] = {
    "expired": (expired, "has expired"),
    "of the future": (of_the_future, "of the future"),
    "alg none": (without_signature, "algorithm"),
    "HS256 with the public key": (with_the_public_key_as_secret, "algorithm"),
    "HS256 with a published secret": (with_a_secret_in_the_key_set, "algorithm"),
    "foreign key": (with_a_foreign_key, "another signature"),
    "unpublished key": (with_an_unpublished_key, "does not publish"),
    "key for encryption": (with_an_encryption_key, "does not publish"),
    "other nonce": (saying(nonce="another"), "another sign-in"),
    "no nonce": (saying(nonce=None), "another sign-in"),
    "nonce that is no text": (saying(nonce=[CHALLENGE.nonce]), "another sign-in"),
    "other audience": (saying(aud="another"), "another application"),
    "several audiences": (saying(aud=["fast-flow", "another"]), "several applications"),
    "other authorised party": (saying(azp="another"), "another application"),
    "several audiences, other party": (saying(aud=["fast-flow", "x"], azp="x"), "another application"),
    "other issuer": (saying(iss="https://evil.example"), "another issuer"),
    "issuer with a slash": (saying(iss="https://127.0.0.1/"), "another issuer"),
    "other access token": (saying(at_hash="AAAAAAAAAAAAAAAAAAAAAA"), "access token"),
    "at_hash that is no text": (saying(at_hash=7), "access token"),
    "no subject": (saying(sub=None), "lacks sub"),
    "empty subject": (saying(sub=""), "nobody"),
    "long subject": (saying(sub="x" * 256), "nobody"),
    "no expiry": (saying(exp=None), "lacks exp"),
    "no time of issue": (saying(iat=None), "lacks iat"),
    "no issuer": (saying(iss=None), "lacks iss"),
    "no audience": (saying(aud=None), "lacks aud"),
}


@pytest.mark.parametrize("name", UNTRUSTWORTHY)
async def test_a_token_that_can_not_be_trusted_lets_nobody_in(
    openid: StandInOpenId, provider: OpenIdProvider, name: str
) -> None:
    misbehave, reason = UNTRUSTWORTHY[name]
    misbehave(openid)
    error = await refusal(provider)
    assert isinstance(error, Forbidden)
    assert error.code == "sign_in_refused"
    assert reason in error.message


async def test_several_audiences_are_fine_where_it_was_issued_to_us(
    openid: StandInOpenId, provider: OpenIdProvider
) -> None:
    openid.token_claims = {"aud": ["fast-flow", "another"], "azp": "fast-flow"}
    assert (await sign_in(provider)).login == "alice"


async def test_an_answer_of_another_provider_is_refused(provider: OpenIdProvider) -> None:
    brought = come_back(await consent(await provider.address(CHALLENGE, BACK)))
    for issuer in (None, "https://evil.example"):
        with pytest.raises(Forbidden, match="another provider"):
            await provider.person(CHALLENGE, replace(brought, issuer=issuer), BACK)


async def test_a_code_is_good_once_and_only_with_its_verifier(provider: OpenIdProvider) -> None:
    brought = come_back(await consent(await provider.address(CHALLENGE, BACK)))
    stolen = replace(CHALLENGE, verifier="another-verifier-of-the-thief-xxxxxxxxxxxxxxxxxxx")
    with pytest.raises(Forbidden, match="used up"):
        await provider.person(stolen, brought, BACK)
    brought = come_back(await consent(await provider.address(CHALLENGE, BACK)))
    await provider.person(CHALLENGE, brought, BACK)
    with pytest.raises(Forbidden, match="used up"):
        await provider.person(CHALLENGE, brought, BACK)


async def test_who_changes_their_mind_is_told_so(openid: StandInOpenId, provider: OpenIdProvider) -> None:
    openid.error = "access_denied"
    assert (await refusal(provider)).code == "sign_in_cancelled"


async def test_the_words_of_a_refusal_are_not_repeated(
    openid: StandInOpenId, provider: OpenIdProvider
) -> None:
    answer = ComeBack(error="<script>alert(1)</script>", issuer=openid.issuer)
    with pytest.raises(Forbidden) as caught:
        await provider.person(CHALLENGE, answer, BACK)
    assert "script" not in caught.value.message + json.dumps(caught.value.fields)


async def test_rotated_keys_are_fetched_but_not_for_every_forged_token(
    openid: StandInOpenId, provider: OpenIdProvider, clock: FakeClock
) -> None:
    await sign_in(provider)
    openid.rotate_keys()
    await refusal(provider)  # the keys were fetched this minute
    assert openid.count("/jwks") == 1
    await clock.advance(timedelta(minutes=1))
    assert (await sign_in(provider)).login == "alice"
    with_an_unpublished_key(openid)
    for _ in range(5):
        await refusal(provider)
    assert openid.count("/jwks") == 2


async def test_what_a_provider_says_about_itself_is_asked_for_once_an_hour(
    openid: StandInOpenId, provider: OpenIdProvider, clock: FakeClock
) -> None:
    for _ in range(3):
        await sign_in(provider)
    assert (openid.count("/.well-known/"), openid.count("/jwks")) == (1, 1)
    await clock.advance(timedelta(hours=1))
    await sign_in(provider)
    assert (openid.count("/.well-known/"), openid.count("/jwks")) == (2, 2)


async def test_a_token_without_key_id_is_fine_where_there_is_one_key(
    openid: StandInOpenId, provider: OpenIdProvider
) -> None:
    del openid.published[0]["kid"]
    openid.key.id = ""
    assert (await sign_in(provider)).login == "alice"


async def test_a_token_without_key_id_is_ambiguous_among_several(
    openid: StandInOpenId, provider: OpenIdProvider
) -> None:
    openid.published.append(SigningKey(3).public_jwk)
    openid.key.id = ""
    assert "does not publish" in (await refusal(provider)).message


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
async def test_the_secret_goes_the_way_that_the_provider_takes(
    openid: StandInOpenId, provider: OpenIdProvider, method: str
) -> None:
    openid.metadata = {"token_endpoint_auth_methods_supported": [method]}
    assert (await sign_in(provider)).login == "alice"
    sent = [seen.authorization for seen in openid.requests if seen.path == "/token"]
    assert (sent == [None]) == (method == "client_secret_post")


async def test_a_public_client_has_no_secret(
    openid: StandInOpenId, client: OpenIdClient, clock: FakeClock
) -> None:
    openid.client_secret = ""
    assert (await sign_in(OpenIdProvider(replace(client, client_secret=""), clock))).login == "alice"


async def test_a_wrong_secret_is_the_operators_matter(client: OpenIdClient, clock: FakeClock) -> None:
    error = await refusal(OpenIdProvider(replace(client, client_secret="wrong"), clock))  # noqa: S106
    assert isinstance(error, Unavailable)
    assert "OIDC_CLIENT_SECRET" in error.message
    assert "wrong" not in error.message


METADATA: dict[str, tuple[dict[str, object], str]] = {
    "another issuer": ({"issuer": "https://evil.example"}, "write OIDC_ISSUER exactly so"),
    "no key set": ({"jwks_uri": None}, "lacks jwks_uri"),
    "plain HTTP": ({"token_endpoint": "http://login.example/token"}, "does not begin with https://"),
    "a script": ({"authorization_endpoint": "javascript:alert(1)"}, "does not begin with https://"),
    "a password": ({"token_endpoint": "https://a:b@login.example/"}, "does not begin with https://"),
}


@pytest.mark.parametrize("name", METADATA)
async def test_a_strange_discovery_document_is_refused(
    openid: StandInOpenId, provider: OpenIdProvider, name: str
) -> None:
    openid.metadata, reason = METADATA[name]
    error = await refusal(provider)
    assert error.code == "provider_unusable"
    assert reason in error.message


async def test_the_issuers_own_server_may_be_private_and_no_other(
    openid: StandInOpenId, provider: OpenIdProvider, client: OpenIdClient, clock: FakeClock
) -> None:
    """The operator named the issuer; what the issuer names is its own idea."""
    openid.metadata = {"token_endpoint": f"https://127.0.0.1:{openid.port}/token"}
    error = await refusal(provider)
    assert "not at a public address" in error.message
    openid.metadata = {"jwks_uri": f"http://localhost:{openid.port}/jwks"}
    assert "not at a public address" in (await refusal(OpenIdProvider(client, clock))).message
    assert (await sign_in(OpenIdProvider(client, clock, may_be_private=True))).login == "alice"


@pytest.mark.parametrize("path", ["/.well-known/", "/token", "/jwks"])
async def test_an_answer_without_end_is_given_up(
    openid: StandInOpenId, provider: OpenIdProvider, path: str
) -> None:
    openid.faults.answer(200, b" " * 2_000_000, only=path)
    assert "no end" in (await refusal(provider)).message


@pytest.mark.parametrize("path", ["/.well-known/", "/token", "/jwks"])
async def test_nobody_waits_for_a_slow_provider_for_ever(
    openid: StandInOpenId, client: OpenIdClient, clock: FakeClock, path: str
) -> None:
    openid.faults.stall(only=path)
    provider = OpenIdProvider(client, clock, patience=timedelta(milliseconds=200))
    assert "did not answer in time" in (await refusal(provider)).message


@pytest.mark.parametrize("path", ["/.well-known/", "/token", "/jwks"])
async def test_a_redirect_is_not_followed(openid: StandInOpenId, provider: OpenIdProvider, path: str) -> None:
    with StandInOpenId() as elsewhere:
        openid.faults.redirect_to(elsewhere.base_url, only=path, status=307)
        assert "HTTP 307" in (await refusal(provider)).message
        assert elsewhere.requests == []


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b"null", b"[" * 100_000])
@pytest.mark.parametrize("path", ["/.well-known/", "/token", "/jwks"])
async def test_nonsense_is_an_error_with_a_reason(
    openid: StandInOpenId, provider: OpenIdProvider, path: str, body: bytes
) -> None:
    openid.faults.answer(200, body, only=path)
    assert (await refusal(provider)).code in ("provider_unusable", "sign_in_refused")


async def test_a_provider_that_is_away_is_tried_again_by_the_next_one(
    openid: StandInOpenId, provider: OpenIdProvider
) -> None:
    openid.faults.answer(503, times=1)
    assert (await refusal(provider)).code == "provider_unusable"
    assert (await sign_in(provider)).login == "alice"
