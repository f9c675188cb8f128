"""Says in our words what providers do wrong; what they said themselves is for the log."""

import structlog

from fastflow.domain.errors import Forbidden, Unavailable

_log = structlog.get_logger(__name__)


def unusable(provider: str, reason: str, remedy: str) -> Unavailable:
    """Return the error for a provider that can't be worked with. `reason` is ours."""
    return Unavailable(
        "provider_unusable",
        f"{provider} can't be used to sign in: {reason}. {remedy}",
        {"provider": provider},
    )


def refused(provider: str, reason: str) -> Forbidden:
    """Return the error for an answer that can't be trusted. `reason` is ours."""
    return Forbidden(
        "sign_in_refused",
        f"What {provider} said about you can't be trusted: {reason}. Sign in again; if it stays so, tell an "
        "admin.",
        {"provider": provider, "reason": reason},
    )


def turned_away(provider: str, error: str) -> Forbidden:
    """Return the error for a browser that came back with `error` (RFC 6749, 4.1.2.1)."""
    if error == "access_denied":
        return Forbidden(
            "sign_in_cancelled",
            f"{provider} was not allowed to say who you are. Sign in again and allow it.",
            {"provider": provider},
        )
    _log.warning("a provider refused to sign somebody in", provider=provider, error=error[:100])
    return Forbidden(
        "sign_in_refused",
        f"{provider} refused to sign you in. The server's log says what it said.",
        {"provider": provider},
    )


def logged(provider: str, what: str, answer: object) -> None:
    """Keep what a provider answered where only the operator sees it, shortened."""
    _log.warning("a provider answered unexpectedly", provider=provider, asked=what, answer=str(answer)[:300])
