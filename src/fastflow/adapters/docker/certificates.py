"""Finds the certificate authorities that this machine trusts, so that the preparing step trusts them too."""

import os
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
