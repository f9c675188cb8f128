"""What a keeper may be, and what the Engine is told of it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fastflow.adapters.docker.container_spec import Confinement, Owner
from fastflow.adapters.docker.host_paths import HostPaths
from fastflow.adapters.docker.keeper import Walls, keeper_spec
from fastflow.docker_proxy.keepers import admit_keeper, is_keeper
from fastflow.docker_proxy.policy import Policy
from fastflow.docker_proxy.rebuilding import STAMP
from fastflow.docker_proxy.refusal import Refused
from fastflow.main.walls import METADATA, own_networks
from tests.docker.proxied import policy_for

IMAGE = "sha256:" + "0" * 64


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    return policy_for(tmp_path.resolve(), IMAGE, proxy_user="1000:1000")


def sent(*more: str) -> dict[str, Any]:
    confinement = Confinement("installation", Owner(1000, 1000), HostPaths())
    return json.loads(json.dumps(keeper_spec(IMAGE, Walls((*METADATA, *more)), confinement)))


def test_a_keeper_is_made_as_it_was_asked_for_and_stamped(policy: Policy) -> None:
    body = sent("10.0.0.0/8")
    assert is_keeper(body, policy)
    told = admit_keeper(body, policy).rebuilt(IMAGE)
    assert told["Labels"].pop(STAMP) == policy.name
    walls, asked = json.loads(told["Cmd"].pop()), json.loads(body["Cmd"].pop())
    assert set(walls.pop("denied")) == {*asked.pop("denied"), *own_networks()}, (
        "its machine is behind them too"
    )
    assert walls == asked
    assert told == body


def test_who_has_no_walls_makes_no_keepers(tmp_path: Path) -> None:
    without = policy_for(tmp_path.resolve(), IMAGE, proxy_networks="bridge", proxy_user="1000:1000")
    with pytest.raises(Refused, match="walled is not among FASTFLOW_PROXY_NETWORKS"):
        admit_keeper(sent(), without)


@pytest.mark.parametrize("value", [None, [], {}, {"Labels": []}, {"Labels": {}}])
def test_other_bodies_are_no_keepers(value: Any, policy: Policy) -> None:
    assert not is_keeper(value, policy)


@pytest.mark.parametrize("name", ["Image", "Cmd", "User", "HostConfig", "Env", "WorkingDir", "Entrypoint"])
def test_nothing_may_be_left_out(name: str, policy: Policy) -> None:
    body = sent()
    del body[name]
    with pytest.raises(Refused):
        admit_keeper(body, policy)


def test_a_keeper_may_have_the_runtime_that_is_allowed(policy: Policy) -> None:
    body = sent()
    body["HostConfig"]["Runtime"] = "crun"
    assert admit_keeper(body, policy).rebuilt(IMAGE)["HostConfig"] == body["HostConfig"]
    with pytest.raises(Refused, match="FASTFLOW_CONTAINER_RUNTIME"):
        admit_keeper(body, replace(policy, runtimes=frozenset()))
