"""The Engine is told what the policy allows, in the proxy's own words."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fastflow.adapters.docker import inside, labels
from fastflow.adapters.docker.container_spec import Confinement, Mould, Owner, attempt_spec, standby_spec
from fastflow.adapters.docker.host_paths import HostPaths
from fastflow.docker_proxy.create_body import CreateBody, parse_create_body
from fastflow.docker_proxy.mounts import AdmittedMount, admit_mounts
from fastflow.docker_proxy.policy import Policy
from fastflow.docker_proxy.rebuilding import STAMP, check_create, is_attempt, rebuilt
from fastflow.docker_proxy.refusal import Refused
from fastflow.docker_proxy.strict_json import read_json
from fastflow.domain.environment import Environment
from fastflow.domain.execution import AttemptIdentity, ExecutionRequest
from fastflow.domain.limits import Limits
from fastflow.domain.secret_file import SecretFile
from tests.docker.proxied import policy_for

IMAGE = "sha256:" + "0" * 64
MIB = 1024**2
CONFINEMENT = Confinement("installation", Owner(1000, 1000), HostPaths())
Sent = dict[str, Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path.resolve()
    for name in ("code", "attempt", "store/env/key"):
        (folder / name).mkdir(parents=True)
    return folder


@pytest.fixture
def policy(folder: Path) -> Policy:
    return policy_for(folder, IMAGE, proxy_user="1000:1000", proxy_max_memory="1g", proxy_max_cpu_cores=2)


def request_in(folder: Path, *, secret_files: tuple[SecretFile, ...] = (), **limits: Any) -> ExecutionRequest:
    """Return an attempt with everything."""
    return ExecutionRequest(
        identity=AttemptIdentity("run", 1, "hello", "lease"),
        checkout=folder / "code",
        environment=Environment(
            "key", "", folder / "store/env/key", "python", inside.STORE_DIRECTORY / "env/key"
        ),
        directory=folder / "attempt",
        variables={"GREETING": "é"},
        secret_files=secret_files,
        limits=Limits(**limits),
        network="none",
    )


def sent(folder: Path, **details: Any) -> Sent:
    """Return what the executor sends for it."""
    return json.loads(json.dumps(attempt_spec(request_in(folder, **details), IMAGE, CONFINEMENT)))


def told(body: Mapping[str, Any], policy: Policy) -> Sent:
    """Return what the Engine is told."""
    parsed: CreateBody = parse_create_body(read_json(json.dumps(body).encode()))
    check_create(parsed, policy)
    mounts: list[AdmittedMount] = admit_mounts(
        parsed.host_config.mounts, policy, is_attempt=is_attempt(parsed, policy)
    )
    return rebuilt(parsed, policy, parsed.image, mounts)


def test_the_executors_own_request_comes_out_as_it_went_in(folder: Path, policy: Policy) -> None:
    body = sent(folder, memory_bytes=64 * MIB, cpu_cores=0.5)
    result = told(body, policy)
    assert result["Labels"].pop(STAMP) == policy.name
    assert result["HostConfig"].pop("Privileged") is False
    for mount in result["HostConfig"]["Mounts"]:
        assert mount.pop("BindOptions") == {"Propagation": "rprivate"}
    assert result == body


def test_who_asks_for_no_limit_gets_the_maximum(folder: Path, policy: Policy) -> None:
    host = told(sent(folder), policy)["HostConfig"]
    assert (host["Memory"], host["MemorySwap"]) == (1024 * MIB, 1024 * MIB)
    assert host["NanoCpus"] == 2_000_000_000


@pytest.mark.parametrize(
    ("limits", "setting"),
    [
        ({"memory_bytes": 1025 * MIB}, "PROXY_MAX_MEMORY"),
        ({"cpu_cores": 2.5}, "PROXY_MAX_CPU_CORES"),
        ({"processes": 4097}, "PROXY_MAX_PROCESSES"),
    ],
)
def test_more_than_the_maximum_is_refused_with_the_setting(
    folder: Path, policy: Policy, limits: dict[str, Any], setting: str
) -> None:
    with pytest.raises(Refused, match=setting):
        told(sent(folder, **limits), policy)


SECRETS = "/fastflow/secrets"
RIGHT = "rw,nosuid,nodev,noexec,mode=0700,uid=1000,gid=1000,size=16777216"


def test_an_attempt_may_have_a_folder_for_secrets(folder: Path, policy: Policy) -> None:
    body = sent(folder, secret_files=(SecretFile("KEY", "of the house"),))
    assert body["HostConfig"]["Tmpfs"][SECRETS] == RIGHT
    assert told(body, policy)["HostConfig"]["Tmpfs"] == body["HostConfig"]["Tmpfs"]
    assert "of the house" not in json.dumps(body)


@pytest.mark.parametrize(
    "tmpfs",
    [
        {SECRETS: RIGHT.replace("noexec", "exec")},
        {SECRETS: RIGHT.replace("uid=1000", "uid=0")},
        {SECRETS: RIGHT.replace("mode=0700", "mode=1777")},
        {SECRETS: RIGHT.replace("16777216", "16777217")},
        {SECRETS: ""},
        {"/etc": RIGHT},
        {f"{SECRETS}/": RIGHT},
    ],
    ids=str,
)
def test_no_other_folder_in_memory_is_allowed(folder: Path, policy: Policy, tmpfs: Sent) -> None:
    body = sent(folder)
    body["HostConfig"]["Tmpfs"] |= tmpfs
    with pytest.raises(Refused, match="Tmpfs"):
        told(body, policy)


def test_the_folder_for_secrets_does_not_stand_for_the_temporary_one(folder: Path, policy: Policy) -> None:
    body = sent(folder)
    body["HostConfig"]["Tmpfs"] = {SECRETS: RIGHT}
    with pytest.raises(Refused, match="not one on"):
        told(body, policy)


def test_a_preparing_container_has_no_folder_for_secrets(folder: Path, policy: Policy) -> None:
    body = sent(folder, secret_files=(SecretFile("KEY", "of the house"),))
    body["Labels"] = {
        labels.MANAGED: "true",
        labels.KIND: labels.Kind.PREPARATION.value,
        labels.INSTALLATION: "installation",
    }
    with pytest.raises(Refused, match="Tmpfs"):
        told(body, policy)


def test_a_link_is_told_to_the_engine_as_what_it_leads_to(folder: Path, policy: Policy) -> None:
    (folder / "link").symlink_to("code")
    body = sent(folder)
    body["HostConfig"]["Mounts"][0]["Source"] = str(folder / "link")
    assert told(body, policy)["HostConfig"]["Mounts"][0]["Source"] == str(folder / "code")


def every_field(value: Sent, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return where each field stands, objects and all."""
    found: list[tuple[str, ...]] = []
    for name, inner in value.items():
        found.append((*path, name))
        if isinstance(inner, dict) and name not in ("Labels", "Tmpfs"):
            found += every_field(inner, (*path, name))  # pyright: ignore[reportUnknownArgumentType]
    return found


