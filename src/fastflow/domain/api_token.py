"""API tokens: how they look, what they are for, how long they last."""

import re
from datetime import timedelta
from enum import StrEnum
from typing import Final

from fastflow.domain.role import Role

PREFIX: Final = "ff_"
"""So that people, and scanners for leaked secrets, know one when they see it."""
LONGEST_LIFE: Final = timedelta(days=366)
USUAL_LIFE: Final = timedelta(days=90)
CONSOLE_LIFE: Final = timedelta(days=30)
_SHAPE: Final = re.compile(r"ff_[A-Za-z0-9_-]{43}")


class TokenKind(StrEnum):
    """What a token stands for."""

    API = "api"
    """A program's; it can do what its role may, but not make tokens or change its user's password."""
    CONSOLE = "console"
    """A person's, made by `fastflow login`: as good as being signed in, and ended with the sessions."""


def is_api_token(text: str) -> bool:
    """Whether that has the shape of one."""
    return _SHAPE.fullmatch(text) is not None


def weaker(one: Role, other: Role) -> Role:
    """Return the one of two roles that may do less."""
    return other if one.includes(other) else one
