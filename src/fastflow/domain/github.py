"""Where GitHub keeps what: which Git host an API speaks for, and how repositories are named there."""

import re
from typing import Final
from urllib.parse import urlsplit

from fastflow.domain.errors import Invalid
from fastflow.domain.git_url import GitUrl

PUBLIC_API: Final = "https://api.github.com"
_PART: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")


def git_host_of(api_url: str) -> str:
    """Return the host whose repositories an API gives tokens for.

    `https://api.github.com` is github.com's, `https://api.NAME.ghe.com` is NAME.ghe.com's, and a GitHub
    Enterprise Server has its API on its own host, below `/api/v3`.
    """
    host = urlsplit(api_url).hostname or ""
    if host == "api.github.com" or re.fullmatch(r"api\.[^.]+\.ghe\.com", host):
        return host.removeprefix("api.")
    return host


def owner_and_name(url: GitUrl) -> tuple[str, str]:
    """Return a repository's owner and name.

    Raises:
        Invalid: `url_invalid`; its path is not `owner/name`.
    """
    parts = url.path.strip("/").removesuffix(".git").split("/")
    if len(parts) != 2 or not all(_PART.fullmatch(part) and part.strip(".") for part in parts):
        problem = "has to be of the form https://github.com/OWNER/NAME to be opened by a GitHub App"
        raise Invalid("url_invalid", f"The repository's URL {problem}.", {"url": problem})
    return parts[0], parts[1]
