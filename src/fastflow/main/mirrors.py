"""Makes the mirrors of Git repositories from the settings."""

from datetime import timedelta
from pathlib import Path

from fastflow.adapters.git.mirrors import GitMirrors
from fastflow.main.repositories import allowed_protocols
from fastflow.settings import Settings


def mirrors_of(settings: Settings, data_dir: Path) -> GitMirrors:
    """Return the mirrors below the data directory, with the limits of the settings."""
    return GitMirrors(
        data_dir / "repositories",
        allowed_protocols=allowed_protocols(settings),
        time_limit=timedelta(seconds=settings.git_timeout_seconds),
        size_limit_bytes=settings.git_max_size_mb * 1024**2,
        ca_bundle=settings.ca_bundle,
    )
