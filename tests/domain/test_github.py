"""Which Git host an API of GitHub speaks for."""

import pytest

from fastflow.domain.errors import Invalid
from fastflow.domain.git_url import parse_url
from fastflow.domain.github import git_host_of, owner_and_name


@pytest.mark.parametrize(
    ("api", "host"),
    [
        ("https://api.github.com", "github.com"),
        ("https://api.acme.ghe.com", "acme.ghe.com"),
        ("https://git.example.org/api/v3", "git.example.org"),
        ("https://api.example.org", "api.example.org"),
        ("http://127.0.0.1:8080", "127.0.0.1"),
    ],
)
def test_an_api_speaks_for_one_host(api: str, host: str) -> None:
    assert git_host_of(api) == host


def test_owner_and_name_come_from_the_path() -> None:
    assert owner_and_name(parse_url("https://github.com/acme/my.pipelines.git")) == ("acme", "my.pipelines")


@pytest.mark.parametrize("path", ["acme", "acme/a/b", "acme/..", "acme/a%2Fb", "acme/a b"])
def test_no_other_path_reaches_the_api(path: str) -> None:
    with pytest.raises(Invalid):
        owner_and_name(parse_url(f"https://github.com/{path}"))
