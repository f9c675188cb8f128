"""Makes the mirrors of Git repositories from the settings."""

from datetime import timedelta
from pathlib import Path

from fastflow.adapters.git.mirrors import GitMirrors
from fastflow.settings import Settings


def mirrors_of(settings: Settings, data_dir: Path) -> GitMirrors:
    """Return the mirrors below the data directory, with the limits of the settings."""
    protocols = (protocol.strip() for protocol in settings.git_allowed_protocols.split(","))
    return GitMirrors(
        data_dir / "repositories",
        allowed_protocols=frozenset(protocol for protocol in protocols if protocol),
        time_limit=timedelta(seconds=settings.git_timeout_seconds),
        size_limit_bytes=settings.git_max_size_mb * 1024**2,
        ca_bundle=settings.ca_bundle,
    )
