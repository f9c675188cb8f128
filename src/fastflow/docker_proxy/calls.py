"""The requests that Fast-Flow makes, as types; reads them off a request line and knows no others."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import unquote

from fastflow.docker_proxy.image_names import IMAGE_ID, REFERENCE
from fastflow.docker_proxy.policy import Policy
from fastflow.docker_proxy.refusal import Refused
from fastflow.docker_proxy.strict_json import read_json


class Action(StrEnum):
    """What may be done with a container of ours; the value is the Engine's word."""

    START = "start"
    ATTACH = "attach"
    WAIT = "wait"
    LOGS = "logs"
    STATS = "stats"
    STOP = "stop"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Ping:
    """Does the Engine answer?"""


@dataclass(frozen=True, slots=True)
class Information:
    """Its version, clock and name."""


@dataclass(frozen=True, slots=True)
class Create:
    """Make a container; the body says which."""

    name: str


@dataclass(frozen=True, slots=True)
class Find:
    """List containers by their labels."""

    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inspect:
    """How a container is. The server looks for its own by name or beginning of its id, too."""

    container: str


@dataclass(frozen=True, slots=True)
class Act:
    """Do something with a container."""

    action: Action
    container: str
    query: str = ""


@dataclass(frozen=True, slots=True)
class InspectImage:
    """Is there such an image?"""

    reference: str


@dataclass(frozen=True, slots=True)
class Pull:
    """Get an image from its registry."""

    reference: str


Call = Ping | Information | Create | Find | Inspect | Act | InspectImage | Pull

_PREFIX: Final = re.compile(r"/v(?P<major>[1-9])\.(?P<minor>[1-9][0-9])(?P<rest>/.*)")
_ID: Final = "[0-9a-f]{64}"
_QUERIED: Final = r"(?P<value>[A-Za-z0-9._~%+:,;/@$!*'()\[\]={}\"-]{1,4096})"
_NAME: Final = re.compile(r"fastflow-[A-Za-z0-9_.-]{1,200}")
_ACTIONS: Final = {
    ("POST", f"/containers/(?P<id>{_ID})/start"): Action.START,
    ("POST", rf"/containers/(?P<id>{_ID})/attach\?(?P<query>stream=1&stdout=1&stderr=1)"): Action.ATTACH,
    ("POST", rf"/containers/(?P<id>{_ID})/wait\?(?P<query>condition=(?:next-exit|not-running))"): Action.WAIT,
    (
        "GET",
        rf"/containers/(?P<id>{_ID})/logs\?(?P<query>stdout=1&stderr=1&timestamps=1&follow=[01])",
    ): Action.LOGS,
    ("GET", rf"/containers/(?P<id>{_ID})/stats\?(?P<query>stream=1)"): Action.STATS,
    ("POST", rf"/containers/(?P<id>{_ID})/stop\?(?P<query>t=[0-9]{{1,4}})"): Action.STOP,
    ("DELETE", rf"/containers/(?P<id>{_ID})\?(?P<query>force=1&v=1)"): Action.REMOVE,
}
_OF_CONTAINERS: Final = tuple(
    (method, re.compile(pattern), action) for (method, pattern), action in _ACTIONS.items()
)
_CREATE: Final = re.compile(rf"/containers/create\?name={_QUERIED}")
_FIND: Final = re.compile(rf"/containers/json\?all=1&filters={_QUERIED}")
_INSPECT: Final = re.compile(r"/containers/(?P<id>[A-Za-z0-9][A-Za-z0-9_.-]{0,127})/json")
_INSPECT_IMAGE: Final = re.compile(r"/images/(?P<reference>[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254})/json")
_PULL: Final = re.compile(rf"/images/create\?fromImage={_QUERIED}")


def read_call(method: str, raw_path: str, policy: Policy) -> Call:
    """Return which of our requests this is; compared with the raw path, so no encoding but ours matches.

    Raises:
        Refused: it is none.
    """
    if method == "GET" and raw_path == "/_ping":
        return Ping()
    prefix = _PREFIX.fullmatch(raw_path)
    if prefix is None:
        raise Refused("the path has no version of the Engine API before it, or is written unusually")
    version = int(prefix["major"]), int(prefix["minor"])
    if not policy.shape.oldest_version <= version <= policy.shape.newest_version:
        raise Refused(f"version {version[0]}.{version[1]} of the Engine API is none that Fast-Flow speaks")
    call = _read(method, prefix["rest"])
    if call is None:
        raise Refused("Fast-Flow makes no such request")
    return call


def _read(method: str, path: str) -> Call | None:
    for wanted, pattern, action in _OF_CONTAINERS:
        if method == wanted and (match := pattern.fullmatch(path)):
            found = match.groupdict()
            return Act(action, found["id"], found.get("query") or "")
    if method == "POST":
        if match := _CREATE.fullmatch(path):
            return Create(_matching(match["value"], _NAME, "name"))
        if match := _PULL.fullmatch(path):
            return Pull(_matching(match["value"], REFERENCE, "fromImage"))
    elif method == "GET":
        return _read_question(path)
    return None


def _read_question(path: str) -> Call | None:
    if path == "/info":
        return Information()
    if match := _FIND.fullmatch(path):
        return Find(_labels(_decoded(match["value"])))
    if match := _INSPECT.fullmatch(path):
        return Inspect(match["id"])
    if match := _INSPECT_IMAGE.fullmatch(path):
        reference = match["reference"]
        if IMAGE_ID.fullmatch(reference) or REFERENCE.fullmatch(reference):
            return InspectImage(reference)
    return None


def _labels(filters: str) -> tuple[str, ...]:
    value: Any = read_json(filters.encode())
    match value:
        case {"label": [*labels]} if len(value) == 1 and labels and all(isinstance(x, str) for x in labels):
            return tuple(labels)
        case _:
            raise Refused("filters may name labels, at least one, and nothing else")


def _matching(value: str, pattern: re.Pattern[str], name: str) -> str:
    decoded = _decoded(value)
    if not pattern.fullmatch(decoded):
        raise Refused(f"{name} is {decoded[:120]!a}, which is none of ours")
    return decoded


def _decoded(value: str) -> str:
    try:
        return unquote(value.replace("+", " "), errors="strict")
    except UnicodeDecodeError as error:
        raise Refused("the query is not UTF-8") from error
