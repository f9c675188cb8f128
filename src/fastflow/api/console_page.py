"""Asks a person at a browser whether a console may act as them, and leads the browser back to it."""

from html import escape

from starlette.responses import HTMLResponse

from fastflow.api.errors import status_of
from fastflow.api.notice_page import page, page_policy, title_of, told
from fastflow.domain.api_token import CONSOLE_LIFE
from fastflow.domain.console import ConsoleRequest, check_word
from fastflow.domain.errors import FastFlowError
from fastflow.services.console_sign_in import Answered, Question

ANSWER_PATH = "/api/auth/console/answer"


def question_page(question: Question) -> HTMLResponse:
    """Return the page that asks."""
    console, user = question.console, question.user
    return page(
        200,
        f"Sign the console in as {user.name}?",
        f"<p>A console on <strong>{escape(console.machine)}</strong> asks to act as "
        f"<strong>{escape(user.name)}</strong> ({user.role}) here for {CONSOLE_LIFE.days} days.</p>\n"
        f"<p>It shows the letters <strong>{check_word(console.challenge)}</strong>. If you have not just "
        "typed <code>fastflow login</code> on this computer, or it shows others, somebody else asks: "
        "say no.</p>\n"
        f'<form method="post" action="{ANSWER_PATH}">\n'
        f'<input type="hidden" name="ticket" value="{escape(question.ticket)}">\n'
        '<button name="answer" value="yes">Yes, sign it in</button>\n'
        '<button name="answer" value="no">No</button>\n'
        "</form>",
        **{
            "Content-Security-Policy": page_policy("'self'"),
            # With no-referrer a browser would say of the answer that it comes from nowhere: `Origin: null`.
            "Referrer-Policy": "same-origin",
        },
    )


def answered_page(answered: Answered) -> HTMLResponse:
    """Return the page that takes the answer to the console."""
    if answered.is_allowed:
        return _back(
            200, "The console goes on", "It is signed in now. You can close this page.", answered.address
        )
    return _back(200, "The console is not signed in", "You said no.", answered.address)


def failure_page(error: FastFlowError, console: ConsoleRequest) -> HTMLResponse:
    """Return the page that says why the console is not signed in, and tells it, too."""
    sentence = told(error)
    return _back(status_of(error), title_of(error), sentence, console.refused(error.code, sentence))


def _back(status: int, title: str, text: str, address: str) -> HTMLResponse:
    """Return a page that goes on by itself.

    A redirect would be the last of a chain that began with the provider's form, or with ours; browsers refuse
    those that lead elsewhere than the form's page says (Content Security Policy, `form-action`).
    """
    return page(
        status,
        title,
        f'<p>{escape(text)}</p>\n<p><a href="{escape(address)}">Back to the console</a></p>',
        head=f'<meta http-equiv="refresh" content="0; url={escape(address)}">\n',
    )
