"""Sees to it that somebody can sign in where everybody has to: the settings' administrator, or a token."""

from collections.abc import Callable
from dataclasses import dataclass, field

from fastflow.api.deps import AccountServices
from fastflow.domain.errors import Invalid
from fastflow.domain.role import Role
from fastflow.domain.user import checked_password, user_name
from fastflow.main.secret_settings import content_of
from fastflow.settings import Settings


@dataclass(frozen=True, slots=True)
class FirstAdmin:
    """The administrator that the settings ask for."""

    name: str
    password: str = field(repr=False)


def first_admin(settings: Settings) -> FirstAdmin | None:
    """Read ADMIN_NAME and its password, which may be in a file. Blocks on it.

    Raises:
        Invalid: `settings_invalid`; names each setting with what is wrong.
    """
    password = settings.admin_password.get_secret_value()
    if settings.admin_password_file is not None:
        if password:
            raise _refused("ADMIN_PASSWORD_FILE", "goes not together with ADMIN_PASSWORD; unset one of them")
        password = content_of("ADMIN_PASSWORD_FILE", settings.admin_password_file)
    if not settings.admin_name and not password:
        return None
    if not settings.admin_name:
        raise _refused("ADMIN_NAME", "is missing; the password is of no use without it")
    if not password:
        raise _refused("ADMIN_PASSWORD_FILE", "is missing, or empty; name a file that holds the password")
    try:
        name = user_name(settings.admin_name)
    except Invalid as error:
        raise _refused("ADMIN_NAME", str(error.fields["name"])) from None
    try:
        return FirstAdmin(name, checked_password(password, name))
    except Invalid as error:
        raise _refused("ADMIN_PASSWORD", str(error.fields["password"])) from None


async def let_in(accounts: AccountServices, admin: FirstAdmin | None, report: Callable[[str], None]) -> None:
    """Make the first admin of the settings, or offer a set-up token in the log where nobody can come in."""
    if admin is not None and not await accounts.credentials.has_accounts():
        await accounts.users.create(admin.name, Role.ADMIN, admin.password, must_be_first=True)
        report(f"made the administrator {admin.name} of the settings; ADMIN_PASSWORD is not needed any more")
    token = await accounts.set_up.offer()
    if token is not None:
        report(
            "nobody can sign in yet. Make the first administrator within 24 hours: `fastflow setup` asks for "
            f"this set-up token, valid once: {token}"
        )


def _refused(setting: str, problem: str) -> Invalid:
    return Invalid("settings_invalid", f"The settings were refused: {setting} {problem}.", {setting: problem})
