"""What others wrote can't make lines, nor commands, of the server's own log."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from fastflow.main.logging import configure_logging

EVIL = 'x\n{"event":"all is well"}\r\x1b[2J\x9b2J\x00'


@pytest.fixture(autouse=True)
def logging_is_as_before() -> Iterator[None]:
    root, handlers, level = logging.getLogger(), logging.getLogger().handlers, logging.getLogger().level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def test_on_a_terminal_control_characters_are_spelt_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(is_terminal=True)
    structlog.get_logger("test").warning("a name", name=EVIL)
    logging.getLogger("library").warning("a name: %s", EVIL)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all("\x1b[2J" not in line and "\x9b" not in line and "\\x1b[2J" in line for line in lines)


def test_elsewhere_each_event_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(is_terminal=False)
    structlog.get_logger("test").warning("a name", name=EVIL)
    logging.getLogger("library").warning("a name: %s", EVIL)
    one, other = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert one["name"] == EVIL
    assert other["event"] == f"a name: {EVIL}"
