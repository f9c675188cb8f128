"""Values that break parsers and databases, put into every parameter and body of every operation."""

import json
from collections.abc import Iterator
from typing import Any, Final, cast

import httpx2
import pytest

from fastflow.api.app import create_app
from fastflow.api.deps import Services
from tests.plugins.world import Instance

DESCRIPTION: Final[dict[str, Any]] = create_app(cast("Services", None)).openapi()
ENDLESS: Final = {"/api/events"}
STRINGS: Final = [
    "\0",
    "a\0b",
    "\ud800",
    "\udfff\ud800",
    "../../etc/passwd",
    "%2e%2e%2f",
    "\r\nX: y",
    "x" * 70_000,
]
VALUES: Final[list[Any]] = [
    *STRINGS,
    2**63, -(2**63) - 1, 10**400, -1, 1e308, True, None, [], {}, [[[[]]]], {"\0": "\0"}, {"$ref": "#"},
]  # fmt: skip
DEEP: Final = "[" * 100_000
BODIES: Final = [
    b"", b"{",
    b"null", b"[]", b'"\\ud800"', b'{"a": NaN}', b'{"a": Infinity}', b"\xff\xfe{", b"\xef\xbb\xbf{}",
    '{"reason": "\\\\u0000", "env_vars": {"A": "\\\\u0000"}}'.encode("utf-16"),
    DEEP.encode(), b'{"a":' * 50_000, b'{"a": ' + b"9" * 5000 + b"}", b'{"a": 1e999999}', b'{"a":1,"a":2}',
]  # fmt: skip


@pytest.fixture
def sqlite_url(database_url: str) -> str:
    """Let the whole world of these tests stand on both kinds of database."""
    return database_url


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DESCRIPTION["paths"].items():
        for method, operation in methods.items():
            if path not in ENDLESS:
                yield method, path, operation


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    if name:
        return DESCRIPTION["components"]["schemas"][name]
    return next((resolved(part) for part in schema.get("anyOf", []) if part.get("type") != "null"), schema)


@pytest.fixture
def asking(server: Instance) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=server.app, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", trust_env=False)


def spelled(text: str) -> str:
    """Percent-encode everything."""
    return "".join(f"%{byte:02x}" for byte in text.encode(errors="surrogatepass"))


async def test_no_parameter_of_a_path_breaks_anything(asking: httpx2.AsyncClient) -> None:
    broken: list[str] = []
    for method, path, operation in operations():
        names = [p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"]
        for value in STRINGS[:-1] if names else ():
            target = path
            for name in names:
                target = target.replace(f"{{{name}}}", spelled(value))
            answer = await asking.request(method, target)
            if answer.status_code >= 500:
                broken.append(f"{method} {target}: {answer.text[:200]}")
    assert not broken


async def test_no_parameter_of_a_query_breaks_anything(asking: httpx2.AsyncClient) -> None:
    broken: list[str] = []
    for method, path, operation in operations():
        for parameter in operation.get("parameters", ()):
            for value in (*STRINGS[:-1], str(2**63), "9" * 400, "-1", "1e5", "NaN"):
                if parameter["in"] != "query":
                    continue
                target = f"{existing(path)}?{parameter['name']}={spelled(value)}"
                answer = await asking.request(method, target)
                if answer.status_code >= 500:
                    broken.append(f"{method} {target}: {answer.text[:200]}")
    assert not broken


async def test_no_value_in_a_body_breaks_anything(asking: httpx2.AsyncClient) -> None:
    broken: list[str] = []
    for method, path, operation in operations():
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            continue
        properties = resolved(content["schema"]).get("properties", {})
        sent = [json.dumps({name: value}).encode() for name in properties for value in VALUES]
        sent += [json.dumps({name: {"x": value}}).encode() for name in properties for value in STRINGS]
        for body in (*sent, *BODIES):
            answer = await asking.request(
                method, existing(path), content=body, headers={"Content-Type": "application/json"}
            )
            if answer.status_code >= 500:
                broken.append(f"{method} {path} {body[:80]!r}: {answer.text[:200]}")
    assert not broken


def existing(path: str) -> str:
    """Fill the path with what there is, where there is something."""
    return path.replace("/pipelines/{name}", "/pipelines/hello").replace("{", "").replace("}", "")
