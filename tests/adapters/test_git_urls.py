"""Which URLs are repositories, and which addresses may be asked."""

import socket
from datetime import timedelta
from pathlib import Path

import pytest

from fastflow.adapters.git.addresses import Place, locate
from fastflow.adapters.git.command import GitCommand
from fastflow.adapters.git.credentials import Door
from fastflow.adapters.git.remote_refs import ask_branches
from fastflow.domain.addresses import as_address, is_public
from fastflow.domain.errors import Invalid, Unavailable
from fastflow.domain.git_url import parse_url
from tests.adapters.mirrors import mirrors_in, remote
from tests.servers.git_http import GitHttpServer
from tests.servers.repository import GitRepository


@pytest.mark.parametrize(
    ("text", "written", "host", "port"),
    [
        ("https://example.org/acme/x.git", "https://example.org/acme/x.git", "example.org", 443),
        ("https://EXAMPLE.org:443/x", "https://example.org/x", "example.org", 443),
        ("https://example.org:8443/x", "https://example.org:8443/x", "example.org", 8443),
        ("https://somebody@example.org/x", "https://example.org/x", "example.org", 443),
        ("http://127.0.0.1:3000/a/b", "http://127.0.0.1:3000/a/b", "127.0.0.1", 3000),
        ("https://[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443/x", "2001:db8::1", 8443),
        ("ssh://git@example.org/acme/x.git", "ssh://git@example.org/acme/x.git", "example.org", 22),
        ("ssh://git@example.org:2222/x", "ssh://git@example.org:2222/x", "example.org", 2222),
        ("git@example.org:acme/x.git", "git@example.org:acme/x.git", "example.org", 22),
        ("example.org:x", "example.org:x", "example.org", 22),
        ("git@example.org:/srv/x.git", "ssh://git@example.org/srv/x.git", "example.org", 22),
        ("file:///srv/x.git", "file:///srv/x.git", "", 0),
        ("https://example.org/with%20blank/x", "https://example.org/with%20blank/x", "example.org", 443),
    ],
)  # fmt: skip
def test_urls_are_taken_apart_and_put_together_again(text: str, written: str, host: str, port: int) -> None:
    url = parse_url(text)

    assert (str(url), url.host, url.port) == (written, host, port)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pipelines",
        "/srv/x.git",
        "./x",
        "-oProxyCommand=touch x",
        "--upload-pack=touch x",
        "https://user:pa55word@example.org/x",
        "ssh://git:pa55word@example.org/x",
        "https://example.org",
        "https://example.org/",
        "https:///x",
        "https://-oProxyCommand=x/y",
        "ssh://-oProxyCommand=x/y",
        "ssh://-l@example.org/x",
        "-x@example.org:y",
        "git@-host:y",
        "git@example.org:-y",
        "git@example.org:",
        "git@[::1]:x",
        "https://example.org:99999/x",
        "https://example.org:x/y",
        "ssh://git@example.org:acme/x.git",
        "https://example.org/x?y=z",
        "https://example.org/x#y",
        "https://exam ple.org/x",
        "https://example.org/x y",
        "https://example.org/x\ny",
        "https://example.org/x%0ay",
        "https://example.org/x\\y",
        "https://exämple.org/x",
        "https://[fe80::1%25eth0]/x",
        "file://example.org/x",
        "file:///",
        "https://example.org/" + "x" * 3000,
    ],
)
def test_what_is_no_repositorys_url_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_url(text)

    assert refused.value.code == "url_invalid"
    assert "pa55word" not in refused.value.message + str(refused.value.fields)


@pytest.mark.parametrize("text", ["ext::sh -c x", "ext::sh", "fd::17", "ftp://example.org/x", "git://example.org/x",
                                  "javascript://x/y", "EXT://x/y", "remote-ext::x"])  # fmt: skip
def test_other_protocols_are_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_url(text)

    assert refused.value.code in ("url_invalid", "protocol_not_allowed")


async def test_only_the_protocols_of_the_settings_are_used(
    tmp_path: Path, git_repository: GitRepository, git_http: GitHttpServer
) -> None:
    mirrors = mirrors_in(tmp_path, protocols=frozenset({"https", "ssh"}))

    for url in (git_repository.file_url, git_http.url("acme/pipelines")):
        for ask in (mirrors.check, mirrors.fetch):
            with pytest.raises(Invalid, match="GIT_ALLOWED_PROTOCOLS") as refused:
                await ask(remote(url), None)
            assert refused.value.code == "protocol_not_allowed"
    assert git_http.requests == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.1.2.3", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
    ],
)  # fmt: skip
def test_these_addresses_are_somebodys_own(address: str) -> None:
    found = as_address(address)

    assert found is not None
    assert not is_public(found)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "140.82.121.4", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_these_addresses_are_public(address: str) -> None:
    found = as_address(address)

    assert found is not None
    assert is_public(found)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "127.1", "2130706433", "0x7f000001", "0"]
)
async def test_hosts_with_private_addresses_are_never_asked(
    tmp_path: Path, git_http: GitHttpServer, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    mirrors = mirrors_in(tmp_path)
    url = f"http://{host}:{git_http.port}/acme/pipelines.git"

    for ask in (mirrors.check, mirrors.fetch):
        with pytest.raises(Invalid, match="ALLOW_PRIVATE_ADDRESSES") as refused:
            await ask(remote(url, may_be_private=False), None)
        assert refused.value.code == "address_not_allowed"
    assert git_http.requests == []


async def test_a_name_is_looked_up_once_and_its_addresses_are_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = ["140.82.121.4", "127.0.0.1"]

    def look_up(_host: str, port: int, *_: int) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    place = await locate(parse_url("ssh://git@git.example.org/x"), may_be_private=False)

    assert place.addresses == ("140.82.121.4",)
    assert answers == ["127.0.0.1"]
    async with Door(place, None).open() as access:
        command = access.variables["GIT_SSH_COMMAND"]
    assert "HostName=140.82.121.4" in command
    assert "HostKeyAlias=git.example.org" in command


async def test_git_connects_to_the_pinned_address_whatever_the_name_says(
    tmp_path: Path, git_repository: GitRepository, git_http: GitHttpServer
) -> None:
    git_repository.write("report/main.py", "")
    commit = git_repository.commit_and_push()
    url = parse_url(f"http://no-such.invalid:{git_http.port}/acme/pipelines.git")
    git = GitCommand("git", tmp_path / "home", None)

    found = await ask_branches(git, Door(Place(url, ("127.0.0.1",)), None), timedelta(seconds=30))

    assert found.commits == {"main": commit}


async def test_behind_a_proxy_names_are_the_proxys_business(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.org:3128")
    monkeypatch.setenv("NO_PROXY", "intern.example.org")

    assert (await locate(parse_url("https://no-such.invalid/x"), may_be_private=False)).addresses == ()
    with pytest.raises(Invalid):
        await locate(parse_url("https://10.0.0.1/x"), may_be_private=False)
    with pytest.raises(Unavailable) as refused:
        await locate(parse_url("ssh://no-such.invalid/x"), may_be_private=False)
    assert refused.value.code == "git_host_unreachable"
