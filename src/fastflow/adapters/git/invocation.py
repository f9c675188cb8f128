"""Says how git is called: with nothing of the machine's configuration, and nothing that starts a program."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fastflow.domain.environment import NETWORK_VARIABLES

Config = tuple[tuple[str, str], ...]

_CONFIG: Final[Config] = (
    ("core.hooksPath", os.devnull),
    ("core.fsmonitor", "false"),
    ("core.symlinks", "false"),
    ("core.askPass", ""),
    ("core.bigFileThreshold", "4m"),  # larger files are streamed, never held in memory
    ("credential.helper", ""),
    ("fetch.recurseSubmodules", "false"),
    ("fetch.unpackLimit", "1"),  # one pack for a fetch: its size can be watched
    ("gc.auto", "0"),
    ("http.followRedirects", "false"),  # nobody else gets the credential, nor a request of ours
    ("http.lowSpeedLimit", "1"),
    ("maintenance.auto", "false"),
    ("pack.threads", "1"),
    ("pack.windowMemory", "64m"),
    ("protocol.version", "2"),
    ("safe.directory", "*"),  # the mirrors are ours, whoever owns the volume they lie on
    ("submodule.recurse", "false"),
    ("transfer.bundleURI", "false"),
)
"""git-config(1). On the command line's level, which nothing in a repository overrides."""

_PROXIES: Final = tuple(name for name in NETWORK_VARIABLES if name.lower().endswith("_proxy"))
_CA_FILES: Final = ("GIT_SSL_CAINFO", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
_CA_FOLDERS: Final = ("GIT_SSL_CAPATH", "SSL_CERT_DIR")


@dataclass(frozen=True, slots=True)
class Access:
    """What a command gets that speaks with a Git host."""

    protocol: str
    config: Config = ()
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    descriptors: tuple[int, ...] = ()
    """Open files that the command inherits."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What must not be repeated from the command's output."""


def environment(home: Path, ca_bundle: Path | None, config: Config, access: Access | None) -> dict[str, str]:
    """Return all the variables that git sees. Without access it can't reach anything by any protocol."""
    variables = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "LC_ALL": "C",  # failures are told by their words
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": access.protocol if access else "none",
    }
    if access is not None:
        variables |= {name: os.environ[name] for name in _PROXIES if name in os.environ}
        variables |= _certificates(ca_bundle)
        variables |= access.variables
    return variables | _as_variables([*_CONFIG, *config, *(access.config if access else ())])


def _as_variables(config: Sequence[tuple[str, str]]) -> dict[str, str]:
    variables = {"GIT_CONFIG_COUNT": str(len(config))}
    for number, (key, value) in enumerate(config):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return variables


def _certificates(ca_bundle: Path | None) -> dict[str, str]:
    """Return the authorities that vouch for Git hosts: the setting's, else those the server was told."""
    if ca_bundle is not None:
        return {"GIT_SSL_CAINFO": str(ca_bundle)}
    found: dict[str, str] = {}
    for target, names in (("GIT_SSL_CAINFO", _CA_FILES), ("GIT_SSL_CAPATH", _CA_FOLDERS)):
        given = next((os.environ[name] for name in names if os.environ.get(name)), None)
        if given is not None:
            found[target] = given
    return found
