"""Shows a person at a browser one sentence, where no program asked."""

import base64
import hashlib
from html import escape
from typing import Any, Final

from starlette.responses import HTMLResponse

PAGE_STYLE: Final = "body{font:1rem/1.6 system-ui;max-width:38rem;margin:4rem auto;padding:0 1rem}"
_HASH: Final = base64.b64encode(hashlib.sha256(PAGE_STYLE.encode()).digest()).decode()
PAGE_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing is loaded and no script runs: this origin may be open to whoever is on this machine."""
_HEADERS: Final = {
    "Content-Security-Policy": PAGE_POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}
_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{title} · Fast-Flow</title>
<style>{style}</style>
<h1>{title}</h1>
<p>{text}</p>
<p><small>{code}</small></p>
<p><a href="/">Back to the start page</a></p>
</html>
"""


def notice_page(status: int, title: str, text: str, code: str) -> HTMLResponse:
    """Return the page. `code` is the stable one, for whoever is asked for help."""
    page = _PAGE.format(style=PAGE_STYLE, title=escape(title), text=escape(text), code=escape(code))
    return HTMLResponse(page, status, dict(_HEADERS))


def notices(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Declare the errors of a route that answers them with a page, for its `responses=`."""
    return {
        status: {
            "description": "A page that says why.",
            "content": {"text/html": {"schema": {"type": "string"}}},
        }
        for status in statuses
    }
