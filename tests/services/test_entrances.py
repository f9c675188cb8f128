"""Providers in the settings: what is taken, and every mistake with the setting's name and its remedy."""

from pathlib import Path

import pytest

from fastflow.domain.errors import Invalid
from fastflow.domain.identity import Door
from fastflow.domain.role import Role
from fastflow.main.entrances import entrances_of
from fastflow.services.provider_sign_in import Entrance
from fastflow.settings import Settings
from tests.fakes.clock import FakeClock

PUBLIC = {"public_url": "https://flow.example.org"}
GITHUB = {**PUBLIC, "github_client_id": "Ov23", "github_client_secret": "hush"}
OPENID = {**PUBLIC, "oidc_issuer": "https://login.example.org/realms/acme", "oidc_client_id": "fast-flow"}


def entrances(**values: object) -> list[Entrance]:
    return entrances_of(Settings.model_validate(values), FakeClock())


def problems(**values: object) -> dict[str, object]:
    with pytest.raises(Invalid) as caught:
        entrances(**values)
    assert caught.value.code == "settings_invalid"
    assert "hush" not in caught.value.message
    return caught.value.fields


def test_without_settings_there_is_no_provider() -> None:
    assert entrances() == []


def test_both_providers_have_their_own_door() -> None:
    github, openid = entrances(
        **{**GITHUB, **OPENID},
        oidc_name="Acme",
        github_allowed_organisations="Acme, other-org",
        oidc_allowed_domains="Example.org",
        sign_in_allowed_emails="Guest@elsewhere.example",
        sign_in_default_role="viewer",
    )
    guests = frozenset({"guest@elsewhere.example"})
    assert (github.provider.name, github.provider.label) == ("github", "GitHub")
    assert github.door == Door(frozenset(), frozenset({"acme", "other-org"}), guests, Role.VIEWER)
    assert (openid.provider.name, openid.provider.label) == ("oidc", "Acme")
    assert openid.door == Door(frozenset({"example.org"}), frozenset(), guests, Role.VIEWER)


def test_a_claim_may_say_the_role() -> None:
    (openid,) = entrances(**OPENID, oidc_role_claim="groups", oidc_role_mapping="Ops = operator, a=b=admin,")
    assert openid.door.roles == {"Ops": Role.OPERATOR, "a=b": Role.ADMIN}


def test_a_secret_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("hush\n")
    values = {**GITHUB, "github_client_secret": "", "github_client_secret_file": file}
    assert len(entrances(**values)) == 1
    assert "GITHUB_CLIENT_SECRET_FILE" in problems(**{**values, "github_client_secret": "other"})
    file.write_text("")
    assert "is empty" in str(problems(**values)["GITHUB_CLIENT_SECRET_FILE"])
    file.unlink()
    assert "can't be read" in str(problems(**values)["GITHUB_CLIENT_SECRET_FILE"])


@pytest.mark.parametrize("provider", [GITHUB, OPENID])
def test_a_default_role_needs_to_be_told_for_whom(provider: dict[str, str]) -> None:
    """Everybody in the world can have an account on GitHub, and on many other providers."""
    (name,) = problems(**provider, sign_in_default_role="viewer")
    assert name in ("GITHUB_ALLOWED_ORGANISATIONS", "OIDC_ALLOWED_DOMAINS")
    assert len(entrances(**provider, sign_in_default_role="viewer", **{name.lower(): "*"})) == 1


MISTAKES: dict[str, tuple[dict[str, object], str]] = {
    "no public URL": ({**GITHUB, "public_url": ""}, "PUBLIC_URL"),
    "public URL without TLS": ({**GITHUB, "public_url": "http://flow.example.org"}, "PUBLIC_URL"),
    "public URL with a password": ({**GITHUB, "public_url": "https://a:b@example.org"}, "PUBLIC_URL"),
    "no GitHub secret": ({**GITHUB, "github_client_secret": ""}, "GITHUB_CLIENT_SECRET"),
    "GitHub secret alone": ({"github_client_secret": "hush"}, "GITHUB_CLIENT_SECRET"),
    "organisations alone": ({"github_allowed_organisations": "acme"}, "GITHUB_ALLOWED_ORGANISATIONS"),
    "organisation that is none": (
        {**GITHUB, "github_allowed_organisations": "acme/team"},
        "GITHUB_ALLOWED_ORGANISATIONS",
    ),
    "no client id": ({**OPENID, "oidc_client_id": ""}, "OIDC_CLIENT_ID"),
    "client id alone": ({"oidc_client_id": "fast-flow"}, "OIDC_CLIENT_ID"),
    "issuer without TLS": ({**OPENID, "oidc_issuer": "http://login.example.org"}, "OIDC_ISSUER"),
    "issuer with a query": ({**OPENID, "oidc_issuer": "https://login.example.org?a=b"}, "OIDC_ISSUER"),
    "scopes without openid": ({**OPENID, "oidc_scopes": "email"}, "OIDC_SCOPES"),
    "domain that is none": ({**OPENID, "oidc_allowed_domains": "@example.org"}, "OIDC_ALLOWED_DOMAINS"),
    "domain that is a pattern": ({**OPENID, "oidc_allowed_domains": "*.org"}, "OIDC_ALLOWED_DOMAINS"),
    "role claim alone": ({**OPENID, "oidc_role_claim": "groups"}, "OIDC_ROLE_CLAIM"),
    "role mapping alone": ({**OPENID, "oidc_role_mapping": "a=viewer"}, "OIDC_ROLE_MAPPING"),
    "role that is none": (
        {**OPENID, "oidc_role_claim": "groups", "oidc_role_mapping": "a=viewer,b=king"},
        "OIDC_ROLE_MAPPING",
    ),
    "value without a role": (
        {**OPENID, "oidc_role_claim": "groups", "oidc_role_mapping": "viewer"},
        "OIDC_ROLE_MAPPING",
    ),
    "value that means two roles": (
        {**OPENID, "oidc_role_claim": "groups", "oidc_role_mapping": "a=viewer,a=admin"},
        "OIDC_ROLE_MAPPING",
    ),
    "address that is none": ({**OPENID, "sign_in_allowed_emails": "alice"}, "SIGN_IN_ALLOWED_EMAILS"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_called_by_its_setting(name: str) -> None:
    values, setting = MISTAKES[name]
    assert list(problems(**values)) == [setting]


def test_this_machine_needs_no_tls() -> None:
    assert (
        len(
            entrances(
                **{**OPENID, "public_url": "http://127.0.0.1:8000", "oidc_issuer": "http://localhost:1"}
            )
        )
        == 1
    )
