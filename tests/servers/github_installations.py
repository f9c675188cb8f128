"""What a stand-in for GitHub remembers: installations of one app, and the tokens it gave out."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

_SHORT_TOKEN_LETTERS: Final = 36
_LONG_TOKEN_PARTS: Final = (36, 300, 170)


@dataclass
class Installation:
    """The app on one account, with the repositories that the account let it see."""

    id: int
    account: str
    repositories: list[str]
    """`owner/name`."""
    permissions: dict[str, str] = field(default_factory=lambda: {"contents": "read", "metadata": "read"})
    selection: str = "selected"
    suspended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MintedToken:
    """What a token allows, and until when."""

    value: str = field(repr=False)
    installation: int
    repositories: tuple[str, ...] | None
    """None: all of the installation's."""
    permissions: Mapping[str, str]
    minted_at: datetime
    expires_at: datetime


def new_token(app_id: int, *, is_long: bool) -> str:
    """Make up a token.

    Since 2026 GitHub mints `ghs_APPID_JWT` of about 520 characters with two dots
    (github.blog/changelog/2026-05-15-github-app-installation-tokens-per-request-override-header); GitHub
    Enterprise Server keeps to `ghs_` with 36 letters and digits.
    """
    if is_long:
        return f"ghs_{app_id}_{'.'.join(_letters(count) for count in _LONG_TOKEN_PARTS)}"
    return f"ghs_{_letters(_SHORT_TOKEN_LETTERS)}"


def _letters(count: int) -> str:
    return secrets.token_hex(count)[:count]


def mint(
    installation: Installation,
    value: str,
    now: datetime,
    life: timedelta,
    *,
    repositories: Sequence[str] | None,
    permissions: Mapping[str, str] | None,
) -> MintedToken | str:
    """Make a token for some or all that the installation allows; or say why GitHub refuses with 422."""
    by_name = {name.partition("/")[2]: name for name in installation.repositories}
    if repositories is not None and not set(repositories) <= set(by_name):
        return (
            "There is at least one repository that does not exist or is not accessible to the parent "
            "installation."
        )
    strength = ("read", "write", "admin")
    for name, wanted in (permissions or {}).items():
        granted = installation.permissions.get(name)
        if granted is None or strength.index(wanted) > strength.index(granted):
            return "The permissions requested are not granted to this installation."
    return MintedToken(
        value=value,
        installation=installation.id,
        repositories=None if repositories is None else tuple(by_name[name] for name in repositories),
        permissions=installation.permissions if permissions is None else dict(permissions),
        minted_at=now,
        expires_at=now + life,
    )
