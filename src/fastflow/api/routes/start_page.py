"""What a browser finds at the address that the server prints."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from fastflow.api.guard import GuardedRoute
from fastflow.api.notice_page import PAGE_POLICY, PAGE_STYLE

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)

_PAGE: Final = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Fast-Flow</title>
<style>{PAGE_STYLE}</style>
<h1>Fast-Flow is running</h1>
<p>The web interface is not part of this version. From a terminal:</p>
<pre>fastflow pipelines
fastflow trigger hello --follow
fastflow runs</pre>
<ul>
<li><a href="/ready">Is it ready, and on what do runs run?</a></li>
<li><a href="/api/pipelines">Pipelines</a></li>
<li><a href="/api/runs">Runs</a></li>
<li><a href="/api/openapi.json">The HTTP API (OpenAPI)</a></li>
<li><a href="/metrics">Figures for Prometheus</a></li>
</ul>
</html>
"""


@router.get("/")
async def get_start_page() -> HTMLResponse:
    """Say what runs here and where to go on."""
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": PAGE_POLICY})
