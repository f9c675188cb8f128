"""GitHub as a GitHub App sees it."""
