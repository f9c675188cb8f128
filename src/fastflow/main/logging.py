"""Sets up what the server writes about itself: coloured on a terminal, JSON lines elsewhere."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def without_control_characters(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Spell out what could move a terminal's cursor or begin a line: names and reasons come from others."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _CONTROL.sub(lambda found: ascii(found[0])[1:-1], value)
    return event


def configure_logging(*, is_terminal: bool, level: int = logging.INFO) -> None:
    """Send the product's own and the libraries' messages to stderr, one line each.

    The libraries use `logging`; both ways end in one formatter, so that every line looks alike.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if is_terminal else "iso", utc=not is_terminal),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    endings: list[Any] = (
        [without_control_characters, structlog.dev.ConsoleRenderer()]
        if is_terminal
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *endings],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for chatty in ("alembic", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # It warns of every malformed request: a line for whoever sends one. Its errors are ours.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
