"""Signing in at GitHub: who it is, which organisations count, and every refusal with its reason."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from fastflow.adapters.oauth.github import GitHubClient, GitHubProvider
from fastflow.domain.errors import FastFlowError, Forbidden, Unavailable
from fastflow.domain.identity import Challenge, Person
from tests.plugins.identity_providers import come_back, consent
from tests.servers.github import StandInGitHub

BACK = "https://flow.example.org/api/auth/github/callback"
CHALLENGE = Challenge("state-" + "s" * 20, "nonce-" + "n" * 20, "verifier-" + "v" * 40)


@pytest.fixture
def client(github: StandInGitHub) -> GitHubClient:
    github.people.redirect_uris = {BACK}
    return GitHubClient(github.people.client_id, github.people.client_secret, github.base_url)


@pytest.fixture
def provider(client: GitHubClient) -> GitHubProvider:
    return GitHubProvider(client)


async def sign_in(provider: GitHubProvider) -> Person:
    location = await consent(await provider.address(CHALLENGE, BACK))
    return await provider.person(CHALLENGE, come_back(location), BACK)


async def refusal(provider: GitHubProvider) -> FastFlowError:
    with pytest.raises(FastFlowError) as caught:
        await sign_in(provider)
    return caught.value


async def test_a_person_is_their_number_and_not_their_login(
    github: StandInGitHub, provider: GitHubProvider
) -> None:
    assert await sign_in(provider) == Person(
        github.base_url, "583231", "octocat", "Mona Lisa", "octocat@example.org"
    )
    github.people.person.login = "renamed"
    renamed = await sign_in(provider)
    assert (renamed.subject, renamed.login) == ("583231", "renamed")


@pytest.mark.parametrize(
    "emails", [[], [{"email": "a@example.org", "primary": True, "verified": False}], [{"email": "a@b.c"}]]
)
async def test_only_the_primary_verified_address_counts(
    github: StandInGitHub, provider: GitHubProvider, emails: list[dict[str, object]]
) -> None:
    github.people.person.emails = emails
    assert (await sign_in(provider)).email is None


async def test_it_asks_for_no_more_than_it_needs(client: GitHubClient, provider: GitHubProvider) -> None:
    def scopes(address: str) -> list[str]:
        return parse_qs(urlsplit(address).query)["scope"]

    assert scopes(await provider.address(CHALLENGE, BACK)) == ["user:email"]
    limited = GitHubProvider(replace(client, organisations=frozenset({"acme"})))
    assert scopes(await limited.address(CHALLENGE, BACK)) == ["user:email read:org"]


async def test_only_members_of_the_organisations_are_members(
    github: StandInGitHub, client: GitHubClient
) -> None:
    provider = GitHubProvider(
        replace(client, organisations=frozenset({"acme", "invited", "other", "closed"}))
    )
    github.people.person.organisations = {"acme": "active", "invited": "pending", "closed": "active"}
    github.people.closed_organisations = {"closed"}
    assert (await sign_in(provider)).organisations == {"acme"}


async def test_an_organisation_is_one_part_of_an_address(github: StandInGitHub, client: GitHubClient) -> None:
    provider = GitHubProvider(replace(client, organisations=frozenset({"../../user"})))
    assert (await sign_in(provider)).organisations == frozenset()


async def test_a_code_is_good_once_and_only_with_its_verifier(provider: GitHubProvider) -> None:
    brought = come_back(await consent(await provider.address(CHALLENGE, BACK)))
    stolen = replace(CHALLENGE, verifier="another-verifier-of-the-thief-xxxxxxxxxxxxxxxxxxx")
    with pytest.raises(Forbidden, match="used up"):
        await provider.person(stolen, brought, BACK)
    brought = come_back(await consent(await provider.address(CHALLENGE, BACK)))
    await provider.person(CHALLENGE, brought, BACK)
    with pytest.raises(Forbidden, match="used up"):
        await provider.person(CHALLENGE, brought, BACK)


async def test_who_changes_their_mind_is_told_so(github: StandInGitHub, provider: GitHubProvider) -> None:
    github.people.error = "access_denied"
    assert (await refusal(provider)).code == "sign_in_cancelled"


async def test_a_wrong_secret_is_the_operators_matter(client: GitHubClient) -> None:
    error = await refusal(GitHubProvider(replace(client, client_secret="wrong")))  # noqa: S106
    assert isinstance(error, Unavailable)
    assert "GITHUB_CLIENT_SECRET" in error.message


@pytest.mark.parametrize("path", ["access_token", "/user", "/user/emails"])
@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'"x"', b'{"id": "1; drop", "login": 7}'])
async def test_nonsense_is_an_error_with_a_reason(
    github: StandInGitHub, provider: GitHubProvider, path: str, body: bytes
) -> None:
    if path == "/user/emails" and body == b"[]":
        return  # somebody without an address
    github.faults.answer(200, body, only=path)
    assert (await refusal(provider)).code == "provider_unusable"


async def test_a_redirect_is_not_followed(github: StandInGitHub, provider: GitHubProvider) -> None:
    github.faults.redirect_to("http://127.0.0.1:9", only="access_token", status=307)
    assert "HTTP 307" in (await refusal(provider)).message


@pytest.mark.parametrize(
    ("api", "web"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://api.acme.ghe.com", "https://acme.ghe.com"),
        ("https://git.example.org:8443/api/v3", "https://git.example.org:8443"),
    ],
)
def test_people_go_where_the_api_belongs_to(api: str, web: str) -> None:
    assert GitHubClient("id", "secret", api).web_url == web
