"""Compares names of images as the Engine writes them."""

import re
from typing import Final

_DEFAULT_REGISTRIES: Final = (
    "docker.io/library/",
    "index.docker.io/library/",
    "docker.io/",
    "index.docker.io/",
)
IMAGE_ID: Final = re.compile(r"sha256:[0-9a-f]{64}")
REFERENCE: Final = re.compile(
    r"(?=.{1,255}\Z)(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?/)?"
    r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)
"""As the reference implementation of image references defines them, without rarities."""


def familiar(reference: str) -> str:
    """Return the name as the Engine lists it: without the default registry, with a tag."""
    name = next(
        (reference.removeprefix(start) for start in _DEFAULT_REGISTRIES if reference.startswith(start)),
        reference,
    )
    has_tag = "@" in name or ":" in name.rpartition("/")[2]
    return name if has_tag or IMAGE_ID.fullmatch(name) else f"{name}:latest"
