"""Reads from the settings by which providers people sign in, and who of them may come in."""

import re
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from fastflow.adapters.oauth.discovery import is_secure
from fastflow.adapters.oauth.github import GitHubClient, GitHubProvider
from fastflow.adapters.oauth.openid import OpenIdClient, OpenIdProvider
from fastflow.domain.identity import Door
from fastflow.domain.ports import Clock
from fastflow.domain.role import Role
from fastflow.main.secret_settings import secret_of, settings_invalid
from fastflow.services.provider_sign_in import Entrance
from fastflow.settings import Settings

_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")
_DOMAIN: Final = re.compile(r"\*|[a-z0-9-]+(\.[a-z0-9-]+)+")
_ORGANISATION: Final = re.compile(r"\*|[a-z0-9][a-z0-9-]{0,38}")
_NEEDED_BY: Final = {
    "GITHUB_CLIENT_ID": ("GITHUB_CLIENT_SECRET", "GITHUB_ALLOWED_ORGANISATIONS"),
    "OIDC_ISSUER": ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_ALLOWED_DOMAINS", "OIDC_ROLE_CLAIM"),
    "OIDC_ROLE_CLAIM": ("OIDC_ROLE_MAPPING",),
    "OIDC_ROLE_MAPPING": ("OIDC_ROLE_CLAIM",),
}
"""What of the settings is of no use without which other."""


def entrances_of(settings: Settings, clock: Clock) -> list[Entrance]:
    """Return the providers of the settings; none where none is set. Blocks on files.

    Raises:
        Invalid: `settings_invalid`, `ca_bundle_unusable`.
    """
    problems = _useless(settings)
    has_github, has_openid = bool(settings.github_client_id), bool(settings.oidc_issuer)
    if has_github or has_openid:
        problems |= _wrong_address("PUBLIC_URL", settings.public_url)
    emails = _words(settings, "sign_in_allowed_emails", _EMAIL, "e-mail addresses", problems)
    entrances: list[Entrance] = []
    if has_github:
        entrances.append(_github(settings, emails, problems))
    if has_openid:
        entrances.append(_openid(settings, clock, emails, problems))
    if problems:
        raise settings_invalid(problems)
    return entrances


def _github(settings: Settings, emails: frozenset[str], problems: dict[str, str]) -> Entrance:
    allowed = "github_allowed_organisations"
    organisations = _words(settings, allowed, _ORGANISATION, "organisations, as acme", problems)
    secret = secret_of(settings, "github_client_secret")
    if not secret:
        problems["GITHUB_CLIENT_SECRET"] = "is missing; GitHub shows it once, when it is generated"  # noqa: S105
    door = _door(
        settings, "GITHUB_ALLOWED_ORGANISATIONS", problems, organisations=organisations, emails=emails
    )
    client = GitHubClient(
        settings.github_client_id.strip(), secret, settings.github_api_url.strip(), organisations - {"*"}
    )
    return Entrance(GitHubProvider(client, settings.ca_bundle), door)


def _openid(settings: Settings, clock: Clock, emails: frozenset[str], problems: dict[str, str]) -> Entrance:
    domains = _words(settings, "oidc_allowed_domains", _DOMAIN, "domains, as example.org", problems)
    problems |= _wrong_address("OIDC_ISSUER", settings.oidc_issuer)
    if not settings.oidc_client_id.strip():
        problems["OIDC_CLIENT_ID"] = "is missing; the provider gives it when this server is registered there"
    if "openid" not in settings.oidc_scopes.split():
        problems["OIDC_SCOPES"] = "has to contain openid"
    door = _door(settings, "OIDC_ALLOWED_DOMAINS", problems, domains=domains, emails=emails)
    door = replace(door, roles=_roles(settings, problems))
    client = OpenIdClient(
        issuer=settings.oidc_issuer.strip(),
        client_id=settings.oidc_client_id.strip(),
        client_secret=secret_of(settings, "oidc_client_secret"),
        label=settings.oidc_name.strip() or "OpenID Connect",
        scopes=" ".join(settings.oidc_scopes.split()),
        role_claim=settings.oidc_role_claim.strip(),
    )
    provider = OpenIdProvider(
        client, clock, settings.ca_bundle, may_be_private=settings.allow_private_addresses
    )
    return Entrance(provider, door)


def _door(
    settings: Settings,
    limit: str,
    problems: dict[str, str],
    *,
    domains: frozenset[str] = frozenset(),
    organisations: frozenset[str] = frozenset(),
    emails: frozenset[str],
) -> Door:
    role = Role(settings.sign_in_default_role) if settings.sign_in_default_role else None
    door = Door(domains, organisations, emails, role)
    if role is not None and not door.is_limited:
        problems[limit] = (
            f"is missing: SIGN_IN_DEFAULT_ROLE={role} would let in everybody who has an account there. Name "
            "who may come, or write * if everybody is meant"
        )
    return door


def _words(
    settings: Settings, name: str, pattern: re.Pattern[str], what: str, problems: dict[str, str]
) -> frozenset[str]:
    given: str = getattr(settings, name)
    words = frozenset(word.strip().lower() for word in given.split(",") if word.strip())
    wrong = next((word for word in sorted(words) if not pattern.fullmatch(word)), None)
    if wrong is not None:
        problems[name.upper()] = f"has {wrong[:80]!r} in it; write {what}, separated by commas"
    return words


def _roles(settings: Settings, problems: dict[str, str]) -> dict[str, Role]:
    """Return what the provider's words mean; they are its own, so case matters."""
    found: dict[str, Role] = {}
    for pair in filter(None, (pair.strip() for pair in settings.oidc_role_mapping.split(","))):
        word, _, role = (part.strip() for part in pair.rpartition("="))
        if not word or role not in set(Role) or word in found:
            problems["OIDC_ROLE_MAPPING"] = (
                f"has {pair[:80]!r} in it; write each value once, as fastflow-ops=operator; roles are "
                f"{', '.join(Role)}"
            )
            continue
        found[word] = Role(role)
    return found


def _useless(settings: Settings) -> dict[str, str]:
    """Say which settings would silently do nothing."""
    given = {name.upper() for name in settings.model_fields_set if getattr(settings, name)}
    return {
        name: f"is of no use without {needed}; set that, or unset this"
        for needed, names in _NEEDED_BY.items()
        for name in names
        if name in given and needed not in given
    }


def _wrong_address(setting: str, url: str) -> dict[str, str]:
    parts = urlsplit(url)
    if is_secure(url) and not parts.query and not parts.fragment:
        return {}
    problem = (
        "has to be an address such as https://flow.example.org; http:// is only for 127.0.0.1 and localhost"
    )
    return {setting: problem if url else f"is missing; it {problem}"}
