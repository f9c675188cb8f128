"""Reads the attacks and makes of each the bytes that are sent."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from zlib import crc32

from pydantic import TypeAdapter

FILE: Final = Path(__file__).with_name("attacks.json")
VERSIONS: Final = ("/v1.41", "/v1.40", "/v1.24", "/v1.12", "")
"""An attack whose path begins with {{v}} is tried in each of them."""
_PLACEHOLDER: Final = re.compile(r"\{\{(\w+)\}\}")
_MERGED: Final = ("HostConfig", "Labels")
_CREATE: Final = "{{v}}/containers/create?name=fastflow-{{unique}}"


@dataclass(frozen=True, slots=True)
class Scene:
    """What there is around the proxy for attacks to aim at: values of their placeholders."""

    valid: Mapping[str, Any]
    """A body of `containers/create` that is let through."""
    values: Mapping[str, str]
    """foreign, own, keeper, image and the like; see `scene.py`."""
    valid_keeper: Mapping[str, Any]
    """A body that makes a keeper."""

    def filled(self, text: str, **more: str) -> str:
        """Put values in the place of {{name}}."""
        values = {**self.values, **self._bodies(), **more}
        for _ in range(2):  # a body has placeholders of its own
            text = _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text)
        return text

    def _bodies(self) -> dict[str, str]:
        host = self.valid["HostConfig"]
        rest = {name: value for name, value in self.valid.items() if name != "HostConfig"}
        valid = json.dumps(self.valid)
        return {
            "valid": valid,
            "valid_open": valid[:-1],
            "valid_inside": valid[1:-1],
            "host_open": f'{json.dumps(rest)[:-1]}, "HostConfig": {json.dumps(host)[:-1]}',
            "valid_length": str(len(valid)),
            "valid_hex": f"{len(valid):x}",
            "long": "a" * 20_000,
            "many_headers": "".join(f"X-{number}: y\r\n" for number in range(200)),
        }


@dataclass(frozen=True, slots=True)
class Attack:
    """One request of the file."""

    number: int
    """Of the class in the list of what is to be refused."""
    name: str
    why: str
    method: str = "POST"
    path: str = _CREATE
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: str | None = None
    """As it is sent."""
    create: Mapping[str, Any] | None = None
    """Changes to the valid body."""
    keeper: Mapping[str, Any] | None = None
    """Changes to the valid body of a keeper."""
    keeper_walls: Mapping[str, Any] | None = None
    """Changes to the walls that it asks for."""
    raw: str | None = None
    """The whole request, as it is sent."""
    is_harmless: bool = False
    """May be tried against an Engine without a wall: a look, or a container that is only created."""

    def requests(self, scene: Scene) -> Iterator[bytes]:
        """Yield it in every version of the API that it is made for."""
        versions = VERSIONS if self.raw is None and "{{v}}" in self.path else ("/v1.41",)
        of_mine = f"{scene.values['unique']}-{self.number}-{crc32(self.name.encode())}"
        for number, version in enumerate(versions):
            yield self._request(scene, version, f"attack-{of_mine}-{number}")

    def _request(self, scene: Scene, version: str, unique: str) -> bytes:
        if self.raw is not None:
            return scene.filled(self.raw, unique=unique).encode()
        path = scene.filled(self.path, v=version, unique=unique)
        body = self._body(scene)
        headers = {"Host": "engine", "Connection": "close"}
        if body is not None:
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        headers |= self.headers
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{self.method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + (body or b"")

    def _body(self, scene: Scene) -> bytes | None:
        if self.create is not None:
            return scene.filled(json.dumps(_merged(scene.valid, self.create))).encode()
        if self.keeper is not None:
            return scene.filled(json.dumps(_merged(scene.valid_keeper, self.keeper))).encode()
        if self.keeper_walls is not None:
            *command, walls = scene.valid_keeper["Cmd"]
            changed = json.dumps(json.loads(walls) | dict(self.keeper_walls))
            return json.dumps(dict(scene.valid_keeper) | {"Cmd": [*command, changed]}).encode()
        if self.body is not None:
            return scene.filled(self.body).encode()
        return b"" if self.method == "POST" else None


def attacks() -> list[Attack]:
    """Read the file."""
    return TypeAdapter(list[Attack]).validate_json(FILE.read_bytes())


def _merged(value: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Put the changes in, object by object. Null is a value here."""
    merged = dict(value)
    for name, change in changes.items():
        merged[name] = _merged(merged[name], change) if name in _MERGED else change
    return merged
