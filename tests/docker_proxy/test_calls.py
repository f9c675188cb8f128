"""Our own requests are recognised; what differs by a letter is not."""

from pathlib import Path

import pytest

from fastflow.docker_proxy.calls import (
    Act,
    Action,
    Call,
    Create,
    Find,
    Information,
    Inspect,
    InspectImage,
    Ping,
    Pull,
    read_call,
)
from fastflow.docker_proxy.policy import Policy
from fastflow.docker_proxy.refusal import Refused
from tests.docker.proxied import policy_for

ID = "0123456789abcdef" * 4
OURS: dict[str, tuple[str, str, Call]] = {
    "ping": ("GET", "/_ping", Ping()),
    "info": ("GET", "/v1.41/info", Information()),
    "create": ("POST", "/v1.41/containers/create?name=fastflow-run-1", Create("fastflow-run-1")),
    "start": ("POST", f"/v1.41/containers/{ID}/start", Act(Action.START, ID)),
    "attach": (
        "POST",
        f"/v1.41/containers/{ID}/attach?stream=1&stdout=1&stderr=1",
        Act(Action.ATTACH, ID, "stream=1&stdout=1&stderr=1"),
    ),
    "wait": (
        "POST",
        f"/v1.41/containers/{ID}/wait?condition=next-exit",
        Act(Action.WAIT, ID, "condition=next-exit"),
    ),
    "logs": (
        "GET",
        f"/v1.41/containers/{ID}/logs?stdout=1&stderr=1&timestamps=1&follow=0",
        Act(Action.LOGS, ID, "stdout=1&stderr=1&timestamps=1&follow=0"),
    ),
    "stats": ("GET", f"/v1.41/containers/{ID}/stats?stream=1", Act(Action.STATS, ID, "stream=1")),
    "stop": ("POST", f"/v1.41/containers/{ID}/stop?t=10", Act(Action.STOP, ID, "t=10")),
    "remove": ("DELETE", f"/v1.41/containers/{ID}?force=1&v=1", Act(Action.REMOVE, ID, "force=1&v=1")),
    "inspect": ("GET", f"/v1.41/containers/{ID}/json", Inspect(ID)),
    "list": (
        "GET",
        "/v1.41/containers/json?all=1&filters=%7B%22label%22:+[%22a=b%22,+%22c=d%22]%7D",
        Find(("a=b", "c=d")),
    ),
    "image": ("GET", "/v1.41/images/astral/uv:python3.12/json", InspectImage("astral/uv:python3.12")),
    "image by id": ("GET", f"/v1.41/images/sha256:{ID}/json", InspectImage(f"sha256:{ID}")),
    "pull": ("POST", "/v1.41/images/create?fromImage=astral/uv:python3.12", Pull("astral/uv:python3.12")),
}


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    return policy_for(tmp_path, "fastflow-runner:test")


@pytest.mark.parametrize("name", OURS)
def test_our_own_request_is_recognised(policy: Policy, name: str) -> None:
    method, path, call = OURS[name]
    assert read_call(method, path, policy) == call


@pytest.mark.parametrize("name", OURS)
def test_no_request_that_differs_by_a_character_is_mistaken_for_another_of_ours(
    policy: Policy, name: str
) -> None:
    method, path, call = OURS[name]
    for at in range(len(path)):
        for change in ("", "%", "/", ".", "\0", "\n", path[at].swapcase(), path[at] * 2):
            changed = path[:at] + change + path[at + 1 :]
            if changed == path:
                continue
            try:
                seen = read_call(method, changed, policy)
            except Refused:
                continue
            assert _effect(seen) == _effect(call), changed


def _effect(call: Call) -> tuple[type[Call], Action | None]:
    return type(call), call.action if isinstance(call, Act) else None


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("method", ["HEAD", "PUT", "PATCH", "OPTIONS", "post", "get", ""])
def test_another_method_is_none_of_ours(policy: Policy, name: str, method: str) -> None:
    with pytest.raises(Refused):
        read_call(method, OURS[name][1], policy)


@pytest.mark.parametrize("version", ["1.39", "1.52", "2.0", "1.12", "0.41", "1.4", "1.410", "1.41.0"])
def test_a_version_that_we_do_not_speak_is_refused(policy: Policy, version: str) -> None:
    with pytest.raises(Refused):
        read_call("GET", f"/v{version}/info", policy)
