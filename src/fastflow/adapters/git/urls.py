"""The URLs of repositories, which services read by the same rules (`domain.git_url`)."""

from fastflow.domain.git_url import GitUrl, parse_url

__all__ = ["GitUrl", "parse_url"]
