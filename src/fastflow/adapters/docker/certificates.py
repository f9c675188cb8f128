"""Finds the certificate authorities that this machine trusts, so that containers trust them too."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final

BUNDLE: Final = PurePosixPath("/fastflow/certificates.pem")
"""Where a container sees them."""
VARIABLES: Final = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "PIP_CERT")
_USUAL: Final = (
    Path("/etc/ssl/certs/ca-certificates.crt"),  # Debian, Ubuntu, Alpine, Arch
    Path("/etc/pki/tls/certs/ca-bundle.crt"),  # Fedora, Red Hat
    Path("/etc/ssl/ca-bundle.pem"),  # SUSE
    Path("/etc/ssl/cert.pem"),  # macOS, BSD
)


def find_bundle(wanted: Path | None, usual: Sequence[Path] = _USUAL) -> Path | None:
    """Return the file to use, its links resolved: the setting, `SSL_CERT_FILE`, or the system's. Blocks."""
    named = os.environ.get("SSL_CERT_FILE")
    candidates = [*([wanted] if wanted else []), *([Path(named)] if named else []), *usual]
    return next((path.resolve() for path in candidates if path.is_file()), None)


def keep_bundle(wanted: Path | None, directory: Path) -> Path | None:
    """Copy the file to use into a directory of ours, and return the copy; None where there is none. Blocks.

    The original may lie where containers can't be given it: in the server's own container.
    """
    bundle = find_bundle(wanted)
    if bundle is None:
        return None
    copy = directory / BUNDLE.name
    draft = copy.with_suffix(".new")
    shutil.copyfile(bundle, draft)
    draft.chmod(0o644)
    draft.rename(copy)
    return copy
