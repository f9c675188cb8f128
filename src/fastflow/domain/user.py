"""People who may sign in: what they may be called and what their passwords have to be."""

import re
import unicodedata
from typing import Final

from fastflow.domain.errors import Invalid

SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 256
"""Hashing takes time for every character; nobody is to make us hash a book."""
_FEWEST_DIFFERENT: Final = 5
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


def user_name(given: str) -> str:
    """Return the name as it is stored: names that differ in case only are one name.

    Raises:
        Invalid: `user_name_invalid`.
    """
    name = given.strip().lower()
    if not _NAME.fullmatch(name):
        problem = "must be 1 to 64 of the letters a-z, digits and . _ @ + -, the first a letter or a digit"
        raise Invalid("user_name_invalid", f"name: {given[:80]!r} {problem}.", {"name": problem})
    return name


def checked_password(given: str, name: str) -> str:
    """Return the password as it is hashed: in one Unicode form, whatever keyboard it was typed on.

    Length is what counts (NIST SP 800-63B, 3.1.1.2): there are no rules about kinds of characters.

    Raises:
        Invalid: `password_invalid`; the password is not repeated.
    """
    password = password_form(given)
    problem = _problem(password, name)
    if problem is not None:
        raise Invalid("password_invalid", f"password: {problem}.", {"password": problem})
    return password


def password_form(given: str) -> str:
    """Return the Unicode form in which passwords are hashed and compared."""
    return unicodedata.normalize("NFKC", given)


def _problem(password: str, name: str) -> str | None:
    if len(password) < SHORTEST_PASSWORD:
        return f"must have at least {SHORTEST_PASSWORD} characters; a few words in a row make a good one"
    if len(password) > LONGEST_PASSWORD:
        return f"must have at most {LONGEST_PASSWORD} characters"
    if len(set(password)) < _FEWEST_DIFFERENT:
        return f"must have at least {_FEWEST_DIFFERENT} different characters"
    if len(name) > 2 and name.partition("@")[0] in password.lower():
        return "must not contain the user's name"
    return None
