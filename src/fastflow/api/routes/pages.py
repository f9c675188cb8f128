"""The web app: files that were built into the package, and one page for every address within it."""

import asyncio
from pathlib import Path
from typing import Final

from fastapi import APIRouter, HTTPException, Request
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from fastflow.api.guard import GuardedRoute
from fastflow.api.notice_page import PAGE_POLICY, PAGE_STYLE

BUILT: Final = Path(__file__).parents[2] / "web"
"""Where `make pages` puts what it has made of the project's `web/`."""
_ENTRY: Final = "index.html"
_ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))
"""In the order of preference; the build lays these files beside each other."""
_FOR_EVER: Final = "public, max-age=31536000, immutable"
"""For files whose name changes with what is in them."""
_ASK_FIRST: Final = "no-cache"

_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}

_NOT_BUILT: Final = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Fast-Flow</title>
<style>{PAGE_STYLE}</style>
<h1>Fast-Flow is running, without its pages</h1>
<p>This copy was started from its source, and its pages have not been built. <code>make pages</code> builds
them, and brings the Node.js that it needs; then load this page again. From a terminal all works, too:</p>
<pre>fastflow pipelines
fastflow trigger hello --follow
fastflow runs</pre>
<ul>
<li><a href="/ready">Is it ready, and on what do runs run?</a></li>
<li><a href="/api/openapi.json">The HTTP API (OpenAPI)</a></li>
</ul>
</html>
"""


class PageFiles:
    """The files of the web app."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = StaticFiles(directory=folder, check_dir=False)
        self._found: frozenset[str] | None = None

    async def are_built(self) -> bool:
        """Whether there are any."""
        return _ENTRY in await self._names() or _ENTRY in await self._look()

    async def answer(self, path: str, request: Request) -> Response:
        """Return a file, packed as the browser likes it best; for an address within the app, its one page.

        Raises:
            HTTPException: 404; there is no such file.
        """
        name = path if _is_file(path) else _ENTRY
        names = await self._names()
        if name not in names:
            names = await self._look()  # they may have been built anew
        if name not in names:
            raise HTTPException(404)
        accepted = {
            each.partition(";")[0].strip() for each in request.headers.get("accept-encoding", "").split(",")
        }
        packed = ((code, name + suffix) for code, suffix in _ENCODINGS if code in accepted)
        encoding, stored = next((each for each in packed if each[1] in names), (None, name))
        response = await self._files.get_response(stored, request.scope)
        response.headers["Content-Type"] = _TYPES.get(Path(name).suffix, "application/octet-stream")
        response.headers["Cache-Control"] = _FOR_EVER if name.startswith("assets/") else _ASK_FIRST
        response.headers["Vary"] = "Accept-Encoding"
        if encoding is not None:
            response.headers["Content-Encoding"] = encoding
        return response

    async def _names(self) -> frozenset[str]:
        return await self._look() if self._found is None else self._found

    async def _look(self) -> frozenset[str]:
        self._found = await asyncio.to_thread(_names_in, self._folder)
        return self._found


def _is_file(path: str) -> bool:
    """Whether it names a file rather than an address within the app; a pipeline's may have a dot, too."""
    return path.startswith("assets/") or ("." in path and "/" not in path)


def _names_in(folder: Path) -> frozenset[str]:
    return frozenset(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


class _OfPages(StringConvertor):
    """A path that is none of the API's: these answer for themselves, and be it with 404."""

    regex = r"(?!(?:api|health|ready|metrics)(?:/|$)).*"


register_url_convertor("of_pages", _OfPages())

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.api_route("/{path:of_pages}", methods=["GET", "HEAD"])
async def get_page(path: str, request: Request) -> Response:
    """Hand out a file of the web app, or its one page, which looks at the address itself."""
    files: PageFiles = request.app.state.page_files
    if not _is_file(path) and not await files.are_built():
        return HTMLResponse(_NOT_BUILT, headers={"Content-Security-Policy": PAGE_POLICY})
    return await files.answer(path, request)
