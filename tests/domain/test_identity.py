"""Whom a provider's door lets in."""

from dataclasses import replace

import pytest

from fastflow.domain.errors import Forbidden
from fastflow.domain.identity import Challenge, Door, Person
from fastflow.domain.role import Role


def person(email: str | None = None, *organisations: str) -> Person:
    return Person("https://login.example", "1", "alice", None, email, frozenset(organisations))


GROUPS = Door(roles={"ops": Role.OPERATOR, "admins": Role.ADMIN})
DOMAIN = Door(domains=frozenset({"example.org"}))
ORGANISATION = Door(organisations=frozenset({"acme"}))
SINGLE = Door(emails=frozenset({"guest@elsewhere.example"}))
BOTH = Door(organisations=frozenset({"acme"}), emails=frozenset({"guest@elsewhere.example"}))


@pytest.mark.parametrize(
    ("door", "who"),
    [
        (Door(), person()),
        (Door(domains=frozenset({"*"})), person()),
        (Door(organisations=frozenset({"*"})), person()),
        (DOMAIN, person("alice@example.org")),
        (ORGANISATION, person(None, "acme")),
        (SINGLE, person("guest@elsewhere.example")),
        (BOTH, person("guest@elsewhere.example")),
        (BOTH, person("alice@example.org", "acme")),
    ],
)
def test_whoever_is_meant_may_come_in(door: Door, who: Person) -> None:
    door.check(who)


@pytest.mark.parametrize(
    ("door", "who", "code"),
    [
        (DOMAIN, person(), "email_not_verified"),
        (SINGLE, person(), "email_not_verified"),
        (DOMAIN, person("alice@example.org.evil.example"), "not_allowed_here"),
        (DOMAIN, person("alice@evilexample.org"), "not_allowed_here"),
        (DOMAIN, person("alice@sub.example.org"), "not_allowed_here"),
        (DOMAIN, person("example.org@evil.example"), "not_allowed_here"),
        (ORGANISATION, person("alice@example.org"), "not_allowed_here"),
        (ORGANISATION, person(None, "other"), "not_allowed_here"),
        (BOTH, person(None), "not_allowed_here"),
    ],
)
def test_nobody_else_may(door: Door, who: Person, code: str) -> None:
    with pytest.raises(Forbidden) as caught:
        door.check(who)
    assert caught.value.code == code


def test_the_challenge_is_that_of_the_rfc() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636, appendix B
    challenge = Challenge("state", "nonce", verifier)
    assert challenge.code_challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert verifier not in repr(challenge)


@pytest.mark.parametrize(
    ("words", "role"),
    [
        ({"ops"}, Role.OPERATOR),
        ({"ops", "admins", "staff"}, Role.ADMIN),
        ({"staff"}, None),
        ({"OPS"}, None),
        (set[str](), None),
    ],
)
def test_the_highest_role_of_the_providers_words_counts(words: set[str], role: Role | None) -> None:
    assert GROUPS.claimed_role(replace(person(), role_words=frozenset(words))) is role
