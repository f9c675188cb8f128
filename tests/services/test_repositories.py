"""Repositories: what is refused, what is kept secret, and what never reaches another host."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from fastflow.domain.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from fastflow.domain.repository import Authentication, HostKey, KeyCredential, TokenCredential
from fastflow.services.repository_drafts import RepositoryChanges, RepositoryDraft
from tests.services.repository_house import (
    FINGERPRINT,
    KNOWN_HOST,
    SSH_URL,
    TOKEN,
    URL,
    House,
    bytes_of,
    ssh_draft,
    token_draft,
)


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    house = House(sqlite_url)
    yield house
    await house.database.close()


async def test_a_token_is_stored_encrypted_and_comes_out_for_the_git_host_only(
    house: House, tmp_path: Path
) -> None:
    row = await house.repositories.create(token_draft())
    assert row.authentication is Authentication.TOKEN
    access = await house.repositories.doors.access(row)
    assert access.credential == TokenCredential("x-access-token", TOKEN)
    assert access.remote.url == URL
    stored = bytes_of(tmp_path)
    assert row.secret is not None
    assert row.secret.encode() in stored
    assert TOKEN.encode() not in stored
    assert TOKEN not in repr(access)
    assert TOKEN not in repr(token_draft())


async def test_a_deploy_key_is_made_for_ssh_and_its_public_half_is_shown(
    house: House, tmp_path: Path
) -> None:
    row = await house.repositories.create(replace(ssh_draft(), authentication=None))
    assert (row.authentication, row.public_key) == (
        Authentication.DEPLOY_KEY,
        "ssh-ed25519 PUBLIC-1 fast-flow acme",
    )
    access = await house.repositories.doors.access(row)
    assert access.credential == KeyCredential("PRIVATE-1", KNOWN_HOST)
    assert b"PRIVATE-1" not in bytes_of(tmp_path)
    renewed = await house.repositories.keys.renew("acme")
    assert renewed.public_key == "ssh-ed25519 PUBLIC-2 fast-flow acme"


async def test_a_repository_that_is_open_to_all_needs_nothing(house: House) -> None:
    row = await house.repositories.create(RepositoryDraft("acme", URL, branch="main", subdir="./a//b/"))
    access = await house.repositories.doors.access(row)
    assert access.credential is None
    assert (access.remote.branch, access.remote.subdir) == ("main", "a/b")
    assert not access.remote.may_be_private


async def test_an_apps_token_is_asked_for_by_the_repositorys_url(house: House) -> None:
    await house.add_app()
    draft = RepositoryDraft("acme", "https://github.com/acme/p", github_app="mine", installation_id=7)
    row = await house.repositories.create(draft)
    access = await house.repositories.doors.access(row)
    assert access.credential == TokenCredential("x-access-token", "TOKEN-1")
    ((app, url, installation),) = house.tokens.asked
    assert (app.app_id, url, installation) == ("1234", "https://github.com/acme/p", 7)
    assert not app.may_be_private


async def test_a_withdrawn_token_is_replaced_by_the_check(house: House) -> None:
    await house.add_app()
    url = "https://github.com/acme/p"
    row = await house.repositories.create(RepositoryDraft("acme", url, github_app="mine"))
    house.mirrors.fail(url, Forbidden("authentication_failed", "no"))
    with pytest.raises(Forbidden):
        await house.repositories.doors.check("acme")
    house.mirrors.recover(url)
    assert len(house.tokens.asked) == 2
    access = await house.repositories.doors.access(row)
    assert access.credential == TokenCredential("x-access-token", "TOKEN-2")
    assert await house.repositories.doors.check("acme") == ["main"]


async def test_a_stored_credential_that_is_refused_is_tried_once(house: House) -> None:
    await house.repositories.create(token_draft())
    house.mirrors.fail(URL, Forbidden("authentication_failed", "no"))
    with pytest.raises(Forbidden, match="no"):
        await house.repositories.doors.check("acme")


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": "Acme"}, "name", "a-z"),
        ({"name": "../x"}, "name", "a-z"),
        ({"name": "a" * 33}, "name", "32"),
        ({"url": "https://user:hunter2@git.example.org/p"}, "url", "token"),
        ({"url": "ext::sh -c id"}, "url", ""),
        ({"url": "file:///etc"}, "url", "GIT_ALLOWED_PROTOCOLS"),
        ({"url": "http://git.example.org/p"}, "url", "GIT_ALLOWED_PROTOCOLS"),
        ({"url": "-oProxyCommand=id:p"}, "url", ""),
        ({"url": SSH_URL}, "url", "https://"),
        ({"branch": "a..b"}, "branch", "git"),
        ({"branch": "-d"}, "branch", "git"),
        ({"branch": "a b"}, "branch", "git"),
        ({"branch": "x.lock"}, "branch", "git"),
        ({"branch": "refs/heads/main"}, "branch", "alone"),
        ({"branch": "a\n"}, "branch", "git"),
        ({"subdir": "../etc"}, "subdir", ".."),
        ({"subdir": "/pipelines"}, "subdir", "slash"),
        ({"subdir": "a/.git"}, "subdir", "folder"),
        ({"username": "a:b"}, "username", "colon"),
        ({"username": "a\nhost=evil"}, "username", "control"),
        ({"token": "a\nb"}, "token", "control"),
        ({"token": ""}, "token", "blank"),
        ({"push_secret": "short"}, "push_secret", "8"),
        ({"sync_interval_seconds": 9}, "sync_interval_seconds", "10"),
        ({"sync_interval_seconds": -1}, "sync_interval_seconds", "10"),
        ({"known_hosts": KNOWN_HOST}, "known_hosts", "authentication token"),
        ({"installation_id": 1}, "installation_id", "authentication token"),
        ({"authentication": Authentication.NONE}, "token", "authentication none"),
        ({"authentication": Authentication.DEPLOY_KEY}, "url", "ssh://"),
        ({"github_app": "mine", "token": None}, "github_app", "does not exist"),
        ({"token": None, "authentication": Authentication.TOKEN}, "token", "missing"),
        ({"token": None, "authentication": Authentication.GITHUB_APP}, "github_app", "missing"),
    ],
)
async def test_what_can_not_be_is_refused_by_field_with_a_remedy(
    house: House, changes: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(Invalid) as caught:
        await house.repositories.create(replace(token_draft(), **changes))
    assert caught.value.code == "repository_invalid"
    assert words in str(caught.value.fields[field])
    assert "hunter2" not in f"{caught.value.message}{caught.value.fields}"
    assert await house.repositories.every() == []


@pytest.mark.parametrize("line", ["git.example.org", "git.example.org ssh-ed25519 AAAA"])
async def test_host_keys_that_pin_nothing_are_refused(house: House, line: str) -> None:
    with pytest.raises(Invalid, match="known_hosts line 1"):
        await house.repositories.create(replace(ssh_draft(), known_hosts=line))


@pytest.mark.parametrize("path", ["acme", "acme/a/b"])
async def test_an_app_opens_owner_and_name_only(house: House, path: str) -> None:
    await house.add_app()
    with pytest.raises(Invalid, match="OWNER/NAME"):
        await house.repositories.create(
            RepositoryDraft("acme", f"https://github.com/{path}", github_app="mine")
        )


async def test_an_app_is_not_used_for_another_host(house: House) -> None:
    """The token would be shown to it."""
    await house.add_app()
    await house.repositories.create(RepositoryDraft("acme", "https://github.com/a/b", github_app="mine"))
    with pytest.raises(Invalid, match=r"github\.com"):
        await house.repositories.change("acme", {"url": "https://evil.example/a/b"})


async def test_a_name_is_given_once(house: House) -> None:
    await house.repositories.create(token_draft())
    with pytest.raises(Conflict, match="acme already"):
        await house.repositories.create(token_draft())


async def test_an_unknown_repository_is_named(house: House) -> None:
    for call in (
        house.repositories.get("nosuch"),
        house.repositories.remove("nosuch"),
        house.repositories.change("nosuch", {}),
        house.repositories.keys.renew("nosuch"),
        house.repositories.doors.check("nosuch"),
    ):
        with pytest.raises(NotFound, match="nosuch"):
            await call


async def test_a_change_keeps_what_it_does_not_name(house: House) -> None:
    first = await house.repositories.create(replace(token_draft(), push_secret="12345678", username="bot"))  # noqa: S106
    row = await house.repositories.change("acme", {"branch": "next", "sync_interval_seconds": 0})
    assert (row.branch, row.sync_interval_seconds, row.username) == ("next", 0, "bot")
    assert (row.secret, row.push_secret) == (first.secret, first.push_secret)
    row = await house.repositories.change("acme", {"push_secret": None})
    assert row.push_secret is None
    assert row.secret == first.secret


async def test_a_change_that_changes_nothing_is_not_announced(house: House) -> None:
    await house.repositories.create(token_draft())
    await house.repositories.change("acme", {"branch": None, "token": TOKEN})
    await house.repositories.change("acme", {"is_enabled": False})
    await house.repositories.remove("acme")
    assert [payload["change"] for payload in await house.announced()] == ["added", "changed", "removed"]


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/acme/pipelines.git", "https://git.example.org:8443/acme/pipelines.git"],
)
async def test_a_token_does_not_follow_to_another_host(house: House, url: str) -> None:
    await house.repositories.create(token_draft())
    row = await house.repositories.change("acme", {"url": url})
    assert row.secret is None
    with pytest.raises(Forbidden) as caught:
        await house.repositories.doors.access(row)
    assert caught.value.code == "credential_missing"
    row = await house.repositories.change("acme", {"token": "another"})
    assert (await house.repositories.doors.access(row)).credential == TokenCredential(
        "x-access-token", "another"
    )


async def test_a_token_stays_for_another_path_on_the_same_host(house: House) -> None:
    first = await house.repositories.create(token_draft())
    row = await house.repositories.change("acme", {"url": "https://GIT.example.org/acme/other"})
    assert row.secret == first.secret


async def test_another_ssh_host_gets_another_key_and_no_pinned_keys(house: House) -> None:
    await house.repositories.create(ssh_draft())
    row = await house.repositories.change("acme", {"url": "git@other.example.org:a/b"})
    assert (row.public_key, row.known_hosts) == ("ssh-ed25519 PUBLIC-2 fast-flow acme", "")


@pytest.mark.parametrize(
    ("changes", "secret", "public"),
    [
        ({"authentication": Authentication.NONE}, False, False),
        ({"authentication": Authentication.DEPLOY_KEY, "url": SSH_URL}, True, True),
    ],
)
async def test_another_authentication_drops_the_credential_of_the_former(
    house: House, changes: RepositoryChanges, secret: bool, public: bool
) -> None:
    first = await house.repositories.create(token_draft())
    row = await house.repositories.change("acme", changes)
    assert row.secret != first.secret
    assert (row.secret is not None, row.public_key is not None) == (secret, public)
    assert row.username is None


async def test_a_token_is_needed_to_begin_with_tokens(house: House) -> None:
    await house.repositories.create(RepositoryDraft("acme", URL))
    with pytest.raises(Invalid, match="token is missing"):
        await house.repositories.change("acme", {"authentication": Authentication.TOKEN})


async def test_a_refused_change_changes_nothing(house: House) -> None:
    first = await house.repositories.create(token_draft())
    with pytest.raises(Invalid):
        await house.repositories.change("acme", {"url": "https://evil.example/x", "branch": "a..b"})
    assert await house.repositories.get("acme") == first


async def test_removing_takes_the_mirror_along(house: House) -> None:
    row = await house.repositories.create(token_draft())
    assert (await house.repositories.remove("acme")).id == row.id
    assert house.mirrors.removed == [row.id]
    assert await house.repositories.every() == []


async def test_host_keys_are_pinned_after_the_server_showed_them_again(house: House) -> None:
    await house.repositories.create(replace(ssh_draft(), known_hosts=""))
    shown = await house.repositories.keys.shown("acme")
    assert [key.fingerprint for key in shown] == [FINGERPRINT]
    with pytest.raises(Conflict) as caught:
        await house.repositories.keys.pin("acme", {FINGERPRINT, "SHA256:other"})
    assert caught.value.fields == {"missing": ["SHA256:other"], "shown": [FINGERPRINT]}
    row = await house.repositories.keys.pin("acme", {FINGERPRINT})
    assert row.known_hosts == shown[0].line


async def test_only_the_confirmed_host_keys_are_pinned(house: House) -> None:
    class TwoKeys(type(house.mirrors)):
        async def host_keys(self, url: str, *, may_be_private: bool = False) -> list[HostKey]:
            return [HostKey("ssh-rsa", f"SHA256:{name}", f"host ssh-rsa {name}") for name in ("a", "b")]

    house.mirrors = TwoKeys()
    house.use_key(Fernet.generate_key().decode())
    await house.repositories.create(ssh_draft())
    row = await house.repositories.keys.pin("acme", {"SHA256:b"})
    assert row.known_hosts == "host ssh-rsa b"


async def test_keys_belong_to_ssh_only(house: House) -> None:
    await house.repositories.create(token_draft())
    for call in (
        house.repositories.keys.renew("acme"),
        house.repositories.keys.shown("acme"),
        house.repositories.keys.pin("acme", {FINGERPRINT}),
    ):
        with pytest.raises(Conflict, match="deploy key"):
            await call


async def test_a_changed_encryption_key_is_said_plainly_and_a_new_token_mends_it(house: House) -> None:
    row = await house.repositories.create(token_draft())
    house.use_key(Fernet.generate_key().decode())
    with pytest.raises(Unavailable) as caught:
        await house.repositories.doors.access(row)
    assert caught.value.code == "encryption_key_wrong"
    row = await house.repositories.change("acme", {"branch": "next"})
    row = await house.repositories.change("acme", {"token": TOKEN})
    assert (await house.repositories.doors.access(row)).credential == TokenCredential("x-access-token", TOKEN)


async def test_private_addresses_are_for_the_api_only_where_allowed(sqlite_url: str) -> None:
    house = House(sqlite_url, may_be_private=True)
    row = await house.repositories.create(token_draft())
    assert (await house.repositories.doors.access(row)).remote.may_be_private
    await house.database.close()
