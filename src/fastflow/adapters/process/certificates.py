"""Says which certificate authorities commands on this machine are to trust: those the server was told to."""

import os
from pathlib import Path
from typing import Final

_FILES: Final = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_VARIABLES: Final = (*_FILES, "SSL_CERT_DIR")


def certificate_variables(ca_bundle: Path | None) -> dict[str, str]:
    """Return the variables that name them: the setting's file, else what the server's environment says."""
    if ca_bundle is not None:
        return dict.fromkeys(_FILES, str(ca_bundle))
    return {name: os.environ[name] for name in _VARIABLES if name in os.environ}
