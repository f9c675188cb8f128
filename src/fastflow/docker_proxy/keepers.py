"""Admits keepers: containers that hold a network namespace behind walls for one other container.

They begin as root with three capabilities, so nothing of them is the client's choice but the image, among
those allowed, and what is behind the walls, which may be more than the policy says and never less.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fastflow.docker_proxy.policy import KeeperRules, Policy
from fastflow.docker_proxy.rebuilding import STAMP, check_label_values, check_runtime
from fastflow.docker_proxy.refusal import Refused
from fastflow.docker_proxy.strict_json import read_json

_MOST_NETWORKS: Final = 256
_Networks = Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=_MOST_NETWORKS)]


class _Walls(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    uid: int
    gid: int
    denied: _Networks
    allowed: _Networks


@dataclass(frozen=True, slots=True)
class Keeper:
    """One that may be made."""

    image: str
    """As it was named."""
    body: Mapping[str, Any]
    """For the Engine, but for the image."""

    def rebuilt(self, image: str) -> dict[str, Any]:
        """Return what the Engine is told. `image` is an id."""
        return {**self.body, "Image": image}


def is_keeper(value: Any, policy: Policy) -> bool:
    """Return whether that body of `containers/create` is for one."""
    match value:
        case {"Labels": {**labels}}:
            return labels.get(policy.shape.kind_label) == policy.shape.keeper_kind
        case _:
            return False


def admit_keeper(value: Any, policy: Policy) -> Keeper:
    """Return what may be made of that body.

    Raises:
        Refused: it is not letter by letter a keeper of this version, or its walls have a hole.
    """
    rules = policy.keepers
    if rules is None:
        raise Refused(
            f"Labels: there are no namespaces of our own, as {policy.shape.walled} is not among "
            "FASTFLOW_PROXY_NETWORKS"
        )
    match value:
        case {
            "Image": str(image),
            "Cmd": [*command, str(asked)],
            "Labels": {**labels},
            "HostConfig": {**host},
            **rest,
        }:
            runtime = host.pop("Runtime", None)
            rest["HostConfig"] = host
        case _:
            raise Refused("the body is not that of a keeper: Image, Cmd or Labels are missing")
    expected = {name: rules.body[name] for name in rules.body if name not in ("Cmd", "Labels")}
    if rest != expected or command != list(rules.body["Cmd"]):
        differing = sorted(k for k in rest.keys() | expected.keys() if rest.get(k) != expected.get(k))
        raise Refused(f"{', '.join(differing)[:120] or 'Cmd'}: not that of a keeper of this version")
    check_runtime(runtime, policy)
    shape = policy.shape
    if labels.keys() != {shape.managed_label, shape.kind_label, shape.installation_label}:
        raise Refused("Labels: not those of a keeper")
    check_label_values(labels, policy)
    walls = _checked(asked, policy, rules)
    denied = sorted({*walls.denied, *rules.of_this_machine()})
    body = {
        **expected,
        "HostConfig": {**expected["HostConfig"], **({} if runtime is None else {"Runtime": runtime})},
        "Cmd": [*rules.body["Cmd"], walls.model_copy(update={"denied": denied}).model_dump_json()],
        "Labels": {**labels, STAMP: policy.name},
    }
    return Keeper(image, body)


def _checked(asked: str, policy: Policy, rules: KeeperRules) -> _Walls:
    try:
        walls = _Walls.model_validate(read_json(asked.encode()))
    except ValidationError as error:
        raise Refused(f"Cmd: the walls of a keeper are malformed ({error.error_count()} errors)") from error
    if f"{walls.uid}:{walls.gid}" != policy.user:
        raise Refused(f"Cmd: walls are for {policy.user} (FASTFLOW_PROXY_USER)")
    denied, allowed = _networks(walls.denied), _networks(walls.allowed)
    if missing := rules.denied - denied:
        raise Refused(f"Cmd: {', '.join(sorted(map(str, missing)))} has to be behind the walls")
    if more := allowed - rules.allowed:
        raise Refused(f"Cmd: {', '.join(sorted(map(str, more)))} is not in FASTFLOW_RUN_NETWORK_ALLOWED")
    return walls


def _networks(texts: list[str]) -> set[IPv4Network | IPv6Network]:
    try:
        return {ip_network(text) for text in texts}
    except ValueError as error:
        raise Refused(f"Cmd: {json.dumps(str(error))[:120]}") from error