OPTIONAL = {("NetworkDisabled",), ("HostConfig", "Memory"), ("HostConfig", "MemorySwap")}
FIELDS = [path for path in every_field(sent(Path("/x"))) if path not in OPTIONAL]


def _changed(body: Sent, path: tuple[str, ...], change: Callable[[Sent, str], None]) -> Sent:
    place = body
    for name in path[:-1]:
        place = place[name]
    change(place, path[-1])
    return body


@pytest.mark.parametrize("path", FIELDS, ids=".".join)
def test_a_request_without_one_of_its_fields_is_refused(
    folder: Path, policy: Policy, path: tuple[str, ...]
) -> None:
    with pytest.raises(Refused):
        told(_changed(sent(folder), path, lambda place, name: place.pop(name)), policy)


@pytest.mark.parametrize("path", FIELDS, ids=".".join)
@pytest.mark.parametrize("value", [None, 7, True, "", "x", [], ["x"], {"x": "y"}, [[]]], ids=str)
def test_no_field_takes_a_value_that_changes_what_a_container_may_do(
    folder: Path, policy: Policy, path: tuple[str, ...], value: object
) -> None:
    """Either it is refused, or the field is one that is the client's to fill."""
    free = {("Image",), ("Cmd",), ("Env",), ("HostConfig", "Mounts"), ("HostConfig", "PidsLimit")}
    body = sent(folder)
    if _value(body, path) == value:
        return
    try:
        told(_changed(body, path, lambda place, name: place.update({name: value})), policy)
    except Refused:
        return
    assert path in free, path


def _value(body: Sent, path: tuple[str, ...]) -> object:
    value: Any = body
    for name in path:
        value = value[name]
    return value


@pytest.fixture
def waiting(folder: Path) -> Sent:
    """A container that is made before its attempt is known, as the executor asks for it."""
    mould = Mould.of(request_in(folder), IMAGE)
    return json.loads(json.dumps(standby_spec(mould, folder / "attempt", CONFINEMENT)))


def test_a_container_that_waits_for_its_attempt_is_let_in_like_one(waiting: Sent, policy: Policy) -> None:
    assert told(waiting, policy)["Cmd"] == waiting["Cmd"]
    assert len(waiting["Cmd"]) == len(policy.shape.command_prefix)


WRONG_WAITING: dict[str, Callable[[Sent], object]] = {
    "a program": lambda body: body["Cmd"].append("python3"),
    "another init": lambda body: body["Cmd"].__setitem__(2, "exec sh"),
    "labels of a run": lambda body: body["Labels"].__setitem__(labels.RUN, "somebody's"),
    "another kind": lambda body: body["Labels"].__setitem__(labels.KIND, "waiting"),
    "writable code": lambda body: body["HostConfig"]["Mounts"][0].__setitem__("ReadOnly", False),
    "a foreign folder": lambda body: body["HostConfig"]["Mounts"][1].__setitem__("Source", "/etc"),
    "more than the maximum": lambda body: body["HostConfig"].__setitem__("PidsLimit", 10**9),
}


@pytest.mark.parametrize("wrong", WRONG_WAITING)
def test_one_that_waits_may_be_nothing_else(waiting: Sent, policy: Policy, wrong: str) -> None:
    WRONG_WAITING[wrong](waiting)
    with pytest.raises(Refused):
        told(waiting, policy)


def test_crun_may_be_named_where_the_setting_says_so(folder: Path, policy: Policy) -> None:
    body = sent(folder)
    assert "Runtime" not in told(body, policy)["HostConfig"]
    body["HostConfig"]["Runtime"] = "crun"
    assert told(body, policy)["HostConfig"]["Runtime"] == "crun"
    with pytest.raises(Refused, match="FASTFLOW_CONTAINER_RUNTIME"):
        told(body, replace(policy, runtimes=frozenset()))
