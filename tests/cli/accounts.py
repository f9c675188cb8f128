"""Typing passwords into the console as a pipe does, for the tests about people."""

import io
from pathlib import Path

import pytest

from tests.cli.conftest import Console, Ended

PASSWORD = "correct horse battery"  # noqa: S105 - opens nothing


def piped(console: Console, monkeypatch: pytest.MonkeyPatch, lines: str, *arguments: str) -> Ended:
    """Call the console with lines on its standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    return console(*arguments)


def in_file(folder: Path, text: str = PASSWORD) -> str:
    """Return the name of a file that holds it."""
    file = folder / f"secret-{len(list(folder.iterdir()))}"
    file.write_text(f"{text}\n")
    return str(file)
