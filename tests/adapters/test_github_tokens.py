"""Installation tokens: made once for many, renewed in time, and every refusal with its reason."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fastflow.adapters.github.installation_tokens import GitHubTokens
from fastflow.domain.errors import FastFlowError, Forbidden, Invalid, NotFound, Unavailable
from fastflow.domain.repository import GitHubApp
from tests.fakes.clock import FakeClock
from tests.servers.app_jwt import AppKey
from tests.servers.certificates import TestAuthority
from tests.servers.github import StandInGitHub

URL = "https://127.0.0.1/acme/pipelines.git"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def tokens(clock: FakeClock, github: StandInGitHub) -> GitHubTokens:
    github.clock = clock.now
    return GitHubTokens(clock)


@pytest.fixture
def app(github: StandInGitHub, github_app_key: AppKey) -> GitHubApp:
    return app_of(github, github_app_key)


def app_of(github: StandInGitHub, key: AppKey, app_id: str = "1234", *, private: bool = True) -> GitHubApp:
    return GitHubApp("mine", app_id, github.base_url, key.pem, may_be_private=private)


async def refusal(
    tokens: GitHubTokens, app: GitHubApp, url: str = URL, installation: int | None = None
) -> FastFlowError:
    with pytest.raises(FastFlowError) as caught:
        await tokens.token(app, url, installation)
    assert "PRIVATE KEY" not in caught.value.message
    return caught.value


async def test_a_token_opens_one_repository_for_reading(
    github: StandInGitHub, tokens: GitHubTokens, app: GitHubApp
) -> None:
    github.install("acme", ["pipelines", "other"])
    token = await tokens.token(app, URL, None)
    (minted,) = github.minted
    assert token == minted.value
    assert minted.repositories == ("acme/pipelines",)
    assert minted.permissions == {"contents": "read"}


async def test_an_app_is_known_by_its_client_id_too(
    github: StandInGitHub, tokens: GitHubTokens, github_app_key: AppKey
) -> None:
    github.install("acme", ["pipelines"])
    assert await tokens.token(app_of(github, github_app_key, github.client_id), URL, None)


async def test_a_given_installation_is_not_looked_up(
    github: StandInGitHub, tokens: GitHubTokens, app: GitHubApp
) -> None:
    installation = github.install("acme", ["pipelines"])
    await tokens.token(app, URL, installation.id)
    assert [request.method for request in github.requests] == ["POST"]


async def test_a_hundred_callers_share_one_token(
    github: StandInGitHub, tokens: GitHubTokens, app: GitHubApp
) -> None:
    github.install("acme", ["pipelines"])
    got = await asyncio.gather(*(tokens.token(app, URL, None) for _ in range(100)))
    assert len(set(got)) == len(github.minted) == 1


async def test_the_others_get_a_token_where_the_first_caller_gave_up(
    github: StandInGitHub, tokens: GitHubTokens, app: GitHubApp
) -> None:
    github.install("acme", ["pipelines"])
    github.faults.stall()
    first = asyncio.create_task(tokens.token(app, URL, None))
    await asyncio.to_thread(github.faults.until_stalled)
    second = asyncio.create_task(tokens.token(app, URL, None))
    first.cancel()
    github.faults.release()
    assert await second == github.minted[-1].value


async def test_a_token_is_renewed_five_minutes_before_it_expires(
    github: StandInGitHub, tokens: GitHubTokens, app: GitHubApp, clock: FakeClock
) -> None:
    github.install("acme", ["pipelines"])
    first = await tokens.token(app, URL, None)
    await clock.advance(timedelta(minutes=54, seconds=59))
    assert await tokens.token(app, URL, None) == first
    await clock.advance(timedelta(seconds=1))
    assert await tokens.token(app, URL, None) != first


async def test_repositories_and_installations_have_tokens_of_their_own(
    github: StandInGitHub, tokens: GitHubTokens, app: GitHubApp
) -> None:
    github.install("acme", ["pipelines"])
    github.install("globex", ["pipelines"])
    one = await tokens.token(app, URL, None)
    other = await tokens.token(app, "https://127.0.0.1/globex/pipelines", None)
    assert one != other
    assert [minted.installation for minted in github.minted] == [1, 2]


async def test_a_token_that_the_git_host_refused_is_replaced(
    github: StandInGitHub, tokens: GitHubTokens, app: GitHubApp
) -> None:
    github.install("acme", ["pipelines"])
    first = await tokens.token(app, URL, None)
    tokens.forget(app, URL, None)
    assert await tokens.token(app, URL, None) != first


@pytest.mark.parametrize("is_long", [True, False])
async def test_tokens_of_both_shapes_are_taken(
    github: StandInGitHub, tokens: GitHubTokens, app: GitHubApp, is_long: bool
) -> None:
    github.install("acme", ["pipelines"])
    github.has_long_tokens = is_long
    assert (await tokens.token(app, URL, None)).startswith("ghs_")


async def test_no_token_is_made_for_another_host(
    github: StandInGitHub, tokens: GitHubTokens, app: GitHubApp
) -> None:
    """It would be shown to that host."""
    github.install("acme", ["pipelines"])
    error = await refusal(tokens, app, "https://evil.example/acme/pipelines")
    assert (type(error), error.code) == (Invalid, "github_host_differs")
    assert github.requests == []


async def test_an_app_that_is_not_installed_there_is_told_apart_from_one_that_is_unknown(
    github: StandInGitHub, tokens: GitHubTokens, app: GitHubApp, github_app_key: AppKey
) -> None:
    github.install("acme", ["other"])
    assert type(await refusal(tokens, app)) is NotFound
    assert (await refusal(tokens, app, installation=99)).code == "installation_not_found"
    unknown = await refusal(tokens, app_of(github, github_app_key, "4321"))
    assert (type(unknown), unknown.code) == (Forbidden, "github_app_refused")
    assert "Integration not found" in unknown.message


async def test_what_an_installation_may_not_read_is_refused(
    github: StandInGitHub, tokens: GitHubTokens, app: GitHubApp
) -> None:
    github.install("acme", ["pipelines"], {"metadata": "read"})
    error = await refusal(tokens, app)
    assert error.code == "github_app_refused"
    assert "not granted" in error.message


async def test_a_suspended_installation_is_refused_until_it_is_back(
    github: StandInGitHub, tokens: GitHubTokens, app: GitHubApp
) -> None:
    installation = github.install("acme", ["pipelines"])
    github.suspend(installation)
    assert "suspended" in (await refusal(tokens, app)).message
    github.unsuspend(installation)
    assert await tokens.token(app, URL, None)


async def test_a_key_of_another_app_is_refused(github: StandInGitHub, tokens: GitHubTokens) -> None:
    error = await refusal(tokens, app_of(github, AppKey()))
    assert (type(error), error.code) == (Forbidden, "github_app_refused")


@pytest.mark.parametrize(
    "key", ["", "no key", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----"]
)
async def test_a_key_that_is_none_is_refused_without_being_shown(tokens: GitHubTokens, key: str) -> None:
    with pytest.raises(Invalid) as caught:
        await tokens.check_key(key)
    assert caught.value.code == "github_app_key_invalid"
    assert "AAAA" not in caught.value.message


async def test_a_good_key_passes(tokens: GitHubTokens, github_app_key: AppKey) -> None:
    await tokens.check_key(github_app_key.pem)


async def test_a_clock_that_is_a_little_fast_does_no_harm(
    github: StandInGitHub, tokens: GitHubTokens, app: GitHubApp, clock: FakeClock
) -> None:
    github.install("acme", ["pipelines"])
    behind = clock.now() - timedelta(seconds=55)
    github.clock = lambda: behind
    assert await tokens.token(app, URL, None)


async def test_servers_errors_are_our_trouble_and_pass(
    github: StandInGitHub, tokens: GitHubTokens, app: GitHubApp
) -> None:
    github.install("acme", ["pipelines"])
    github.fail(1)
    error = await refusal(tokens, app)
    assert (type(error), error.code) == (Unavailable, "github_unreachable")
    assert await tokens.token(app, URL, None)


@pytest.mark.parametrize("body", ["<html>", "[]", '{"id": "x"}', '{"id": 1, "account": null}', "[" * 100_000])
async def test_an_answer_that_is_not_githubs_is_no_token(
    github: StandInGitHub, tokens: GitHubTokens, app: GitHubApp, body: str
) -> None:
    github.faults.answer(200, body)
    assert (await refusal(tokens, app)).code == "github_unreachable"


async def test_a_token_that_could_end_a_line_is_not_taken_nor_shown(
    github: StandInGitHub, tokens: GitHubTokens, app: GitHubApp
) -> None:
    github.faults.answer(201, '{"token": "ghs_a\\nhost=evil", "expires_at": "2030-01-01T01:00:00Z"}')
    error = await refusal(tokens, app, installation=1)
    assert error.code == "github_unreachable"
    assert "ghs_a" not in error.message


async def test_a_redirect_is_not_followed(
    github: StandInGitHub, tokens: GitHubTokens, app: GitHubApp
) -> None:
    github.faults.redirect_to(f"{github.base_url}/elsewhere", times=1)
    error = await refusal(tokens, app)
    assert error.code == "installation_not_found"
    assert "new URL" in error.message
    assert github.count("elsewhere") == 0


async def test_who_is_told_to_wait_asks_nothing_meanwhile(
    github: StandInGitHub, tokens: GitHubTokens, app: GitHubApp, clock: FakeClock
) -> None:
    github.install("acme", ["pipelines"])
    github.limit_rate(timedelta(seconds=90))
    error = await refusal(tokens, app)
    assert (error.code, error.fields["retry_after_seconds"]) == ("github_rate_limited", 90)
    asked = len(github.requests)
    await clock.advance(timedelta(seconds=89))
    await refusal(tokens, app)
    assert len(github.requests) == asked
    await clock.advance(timedelta(seconds=1))
    assert await tokens.token(app, URL, None)


async def test_an_exhausted_hour_is_waited_out_and_is_no_refusal_of_the_app(
    github: StandInGitHub, tokens: GitHubTokens, app: GitHubApp, clock: FakeClock
) -> None:
    github.install("acme", ["pipelines"])
    github.exhaust_rate(clock.now() + timedelta(minutes=10))
    assert (await refusal(tokens, app)).fields["retry_after_seconds"] == 600
    await clock.advance(timedelta(minutes=10))
    assert await tokens.token(app, URL, None)


async def test_a_private_address_is_refused_before_anything_is_sent(
    github: StandInGitHub, tokens: GitHubTokens, github_app_key: AppKey
) -> None:
    error = await refusal(tokens, app_of(github, github_app_key, private=False))
    assert error.code == "address_not_allowed"
    by_name = GitHubApp("mine", "1234", f"http://localhost:{github.port}", github_app_key.pem)
    assert (await refusal(tokens, by_name, "https://localhost/a/b")).code == "address_not_allowed"
    assert github.requests == []


async def test_an_api_that_is_away_is_unreachable(
    github: StandInGitHub, tokens: GitHubTokens, app: GitHubApp
) -> None:
    github.stop()
    error = await refusal(tokens, app)
    assert (error.code, error.fields) == ("github_unreachable", {"api_url": github.base_url})


async def test_a_certificate_of_the_companys_own_authority_is_trusted_when_told(
    github_app_key: AppKey, tmp_path: Path
) -> None:
    clock = FakeClock(datetime.now(UTC))
    authority = TestAuthority(tmp_path)
    with StandInGitHub(github_app_key.public, authority=authority) as github:
        github.clock = clock.now
        github.install("acme", ["pipelines"])
        app = app_of(github, github_app_key)
        error = await refusal(GitHubTokens(clock), app)
        assert "certificate" in error.message
        assert await GitHubTokens(clock, authority.file).token(app, URL, None)


def test_a_bundle_that_is_none_is_refused_at_once(clock: FakeClock, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="CA_BUNDLE"):
        GitHubTokens(clock, tmp_path / "none.pem")


async def test_installations_are_listed_with_what_they_may_read(
    github: StandInGitHub, tokens: GitHubTokens, app: GitHubApp
) -> None:
    github.install("acme", [f"r{number}" for number in range(150)])
    github.suspend(github.install("globex", ["pipelines"]))
    first, second = await tokens.installations(app)
    assert (first.account, first.is_suspended, len(first.repositories)) == ("acme", False, 150)
    assert first.repositories[0] == "acme/r0"
    assert (second.account, second.is_suspended, second.repositories) == ("globex", True, ())


async def test_more_installations_than_a_page_are_all_listed(
    github: StandInGitHub, tokens: GitHubTokens, app: GitHubApp
) -> None:
    for number in range(101):
        github.suspend(github.install(f"account{number}", []))
    assert len(await tokens.installations(app)) == 101


async def test_an_unknown_app_has_no_installations_to_list(
    github: StandInGitHub, tokens: GitHubTokens, github_app_key: AppKey
) -> None:
    with pytest.raises(Forbidden):
        await tokens.installations(app_of(github, github_app_key, "4321"))


def test_neither_key_nor_token_shows_in_a_repr(app: GitHubApp) -> None:
    assert "PRIVATE" not in repr(app)
