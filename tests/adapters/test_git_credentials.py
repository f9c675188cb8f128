"""Tokens and keys reach the right host and nothing else: no argv, no file, no error, no other server."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from fastflow.adapters.git.mirrors import GitMirrors
from fastflow.adapters.git.ssh_keys import Ed25519KeyMaker
from fastflow.domain.errors import FastFlowError, Forbidden, Invalid, NotFound, Unavailable
from fastflow.domain.repository import KeyCredential, TokenCredential
from tests.adapters.mirrors import fetched, mirrors_in, remote
from tests.servers.git_http import GitHttpServer
from tests.servers.git_ssh import GitSshServer
from tests.servers.repository import GitRepository
from tests.servers.ssh_keys import make_key

TOKEN = "ghs_s3cr3t%/+=T0ken"  # noqa: S105 - of the test's own server
CREDENTIAL = TokenCredential("x-access-token", TOKEN)
WRONG = TokenCredential("x-access-token", "wr0ng-t0ken")


@pytest.fixture
def mirrors(tmp_path: Path) -> GitMirrors:
    return mirrors_in(tmp_path)


@pytest.fixture(autouse=True)
def pushed(git_repository: GitRepository) -> GitRepository:
    git_repository.write("report/main.py", os.urandom(200_000))
    git_repository.commit_and_push("First")
    return git_repository


@pytest.fixture
def closed(git_http: GitHttpServer) -> GitHttpServer:
    git_http.accept("x-access-token", TOKEN)
    return git_http


@pytest.fixture
def elsewhere(git_repository: GitRepository) -> Iterator[GitHttpServer]:
    with GitHttpServer(git_repository.root) as server:
        server.accept("x-access-token", TOKEN)
        yield server


def address(server: GitHttpServer) -> str:
    return server.url("acme/pipelines")


async def test_a_token_opens_a_closed_repository(mirrors: GitMirrors, closed: GitHttpServer) -> None:
    assert set(await fetched(mirrors, address(closed), credential=CREDENTIAL)) == {"report"}


async def test_a_user_name_in_the_url_is_of_no_matter(mirrors: GitMirrors, closed: GitHttpServer) -> None:
    url = closed.url("acme/pipelines", user="somebody")

    assert set(await fetched(mirrors, url, credential=CREDENTIAL)) == {"report"}


@pytest.mark.parametrize("credential", [WRONG, None])
async def test_without_the_right_token_it_stays_closed(
    mirrors: GitMirrors, closed: GitHttpServer, credential: TokenCredential | None
) -> None:
    with pytest.raises(Forbidden) as refused:
        await mirrors.fetch(remote(address(closed)), credential)

    assert refused.value.code == "authentication_failed"
    assert "token" in refused.value.message
    assert WRONG.token not in str(refused.value.message) + str(refused.value.fields)


@pytest.mark.parametrize("token", ["", "two lines\nof it", "tab\t", "blank d", "x" * 9000])
async def test_a_token_that_can_be_none_is_not_tried(
    mirrors: GitMirrors, closed: GitHttpServer, token: str
) -> None:
    with pytest.raises(Forbidden) as refused:
        await mirrors.fetch(remote(address(closed)), TokenCredential("x-access-token", token))

    assert refused.value.code == "authentication_failed"
    assert closed.requests == []


@pytest.mark.parametrize("only", ["info/refs", "/git-upload-pack"])
async def test_a_redirect_takes_the_token_nowhere(
    mirrors: GitMirrors, closed: GitHttpServer, elsewhere: GitHttpServer, only: str
) -> None:
    closed.faults.redirect_to(elsewhere.base_url, only=only)

    with pytest.raises(NotFound, match="has moved") as refused:
        await mirrors.fetch(remote(address(closed)), CREDENTIAL)

    assert refused.value.code == "repository_not_found"
    assert elsewhere.requests == []


async def test_the_token_is_in_no_command_line_and_no_environment(
    mirrors: GitMirrors, closed: GitHttpServer
) -> None:
    closed.faults.stall(only="git-upload-pack", after_bytes=1)
    fetching = asyncio.create_task(mirrors.fetch(remote(address(closed)), CREDENTIAL))
    await asyncio.to_thread(closed.faults.until_stalled)

    seen = await asyncio.to_thread(_what_children_show)

    closed.faults.release()
    await fetching
    assert any("remote-http" in words for words in seen)
    assert not any(TOKEN in words or "s3cr3t" in words for words in seen)


def _what_children_show() -> list[str]:
    seen: list[str] = []
    for child in psutil.Process().children(recursive=True):
        for file in ("cmdline", "environ"):
            with suppress(ProcessLookupError, FileNotFoundError):  # ended meanwhile
                seen.append(Path(f"/proc/{child.pid}/{file}").read_bytes().decode(errors="replace"))
    return seen


async def test_secrets_are_in_no_file(
    mirrors: GitMirrors, closed: GitHttpServer, git_ssh: GitSshServer, tmp_path: Path
) -> None:
    private, public = Ed25519KeyMaker().new_key_pair("fast-flow")
    git_ssh.authorize(public)
    key = KeyCredential(private, git_ssh.known_hosts)

    await mirrors.fetch(remote(address(closed)), CREDENTIAL)
    await mirrors.fetch(remote(git_ssh.url("acme/pipelines")), key)
    for credential in (WRONG, None):
        with pytest.raises(FastFlowError):
            await mirrors.check(remote(address(closed)), credential)

    secrets = [TOKEN.encode(), b"wr0ng-t0ken", private.splitlines()[2].encode()]
    for path in (tmp_path / "repositories").rglob("*"):
        if path.is_file():
            assert not any(secret in path.read_bytes() for secret in secrets), path


async def test_a_deploy_key_opens_a_repository_by_ssh(mirrors: GitMirrors, git_ssh: GitSshServer) -> None:
    private, public = Ed25519KeyMaker().new_key_pair("fast-flow main\n")
    git_ssh.authorize(public)

    found = await fetched(
        mirrors, git_ssh.url("acme/pipelines"), credential=KeyCredential(private, git_ssh.known_hosts)
    )

    assert set(found) == {"report"}
    assert public.startswith("ssh-ed25519 ")
    assert public.endswith(" fast-flow main")


async def test_a_key_that_is_not_authorized_is_refused(mirrors: GitMirrors, git_ssh: GitSshServer) -> None:
    private, _ = Ed25519KeyMaker().new_key_pair("fast-flow")

    for key in (private, "", "no key at all"):
        with pytest.raises(Forbidden) as refused:
            await mirrors.fetch(
                remote(git_ssh.url("acme/pipelines")), KeyCredential(key, git_ssh.known_hosts)
            )
        assert refused.value.code == "authentication_failed"


async def test_only_pinned_host_keys_are_accepted(
    mirrors: GitMirrors, git_ssh: GitSshServer, tmp_path: Path
) -> None:
    private, public = Ed25519KeyMaker().new_key_pair("fast-flow")
    git_ssh.authorize(public)
    pinned = git_ssh.known_hosts
    other = f"[127.0.0.1]:{git_ssh.port} {make_key(tmp_path, 'other').public}\n"
    where = remote(git_ssh.url("acme/pipelines"))
    commands = len(git_ssh.commands)

    for known_hosts, code in (("", "host_key_unknown"), (other, "host_key_changed")):
        with pytest.raises(Forbidden) as refused:
            await mirrors.fetch(where, KeyCredential(private, known_hosts))
        assert refused.value.code == code
    git_ssh.change_host_key()
    with pytest.raises(Forbidden) as refused:
        await mirrors.fetch(where, KeyCredential(private, pinned))

    assert refused.value.code == "host_key_changed"
    assert len(git_ssh.commands) == commands


async def test_host_keys_are_asked_for_and_can_be_pinned(mirrors: GitMirrors, git_ssh: GitSshServer) -> None:
    private, public = Ed25519KeyMaker().new_key_pair("fast-flow")
    git_ssh.authorize(public)
    url = git_ssh.url("acme/pipelines")

    keys = await mirrors.host_keys(url, may_be_private=True)

    assert [key.fingerprint for key in keys] == [git_ssh.fingerprint]
    with pytest.raises(Invalid) as refused:
        await mirrors.host_keys(url)
    assert refused.value.code == "address_not_allowed"
    assert await fetched(mirrors, url, credential=KeyCredential(private, keys[0].line))


async def test_a_missing_repository_by_ssh_is_said_plainly(
    mirrors: GitMirrors, git_ssh: GitSshServer
) -> None:
    private, public = Ed25519KeyMaker().new_key_pair("fast-flow")
    git_ssh.authorize(public)

    with pytest.raises(NotFound) as refused:
        await mirrors.fetch(remote(git_ssh.url("acme/other")), KeyCredential(private, git_ssh.known_hosts))

    assert refused.value.code == "repository_not_found"


async def test_an_ssh_server_that_says_nothing_is_given_up_in_time(
    tmp_path: Path, git_ssh: GitSshServer
) -> None:
    git_ssh.stall()
    try:
        with pytest.raises(Unavailable) as refused:
            await mirrors_in(tmp_path, seconds=0.5).fetch(
                remote(git_ssh.url("acme/pipelines")), KeyCredential("", git_ssh.known_hosts)
            )
    finally:
        git_ssh.release()

    assert refused.value.code == "git_timeout"


async def test_the_wrong_kind_of_credential_is_said_plainly(
    mirrors: GitMirrors, closed: GitHttpServer, git_ssh: GitSshServer
) -> None:
    with pytest.raises(Forbidden, match="SSH URL"):
        await mirrors.fetch(remote(address(closed)), KeyCredential("key", ""))
    with pytest.raises(Forbidden, match="deploy key"):
        await mirrors.fetch(remote(git_ssh.url("acme/pipelines")), CREDENTIAL)


async def test_an_authority_of_ones_own_vouches_for_the_host(
    tmp_path: Path, git_https: GitHttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert git_https.authority is not None
    git_https.accept("x-access-token", TOKEN)
    trusting = mirrors_in(tmp_path, ca_bundle=git_https.authority.file)

    assert await fetched(trusting, address(git_https), credential=CREDENTIAL)
    with pytest.raises(Unavailable, match="CA_BUNDLE"):
        await mirrors_in(tmp_path / "other").fetch(remote(address(git_https)), CREDENTIAL)
    monkeypatch.delenv("GIT_SSL_CAINFO", raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(git_https.authority.file))
    assert await fetched(mirrors_in(tmp_path / "third"), address(git_https), credential=CREDENTIAL)
