"""What the commands about people and their tokens have in common: an option, and the answers."""

from typing import Annotated, TypedDict

import typer

PasswordOption = Annotated[
    str,
    typer.Option(
        "--password-file",
        metavar="FILE",
        help="The password is the file's first line; -: asked for hidden, or the next line of a pipe.",
    ),
]


OnlyHereOption = Annotated[
    bool, typer.Option("--only-here", help="Forget it without telling the server, which may be gone.")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")]

ASKED_FOR = "-"
"""The place of a secret that is typed in, hidden, or comes by a pipe."""


class UserAnswer(TypedDict):
    """A person who may sign in."""

    id: str
    name: str
    role: str
    is_enabled: bool
    has_password: bool
    created_at: str
    signed_in_at: str | None


class TokenAnswer(TypedDict):
    """A token; never the token itself."""

    id: str
    name: str
    user: str
    kind: str
    hint: str
    role: str
    pipelines: list[str] | None
    created_at: str
    expires_at: str
    used_at: str | None


class NewTokenAnswer(TokenAnswer):
    """A token that was just made."""

    token: str
