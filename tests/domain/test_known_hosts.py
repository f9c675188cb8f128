"""Pinned host keys: fingerprints as ssh shows them, and what is refused."""

import pytest

from fastflow.domain.errors import Invalid
from fastflow.domain.known_hosts import parse_known_hosts

# docs.github.com/en/authentication/keeping-your-account-and-data-secure/githubs-ssh-key-fingerprints
_KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
_GITHUB = f"github.com ssh-ed25519 {_KEY}"


def test_a_fingerprint_is_the_one_that_the_host_publishes() -> None:
    (key,) = parse_known_hosts(f"# GitHub\n\n{_GITHUB} a comment\n")
    assert key.type == "ssh-ed25519"
    assert key.fingerprint == "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"
    assert key.line == f"{_GITHUB} a comment"


def test_nothing_pinned_is_nothing() -> None:
    assert parse_known_hosts("") == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("github.com", "line 1 is not"),
        (f"{_GITHUB}\ngithub.com ssh-ed25519", "line 2 is not"),
        (f"github.com ssh-rsa {_KEY}", "no key of the type 'ssh-rsa'"),
        ("github.com ssh-ed25519 !!!!", "no key of the type"),
        (f"@cert-authority * ssh-ed25519 {_KEY}", "marker"),
        (f"{_GITHUB} \x1b[2J", "control characters"),
        ("\n".join([_GITHUB] * 101), "100 are allowed"),
    ],
)
def test_a_line_that_pins_nothing_is_named(text: str, problem: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_known_hosts(text)
    assert problem in caught.value.message
