"""The web app's files, and what is said where there are none."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from fastflow.api.app import create_app
from tests.plugins.world import Instance

PAGE = "<!doctype html><title>Fast-Flow</title>"
SCRIPT = "export const answer = 42;"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "web"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "assets/app-1a2b.js").write_text(SCRIPT)
    (folder / "assets/app-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    return folder


@pytest.fixture
async def pages(server: Instance, built: Path) -> AsyncIterator[httpx2.AsyncClient]:
    app = create_app(server.app.state.services, built_pages=built)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://127.0.0.1:8000", trust_env=False
    ) as client:
        yield client


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/runs",
        "/runs/0198c2",
        "/pipelines/hello",
        "/pipelines/a.b",
        "/apiary",
        "/..%2f..%2fetc/passwd.txt",
    ],
)
async def test_every_address_within_the_app_is_its_one_page(pages: httpx2.AsyncClient, path: str) -> None:
    answer = await pages.get(path)
    assert (answer.status_code, answer.text) == (200, PAGE)
    assert answer.headers["cache-control"] == "no-cache"
    assert "script-src 'self'" in answer.headers["content-security-policy"]


async def test_a_file_with_its_content_in_its_name_is_kept_for_ever(pages: httpx2.AsyncClient) -> None:
    answer = await pages.get("/assets/app-1a2b.js", headers={"Accept-Encoding": "identity"})
    assert answer.text == SCRIPT
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]


async def test_a_file_comes_packed_to_whom_can_unpack_it(pages: httpx2.AsyncClient) -> None:
    answer = await pages.get("/assets/app-1a2b.js", headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.text == SCRIPT


@pytest.mark.parametrize("path", ["/assets/missing.js", "/assets/%2e%2e/%2e%2e/secret.key", "/x.html"])
async def test_what_is_no_file_of_the_app_is_not_found(pages: httpx2.AsyncClient, path: str) -> None:
    assert (await pages.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/api/nosuch", "/api", "/api/", "/metrics/more", "/health/x"])
async def test_an_address_of_the_api_is_never_a_page(pages: httpx2.AsyncClient, path: str) -> None:
    answer = await pages.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "route_not_found")


async def test_a_wrong_method_is_still_told_as_that(pages: httpx2.AsyncClient) -> None:
    assert (await pages.get("/api/auth/login")).status_code == 405


async def test_without_the_files_the_server_says_how_to_get_them(server: Instance, tmp_path: Path) -> None:
    app = create_app(server.app.state.services, built_pages=tmp_path / "none")
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        answer = await client.get("/")
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert "make pages" in answer.text
        assert "://" not in answer.text
        assert "make pages" in (await client.get("/runs")).text
        assert (await client.get("/assets/app.js")).status_code == 404
        assert (await client.get("/health")).status_code == 200


async def test_pages_that_are_built_anew_are_found_without_a_restart(
    pages: httpx2.AsyncClient, built: Path
) -> None:
    assert (await pages.get("/assets/app-3c4d.js")).status_code == 404
    (built / "assets/app-3c4d.js").write_text(SCRIPT)
    assert (await pages.get("/assets/app-3c4d.js")).text == SCRIPT
