"""Shows a person at a browser a page of one sentence, where no program asked."""

import base64
import hashlib
from html import escape
from typing import Any, Final

import structlog
from starlette.responses import HTMLResponse

from fastflow.api.errors import status_of
from fastflow.domain.errors import FastFlowError

PAGE_STYLE: Final = "body{font:1rem/1.6 system-ui;max-width:38rem;margin:4rem auto;padding:0 1rem}"
_HASH: Final = base64.b64encode(hashlib.sha256(PAGE_STYLE.encode()).digest()).decode()


def page_policy(form_action: str = "'none'") -> str:
    """Return the policy of a page that loads nothing; `form_action`: where its form may go."""
    return (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; "
        f"base-uri 'none'; form-action {form_action}; frame-ancestors 'none'"
    )


PAGE_POLICY: Final = page_policy()
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
{head}<title>{title} · Fast-Flow</title>
<style>{style}</style>
<h1>{title}</h1>
{body}
</html>
"""
_TITLES: Final = {
    "sign_in_cancelled": "You are not signed in",
    "admission_pending": "Please wait",
    "console_request_invalid": "This is no console's sign-in",
}

_log = structlog.get_logger()


def page(status: int, title: str, body: str, *, head: str = "", **headers: str) -> HTMLResponse:
    """Return a page. `body` and `head` are HTML, `headers` go before the usual ones."""
    text = _PAGE.format(style=PAGE_STYLE, title=escape(title), body=body, head=head)
    return HTMLResponse(text, status, {**_HEADERS, **headers})


def notice_page(status: int, title: str, text: str, code: str) -> HTMLResponse:
    """Return the page. `code` is the stable one, for whoever is asked for help."""
    return page(
        status,
        title,
        f"<p>{escape(text)}</p>\n<p><small>{escape(code)}</small></p>\n"
        '<p><a href="/">Back to the start page</a></p>',
    )


def notice(error: FastFlowError) -> HTMLResponse:
    """Return the page that says why somebody can't sign in."""
    return notice_page(status_of(error), title_of(error), told(error), error.code)


def title_of(error: FastFlowError) -> str:
    """Return in a few words what became of a sign-in."""
    return _TITLES.get(error.code, "You can't sign in like this")


def told(error: FastFlowError) -> str:
    """Return what strangers are told of an error; the rest goes to the log."""
    if error.code != "provider_unusable":
        return error.message
    # It says where the provider is and what it answered.
    _log.warning("nobody can sign in by a provider", reason=error.message)
    return "The provider can't be used to sign in at the moment. The server's log says why."


def notices(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Declare the errors of a route that answers them with a page, for its `responses=`."""
    return {
        status: {
            "description": "A page that says why.",
            "content": {"text/html": {"schema": {"type": "string"}}},
        }
        for status in statuses
    }
