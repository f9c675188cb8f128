"""GitHub Apps: what is refused, and that a key never shows."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from fastflow.domain.errors import Conflict, Forbidden, Invalid, NotFound
from fastflow.domain.repository import GitHubApp, Installation
from fastflow.services.repository_drafts import RepositoryDraft
from tests.services.repository_house import PEM, House, bytes_of

APP = GitHubApp("mine", "1234", "https://api.github.com/", PEM)


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    house = House(sqlite_url)
    yield house
    await house.database.close()


async def test_a_key_is_stored_encrypted(house: House, tmp_path: Path) -> None:
    row = await house.apps.create(APP)
    assert row.api_url == "https://api.github.com"
    assert b"BEGIN RSA" not in bytes_of(tmp_path)
    assert PEM not in repr(row)


async def test_a_key_that_was_put_into_one_line_is_unfolded(house: House) -> None:
    await house.apps.create(replace(APP, private_key=PEM.replace("\n", "\\n")))
    house.tokens.found = [Installation(1, "acme", is_suspended=False)]
    assert await house.apps.installations("mine") == house.tokens.found
    draft = RepositoryDraft("acme", "https://github.com/a/b", github_app="mine")
    await house.repositories.doors.access(await house.repositories.create(draft))
    assert house.tokens.asked[0][0].private_key == f"{PEM}\n"


@pytest.mark.parametrize(
    ("app", "field"),
    [
        (replace(APP, name="My App"), "name"),
        (replace(APP, app_id="12 34"), "app_id"),
        (replace(APP, api_url="http://api.github.com"), "api_url"),
        (replace(APP, api_url="https://user:hunter2@api.github.com"), "api_url"),
        (replace(APP, api_url="https://"), "api_url"),
        (replace(APP, api_url="https://x:y/"), "api_url"),
        (replace(APP, api_url="file:///etc"), "api_url"),
        (replace(APP, private_key="hunter2"), "private_key"),
        (replace(APP, private_key=PEM.replace("AAAA", "BROKEN")), "private_key"),
    ],
)
async def test_what_can_not_be_is_refused_by_field(house: House, app: GitHubApp, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        await house.apps.create(app)
    assert list(caught.value.fields) == [field]
    assert "hunter2" not in f"{caught.value.message}{caught.value.fields}"
    assert await house.apps.every() == []


async def test_a_name_is_given_once(house: House) -> None:
    await house.apps.create(APP)
    with pytest.raises(Conflict, match="mine already"):
        await house.apps.create(APP)


async def test_an_app_that_opens_a_repository_stays(house: House) -> None:
    await house.apps.create(APP)
    await house.repositories.create(RepositoryDraft("acme", "https://github.com/a/b", github_app="mine"))
    with pytest.raises(Conflict, match="opens acme"):
        await house.apps.remove("mine")
    await house.repositories.remove("acme")
    assert (await house.apps.remove("mine")).name == "mine"
    assert await house.apps.every() == []


async def test_an_unknown_app_is_named(house: House) -> None:
    for call in (house.apps.remove("nosuch"), house.apps.installations("nosuch")):
        with pytest.raises(NotFound, match="nosuch"):
            await call


async def test_githubs_refusal_is_passed_on(house: House) -> None:
    await house.apps.create(APP)
    house.tokens.error = Forbidden("github_app_refused", "suspended")
    with pytest.raises(Forbidden, match="suspended"):
        await house.apps.installations("mine")
