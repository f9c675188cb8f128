"""The repository of the settings: read from the environment, and followed from start to start."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from fastflow.domain.errors import Conflict, Invalid
from fastflow.domain.repository import (
    Authentication,
    GitHubApp,
    KeyCredential,
    RepositoryOrigin,
    TokenCredential,
)
from fastflow.main.repositories import configured
from fastflow.services.repository_drafts import RepositoryChanges
from fastflow.settings import Settings
from tests.services.repository_house import KNOWN_HOST, PEM, SSH_URL, TOKEN, URL, House, token_draft

PUSH_SECRET = "push-secret"  # noqa: S105 - signs nothing
FORMER_TOKEN = "former"  # noqa: S105 - opens nothing


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    house = House(sqlite_url)
    yield house
    await house.database.close()


async def adopt(house: House, **values: object) -> None:
    """Start a server with these settings."""
    asked = await asyncio.to_thread(
        lambda: configured(Settings.model_validate({"git_repo_url": URL, **values}))
    )
    await house.repositories.adopt_settings(asked.repositories, asked.apps)


async def names(house: House) -> list[str]:
    return [row.name for row in await house.repositories.every()]


async def test_a_server_without_git_settings_has_no_repository(house: House) -> None:
    await adopt(house, git_repo_url="")
    assert await names(house) == []


async def test_the_repository_is_called_as_its_url_ends(house: House) -> None:
    await adopt(house, git_token=TOKEN, git_branch="main", pipelines_subdir="team/")
    (row,) = await house.repositories.every()
    assert (row.name, row.origin, row.branch, row.subdir) == (
        "pipelines",
        RepositoryOrigin.SETTINGS,
        "main",
        "team",
    )
    access = await house.repositories.doors.access(row)
    assert access.credential == TokenCredential("x-access-token", TOKEN)
    assert access.remote.may_be_private


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://h.example/a/My.Pipes.git", "my-pipes"),
        ("https://h.example/a/__x", "x"),
        ("https://h.example/a/...", "pipelines"),
        (f"https://h.example/{'a' * 50}", "a" * 32),
    ],
)
def test_any_url_makes_a_name(url: str, name: str) -> None:
    (draft,) = configured(Settings.model_validate({"git_repo_url": url})).repositories
    assert draft.name == name


async def test_the_next_start_touches_nothing_that_is_the_same(house: House) -> None:
    await adopt(house, git_token=TOKEN, git_push_secret=PUSH_SECRET)
    (first,) = await house.repositories.every()
    await adopt(house, git_token=TOKEN, git_push_secret=PUSH_SECRET)
    (second,) = await house.repositories.every()
    assert first == second
    assert len(await house.announced()) == 1


async def test_a_new_token_or_branch_is_taken_over_by_the_same_repository(house: House) -> None:
    await adopt(house, git_token=FORMER_TOKEN)
    (first,) = await house.repositories.every()
    await adopt(house, git_token=TOKEN, git_branch="next")
    (second,) = await house.repositories.every()
    assert (second.id, second.branch) == (first.id, "next")
    access = await house.repositories.doors.access(second)
    assert access.credential == TokenCredential("x-access-token", TOKEN)


async def test_a_token_that_was_taken_back_is_forgotten(house: House) -> None:
    await adopt(house, git_token=TOKEN)
    await adopt(house)
    (row,) = await house.repositories.every()
    assert (row.authentication, row.secret) == (Authentication.NONE, None)


async def test_a_new_encryption_key_does_no_harm_to_what_the_settings_hold(house: House) -> None:
    await adopt(house, git_token=TOKEN)
    house.use_key(Fernet.generate_key().decode())
    await adopt(house, git_token=TOKEN)
    (row,) = await house.repositories.every()
    access = await house.repositories.doors.access(row)
    assert access.credential == TokenCredential("x-access-token", TOKEN)


async def test_another_repository_takes_the_place_of_the_former(house: House) -> None:
    await adopt(house)
    (first,) = await house.repositories.every()
    await adopt(house, git_repo_url="https://git.example.org/acme/other")
    assert await names(house) == ["other"]
    assert house.mirrors.removed == [first.id]
    await adopt(house, git_repo_url="")
    assert await names(house) == []


async def test_a_name_that_is_taken_over_the_api_gets_a_number(house: House) -> None:
    await house.repositories.create(token_draft("pipelines"))
    await house.repositories.create(token_draft("pipelines-2"))
    await adopt(house)
    await adopt(house)
    assert await names(house) == ["pipelines-3", "pipelines", "pipelines-2"]


async def test_a_deploy_key_is_made_once_and_stays(house: House) -> None:
    await adopt(house, git_repo_url=SSH_URL, git_known_hosts=KNOWN_HOST)
    await adopt(house, git_repo_url=SSH_URL, git_known_hosts=KNOWN_HOST, git_branch="next")
    (row,) = await house.repositories.every()
    assert row.public_key == "ssh-ed25519 PUBLIC-1 fast-flow pipelines"
    access = await house.repositories.doors.access(row)
    assert access.credential == KeyCredential("PRIVATE-1", KNOWN_HOST)
    renewed = await house.repositories.keys.renew("pipelines")
    assert renewed.public_key == "ssh-ed25519 PUBLIC-2 fast-flow pipelines"


async def test_an_app_of_the_settings_opens_their_repository(house: House, tmp_path: Path) -> None:
    key = tmp_path / "app.pem"
    key.write_text(PEM)
    url = "https://github.com/acme/pipelines"
    await adopt(house, git_repo_url=url, github_app_id="77", github_app_private_key_file=key)
    (row,) = await house.repositories.every()
    access = await house.repositories.doors.access(row)
    assert access.credential == TokenCredential("x-access-token", "TOKEN-1")
    app = house.tokens.asked[0][0]
    assert (app.name, app.app_id, app.private_key.strip(), app.may_be_private) == (
        "settings",
        "77",
        PEM,
        True,
    )
    with pytest.raises(Conflict, match="GITHUB_APP_ID"):
        await house.apps.remove("settings")
    first = await house.apps.every()
    await adopt(house, git_repo_url=url, github_app_id="77", github_app_private_key_file=key)
    assert await house.apps.every() == first
    await adopt(house, git_repo_url=url)
    assert await house.apps.every() == []


async def test_an_app_of_the_settings_takes_the_place_of_one_of_that_name(house: House) -> None:
    await house.apps.create(GitHubApp("settings", "1", "https://api.github.com", PEM))
    other = replace(GitHubApp("settings", "2", "https://api.github.com", PEM))
    await house.repositories.adopt_settings((), (other,))
    (row,) = await house.apps.every()
    assert (row.origin, row.app_id) == (RepositoryOrigin.SETTINGS, "2")


@pytest.mark.parametrize("changes", [{"branch": "x"}, {"is_enabled": False}, {"token": "x"}])
async def test_the_api_can_not_change_what_the_settings_say(house: House, changes: RepositoryChanges) -> None:
    await adopt(house, git_repo_url=SSH_URL)
    for call in (
        house.repositories.change("pipelines", changes),
        house.repositories.remove("pipelines"),
        house.repositories.keys.pin("pipelines", {"SHA256:fake"}),
    ):
        with pytest.raises(Conflict) as caught:
            await call
        assert caught.value.code == "repository_from_settings"
        assert "GIT_REPO_URL" in caught.value.message


def test_a_token_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    settings = Settings.model_validate({"git_repo_url": URL, "git_token_file": file})
    (draft,) = configured(settings).repositories
    assert draft.token == TOKEN


@pytest.mark.parametrize(
    ("values", "setting", "words"),
    [
        ({"git_repo_url": "https://u:hunter2@h.example/p"}, "GIT_REPO_URL", "token"),
        ({"git_repo_url": "http://h.example/p"}, "GIT_REPO_URL", "GIT_ALLOWED_PROTOCOLS"),
        ({"git_branch": "a..b"}, "GIT_BRANCH", "git"),
        ({"pipelines_subdir": "/abs"}, "PIPELINES_SUBDIR", "slash"),
        ({"git_repo_url": SSH_URL, "git_token": "hunter2"}, "GIT_REPO_URL", "https://"),
        ({"git_known_hosts": KNOWN_HOST}, "GIT_KNOWN_HOSTS", "authentication none"),
        ({"git_push_secret": "x"}, "GIT_PUSH_SECRET", "8"),
        ({"git_token_file": "/nonexistent/token"}, "GIT_TOKEN_FILE", "No such file"),
        ({"git_token_file": "/dev/null"}, "GIT_TOKEN_FILE", "empty"),
        ({"git_token_file": "/dev/null", "git_token": "hunter2"}, "GIT_TOKEN_FILE", "unset one"),
        ({"github_app_id": "1"}, "GITHUB_APP_PRIVATE_KEY_FILE", "missing"),
        ({"github_app_private_key_file": "/dev/null"}, "GITHUB_APP_ID", "missing"),
        (
            {"github_app_id": "1", "github_app_private_key_file": "/nonexistent/key"},
            "GITHUB_APP_PRIVATE_KEY_FILE",
            "No such file",
        ),
        (
            {"github_app_id": "1", "github_app_private_key_file": "/dev/null"},
            "GITHUB_APP_PRIVATE_KEY_FILE",
            "PEM",
        ),
        ({"github_app_installation_id": 5}, "GITHUB_APP_INSTALLATION_ID", "authentication none"),
    ],
)
def test_a_setting_that_can_not_be_is_named_at_start(
    values: dict[str, object], setting: str, words: str
) -> None:
    with pytest.raises(Invalid) as caught:
        configured(Settings.model_validate({"git_repo_url": URL, **values}))
    assert caught.value.code == "settings_invalid"
    assert words in str(caught.value.fields[setting])
    assert "hunter2" not in f"{caught.value.message}{caught.value.fields}"


def test_an_app_and_its_repository_have_to_be_on_one_host(tmp_path: Path) -> None:
    key = tmp_path / "app.pem"
    key.write_text(PEM)
    values = {
        "git_repo_url": "https://h.example/a/b",
        "github_app_id": "1",
        "github_app_private_key_file": key,
    }
    with pytest.raises(Invalid, match=r"GIT_REPO_URL has to be on github\.com"):
        configured(Settings.model_validate(values))
    own = {**values, "github_api_url": "https://h.example/api/v3"}
    assert configured(Settings.model_validate(own)).repositories[0].github_app == "settings"
