"""How a container is made follows from the request alone."""

import json
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from fastflow.adapters.docker.container_spec import Confinement, Owner, attempt_spec
from fastflow.adapters.docker.engine_types import Mount
from fastflow.adapters.docker.host_paths import HostPaths
from fastflow.adapters.docker.labels import directory_from, identity_from
from fastflow.domain.environment import Environment
from fastflow.domain.errors import Invalid
from fastflow.domain.execution import AttemptIdentity, ExecutionRequest
from fastflow.domain.limits import Limits

IDENTITY = AttemptIdentity("run-1", 2, "report", "lease-7")
ENVIRONMENT = Environment(
    "key",
    "lock",
    Path("/uv/env/key"),
    "/fastflow/uv/env/key/bin/python",
    PurePosixPath("/fastflow/uv/env/key"),
)
CONFINEMENT = Confinement("house", Owner(1000, 1001), HostPaths())


def spec(confinement: Confinement = CONFINEMENT, **changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "identity": IDENTITY,
        "checkout": Path("/data/checkouts/abc"),
        "environment": ENVIRONMENT,
        "directory": Path("/data/attempts/1"),
    }
    return attempt_spec(ExecutionRequest(**{**fields, **changes}), "image", confinement)


def variables(body: dict[str, Any]) -> dict[str, str]:
    return dict(entry.split("=", 1) for entry in body["Env"])


def test_code_and_environment_are_read_only_and_only_the_own_directory_is_writable() -> None:
    assert spec()["HostConfig"]["Mounts"] == [
        {"Type": "bind", "Source": "/data/checkouts/abc", "Target": "/fastflow/code", "ReadOnly": True},
        {"Type": "bind", "Source": "/data/attempts/1", "Target": "/fastflow/run", "ReadOnly": False},
        {"Type": "bind", "Source": "/uv/env/key", "Target": "/fastflow/uv/env/key", "ReadOnly": True},
    ]


def test_the_hosts_certificate_authorities_are_trusted_unless_the_run_names_others() -> None:
    trusting = replace(CONFINEMENT, certificates=Path("/data/certificates.pem"))
    body = spec(trusting, variables={"SSL_CERT_FILE": "/mine.pem"})
    assert {
        "Type": "bind",
        "Source": "/data/certificates.pem",
        "Target": "/fastflow/certificates.pem",
        "ReadOnly": True,
    } in body["HostConfig"]["Mounts"]
    assert variables(body)["REQUESTS_CA_BUNDLE"] == "/fastflow/certificates.pem"
    assert variables(body)["SSL_CERT_FILE"] == "/mine.pem"
    assert "REQUESTS_CA_BUNDLE" not in variables(spec())


def test_it_runs_as_the_owner_in_its_code_with_the_environments_interpreter() -> None:
    body = spec(arguments=("main.py", "--fast"))
    assert body["User"] == "1000:1001"
    assert body["WorkingDir"] == "/fastflow/code"
    assert body["Cmd"][-4:] == ["fastflow", "/fastflow/uv/env/key/bin/python", "main.py", "--fast"]
    assert variables(body)["PATH"].startswith("/fastflow/uv/env/key/bin:")
    assert variables(body)["VIRTUAL_ENV"] == "/fastflow/uv/env/key"


def test_the_bare_interpreter_needs_no_third_mount() -> None:
    body = spec(environment=Environment("bare", "", None, "python3"))
    assert len(body["HostConfig"]["Mounts"]) == 2
    assert "VIRTUAL_ENV" not in variables(body)


def test_limits_are_set_where_there_are_any_and_swap_is_none() -> None:
    limited = spec(limits=Limits(cpu_cores=1.5, memory_bytes=2**29, processes=7))["HostConfig"]
    assert (limited["Memory"], limited["MemorySwap"]) == (2**29, 2**29)
    assert (limited["NanoCpus"], limited["PidsLimit"]) == (1_500_000_000, 7)
    free = spec()["HostConfig"]
    assert not {"Memory", "MemorySwap", "NanoCpus"} & free.keys()
    assert free["PidsLimit"] > 0


@pytest.mark.parametrize(("network", "is_disabled"), [("none", True), ("bridge", False), ("mine", False)])
def test_without_a_network_there_is_no_network_setup(network: str, is_disabled: bool) -> None:
    body = spec(network=network)
    assert body["NetworkDisabled"] is is_disabled
    assert body["HostConfig"]["NetworkMode"] == network


def test_the_runs_variables_win_over_ours_except_for_what_the_init_needs() -> None:
    seen = variables(spec(variables={"HOME": "/elsewhere", "TWO": "a\nb=c", "TINI_KILL_PROCESS_GROUP": ""}))
    assert seen["HOME"] == "/elsewhere"
    assert seen["TWO"] == "a\nb=c"
    assert seen["TINI_KILL_PROCESS_GROUP"] == "1"
    assert seen["PYTHONUNBUFFERED"] == "1"


def test_labels_tell_a_later_server_everything_it_needs() -> None:
    labels = spec()["Labels"]
    assert labels["fastflow.managed"] == "true"
    assert identity_from(labels) == IDENTITY
    assert directory_from(labels) == Path("/data/attempts/1")


@pytest.mark.parametrize("missing", ["fastflow.run", "fastflow.attempt", "fastflow.pipeline"])
def test_labels_that_somebody_mangled_are_nobodys(missing: str) -> None:
    labels = spec()["Labels"]
    assert identity_from({**labels, "fastflow.attempt": "two"}) is None
    del labels[missing]
    assert identity_from(labels) is None


def test_paths_are_named_as_the_host_knows_them() -> None:
    mounts = HostPaths((Mount(Type="bind", Source="/srv/ff", Destination="/data"),))
    confinement = Confinement("house", Owner(1, 1), mounts)
    body = spec(confinement, environment=Environment("bare", "", None, "python3"))
    assert body["HostConfig"]["Mounts"][0]["Source"] == "/srv/ff/checkouts/abc"
    with pytest.raises(Invalid):
        spec(confinement)


def test_nothing_that_a_careful_proxy_refuses_is_asked_for() -> None:
    body = spec()
    asked = body["HostConfig"].keys()
    refused = {"Privileged", "CapAdd", "Devices", "PidMode", "IpcMode", "UsernsMode", "VolumesFrom", "Binds"}
    assert not asked & refused
    assert "noexec" in body["HostConfig"]["Tmpfs"]["/tmp"]  # noqa: S108 - the container's
    json.dumps(body)
